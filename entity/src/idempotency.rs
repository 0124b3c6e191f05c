//! The result of a request with an `Idempotency-Key`. If the same request is sent again, it is answered with this
//! result, and not executed again.

use sea_orm::entity::prelude::*;

use crate::scalar::DateTime;

/// A row of the table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    /// The client: the subject of its token, and its organization.
    #[sea_orm(primary_key, auto_increment = false)]
    pub principal: String,
    /// The value of the header, with the field of the mutation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// A hash of the field's name and its input.
    pub request: String,
    /// The version of the hash.
    pub version: i32,
    /// The result, as JSON.
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    /// The first change that it logged: [`crate::change::Model::id`]. Null if it logged none, or if a version of the program that did not
    /// store it wrote the row.
    pub first_change: Option<i64>,
    /// When it was executed. The row is deleted 72 hours later.
    pub created_at: DateTime,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
