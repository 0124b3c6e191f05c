//! A configuration item: for example an application, a server or a database that services of a provider depend on.

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
    /// The class, as its source writes it.
    pub class: String,
    /// The environment, for example `production` or `test`.
    pub environment: Option<String>,
    /// The status, as its source writes it. The impact does not use it.
    pub status: Option<String>,
    /// The number of its dependencies that it needs to work; null: all of them.
    pub dependencies_needed: Option<i32>,
    /// The number of its dependencies, including unresolved ones.
    pub dependencies: i32,
    /// Its name, folded for sorting.
    pub sort_name: String,
    /// When its source last sent it, with or without changes.
    pub seen_at: DateTime,
    /// When it was created.
    pub created_at: DateTime,
    /// When it last changed.
    pub updated_at: DateTime,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
