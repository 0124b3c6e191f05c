//! `entente apply`.

pub(super) mod send;
