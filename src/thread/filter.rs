//! The filter of lists of threads, with keys as the client gives them.

use async_graphql::InputObject;
use entente_entity::{
    enums::{Severity, ThreadKind, ThreadStatus},
    scalar::DateTime,
};

use crate::definition::document::{ExternalKey, OrganizationKey, ServiceKey};

/// A filter for threads. A thread must match all fields that are given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, InputObject)]
pub struct ThreadFilter {
    /// Only feedback, or only escalations.
    pub kind: Option<ThreadKind>,
    /// Only threads with one of these statuses.
    pub status: Option<Vec<ThreadStatus>>,
    /// Only threads with one of these severities.
    pub severity: Option<Vec<Severity>>,
    /// Only threads about this service or one of its elements.
    pub service: Option<ServiceKey>,
    /// Only threads of this consumer.
    pub consumer: Option<OrganizationKey>,
    /// True: only threads that were raised to a level. False: only the others.
    pub raised: Option<bool>,
    /// True: only threads that missed a deadline. False: only the others.
    pub breached: Option<bool>,
    /// Only objects that changed at this instant or later. To read changes incrementally, pass the `settledAt` of the
    /// previous request, not the greatest `updatedAt` that you received.
    pub updated_since: Option<DateTime>,
    /// Only threads that contain every word in the title or in a message that the viewer may see. A word matches as a
    /// whole or as the beginning of a longer word; case and accents are ignored. At most 200 characters and 32 words.
    pub text: Option<String>,
    /// Only threads that have this external key. One ticket can have several threads.
    pub r#ref: Option<ExternalKey>,
}

impl ThreadFilter {
    /// Escalations that are neither resolved nor closed.
    pub fn open_escalations() -> Self {
        let status = ThreadStatus::ALL.iter().copied().filter(|status| *status < ThreadStatus::Resolved);
        Self { kind: Some(ThreadKind::Escalation), status: Some(status.collect()), ..Self::default() }
    }
}
