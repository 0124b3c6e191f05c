//! The rules for the checks that a schema does not contain.

/// The rules of a server for its schema.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The values that a custom scalar with this name accepts.
    pub scalar: fn(&str) -> Custom,
    /// The bounds of the value of an argument or input field with this name, and of each value in it. They do not apply to the arguments
    /// of mutations.
    pub bounds: fn(&str) -> Bounds,
    /// The existing name that was probably meant by an unknown one. `None` if there is none.
    pub meant: fn(&str, &[&str]) -> Option<String>,
    /// The maximum size of introspection.
    pub introspection: Size,
}

/// The values that a custom scalar accepts.
#[derive(Clone, Copy, Debug)]
pub enum Custom {
    /// All values. They are checked when they are read.
    Any,
    /// Strings. The function returns what is wrong with a string, or `None` if it is accepted.
    Text(fn(&str) -> Option<&'static str>),
    /// A string, or an object of strings and nulls.
    Texts,
}

/// The maximum size of a value.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Characters of a text.
    pub characters: usize,
    /// Entries of a list or an object.
    pub entries: usize,
}

/// The size of introspection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Values: fields, and entries of lists.
    pub values: usize,
    /// Bytes of names and texts.
    pub bytes: usize,
}

impl Default for Rules {
    /// Custom scalars accept all values; no bounds; no suggestions of names.
    fn default() -> Self {
        Self {
            scalar: |_| Custom::Any,
            bounds: |_| Bounds { characters: usize::MAX, entries: usize::MAX },
            meant: |_, _| None,
            introspection: Size { values: 100_000, bytes: 16 << 20 },
        }
    }
}
