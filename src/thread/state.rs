//! The state of a thread, computed from its timeline.

use chrono::TimeDelta;
use entente_entity::{
    contact::Contact,
    enums::{Severity, ThreadKind, ThreadStatus},
    scalar::{DateTime, Duration},
};

use super::event::Happened;
use crate::definition::terms::{Escalation, EscalationLevel};

/// The part of a thread that events change.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Feedback or escalation.
    pub kind: ThreadKind,
    /// Its status.
    pub status: ThreadStatus,
    /// Its severity.
    pub severity: Severity,
    /// The assignee.
    pub assignee: Option<Contact>,
    /// The escalation policy at the time when the thread became an escalation.
    pub policy: Option<Escalation>,
    /// The highest level that it was raised to.
    pub level: Option<i32>,
    /// The start time of its deadlines. It is moved by the time that the thread was resolved or closed.
    pub deadlines_from: Option<DateTime>,
    /// The start time of its levels, moved in the same way.
    pub levels_from: Option<DateTime>,
    /// The deadline for the acknowledgement.
    pub acknowledge_by: Option<DateTime>,
    /// The deadline for the resolution.
    pub resolve_by: Option<DateTime>,
    /// Whether a missed acknowledgement is recorded.
    pub acknowledge_breached: bool,
    /// Whether a missed resolution is recorded.
    pub resolve_breached: bool,
    /// When it was opened.
    pub opened_at: DateTime,
    /// When it was acknowledged.
    pub acknowledged_at: Option<DateTime>,
    /// When it was resolved; `None` if it was reopened since.
    pub resolved_at: Option<DateTime>,
    /// When it was closed; `None` if it was reopened since.
    pub closed_at: Option<DateTime>,
}

impl State {
    /// The state of a new thread. `policy` is the escalation policy of its consumer.
    pub fn opened(kind: ThreadKind, severity: Severity, policy: &Escalation, at: DateTime) -> Self {
        let mut state = Self {
            kind,
            status: ThreadStatus::Open,
            severity,
            assignee: None,
            policy: None,
            level: None,
            deadlines_from: None,
            levels_from: None,
            acknowledge_by: None,
            resolve_by: None,
            acknowledge_breached: false,
            resolve_breached: false,
            opened_at: at,
            acknowledged_at: None,
            resolved_at: None,
            closed_at: None,
        };
        if kind == ThreadKind::Escalation {
            state.escalate(policy, at);
        }
        state
    }

    /// The state of a thread from its timeline and its stored policy; `None` if the timeline does not begin with the
    /// opening.
    pub fn replay<'a>(timeline: impl IntoIterator<Item = (&'a Happened, DateTime)>) -> Option<Self> {
        let mut timeline = timeline.into_iter();
        let (Happened::Opened { kind, severity, policy }, at) = timeline.next()? else { return None };
        let mut state = Self::opened(*kind, *severity, policy, at);
        for (happened, at) in timeline {
            state.apply(happened, at);
        }
        Some(state)
    }

    /// Changes the thread by an event.
    pub fn apply(&mut self, happened: &Happened, at: DateTime) {
        match happened {
            Happened::Opened { .. } => {}
            Happened::Acknowledged => {
                self.status = ThreadStatus::Acknowledged;
                self.acknowledged_at.get_or_insert(at);
            }
            Happened::Started => {
                self.status = ThreadStatus::InProgress;
                self.acknowledged_at.get_or_insert(at);
            }
            Happened::Raised { level, .. } => self.level = self.level.max(Some(*level)),
            Happened::Assigned { assignee } => self.assignee.clone_from(assignee),
            Happened::SeverityChanged { after, .. } => {
                self.severity = *after;
                self.deadlines_from = self.deadlines_from.map(|_| at);
                self.set_deadlines();
            }
            Happened::Converted { policy } => {
                self.kind = ThreadKind::Escalation;
                self.escalate(policy, at);
            }
            Happened::AcknowledgeBreached { .. } => self.acknowledge_breached = true,
            Happened::ResolveBreached { .. } => self.resolve_breached = true,
            Happened::Resolved => {
                self.status = ThreadStatus::Resolved;
                self.acknowledged_at.get_or_insert(at);
                self.resolved_at.get_or_insert(at);
            }
            Happened::Closed => {
                self.status = ThreadStatus::Closed;
                self.acknowledged_at.get_or_insert(at);
                self.resolved_at.get_or_insert(at);
                self.closed_at.get_or_insert(at);
            }
            Happened::Reopened => {
                if let Some(rested_from) = self.resolved_at {
                    let go_on = |from: DateTime| DateTime(from.0 + (at.0 - rested_from.max(from).0));
                    self.deadlines_from = self.deadlines_from.map(go_on);
                    self.levels_from = self.levels_from.map(go_on);
                }
                self.status = ThreadStatus::InProgress;
                (self.resolved_at, self.closed_at) = (None, None);
                self.set_deadlines();
            }
        }
    }

    /// Whether it is neither resolved nor closed.
    pub fn is_open(&self) -> bool {
        self.status < ThreadStatus::Resolved
    }

    /// The next level, if there is one.
    pub fn next_level(&self) -> Option<&EscalationLevel> {
        let levels = self.policy.iter().flat_map(|policy| &policy.levels);
        levels.into_iter().find(|level| Some(level.level) > self.level)
    }

    /// When it is raised to the next level, if it is not resolved before.
    pub fn next_raise_at(&self) -> Option<DateTime> {
        if !self.is_open() {
            return None;
        }
        Some(DateTime(self.levels_from?.0 + self.next_level()?.delay()))
    }

    fn escalate(&mut self, policy: &Escalation, at: DateTime) {
        self.policy = Some(policy.clone());
        self.deadlines_from = Some(at);
        self.levels_from = Some(at);
        self.set_deadlines();
    }

    /// Computes the deadlines from their start time. The deadline of an acknowledgement that was given is not changed.
    fn set_deadlines(&mut self) {
        let Some((policy, from)) = self.policy.as_ref().zip(self.deadlines_from) else { return };
        let target = policy.targets.iter().find(|target| target.severity == self.severity);
        let by = |within: &Duration| within.exact().map(|within: TimeDelta| DateTime(from.0 + within));
        if self.acknowledged_at.is_none() {
            self.acknowledge_by = target.and_then(|target| by(&target.acknowledge_within));
        }
        self.resolve_by = target.and_then(|target| by(&target.resolve_within));
    }
}
