//! What a configuration item depends on, as its source named it.

use sea_orm::entity::prelude::*;

use crate::id::{ItemId, OrganizationId};

/// A row of the table. It stays when the item that it names is deleted, and becomes active again when that item is
/// created again.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "item_dependency")]
pub struct Model {
    /// The item that depends.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: ItemId,
    /// Its place among the item's dependencies, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// The organization of both items.
    pub organization_id: OrganizationId,
    /// An instance of a tool.
    pub system: String,
    /// The other system's table or class; empty for any.
    pub class: String,
    /// The other system's own identifier.
    pub key: String,
    /// The item that the key names; null while there is none.
    pub dependency_id: Option<ItemId>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
