//! A text that the search finds, in one language, as people read it and as words. Whatever is written elsewhere and shall
//! be found has a row here, written and removed in the same transaction.

use sea_orm::entity::prelude::*;

use crate::{
    enums::SearchType,
    id::{OrganizationId, ServiceId},
};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "passage")]
pub struct Model {
    /// Only joins the row with its words in the database's own index.
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The service that it is about: whoever sees that may find it, unless the next two say less.
    pub service_id: ServiceId,
    /// The one consumer who may find it besides the provider; null for all.
    pub consumer_id: Option<OrganizationId>,
    /// Whether the provider's side alone may find it.
    pub internal: bool,
    /// The kind of thing that is found.
    pub kind: SearchType,
    /// The thing that is found.
    pub entity_id: Uuid,
    /// What of the thing says this, and takes it away with itself: the thing, or one of its messages.
    pub part_id: Uuid,
    /// The language's tag; empty where it is not known.
    pub language: String,
    /// How much a word found here counts: see the search.
    pub weight: i64,
    /// The text as people read it.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// Its words, folded, with a space between each.
    #[sea_orm(column_type = "Text")]
    pub words: String,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
