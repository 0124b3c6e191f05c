//! Workers beside the server: each runs on every replica, and what one of them does is done once.

pub mod escalation;
pub mod watch;
