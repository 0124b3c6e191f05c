//! A message of a thread.

use sea_orm::entity::prelude::*;

use crate::{
    actor::Actor,
    enums::Visibility,
    id::{MessageId, ServiceId, ThreadId},
    scalar::DateTime,
};

/// A row of the table.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    /// The thread that it belongs to.
    pub thread_id: ThreadId,
    /// The service that the thread is about.
    pub service_id: ServiceId,
    /// Its author.
    #[sea_orm(column_type = "Json")]
    pub author: Actor,
    /// Its text; empty after it was redacted.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// Who can read it.
    pub visibility: Visibility,
    /// When it was written. Two messages of a thread never have the same time.
    pub created_at: DateTime,
    /// When its author last changed it.
    pub edited_at: Option<DateTime>,
    /// When its text was deleted permanently (redacted).
    pub redacted_at: Option<DateTime>,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
