//! A key of an object in another system.

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
    /// The organization that linked it. It uses the other system.
    pub organization_id: OrganizationId,
    /// The instance of the other tool.
    pub system: String,
    /// The table or class in the other system. It is empty if there is none, so that it can be part of a unique key.
    pub class: String,
    /// The identifier in the other system.
    pub key: String,
    /// The address of the object in the other system.
    pub url: Option<String>,
    /// The kind of the object.
    pub entity_kind: ReferencedKind,
    /// The id of the object.
    pub entity_id: Uuid,
    /// The service that the object is or belongs to; null for an organization and for a configuration item.
    pub service_id: Option<ServiceId>,
    /// Empty if the key can only identify one object; the id of the object if the key can identify several (threads,
    /// messages).
    pub slot: String,
    /// When it was linked.
    pub created_at: DateTime,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
