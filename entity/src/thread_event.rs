//! An event of a thread.

use sea_orm::entity::prelude::*;

use crate::{
    actor::Actor,
    enums::ThreadEventKind,
    id::{ServiceId, ThreadEventId, ThreadId},
    scalar::DateTime,
};

/// A row of the table. It never changes.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "thread_event")]
pub struct Model {
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ThreadEventId,
    /// The thread.
    pub thread_id: ThreadId,
    /// The service that the thread is about.
    pub service_id: ServiceId,
    /// Its kind.
    pub kind: ThreadEventKind,
    /// When it happened. Two events of a thread never have the same time.
    pub at: DateTime,
    /// The actor.
    #[sea_orm(column_type = "Json")]
    pub actor: Actor,
    /// Its details.
    #[sea_orm(column_type = "Json")]
    pub detail: Json,
    /// A name, unique within the thread, for an event that can happen only once; null for other events.
    pub once: Option<String>,
    /// Whether only the provider may see it.
    pub internal: bool,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
