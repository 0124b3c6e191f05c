//! Service relationships, as far as the viewer sees them.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    id::{ConsumerId, ServiceId},
    service_consumer,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::Services;
use crate::store::{
    db::error::Error,
    organization::ReadOrganizations,
    read::{
        batch::{Found, Relation, lists},
        session::Session,
    },
};

impl Services<'_> {
    /// The relationships with these ids, if the viewer sees them and their services.
    pub async fn consumers_by_ids(
        self,
        ids: Vec<ConsumerId>,
    ) -> Result<HashMap<ConsumerId, Arc<service_consumer::Model>>, Error> {
        let rows = service_consumer::Entity::find()
            .filter(service_consumer::Column::Id.is_in(ids))
            .filter(self.viewer()?.sees_consumers())
            .filter(service_consumer::Column::ServiceId.in_subquery(self.ids_seen()?));
        let rows = self.organizations().all_with_party(rows, service_consumer::Column::OrganizationId).await?;
        Ok(rows.into_iter().map(|row| (row.id, Arc::new(row))).collect())
    }
}

/// The relationships of services that the viewer sees, oldest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) struct ConsumersOf;

impl Relation for ConsumersOf {
    type Key = ServiceId;
    type Value = Arc<[Arc<service_consumer::Model>]>;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        let rows = service_consumer::Entity::find()
            .filter(service_consumer::Column::ServiceId.is_in(services))
            .filter(session.viewer()?.sees_consumers())
            .order_by_asc(service_consumer::Column::Since)
            .order_by_asc(service_consumer::Column::Id);
        let rows = session.organizations().all_with_party(rows, service_consumer::Column::OrganizationId).await?;
        Ok(lists(rows.into_iter().map(|row| (row.service_id, Arc::new(row)))))
    }
}
