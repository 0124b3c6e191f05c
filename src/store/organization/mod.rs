//! Organizations: reading and writing them, and their tree.

pub(super) mod apply;
pub(super) mod keys;
pub(super) mod plan;
pub(super) mod read;
pub(super) mod tree;
pub(super) mod viewer;

use crate::store::{read::session::Session, write::writer::Writer};

way! {
    /// Reads organizations, as far as the viewer sees them.
    Organizations, ReadOrganizations, organizations, Session;
    /// Writes organizations.
    OrganizationWrites, WriteOrganizations, organizations, Writer;
}
