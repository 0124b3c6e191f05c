//! Keys of other systems: finding what they name, linking and writing them.

pub(super) mod link;
pub(super) mod named;
pub(super) mod read;
pub(super) mod write;
