//! The guard: the limits of a text, which are checked before the GraphQL library reads it.
//!
//! The library's parser is recursive, so that a few kilobytes of `[[[[` overflow the stack and end the process. Its validation expands
//! fragments, so that 800 bytes of fragments that spread each other twice need seconds, in which no timeout can act. No handler can
//! catch either. Therefore the guard scans the text first: once, without recursion, in linear time.
//!
//! The guard does not check the syntax. It reads a text as far as the parser can (`lexer` explains why), and checks the limits for this
//! part. The parser refuses the rest, with the error that describes it.

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

/// The text of a document that exceeds no limit, and whose fragments do not spread themselves.
///
/// A text that is not GraphQL is accepted if the part that can be read exceeds no limit. The parser refuses it.
#[derive(Clone, Debug)]
pub struct Guarded<'t> {
    text: Cow<'t, str>,
    repeated: Option<Range<usize>>,
}

impl<'t> Guarded<'t> {
    /// Checks the limits of a text before it is parsed.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] with the first limit that is exceeded.
    pub fn new(text: &'t str, limits: &Limits) -> Result<Self, Exceeded> {
        Limit::DocumentBytes.check(limits.document_bytes, text.len())?;
        let text = escapes::rewrite(text);
        let (_, repeated) = scan::scan(&text, limits)?;
        Ok(Self { text, repeated })
    }

    /// The text. The escapes that the parser does not support are replaced; everything else has kept its position.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first field name that is repeated in an object literal. The parser would keep only the last value.
    pub(crate) fn repeated_field(&self) -> Option<Range<usize>> {
        self.repeated.clone()
    }
}
