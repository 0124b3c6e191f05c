//! The state of a thread, computed from its timeline.

use chrono::TimeDelta;
use entente_entity::{
    enums::{ThreadKind, ThreadStatus},
    scalar::{DateTime, Duration},
    thread,
};

use super::event::Happened;
use crate::definition::terms::{Escalation, EscalationLevel};

/// A thread: its row, and the escalation policy that was frozen with it.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The row. Only [`State::apply`] changes what follows from the timeline.
    pub row: thread::Model,
    /// The policy of the moment when the thread became an escalation; `None` for feedback. The row has its text from
    /// [`State::freeze`] on.
    pub policy: Option<Escalation>,
}

impl State {
    /// A thread as its row has it. An error if its policy cannot be read.
    pub fn read(row: thread::Model) -> serde_json::Result<Self> {
        let policy = row.policy.as_deref().map(serde_json::from_str).transpose()?;
        Ok(Self { row, policy })
    }

    /// A thread that is opened now, with the row of a thread to which nothing has happened. `policy` is the one that holds
    /// for its consumer.
    pub fn opened(row: thread::Model, policy: &Escalation) -> Self {
        let (kind, at) = (row.kind, row.opened_at);
        let mut state = Self { row, policy: None };
        if kind == ThreadKind::Escalation {
            state.escalate(policy, at);
        }
        state
    }

    /// The thread that its timeline and its stored policy make of a row to which nothing has happened; `None` if the timeline
    /// does not begin with the opening.
    pub fn replay<'a>(
        row: thread::Model,
        timeline: impl IntoIterator<Item = (&'a Happened, DateTime)>,
    ) -> Option<Self> {
        let mut timeline = timeline.into_iter();
        let (Happened::Opened { kind, severity, policy }, opened_at) = timeline.next()? else { return None };
        let row = thread::Model { kind: *kind, severity: *severity, opened_at, ..row };
        let mut state = Self::opened(row, policy);
        for (happened, at) in timeline {
            state.apply(happened, at);
        }
        Some(state)
    }

    /// Writes the policy into the row. One that is there already stays as it was written.
    pub fn freeze(&mut self) -> serde_json::Result<()> {
        if self.row.policy.is_none() {
            self.row.policy = self.policy.as_ref().map(serde_json::to_string).transpose()?;
        }
        Ok(())
    }

    /// Changes the thread by what happened.
    pub fn apply(&mut self, happened: &Happened, at: DateTime) {
        let row = &mut self.row;
        match happened {
            Happened::Opened { .. } => {}
            Happened::Acknowledged => {
                row.status = ThreadStatus::Acknowledged;
                row.acknowledged_at.get_or_insert(at);
            }
            Happened::Started => {
                row.status = ThreadStatus::InProgress;
                row.acknowledged_at.get_or_insert(at);
            }
            Happened::Raised { level, .. } => row.level = row.level.max(Some(*level)),
            Happened::Assigned { assignee } => row.assignee.clone_from(assignee),
            Happened::SeverityChanged { after, .. } => {
                row.severity = *after;
                row.deadlines_from = row.deadlines_from.map(|_| at);
                self.set_deadlines();
            }
            Happened::Converted { policy } => {
                row.kind = ThreadKind::Escalation;
                self.escalate(policy, at);
            }
            Happened::AcknowledgeBreached { .. } => row.acknowledge_breached = true,
            Happened::ResolveBreached { .. } => row.resolve_breached = true,
            Happened::Resolved => {
                row.status = ThreadStatus::Resolved;
                row.acknowledged_at.get_or_insert(at);
                row.resolved_at.get_or_insert(at);
            }
            Happened::Closed => {
                row.status = ThreadStatus::Closed;
                row.acknowledged_at.get_or_insert(at);
                row.resolved_at.get_or_insert(at);
                row.closed_at.get_or_insert(at);
            }
            Happened::Reopened => {
                if let Some(rested_from) = row.resolved_at {
                    let go_on = |from: DateTime| DateTime(from.0 + (at.0 - rested_from.max(from).0));
                    row.deadlines_from = row.deadlines_from.map(go_on);
                    row.levels_from = row.levels_from.map(go_on);
                }
                row.status = ThreadStatus::InProgress;
                (row.resolved_at, row.closed_at) = (None, None);
                self.set_deadlines();
            }
        }
    }

    /// Whether it is neither resolved nor closed.
    pub fn is_open(&self) -> bool {
        self.row.status < ThreadStatus::Resolved
    }

    /// The next level, if there is one.
    pub fn next_level(&self) -> Option<&EscalationLevel> {
        let levels = self.policy.iter().flat_map(|policy| &policy.levels);
        levels.into_iter().find(|level| Some(level.level) > self.row.level)
    }

    /// When it is raised to the next level, if it is not resolved before.
    pub fn next_raise_at(&self) -> Option<DateTime> {
        if !self.is_open() {
            return None;
        }
        Some(DateTime(self.row.levels_from?.0 + self.next_level()?.delay()))
    }

    fn escalate(&mut self, policy: &Escalation, at: DateTime) {
        self.policy = Some(policy.clone());
        self.row.deadlines_from = Some(at);
        self.row.levels_from = Some(at);
        self.set_deadlines();
    }

    /// Computes the deadlines from their start time. The deadline of an acknowledgement that was given is not changed.
    fn set_deadlines(&mut self) {
        let row = &mut self.row;
        let Some((policy, from)) = self.policy.as_ref().zip(row.deadlines_from) else { return };
        let target = policy.targets.iter().find(|target| target.severity == row.severity);
        let by = |within: &Duration| within.exact().map(|within: TimeDelta| DateTime(from.0 + within));
        if row.acknowledged_at.is_none() {
            row.acknowledge_by = target.and_then(|target| by(&target.acknowledge_within));
        }
        row.resolve_by = target.and_then(|target| by(&target.resolve_within));
    }
}
