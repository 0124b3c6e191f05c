//! Something that happened to a thread.

use sea_orm::entity::prelude::*;

use crate::{
    actor::Actor,
    enums::ThreadEventKind,
    id::{ServiceId, ThreadEventId, ThreadId},
    scalar::DateTime,
};

/// A row of the table. Nothing in it ever changes.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "thread_event")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ThreadEventId,
    /// The thread that it happened to.
    pub thread_id: ThreadId,
    /// The service that the thread is about.
    pub service_id: ServiceId,
    /// What happened.
    pub kind: ThreadEventKind,
    /// When: no two of a thread at the same instant.
    pub at: DateTime,
    /// Who did it.
    #[sea_orm(column_type = "Json")]
    pub actor: Actor,
    /// Its details.
    #[sea_orm(column_type = "Json")]
    pub detail: Json,
    /// Names what can happen to a thread once only, and is unique within it; null for the rest.
    pub once: Option<String>,
    /// Whether only the provider's side may see it.
    pub internal: bool,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
