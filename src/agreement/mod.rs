//! Agreements: what a decision takes, and what follows from the decisions of the consumers. Pure.

pub mod input;
mod review;
mod standing;

pub use review::{review_due_at, review_is_due};
pub use standing::{Standing, is_complete, state};
