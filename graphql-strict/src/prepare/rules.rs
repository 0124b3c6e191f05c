//! What a schema does not say of itself, and the checks must know.

/// What whoever serves a schema knows of it.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// By the name of a scalar of the schema's own, which values it takes.
    pub scalar: fn(&str) -> Custom,
    /// By the name of an argument or an input field, how much its value may hold, and each value within it. What a mutation
    /// takes is not held to this: it has the limits of what is stored.
    pub bounds: fn(&str) -> Bounds,
    /// Of the names that exist, the one that was probably meant by one that does not.
    pub meant: fn(&str, &[&str]) -> Option<String>,
    /// How much introspection may give.
    pub introspection: Size,
}

/// Which values a scalar takes.
#[derive(Clone, Copy, Debug)]
pub enum Custom {
    /// Any: they are checked where they are read.
    Any,
    /// Strings. Of one that it does not take, this says what is wrong.
    Text(fn(&str) -> Option<&'static str>),
    /// A string, or an object of strings and nulls.
    Texts,
}

/// How much a value may hold.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Characters of a text.
    pub characters: usize,
    /// Entries of a list or an object.
    pub entries: usize,
}

/// The size of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Values: fields, and entries of lists.
    pub values: usize,
    /// Bytes of names and texts.
    pub bytes: usize,
}

impl Default for Rules {
    /// Scalars that take anything, no bounds, no guesses.
    fn default() -> Self {
        Self {
            scalar: |_| Custom::Any,
            bounds: |_| Bounds { characters: usize::MAX, entries: usize::MAX },
            meant: |_, _| None,
            introspection: Size { values: 100_000, bytes: 16 << 20 },
        }
    }
}
