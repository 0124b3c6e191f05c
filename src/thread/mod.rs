//! Threads: the status machine, deadlines and levels, and the timeline that they are told by. Pure: values in, values
//! out, with the time passed in.
//!
//! [`action::act`] says what an action does to a thread, [`due::due`] what the clock does; both say it as something that
//! [`event::Happened`], and [`State::apply`] is the one place where that changes a thread. So the timeline of a thread,
//! with the escalation policy that stands beside it, always replays to the thread.

pub mod action;
pub mod due;
pub mod event;
pub mod input;
mod state;

pub use state::State;

#[cfg(test)]
mod tests;
