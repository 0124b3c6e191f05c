//! The instant of the last change of a service, for each party. A write that not every party sees only changes the
//! instants of the parties that see it. [`crate::policy::Viewer::service_changed_at`] reads them.

use entente_entity::{
    id::{OrganizationId, ServiceId},
    service, service_consumer,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{CaseStatement, Expr, ExprTrait},
};

use super::{ServiceWrites, WriteServices};
use crate::store::{db::error::Error, write::writer::AtEnd};

impl ServiceWrites<'_> {
    /// Notes a change of a service that all its parties see.
    pub(in crate::store) async fn touch_for_all(self, service: ServiceId) -> Result<(), Error> {
        use service::Column::{HiddenAt, Id, SharedAt, UpdatedAt};
        service::Entity::update_many()
            .col_expr(UpdatedAt, Expr::val(self.now))
            .col_expr(HiddenAt, Expr::null())
            .col_expr(SharedAt, Expr::null())
            .filter(Id.eq(service))
            .exec(&self.transaction)
            .await?;
        Ok(())
    }

    /// Notes a change of these services that their provider sees, but not every consumer.
    pub(in crate::store) async fn touch_for_provider(
        self,
        services: impl IntoIterator<Item = ServiceId>,
    ) -> Result<(), Error> {
        use service::Column::{HiddenAt, Id, SharedAt, UpdatedAt};
        let shared = CaseStatement::new()
            .case(HiddenAt.into_expr().eq(UpdatedAt.into_expr()), SharedAt.into_expr())
            .finally(UpdatedAt.into_expr());
        service::Entity::update_many()
            .col_expr(SharedAt, shared.into())
            .col_expr(HiddenAt, Expr::val(self.now))
            .col_expr(UpdatedAt, Expr::val(self.now))
            .filter(Id.is_in(services))
            .exec(&self.transaction)
            .await?;
        Ok(())
    }

    /// As [`ServiceWrites::touch_for_provider`], at the end of the transaction.
    pub(in crate::store) fn touch_for_provider_at_end(self, services: impl IntoIterator<Item = ServiceId>) {
        self.at_end(AtEnd::First, services.into_iter().map(|id| id.0), |writer, services| {
            Box::pin(writer.services().touch_for_provider(services.into_iter().map(ServiceId)))
        });
    }

    /// Notes a change of a service that its provider sees, and this organization if it consumes the service.
    pub(in crate::store) async fn touch_for_consumer(
        self,
        service: ServiceId,
        of: OrganizationId,
    ) -> Result<(), Error> {
        service_consumer::Entity::update_many()
            .col_expr(service_consumer::Column::UpdatedAt, Expr::val(self.now))
            .filter(service_consumer::Column::ServiceId.eq(service))
            .filter(service_consumer::Column::OrganizationId.eq(of))
            .exec(&self.transaction)
            .await?;
        self.touch_for_provider([service]).await
    }
}

/// The instant of the last change that all consumers of a service see.
pub(in crate::store) fn shared_at(row: &service::Model) -> entente_entity::scalar::DateTime {
    row.shared_at.filter(|_| row.hidden_at == Some(row.updated_at)).unwrap_or(row.updated_at)
}
