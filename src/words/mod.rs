//! The messages for people, in English and in French.
//!
//! - `table.rs`: the messages of commands, and of errors of the API.
//! - `count.rs`: the words for numbers of objects.
//! - `translated`: the French of English messages that are written where the error occurs, also in libraries: errors of a
//!   request, and what the program prints.
//! - The messages for rules that an input breaks are in [`crate::problem`].

mod count;
mod table;
mod translated;

pub use count::{Came, Noun};
pub use table::Words;
pub use translated::translate;

/// A language of the messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speech {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl Speech {
    /// The language of a tag (`fr`, `fr-CA`, `fr_FR.UTF-8`); `None` if Entente has no messages in it.
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_', '.', '@']).next() {
            Some("fr") => Some(Self::French),
            Some("en" | "C" | "POSIX") => Some(Self::English),
            _ => None,
        }
    }

    /// Its tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }
}
