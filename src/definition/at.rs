//! Paths: the place of a value in an input.

use crate::problem::{Problem, Rule};

/// A place in an input: a field or an index, below another place. It is kept on the stack while the input is checked,
/// and becomes a path only if there is a problem.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    above: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Field(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    /// An argument or a field at the top of the input.
    pub const fn top(name: &'a str) -> Self {
        Self { above: None, step: Step::Field(name) }
    }

    /// A field below this place.
    pub const fn field(&'a self, name: &'a str) -> Self {
        Self { above: Some(self), step: Step::Field(name) }
    }

    /// An entry of the list at this place.
    pub const fn index(&'a self, index: usize) -> Self {
        Self { above: Some(self), step: Step::Index(index) }
    }

    /// The names of the fields from the outside in, list indexes as strings.
    pub fn path(&self) -> Vec<String> {
        let mut path = self.above.map(At::path).unwrap_or_default();
        path.push(match self.step {
            Step::Field(name) => name.to_owned(),
            Step::Index(index) => index.to_string(),
        });
        path
    }

    /// A problem at this place.
    pub fn problem(&self, rule: Rule) -> Problem {
        Problem { path: self.path(), rule }
    }
}
