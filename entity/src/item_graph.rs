//! Which version of its configuration items' graph an organization is at: their dependencies, how many of those each
//! needs, and what runs on them.

use sea_orm::entity::prelude::*;

use crate::id::OrganizationId;

/// A row of the table; there is none where nothing was ever written.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "item_graph")]
pub struct Model {
    /// The organization of the items.
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    /// Another one after every change, and never one that was.
    pub version: Uuid,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
