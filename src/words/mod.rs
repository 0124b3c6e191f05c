//! The messages for people, in English and in French.
//!
//! - `table.rs`: the messages of commands, and of errors of the API.
//! - `gaps.rs`: the messages of the gaps of alignment.
//! - `count.rs`: the words for numbers of objects.
//! - `translated`: the French of English messages that are written where the error occurs, also in libraries: errors of a
//!   request, and what the program prints.
//! - The messages for rules that an input breaks are in [`crate::problem`].

/// Declares an enum of messages, each in English and in French. A message without both languages does not compile.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $Words:ident;
        $($name:ident $({ $($field:ident: $ty:ty),* })? : $english:literal, $french:literal;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[expect(missing_docs, reason = "the message itself says it")]
        pub enum $Words {
            $($name $({ $($field: $ty),* })?,)*
        }

        impl $Words {
            /// Every message: its name, in English, in French.
            #[cfg(test)]
            pub(super) const TABLE: &[(&str, &str, &str)] = &[$((stringify!($name), $english, $french),)*];

            /// The message in this language.
            pub fn say(&self, speech: $crate::words::Speech) -> String {
                match self {
                    $(Self::$name $({ $($field),* })? => match speech {
                        $crate::words::Speech::English => format!($english),
                        $crate::words::Speech::French => format!($french),
                    },)*
                }
            }
        }
    };
}

mod count;
mod gaps;
mod table;
mod translated;

pub use count::{Came, Noun};
pub use gaps::{GapWords, element_named, service_named};
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
