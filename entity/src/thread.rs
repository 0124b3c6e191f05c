//! A thread: feedback or an escalation that one consumer raises, or that is raised for it.

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
    /// Who raises it, or for whom.
    pub consumer_id: OrganizationId,
    /// The element that it is about; null for the whole service.
    pub element_id: Option<ElementId>,
    /// Feedback or escalation.
    pub kind: ThreadKind,
    /// Its status.
    pub status: ThreadStatus,
    /// How grave it is to who raised it.
    pub severity: Severity,
    /// What it is about, in a line.
    pub title: String,
    /// Perceived value, 1 to 5.
    pub rating: Option<i32>,
    /// Who opened it.
    #[sea_orm(column_type = "Json")]
    pub opened_by: Actor,
    /// Who is to see to it.
    #[sea_orm(column_type = "Json", nullable)]
    pub assignee: Option<Contact>,
    /// The escalation policy of the moment when the thread became an escalation, as JSON; null for feedback.
    #[sea_orm(column_type = "Text", nullable)]
    pub policy: Option<String>,
    /// The highest level that it was raised to.
    pub level: Option<i32>,
    /// From when its deadlines count, time spent resolved or closed left out.
    pub deadlines_from: Option<DateTime>,
    /// From when its levels count, time spent resolved or closed left out.
    pub levels_from: Option<DateTime>,
    /// By when it is to be acknowledged.
    pub acknowledge_by: Option<DateTime>,
    /// By when it is to be resolved.
    pub resolve_by: Option<DateTime>,
    /// Whether it was recorded that it was not acknowledged in time.
    pub acknowledge_breached: bool,
    /// Whether it was recorded that it was not resolved in time.
    pub resolve_breached: bool,
    /// When it was opened.
    pub opened_at: DateTime,
    /// When it was acknowledged.
    pub acknowledged_at: Option<DateTime>,
    /// When it was resolved; null again once it is reopened.
    pub resolved_at: Option<DateTime>,
    /// When it was closed; null again once it is reopened.
    pub closed_at: Option<DateTime>,
    /// When it, or what both sides see of it, last changed: what its consumer sees.
    pub updated_at: DateTime,
    /// The time of its last event, internal or not: what the provider sees. The time of the next event is later.
    pub last_at: DateTime,
}

/// None: joins are written where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
