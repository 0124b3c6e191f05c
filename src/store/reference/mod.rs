//! Keys of other systems: finding objects by them, and linking and writing them.

pub(super) mod by_key;
pub(super) mod link;
pub(super) mod named;
pub(super) mod planned;
pub(super) mod read;
pub(super) mod write;

use crate::store::{read::session::Session, write::writer::Writer};

way! {
    /// Reads keys of other systems, as far as the viewer sees them.
    References, ReadReferences, references, Session;
    /// Writes keys of other systems.
    ReferenceWrites, WriteReferences, references, Writer;
}
