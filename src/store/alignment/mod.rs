//! Alignment: what it is computed from.

mod read;

use crate::store::read::session::Session;

way! {
    /// Computes the alignment of services, as far as the viewer sees what it follows from.
    Alignments, ReadAlignments, alignments, Session;
}
