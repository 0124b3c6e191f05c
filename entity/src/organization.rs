//! A party: an IT department, a supplier, a ward, a business unit.

use sea_orm::entity::prelude::*;

use crate::{id::OrganizationId, scalar::DateTime, text::Text};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "organization")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrganizationId,
    /// What it is called in tokens, documents and scripts; never changes.
    #[sea_orm(unique)]
    pub slug: String,
    /// The display name.
    #[sea_orm(column_type = "Json")]
    pub name: Text,
    /// Its slug and its names in every language, folded for searching.
    #[sea_orm(column_type = "Text")]
    pub search_text: String,
    /// The organization above it.
    pub parent_id: Option<OrganizationId>,
    /// When it was created.
    pub created_at: DateTime,
    /// When it last changed.
    pub updated_at: DateTime,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
