//! Why a document that passed the guard is not executed.

use std::fmt;

use async_graphql::Pos;

/// Why a document or its variables are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The kind of reason.
    pub why: Why,
    /// The message, for the author of the document.
    pub message: String,
    /// The positions in the text that the message refers to.
    pub locations: Vec<Pos>,
    /// The place of a fault in the variables: the name of the variable, then fields and list indexes from the outside to the inside.
    /// Empty for other faults.
    pub path: Vec<String>,
}

/// The kinds of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The text, the name of the operation or the variables do not match the schema.
    Invalid,
    /// The request is too large or too expensive.
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
