//! Service relationships, as far as the viewer sees them.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    id::{ConsumerId, ServiceId},
    service_consumer,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{Error, ServiceRow, Session};

impl Session {
    /// The relationships of services that the viewer sees, oldest first.
    pub(super) async fn consumers_of(
        &self,
        services: Vec<ServiceId>,
    ) -> Result<HashMap<ServiceId, Vec<Arc<service_consumer::Model>>>, Error> {
        let rows = service_consumer::Entity::find()
            .filter(service_consumer::Column::ServiceId.is_in(services))
            .filter(self.viewer()?.sees_consumers())
            .order_by_asc(service_consumer::Column::Since)
            .order_by_asc(service_consumer::Column::Id)
            .all(self.read())
            .await?;
        let mut by_service: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            by_service.entry(row.service_id).or_default().push(Arc::new(row));
        }
        Ok(by_service)
    }

    /// The relationship with this id and its service, if the viewer sees both.
    pub async fn consumer_by_id(
        &self,
        id: ConsumerId,
    ) -> Result<Option<(ServiceRow, Arc<service_consumer::Model>)>, Error> {
        let row =
            service_consumer::Entity::find_by_id(id).filter(self.viewer()?.sees_consumers()).one(self.read()).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(self.service_by_id(row.service_id).await?.map(|service| (service, Arc::new(row))))
    }
}
