//! A searchable text in one language, as written and as words. Every text that can be found has a row here, written and
//! deleted in the same transaction as the text.

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
    /// The service of the text. A viewer who sees the service can find it, unless the next two columns restrict this.
    pub service_id: ServiceId,
    /// The only consumer who can find it, in addition to the provider; null for all consumers.
    pub consumer_id: Option<OrganizationId>,
    /// Whether only the provider can find it.
    pub internal: bool,
    /// The kind of the object that is found.
    pub kind: SearchType,
    /// The object that is found.
    pub entity_id: Uuid,
    /// The object that contains the text: the found object itself, or one of its messages. The row is deleted with it.
    pub part_id: Uuid,
    /// The tag of the language; empty if it is not known.
    pub language: String,
    /// The rank of a word in this text: see the search.
    pub weight: i64,
    /// The text as it was written.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// Its words, folded, with a space between each.
    #[sea_orm(column_type = "Text")]
    pub words: String,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
