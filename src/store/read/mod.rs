//! A consistent read for one viewer, batched: the session, pages, and how what many ask for is read at once. It names no noun.

pub(super) mod batch;
pub(super) mod first_per_group;
pub(super) mod kept;
pub mod page;
pub(super) mod rounds;
pub(super) mod session;
pub(super) mod settled;
pub(super) mod words;
