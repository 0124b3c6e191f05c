//! Configuration items: reading and writing them, their dependencies, and the impact of their failure.

pub(super) mod apply;
pub(super) mod filter;
pub(super) mod graph;
pub(super) mod impact;
pub(super) mod links;
pub(super) mod names;
pub(super) mod naming;
pub(super) mod read;
pub(super) mod related;
pub(super) mod words;

use crate::store::{read::session::Session, write::writer::Writer};

way! {
    /// Reads configuration items, their dependencies, and the impact of their failure, as far as the viewer sees them.
    Items, ReadItems, items, Session;
    /// Writes configuration items, their dependencies, and their links to services.
    ItemWrites, WriteItems, items, Writer;
}
