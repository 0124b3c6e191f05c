//! Threads: the status machine, deadlines and levels, and the timeline. Pure: values in, values out, with the time
//! passed in.
//!
//! [`action::act`] returns the effect of an action on a thread, [`due::due`] the effect of the clock, both as
//! [`event::Happened`]; [`State::apply`] is the only place where an event changes a thread. So the timeline of a
//! thread, with its stored escalation policy, always gives its current state.

pub mod action;
pub mod due;
pub mod event;
pub mod filter;
pub mod input;
pub mod order;
mod state;

pub use state::State;

#[cfg(test)]
mod tests;
