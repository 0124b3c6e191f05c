//! What a request with an `Idempotency-Key` did, so that the same request again can be answered without doing it again.

use sea_orm::entity::prelude::*;

use crate::scalar::DateTime;

/// A row of the table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    /// Who asked: the issuer's subject, and its organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub principal: String,
    /// The header, and which field of the mutation it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// A hash of the field's name and its input.
    pub request: String,
    /// The version of the hash.
    pub version: i32,
    /// What was done, as JSON.
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    /// The first change that it logged: [`crate::change::Model::id`]. Null if it logged none, or if a version of the program that did not
    /// store it wrote the row.
    pub first_change: Option<i64>,
    /// When; forgotten 72 hours later.
    pub created_at: DateTime,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
