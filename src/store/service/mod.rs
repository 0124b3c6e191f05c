//! Services with their definitions: reading and applying them, consumers, revisions, documents.

pub(super) mod apply;
pub(super) mod confirming;
pub(super) mod consumers;
pub(super) mod definitions;
pub(super) mod documents;
pub(super) mod filter;
pub(super) mod named;
pub(super) mod of_organizations;
pub(super) mod proposal;
pub(super) mod read;
pub(super) mod related;
pub(super) mod revisions;
pub(super) mod seen_changes;
pub(super) mod standing;
pub(super) mod suggestion;

use crate::store::{read::session::Session, write::writer::Writer};

way! {
    /// Reads services, their definitions and their consumers, as far as the viewer sees them.
    Services, ReadServices, services, Session;
    /// Writes services and their consumers.
    ServiceWrites, WriteServices, services, Writer;
}
