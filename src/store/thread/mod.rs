//! Threads: opening, reading and changing them, their messages, and the clock of escalations.

pub(super) mod act;
pub(super) mod change;
pub(super) mod clock;
pub(super) mod filter;
pub(super) mod lists;
pub(super) mod messages;
pub(super) mod open;
pub(super) mod perception;
pub(super) mod read;
pub(super) mod references;
pub(super) mod related;

use crate::store::{read::session::Session, write::writer::Writer};

way! {
    /// Reads threads and their messages, as far as the viewer sees them.
    Threads, ReadThreads, threads, Session;
    /// Writes threads and their messages.
    ThreadWrites, WriteThreads, threads, Writer;
}
