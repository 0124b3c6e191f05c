//! The version of the graph of an organization's configuration items: their dependencies, how many of them each item
//! needs, and the services and outcomes that depend on them.

use sea_orm::entity::prelude::*;

use crate::id::OrganizationId;

/// A row of the table. There is none if no graph was written yet.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "item_graph")]
pub struct Model {
    /// The organization of the items.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// The version. Every change writes a new one, which was never used before.
    pub version: Uuid,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
