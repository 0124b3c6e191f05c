//! The events of a thread, and how its timeline stores them.

use entente_entity::{
    contact::Contact,
    enums::{Severity, ThreadEventKind, ThreadKind},
    scalar::DateTime,
};
use serde_json::{Value, json};

use crate::definition::terms::Escalation;

/// Something that happens to a thread and changes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// It was opened.
    Opened {
        /// As what.
        kind: ThreadKind,
        /// How grave it was then.
        severity: Severity,
        /// The escalation policy of its consumer; used if it is an escalation.
        policy: Escalation,
    },
    /// The provider acknowledged it.
    Acknowledged,
    /// The provider started to work on it.
    Started,
    /// It was raised to a level.
    Raised {
        /// To which.
        level: i32,
        /// When it was due; `None` where it was done by hand.
        due_at: Option<DateTime>,
    },
    /// It was given to someone, or taken from everyone.
    Assigned {
        /// To whom.
        assignee: Option<Contact>,
    },
    /// It became more or less grave.
    SeverityChanged {
        /// What it was.
        before: Severity,
        /// What it is.
        after: Severity,
    },
    /// Feedback became an escalation.
    Converted {
        /// The escalation policy that held for its consumer.
        policy: Escalation,
    },
    /// It was not acknowledged in time.
    AcknowledgeBreached {
        /// By when it should have been.
        due_at: DateTime,
    },
    /// It was not resolved in time.
    ResolveBreached {
        /// By when it should have been.
        due_at: DateTime,
    },
    /// It was solved.
    Resolved,
    /// It was not solved after all.
    Reopened,
    /// It was done with.
    Closed,
}

impl Happened {
    /// What the timeline calls it.
    pub fn kind(&self) -> ThreadEventKind {
        match self {
            Self::Opened { .. } => ThreadEventKind::Opened,
            Self::Acknowledged => ThreadEventKind::Acknowledged,
            Self::Started => ThreadEventKind::Started,
            Self::Raised { .. } => ThreadEventKind::Raised,
            Self::Assigned { .. } => ThreadEventKind::Assigned,
            Self::SeverityChanged { .. } => ThreadEventKind::SeverityChanged,
            Self::Converted { .. } => ThreadEventKind::Converted,
            Self::AcknowledgeBreached { .. } => ThreadEventKind::AcknowledgeBreached,
            Self::ResolveBreached { .. } => ThreadEventKind::ResolveBreached,
            Self::Resolved => ThreadEventKind::Resolved,
            Self::Reopened => ThreadEventKind::Reopened,
            Self::Closed => ThreadEventKind::Closed,
        }
    }

    /// Its details, without its kind.
    pub fn detail(&self) -> Value {
        match self {
            Self::Opened { kind, severity, policy: _ } => json!({ "kind": kind, "severity": severity }),
            Self::Raised { level, due_at: None } => json!({ "level": level, "byHand": true }),
            Self::Raised { level, due_at: Some(due_at) } => {
                json!({ "level": level, "byHand": false, "dueAt": due_at.to_string() })
            }
            Self::Assigned { assignee } => json!({ "assignee": assignee }),
            Self::SeverityChanged { before, after } => json!({ "before": before, "after": after }),
            Self::AcknowledgeBreached { due_at } | Self::ResolveBreached { due_at } => {
                json!({ "dueAt": due_at.to_string() })
            }
            Self::Acknowledged
            | Self::Started
            | Self::Converted { .. }
            | Self::Resolved
            | Self::Reopened
            | Self::Closed => json!({}),
        }
    }

    /// The name under which it can happen to a thread once only; `None` where it can happen again.
    pub fn once(&self) -> Option<String> {
        match self {
            Self::Raised { level, .. } => Some(format!("RAISED {level}")),
            Self::AcknowledgeBreached { .. } | Self::ResolveBreached { .. } => Some(self.kind().name().to_owned()),
            _ => None,
        }
    }

    /// Reads it from the timeline; `None` if the event changed nothing in its thread, or cannot be read. The policy,
    /// which is long and never changes, is stored with the thread.
    pub fn read(kind: ThreadEventKind, detail: &Value, policy: &Escalation) -> Option<Self> {
        fn field<T: serde::de::DeserializeOwned>(detail: &Value, name: &str) -> Option<T> {
            serde_json::from_value(detail.get(name)?.clone()).ok()
        }
        Some(match kind {
            ThreadEventKind::Opened => {
                let (kind, severity) = (field(detail, "kind")?, field(detail, "severity")?);
                Self::Opened { kind, severity, policy: policy.clone() }
            }
            ThreadEventKind::Acknowledged => Self::Acknowledged,
            ThreadEventKind::Started => Self::Started,
            ThreadEventKind::Raised => Self::Raised { level: field(detail, "level")?, due_at: field(detail, "dueAt") },
            ThreadEventKind::Assigned => Self::Assigned { assignee: field(detail, "assignee")? },
            ThreadEventKind::SeverityChanged => {
                Self::SeverityChanged { before: field(detail, "before")?, after: field(detail, "after")? }
            }
            ThreadEventKind::Converted => Self::Converted { policy: policy.clone() },
            ThreadEventKind::AcknowledgeBreached => Self::AcknowledgeBreached { due_at: field(detail, "dueAt")? },
            ThreadEventKind::ResolveBreached => Self::ResolveBreached { due_at: field(detail, "dueAt")? },
            ThreadEventKind::Resolved => Self::Resolved,
            ThreadEventKind::Reopened => Self::Reopened,
            ThreadEventKind::Closed => Self::Closed,
            ThreadEventKind::ReferenceLinked | ThreadEventKind::ReferenceUnlinked => return None,
        })
    }
}
