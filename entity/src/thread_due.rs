//! When the clock next has something to do for a thread.

use sea_orm::entity::prelude::*;

use crate::{id::ThreadId, scalar::DateTime};

/// A row of the table: one for each thread that waits for a deadline or a level.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "thread_due")]
pub struct Model {
    /// The thread.
    #[sea_orm(primary_key, auto_increment = false)]
    pub thread_id: ThreadId,
    /// When.
    pub due_at: DateTime,
    /// Until when the replica that claimed it is trusted to be at work on it.
    pub claimed_until: Option<DateTime>,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
