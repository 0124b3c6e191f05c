//! What a list of services needs besides its rows: loaded for all of them at once, when one of them first asks.

use std::{collections::HashMap, sync::Arc};

use chrono::TimeDelta;
use entente_entity::{
    enums::DocumentFormat,
    id::{ElementId, ServiceId},
    service, service_consumer,
};
use tokio::sync::OnceCell;

use super::{
    ReadServices, Services,
    definitions::{Definition, DefinitionRow},
};
use crate::store::{
    db::error::Error,
    item::{ReadItems, related::ItemRow},
    organization::{ReadOrganizations, read::OrganizationRow},
    read::{
        each_once::{EachOnce, MadeOnce},
        page::{Page, Window},
        session::Session,
    },
    reference::{ReadReferences, read::ReferenceRow},
    thread::{
        ReadThreads,
        perception::{Ratings, RatingsOfService},
        read::{ThreadOrder, ThreadsWanted},
        related::ThreadRow,
    },
};

/// A service that the viewer sees, with its published terms.
#[derive(Clone)]
pub struct ServiceRow {
    /// The row itself.
    pub row: Arc<service::Model>,
    /// The published terms.
    pub definition: Arc<Definition>,
    pub(in crate::store) batch: Arc<ServiceBatch>,
}

/// The services that were read together.
pub struct ServiceBatch {
    session: Session,
    services: Vec<Arc<service::Model>>,
    consumers: OnceCell<HashMap<ServiceId, Vec<Arc<service_consumer::Model>>>>,
    references: OnceCell<HashMap<uuid::Uuid, Vec<ReferenceRow>>>,
    published: OnceCell<HashMap<ServiceId, DefinitionRow>>,
    threads: EachOnce<String, HashMap<ServiceId, Page<ThreadRow>>>,
    thread_counts: EachOnce<String, HashMap<ServiceId, u64>>,
    ratings: EachOnce<TimeDelta, HashMap<ServiceId, RatingsOfService>>,
    items: OnceCell<HashMap<uuid::Uuid, Vec<(i32, ItemRow)>>>,
    /// The same document may be asked for in many places of a request.
    pub(in crate::store) documents: MadeOnce<(ServiceId, DocumentFormat), Arc<str>>,
}

impl Services<'_> {
    /// Joins rows with their published terms, and makes a batch of them.
    pub(in crate::store) async fn batch(self, rows: Vec<service::Model>) -> Result<Vec<ServiceRow>, Error> {
        let services: Vec<_> = rows.into_iter().map(Arc::new).collect();
        let ids = services.iter().map(|row| row.definition_id);
        let definitions = self.store().definitions(self.read(), ids).await?;
        let batch = Arc::new(ServiceBatch {
            session: (*self).clone(),
            services: services.clone(),
            consumers: OnceCell::new(),
            references: OnceCell::new(),
            published: OnceCell::new(),
            threads: EachOnce::default(),
            thread_counts: EachOnce::default(),
            ratings: EachOnce::default(),
            items: OnceCell::new(),
            documents: MadeOnce::default(),
        });
        services
            .into_iter()
            .map(|row| {
                let definition = definitions.get(&row.definition_id).cloned();
                let definition =
                    definition.ok_or_else(|| Error::Corrupt(format!("{} is not there", row.definition_id)))?;
                Ok(ServiceRow { row, definition, batch: batch.clone() })
            })
            .collect()
    }
}

impl ServiceRow {
    /// The session through which the service was read.
    pub fn session(&self) -> &Session {
        &self.batch.session
    }

    /// The service relationships that the viewer sees, oldest first.
    pub async fn consumers(&self) -> Result<&[Arc<service_consumer::Model>], Error> {
        let all =
            self.batch.consumers.get_or_try_init(|| self.session().services().consumers_of(self.batch.ids())).await?;
        Ok(all.get(&self.row.id).map(Vec::as_slice).unwrap_or_default())
    }

    /// Who provides it.
    pub async fn provider(&self) -> Result<OrganizationRow, Error> {
        self.session().organizations().partner(self.row.provider_id).await
    }

