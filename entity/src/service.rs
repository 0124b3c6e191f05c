//! A service: which revision of its terms is published, and its links that are of one row.

use sea_orm::entity::prelude::*;

use crate::{
    contact::Contacts,
    enums::ServiceLifecycle,
    id::{DefinitionId, OrganizationId, ServiceId},
    scalar::DateTime,
};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "service")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ServiceId,
    /// What it is called in URLs, files and scripts; never changes.
    #[sea_orm(unique)]
    pub slug: String,
    /// The provider in the published terms.
    pub provider_id: OrganizationId,
    /// Its stage in the portfolio.
    pub lifecycle: ServiceLifecycle,
    /// The published terms.
    pub definition_id: DefinitionId,
    /// The published revision.
    pub revision: i32,
    /// The newest revision, published or not.
    pub newest_revision: i32,
    /// The provider's contacts.
    #[sea_orm(column_type = "Json")]
    pub contacts: Contacts,
    /// The published name in the server's default language, folded for sorting.
    pub sort_name: String,
    /// When it was created.
    pub created_at: DateTime,
    /// When its published terms or its links last changed, for all viewers.
    pub updated_at: DateTime,
    /// When something last changed that its consumers do not all see: another consumer, its keys, configuration items. Null once
    /// something changes that they all see.
    pub hidden_at: Option<DateTime>,
    /// When something last changed that all its consumers see, where something hidden changed since: where `hidden_at` is `updated_at`.
    pub shared_at: Option<DateTime>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
