//! A service relationship: one organization consuming a service.

use sea_orm::entity::prelude::*;

use crate::{
    contact::Contacts,
    id::{ConsumerId, OrganizationId, ServiceId},
    scalar::DateTime,
};

/// A row of the table; it is deleted when the relationship ends.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "service_consumer")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConsumerId,
    /// The service that is consumed.
    pub service_id: ServiceId,
    /// Who consumes it.
    pub organization_id: OrganizationId,
    /// The key of the offering that was chosen.
    pub offering: Option<String>,
    /// The consumer's contacts.
    #[sea_orm(column_type = "Json")]
    pub contacts: Contacts,
    /// When the relationship began.
    pub since: DateTime,
    /// When the consumer accepted it, by a decision or a write of its own on the service; at once within one tree of
    /// organizations. Null until then.
    pub confirmed_at: Option<DateTime>,
    /// When something last changed that this consumer sees, and others do not: the relationship itself, the consumer's keys. Null where
    /// nothing has since this is recorded.
    pub updated_at: Option<DateTime>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