    /// The organization of one of this service's consumers.
    pub async fn consumer_organization(&self, consumer: &service_consumer::Model) -> Result<OrganizationRow, Error> {
        self.session().organizations().partner(consumer.organization_id).await
    }

    /// The row of the published revision.
    pub async fn published(&self) -> Result<&DefinitionRow, Error> {
        let ids = self.batch.services.iter().map(|row| row.definition_id);
        let all =
            self.batch.published.get_or_try_init(|| self.session().services().published_of(ids.collect())).await?;
        all.get(&self.row.id).ok_or_else(|| Error::Corrupt(format!("{} is not there", self.row.definition_id)))
    }

    /// Other systems' keys for the service, as far as the viewer sees them.
    pub async fn references(&self) -> Result<&[ReferenceRow], Error> {
        self.references_of(self.row.id.0).await
    }

    /// Other systems' keys for one of its elements, as far as the viewer sees them.
    pub async fn element_references(&self, element: ElementId) -> Result<&[ReferenceRow], Error> {
        self.references_of(element.0).await
    }

    /// A page of the threads about it that are wanted.
    pub async fn threads(
        &self,
        wanted: ThreadsWanted,
        order: ThreadOrder,
        window: &Window,
    ) -> Result<Page<ThreadRow>, Error> {
        if wanted.service.is_some_and(|service| service != self.row.id) {
            return Ok(window.page(Vec::new()));
        }
        let cell = self.batch.threads.cell(format!("{wanted:?} {order:?} {window:?}"));
        let read = || self.session().threads().of_services(self.batch.ids(), &wanted, order, window);
        let all = cell.get_or_try_init(read).await?;
        Ok(all.get(&self.row.id).cloned().unwrap_or_else(|| window.page(Vec::new())))
    }

    /// How many threads about it are wanted.
    pub async fn thread_count(&self, wanted: &ThreadsWanted) -> Result<u64, Error> {
        let cell = self.batch.thread_counts.cell(format!("{wanted:?}"));
        let count = || self.session().threads().counts_of_services(self.batch.ids(), wanted);
        Ok(cell.get_or_try_init(count).await?.get(&self.row.id).copied().unwrap_or_default())
    }

    /// How many escalations of it that the viewer sees are neither resolved nor closed; none where it sees no threads.
    pub async fn open_escalations(&self) -> Result<u64, Error> {
        match self.session().viewer()?.sees_threads() {
            Ok(_) => self.thread_count(&ThreadsWanted::open_escalations()).await,
            Err(_) => Ok(0),
        }
    }

    /// The ratings that were given about it, or about one of its elements, in the time until now.
    pub async fn ratings(&self, of: Option<ElementId>, window: TimeDelta) -> Result<Ratings, Error> {
        let cell = self.batch.ratings.cell(window);
        let all = cell.get_or_try_init(|| self.session().threads().ratings_of(self.batch.ids(), window)).await?;
        let own = all.get(&self.row.id);
        Ok(own.and_then(|own| of.map_or(Some(&own.all), |id| own.elements.get(&id))).copied().unwrap_or_default())
    }

    /// The configuration items of the service, or of one of its outcomes, with their places.
    pub async fn items(&self, entity: uuid::Uuid) -> Result<&[(i32, ItemRow)], Error> {
        self.session().viewer()?.sees_items_of(self.row.provider_id)?;
        let all = self.batch.items.get_or_try_init(|| self.session().items().of_services(self.batch.ids())).await?;
        Ok(all.get(&entity).map(Vec::as_slice).unwrap_or_default())
    }

    async fn references_of(&self, entity: uuid::Uuid) -> Result<&[ReferenceRow], Error> {
        let all =
            self.batch.references.get_or_try_init(|| self.session().references().of_services(self.batch.ids())).await?;
        Ok(all.get(&entity).map(Vec::as_slice).unwrap_or_default())
    }
}

impl ServiceBatch {
    fn ids(&self) -> Vec<ServiceId> {
        self.services.iter().map(|row| row.id).collect()
    }
}
