//! Batched reading for one viewer: the session, pages, and rounds. It does not depend on any kind of object.

pub(super) mod batch;
pub(super) mod first_per_group;
pub(super) mod kept;
pub mod page;
pub(super) mod rounds;
pub(super) mod session;
pub(super) mod settled;
pub(super) mod words;
