//! Organizations: reading and applying them, and their tree.

pub(super) mod apply;
pub(super) mod keys;
pub(super) mod plan;
pub(super) mod read;
pub(super) mod tree;
