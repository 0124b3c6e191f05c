//! One atomic write, which can be tried again and is done once: the writer, turns, idempotency.

pub(super) mod changes;
pub(super) mod idempotency;
pub(super) mod mutation;
pub(super) mod rows;
pub(super) mod writer;
