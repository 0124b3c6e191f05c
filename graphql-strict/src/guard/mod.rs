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

use std::{borrow::Cow, ops::Range};

pub use limits::{Exceeded, Limit, Limits};
pub use variables::check_variables;

/// The text of a document that holds its limits, and whose fragments do not go round.
///
/// A text that is no GraphQL passes if it holds the limits as far as it can be read: what is wrong with it, the
/// parser says.
#[derive(Clone, Debug)]
pub struct Guarded<'t> {
    text: Cow<'t, str>,
    repeated: Option<Range<usize>>,
}

impl<'t> Guarded<'t> {
    /// Holds a document against its limits, before anything parses it.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] names the first limit that does not hold.
    pub fn new(text: &'t str, limits: &Limits) -> Result<Self, Exceeded> {
        Limit::DocumentBytes.hold(limits.document_bytes, text.len())?;
        let text = escapes::rewrite(text);
        let (_, repeated) = scan::scan(&text, limits)?;
        Ok(Self { text, repeated })
    }

    /// The text, with the escapes that the parser does not know in a form that it does: all else is where it was.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where an object literal first names a field that it has named before. The parser keeps the last and forgets the
    /// others.
    pub(crate) fn repeated_field(&self) -> Option<Range<usize>> {
        self.repeated.clone()
    }
}
