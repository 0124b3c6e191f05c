//! The parts that all nouns of the API use: pages, errors, the reader's languages.

pub(super) mod connection;
pub(super) mod error;
pub(super) mod in_place;
pub(super) mod large;
pub(super) mod list;
pub(super) mod price;
pub(super) mod reader;
pub(super) mod size;
pub(super) mod user_error;
