//! Another system's key for something here.

use sea_orm::entity::prelude::*;

use crate::{
    enums::ReferencedKind,
    id::{OrganizationId, ReferenceId, ServiceId},
    scalar::DateTime,
};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "external_reference")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ReferenceId,
    /// The organization that linked it, which uses the other system.
    pub organization_id: OrganizationId,
    /// An instance of a tool.
    pub system: String,
    /// The other system's table or class; empty for none, so that it can be part of a unique key.
    pub class: String,
    /// The other system's own identifier.
    pub key: String,
    /// The address of the object in the other system.
    pub url: Option<String>,
    /// What kind of thing it names.
    pub entity_kind: ReferencedKind,
    /// Which thing it names.
    pub entity_id: Uuid,
    /// The service that the thing is or belongs to; null for an organization.
    pub service_id: Option<ServiceId>,
    /// Empty where the key can name one thing only; the thing's id where it can name several (threads, messages).
    pub slot: String,
    /// When it was linked.
    pub created_at: DateTime,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
