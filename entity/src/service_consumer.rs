//! A service relationship: one organization that consumes a service.

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
    /// The service.
    pub service_id: ServiceId,
    /// The consumer.
    pub organization_id: OrganizationId,
    /// The key of the chosen offering.
    pub offering: Option<String>,
    /// The consumer's contacts.
    #[sea_orm(column_type = "Json")]
    pub contacts: Contacts,
    /// When the relationship began.
    pub since: DateTime,
    /// When the consumer accepted it: by a decision, or by its first own write on the service. Within one tree of
    /// organizations, it is accepted when it begins. Null until then.
    pub confirmed_at: Option<DateTime>,
    /// The time of the last change that only this consumer sees: of the relationship itself, or of the consumer's keys.
    /// Null if there was none since this is recorded.
    pub updated_at: Option<DateTime>,
    /// The newest published revision that the consumer agrees to. Null if there is none.
    pub agreed_revision: Option<i32>,
    /// Whether it objects to the published revision or to the open proposal.
    pub objects: bool,
    /// When it last decided on a revision. Null if it never did.
    pub decided_at: Option<DateTime>,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
