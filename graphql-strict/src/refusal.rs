//! Why a document that passed the guard is not run.

use std::fmt;

use async_graphql::Pos;

/// Why a document, or the variables that came with it, are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Of which kind the reason is.
    pub why: Why,
    /// The reason in words, for whoever wrote the document.
    pub message: String,
    /// The places in the text that it speaks of.
    pub locations: Vec<Pos>,
    /// Where among the variables a fault lies: the variable's name, then fields and list indexes from the outside in.
    pub path: Vec<String>,
}

/// The kinds of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The text, the operation's name or the variables do not fit the schema.
    Invalid,
    /// It asks for more than is allowed.
    TooMuch,
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Refusal {
    pub(crate) fn invalid(message: impl Into<String>, pos: impl IntoIterator<Item = Pos>) -> Self {
        Self { why: Why::Invalid, message: message.into(), locations: pos.into_iter().collect(), path: Vec::new() }
    }

    pub(crate) fn too_much(message: impl Into<String>) -> Self {
        Self { why: Why::TooMuch, ..Self::invalid(message, None) }
    }
}
