//! A service: its published revision, and those of its links that are stored in one row.

use sea_orm::entity::prelude::*;

use crate::{
    contact::Contacts,
    enums::{AlignmentState, ServiceLifecycle},
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
    /// The slug: its unique name in URLs, files and scripts. It never changes.
    #[sea_orm(unique)]
    pub slug: String,
    /// The provider in the published terms.
    pub provider_id: OrganizationId,
    /// Its stage in the service portfolio.
    pub lifecycle: ServiceLifecycle,
    /// The published terms.
    pub definition_id: DefinitionId,
    /// The published revision.
    pub revision: i32,
    /// The newest revision, published or not.
    pub newest_revision: i32,
    /// The open proposal; null if there is none.
    pub proposal_id: Option<DefinitionId>,
    /// Whether the published terms contain all four components of a definition: whether there is no gap NO_…, except NO_CONSUMER.
    pub is_complete: bool,
    /// The alignment that its provider sees. A consumer's follows from `is_complete`, `revision` and its relationship.
    pub alignment: AlignmentState,
    /// The provider's contacts.
    #[sea_orm(column_type = "Json")]
    pub contacts: Contacts,
    /// The published name in the server's default language, folded for sorting.
    pub sort_name: String,
    /// When it was created.
    pub created_at: DateTime,
    /// When its published terms or its links last changed, for all viewers.
    pub updated_at: DateTime,
    /// The time of the last change that not all its consumers see: of another consumer, its keys, configuration items.
    /// Set to null by a change that all consumers see.
    pub hidden_at: Option<DateTime>,
    /// The time of the last change that all its consumers see. Only used if a hidden change was made later, that is, if
    /// `hidden_at` equals `updated_at`.
    pub shared_at: Option<DateTime>,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
