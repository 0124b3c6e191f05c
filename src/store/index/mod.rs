//! The search index: its entries, and its queries in each dialect.

pub(super) mod dialect;
pub(super) mod entries;
pub(super) mod refold;

use crate::store::write::writer::Writer;

way! {
    /// Writes the search index.
    IndexWrites, WriteIndex, index, Writer;
}
