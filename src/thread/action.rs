//! The status machine: who may do which action on a thread, in which status, and the effect.
//!
//! | action | from | to | who |
//! |---|---|---|---|
//! | acknowledge | OPEN | ACKNOWLEDGED | provider |
//! | start | OPEN, ACKNOWLEDGED | IN_PROGRESS | provider |
//! | resolve | any before RESOLVED | RESOLVED | provider |
//! | close | RESOLVED; by the consumer any | CLOSED | both |
//! | reopen | RESOLVED, CLOSED | IN_PROGRESS | both |
//! | raise | before RESOLVED, escalations only | same | both |
//! | title, severity, convert feedback to escalation | before CLOSED | same | both |
//! | assign | before CLOSED | same | provider |
//!
//! An action that leads to the current status succeeds and changes nothing, because two tools may send each other the
//! same change.

use entente_entity::{
    contact::Contact,
    enums::{Severity, ThreadKind, ThreadStatus},
};
use serde::Serialize;

use super::{State, event::Happened};
use crate::definition::terms::Escalation;

/// An action on a thread.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Action {
    /// Acknowledge it.
    Acknowledge,
    /// Start to work on it.
    Start,
    /// Resolve it.
    Resolve,
    /// Close it.
    Close,
    /// Reopen it.
    Reopen,
    /// Raise it to the next level.
    Raise,
    /// Change its title.
    Retitle,
    /// Change its severity.
    SetSeverity(Severity),
    /// Convert feedback into an escalation, with the escalation policy of its consumer.
    Convert(Escalation),
    /// Assign it to a contact, or remove the assignee.
    Assign(Option<Contact>),
}

/// The side of an actor in a thread; one organization can be on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// Whether the actor acts for the provider.
    pub provider: bool,
    /// Whether the actor acts for the consumer.
    pub consumer: bool,
}

/// Why an action is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Only the other side may do it.
    WrongSide,
    /// The thread is not in a status in which it can be done.
    WrongStatus,
    /// It is only possible for escalations, and the thread is feedback.
    NotAnEscalation,
    /// The policy has no level above the current one.
    NoLevelLeft,
}

/// The effect of an action on a thread; `None` if it changes nothing.
pub fn act(state: &State, action: &Action, side: Side) -> Result<Option<Happened>, Refused> {
    use ThreadStatus::{Acknowledged, Closed, InProgress, Open, Resolved};
    let is_providers = matches!(action, Action::Acknowledge | Action::Start | Action::Resolve | Action::Assign(_));
    if !(side.provider || side.consumer && !is_providers) {
        return Err(Refused::WrongSide);
    }
    let status = state.row.status;
    let (is_done, can, happened) = match action {
        Action::Acknowledge => (status == Acknowledged, status == Open, Happened::Acknowledged),
        Action::Start => (status == InProgress, status < InProgress, Happened::Started),
        Action::Resolve => (status == Resolved, status < Resolved, Happened::Resolved),
        Action::Close => (status == Closed, status == Resolved || side.consumer, Happened::Closed),
        Action::Reopen => (status == InProgress, status >= Resolved, Happened::Reopened),
        Action::Raise => return raise(state),
        Action::Retitle => return if status < Closed { Ok(None) } else { Err(Refused::WrongStatus) },
        Action::SetSeverity(severity) => (
            state.row.severity == *severity,
            status < Closed,
            Happened::SeverityChanged { before: state.row.severity, after: *severity },
        ),
        Action::Convert(policy) => {
            let happened = Happened::Converted { policy: policy.clone() };
            (state.row.kind == ThreadKind::Escalation, status < Closed, happened)
        }
        Action::Assign(assignee) => {
            (state.row.assignee == *assignee, status < Closed, Happened::Assigned { assignee: assignee.clone() })
        }
    };
    if is_done {
        Ok(None)
    } else if can {
        Ok(Some(happened))
    } else {
        Err(Refused::WrongStatus)
    }
}

fn raise(state: &State) -> Result<Option<Happened>, Refused> {
    if state.row.kind != ThreadKind::Escalation {
        return Err(Refused::NotAnEscalation);
    }
    if !state.is_open() {
        return Err(Refused::WrongStatus);
    }
    let next = state.next_level().ok_or(Refused::NoLevelLeft)?;
    Ok(Some(Happened::Raised { level: next.level, due_at: None }))
}
