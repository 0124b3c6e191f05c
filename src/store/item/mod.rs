//! Configuration items: reading and applying them, what they depend on, and what their failure reaches.

pub(super) mod apply;
pub(super) mod filter;
pub(super) mod graph;
pub(super) mod impact;
pub(super) mod links;
pub(super) mod names;
pub(super) mod read;
pub(super) mod related;
pub(super) mod words;

use crate::store::{read::session::Session, write::writer::Writer};

way! {
    /// Reads configuration items, what they depend on, and what their failure reaches, as far as the viewer sees them.
    Items, ReadItems, items, Session;
    /// Writes configuration items, what they depend on, and what runs on them.
    ItemWrites, WriteItems, items, Writer;
}
