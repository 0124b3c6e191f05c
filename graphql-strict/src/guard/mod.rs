//! The document guard: what a request's text must keep within before the GraphQL library sees any of it.
//!
//! The library's parser descends once a bracket, so a few kilobytes of `[[[[` overflow the stack and end the process;
//! its validation inlines fragments, so 800 bytes of fragments that spread each other twice burn seconds at a place
//! where no timeout can act. No handler catches either. So the raw text passes here first: one linear scan, no
//! recursion, a fixed price.
//!
//! The guard says nothing of syntax. It reads a text as far as the parser could (`lexer` holds the reason why that is
//! so), holds what it has read against the limits, and leaves the rest, and the error that describes it, to the
//! parser.

mod escapes;
mod expansion;
mod lexer;
mod limits;
mod scan;
#[cfg(test)]
pub mod tests;
mod variables;

pub use escapes::rewrite_escapes;
use limits::Counter;
pub use limits::{Exceeded, Limit, Limits};
pub use variables::check_variables;

/// Holds the length of a document against its limit, before anything reads it.
///
/// # Errors
///
/// [`Exceeded`], where it is too long.
pub fn check_length(text: &str, limits: &Limits) -> Result<(), Exceeded> {
    Limit::DocumentBytes.hold(limits.document_bytes, text.len())
}

/// Holds a document against its limits, before anything parses it.
///
/// A text that is no GraphQL passes if it holds the limits as far as it can be read: what is wrong with it, the
/// parser says.
///
/// # Errors
///
/// [`Exceeded`] names the first limit that does not hold.
pub fn check_document(text: &str, limits: &Limits) -> Result<(), Exceeded> {
    check_length(text, limits)?;
    check_words(text, limits)
}

/// Holds a document against all limits but that of its length.
///
/// # Errors
///
/// As [`check_document`].
pub fn check_words(text: &str, limits: &Limits) -> Result<(), Exceeded> {
    scan::scan(text, limits).map(|_| ())
}
