//! The events of a thread, and how its timeline stores them.

use entente_entity::{
    contact::Contact,
    enums::{Severity, ThreadEventKind, ThreadKind},
    scalar::DateTime,
};
use serde_json::{Value, json};

use crate::definition::terms::Escalation;

/// An event that changes a thread.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// It was opened.
    Opened {
        /// Its kind.
        kind: ThreadKind,
        /// Its severity when it was opened.
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
        /// The number of the level.
        level: i32,
        /// When it was due; `None` if a person raised it.
        due_at: Option<DateTime>,
    },
    /// The assignee was changed or removed.
    Assigned {
        /// The new assignee.
        assignee: Option<Contact>,
    },
    /// The severity was changed.
    SeverityChanged {
        /// The severity before.
        before: Severity,
        /// The severity now.
        after: Severity,
    },
    /// Feedback became an escalation.
    Converted {
        /// The escalation policy of its consumer at that time.
        policy: Escalation,
    },
    /// It was not acknowledged in time.
    AcknowledgeBreached {
        /// The deadline.
        due_at: DateTime,
    },
    /// It was not resolved in time.
    ResolveBreached {
        /// The deadline.
        due_at: DateTime,
    },
    /// It was resolved.
    Resolved,
    /// It was reopened.
    Reopened,
    /// It was closed.
    Closed,
}

impl Happened {
    /// Its kind in the timeline.
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

    /// A unique name within the thread, for an event that can happen only once; `None` if it can happen again.
    pub fn once(&self) -> Option<String> {
        match self {
            Self::Raised { level, .. } => Some(format!("RAISED {level}")),
            Self::AcknowledgeBreached { .. } | Self::ResolveBreached { .. } => Some(self.kind().name().to_owned()),
            _ => None,
        }
    }

    /// Reads it from the timeline; `None` if the event does not change the thread, or cannot be read. The policy is
    /// stored with the thread, because it is long and never changes.
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
