//! A dependency of a configuration item, by the key in its source.

use sea_orm::entity::prelude::*;

use crate::id::{ItemId, OrganizationId};

/// A row of the table. It is kept when the item of the key is deleted, and is resolved again when an item with the key
/// is created.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "item_dependency")]
pub struct Model {
    /// The item that has the dependency.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: ItemId,
    /// Its place among the item's dependencies, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// The organization of both items.
    pub organization_id: OrganizationId,
    /// The instance of the other tool.
    pub system: String,
    /// The table or class in the other system; empty: any.
    pub class: String,
    /// The identifier in the other system.
    pub key: String,
    /// The item with this key; null if there is none.
    pub dependency_id: Option<ItemId>,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
