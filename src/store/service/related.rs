//! The related data of services. It is read for all services of a list when one of them first asks for it.

use std::{collections::HashMap, sync::Arc};

use chrono::TimeDelta;
use entente_entity::{
    id::{ElementId, OrganizationId, ServiceId},
    service, service_consumer,
};
use sea_orm::{ColumnTrait, QueryFilter};
use uuid::Uuid;

use super::{
    Services,
    consumers::ConsumersOf,
    definitions::{Definition, DefinitionRow, Published},
};
use crate::store::{
    db::error::Error,
    item::{read::LinkedTo, related::ItemRow},
    organization::{ReadOrganizations, read::OrganizationRow},
    read::{
        batch::{Batch, Relation},
        session::Session,
    },
    reference::read::{KeysOfServices, ReferenceRow},
    thread::{
        filter::{CountsOfServices, EscalationsByElement, Resolved},
        perception::{Ratings, RatingsOf},
    },
};

/// A service that the viewer sees, with its published terms.
#[derive(Clone)]
pub struct ServiceRow {
    /// The row.
    pub row: Arc<service::Model>,
    /// The published terms.
    pub definition: Arc<Definition>,
    pub(in crate::store) batch: Arc<Batch<service::Model>>,
}

impl Services<'_> {
    /// Makes a batch of rows with their published terms.
    pub(in crate::store) async fn batch(self, rows: Vec<service::Model>) -> Result<Vec<ServiceRow>, Error> {
        let batch = Batch::of(&self, rows.into_iter().map(Arc::new).collect());
        let ids = batch.rows().iter().map(|row| row.definition_id);
        let definitions = self.store().definitions(self.read(), ids).await?;
        let row = |row: &Arc<service::Model>| {
            let definition = definitions.get(&row.definition_id).cloned();
            let definition = definition.ok_or_else(|| Error::Corrupt(format!("{} is not there", row.definition_id)))?;
            Ok(ServiceRow { row: row.clone(), definition, batch: batch.clone() })
        };
        batch.rows().iter().map(row).collect()
    }

    /// Those of these services of which the viewer is a party, with any scopes: for threads that it sees, for search
    /// results, and for measurements that it recorded.
    pub async fn dealt_with(self, ids: Vec<ServiceId>) -> Result<HashMap<ServiceId, ServiceRow>, Error> {
        let dealt_with = self.shown()?.filter(self.viewer()?.deals_with_services());
        let dealt_with = dealt_with.filter(service::Column::Id.is_in(ids));
        let rows = self.organizations().all_with_party(dealt_with, service::Column::ProviderId).await?;
        Ok(self.batch(rows).await?.into_iter().map(|row| (row.row.id, row)).collect())
    }
}

impl ServiceRow {
    /// The session.
    pub fn session(&self) -> &Session {
        self.batch.session()
    }

    pub(in crate::store) async fn related<R: Relation<Key = ServiceId>>(
        &self,
        relation: R,
    ) -> Result<Option<R::Value>, Error> {
        self.batch.related(&self.row, relation, |row| row.id).await
    }

    /// The service relationships that the viewer sees, oldest first.
    pub async fn consumers(&self) -> Result<Arc<[Arc<service_consumer::Model>]>, Error> {
        Ok(self.related(ConsumersOf).await?.unwrap_or_default())
    }

    /// Its provider.
    pub async fn provider(&self) -> Result<OrganizationRow, Error> {
        self.session().organizations().partner(self.row.provider_id).await
    }

    /// The organization of one of this service's consumers.
    pub async fn consumer_organization(&self, consumer: &service_consumer::Model) -> Result<OrganizationRow, Error> {
        self.session().organizations().partner(consumer.organization_id).await
    }

    /// An organization that is a party of this service, or of a thread about it that the viewer sees.
    pub async fn party(&self, id: OrganizationId) -> Result<OrganizationRow, Error> {
        self.session().organizations().partner(id).await
    }

    /// The row of the published revision.
    pub async fn published(&self) -> Result<DefinitionRow, Error> {
        let row = self.batch.related(&self.row, Published, |row| row.definition_id).await?;
        row.ok_or_else(|| Error::Corrupt(format!("{} is not there", self.row.definition_id)))
    }

    /// The keys of the service in other systems, as far as the viewer sees them.
    pub async fn references(&self) -> Result<Arc<[ReferenceRow]>, Error> {
        self.references_of(self.row.id.0).await
    }

    /// The keys of one of its elements in other systems, as far as the viewer sees them.
    pub async fn element_references(&self, element: ElementId) -> Result<Arc<[ReferenceRow]>, Error> {
        self.references_of(element.0).await
    }

    /// The number of its escalations that are neither resolved nor closed and that the viewer sees; 0 if it sees no
    /// threads.
    pub async fn open_escalations(&self) -> Result<u64, Error> {
        match self.session().viewer()?.sees_threads() {
            Ok(_) => Ok(self.related(CountsOfServices(Resolved::open_escalations())).await?.unwrap_or_default()),
            Err(_) => Ok(0),
        }
    }

    /// What its open escalations are about that the viewer sees: an element, or the whole service (`None`); and their consumers. `None` if
    /// the viewer sees no threads.
    pub(in crate::store) async fn escalations_by_element(
        &self,
    ) -> Result<Option<Arc<[(Option<ElementId>, OrganizationId)]>>, Error> {
        match self.session().viewer()?.sees_threads() {
            Ok(_) => Ok(Some(self.related(EscalationsByElement).await?.unwrap_or_default())),
            Err(_) => Ok(None),
        }
    }

    /// The ratings of it, or of one of its elements, of the last period of this length.
    pub async fn ratings(&self, of: Option<ElementId>, window: TimeDelta) -> Result<Ratings, Error> {
        let given = self.related(RatingsOf(window)).await?;
        let own = given.as_ref().and_then(|given| of.map_or(Some(&given.all), |id| given.elements.get(&id)));
        Ok(own.copied().unwrap_or_default())
    }

    /// The configuration items of the service, or of one of its outcomes, with their positions.
    pub async fn items(&self, entity: Uuid) -> Result<Arc<[(i32, ItemRow)]>, Error> {
        self.session().viewer()?.sees_items_of(self.row.provider_id)?;
        Ok(one_of(self.related(LinkedTo).await?, entity))
    }

    async fn references_of(&self, entity: Uuid) -> Result<Arc<[ReferenceRow]>, Error> {
        Ok(one_of(self.related(KeysOfServices).await?, entity))
    }
}

/// The list of one key; empty if there is none.
fn one_of<V>(lists: Option<Arc<HashMap<Uuid, Arc<[V]>>>>, entity: Uuid) -> Arc<[V]> {
    lists.and_then(|lists| lists.get(&entity).cloned()).unwrap_or_default()
}
