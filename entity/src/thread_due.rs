//! The next time at which the clock must process a thread.

use sea_orm::entity::prelude::*;

use crate::{id::ThreadId, scalar::DateTime};

/// A row of the table: one for each thread that waits for a deadline or a level.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "thread_due")]
pub struct Model {
    /// The thread.
    #[sea_orm(primary_key, auto_increment = false)]
    pub thread_id: ThreadId,
    /// The time.
    pub due_at: DateTime,
    /// The time until which the replica that claimed the row is expected to process it.
    pub claimed_until: Option<DateTime>,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
