//! Background tasks of the server. They run on every replica, but each work item is done once.

pub mod escalation;
pub mod watch;
