//! What search finds: its entries, and how they are asked for in each dialect.

pub(super) mod dialect;
pub(super) mod entries;
pub(super) mod refold;

use crate::store::write::writer::Writer;

way! {
    /// Writes what search finds.
    IndexWrites, WriteIndex, index, Writer;
}
