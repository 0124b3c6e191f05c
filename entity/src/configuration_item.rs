//! A configuration item: an application, a server, a database that a provider runs its services on.

use sea_orm::entity::prelude::*;

use crate::{
    id::{ItemId, OrganizationId},
    scalar::DateTime,
};

/// A row of the table. The keys that identify it are in the table of external references.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "configuration_item")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ItemId,
    /// The organization that applied it; only this organization sees it.
    pub organization_id: OrganizationId,
    /// The display name.
    pub name: String,
    /// What kind of thing it is, in the words of its source.
    pub class: String,
    /// Where it is used: `production`, `test`.
    pub environment: Option<String>,
    /// Its status, as its source writes it; it is not used.
    pub status: Option<String>,
    /// How many of its dependencies it needs to work; all of them if null.
    pub dependencies_needed: Option<i32>,
    /// How many dependencies it has, known or not.
    pub dependencies: i32,
    /// Its name, folded for sorting.
    pub sort_name: String,
    /// When its source last sent it, changed or not.
    pub seen_at: DateTime,
    /// When it was created.
    pub created_at: DateTime,
    /// When it last changed.
    pub updated_at: DateTime,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
