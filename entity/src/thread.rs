//! A thread: feedback or an escalation of one consumer.

use sea_orm::entity::prelude::*;

use crate::{
    actor::Actor,
    contact::Contact,
    enums::{Severity, ThreadKind, ThreadStatus},
    id::{ElementId, OrganizationId, ServiceId, ThreadId},
    scalar::DateTime,
};

/// A row of the table. It also stores the current state that follows from its timeline.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "thread")]
pub struct Model {
    /// A number that is easy to read aloud: increasing, never reused, with gaps.
    #[sea_orm(primary_key)]
    pub number: i32,
    /// Its id.
    #[sea_orm(unique)]
    pub id: ThreadId,
    /// The service that it is about.
    pub service_id: ServiceId,
    /// The consumer.
    pub consumer_id: OrganizationId,
    /// The element that it is about; null for the whole service.
    pub element_id: Option<ElementId>,
    /// Feedback or escalation.
    pub kind: ThreadKind,
    /// Its status.
    pub status: ThreadStatus,
    /// How serious the problem is for the consumer.
    pub severity: Severity,
    /// The subject line.
    pub title: String,
    /// The perceived value, from 1 (worst) to 5 (best).
    pub rating: Option<i32>,
    /// Who opened it.
    #[sea_orm(column_type = "Json")]
    pub opened_by: Actor,
    /// The assignee.
    #[sea_orm(column_type = "Json", nullable)]
    pub assignee: Option<Contact>,
    /// The escalation policy at the time when the thread became an escalation, as JSON; null for feedback.
    #[sea_orm(column_type = "Text", nullable)]
    pub policy: Option<String>,
    /// The highest level that it was raised to.
    pub level: Option<i32>,
    /// The start time of its deadlines, moved by the time that the thread was resolved or closed.
    pub deadlines_from: Option<DateTime>,
    /// The start time of its levels, moved by the time that the thread was resolved or closed.
    pub levels_from: Option<DateTime>,
    /// The deadline for the acknowledgement.
    pub acknowledge_by: Option<DateTime>,
    /// The deadline for the resolution.
    pub resolve_by: Option<DateTime>,
    /// Whether a missed acknowledgement is recorded.
    pub acknowledge_breached: bool,
    /// Whether a missed resolution is recorded.
    pub resolve_breached: bool,
    /// The change of the terms that it asks for: a document in mode MERGE, as JSON. Null if it asks for none.
    #[sea_orm(column_type = "Text", nullable)]
    pub suggestion: Option<String>,
    /// When it was opened.
    pub opened_at: DateTime,
    /// When it was acknowledged.
    pub acknowledged_at: Option<DateTime>,
    /// When it was resolved; null if it was reopened since.
    pub resolved_at: Option<DateTime>,
    /// When it was closed; null if it was reopened since.
    pub closed_at: Option<DateTime>,
    /// The time of the last change that both sides see: `updatedAt` for the consumer.
    pub updated_at: DateTime,
    /// The time of the last event, including internal ones: `updatedAt` for the provider. The time of the next event is
    /// later.
    pub last_at: DateTime,
}

/// No relations: each query writes the joins that it needs.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
