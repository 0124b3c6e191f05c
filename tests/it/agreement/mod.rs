//! Proposals, decisions and suggestions: the whole story, from the first definition to a change that a ward asked for.

mod at_once;
mod costs;
mod decisions;
mod digests;
pub mod kit;
mod objections;
mod proposals;
mod publishing;
mod rights;
mod story;
mod suggestions;
mod told;
mod upgrade;
