//! A party: an IT department, a supplier, a hospital ward, a business unit.

use sea_orm::entity::prelude::*;

use crate::{id::OrganizationId, scalar::DateTime, text::Text};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "organization")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrganizationId,
    /// The slug: its unique name in tokens, documents and scripts. It never changes.
    #[sea_orm(unique)]
    pub slug: String,
    /// The display name.
    #[sea_orm(column_type = "Json")]
    pub name: Text,
    /// Its slug and its names in every language, folded for searching.
    #[sea_orm(column_type = "Text")]
    pub search_text: String,
    /// Its parent organization.
    pub parent_id: Option<OrganizationId>,
    /// Changes whenever a configuration item of the organization is created, renamed or removed. Null until then.
    pub items_version: Option<Uuid>,
    /// When it was created.
    pub created_at: DateTime,
    /// When it last changed.
    pub updated_at: DateTime,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
