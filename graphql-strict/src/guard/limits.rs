//! The limits of a request, and the error if one is exceeded.

use std::fmt;

/// The limits of a request. [`Limits::default`] is safe for the library on a stack of 2 MiB. [`Limits::NONE`] is for tests, which
/// check one limit at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document.
    pub document_bytes: usize,
    /// Tokens of the document: names, numbers, strings, punctuation. Comments and commas are not counted.
    pub tokens: usize,
    /// Comments. The parser reads each of them several times.
    pub comments: usize,
    /// Bytes of a name. Error messages contain names, so that a long name can be repeated many times.
    pub name_bytes: usize,
    /// `{`, `[` and `(` that are open at the same time; in variables `{` and `[`.
    pub nesting: usize,
    /// Fields with an alias.
    pub aliases: usize,
    /// Directives at all places, known or not.
    pub directives: usize,
    /// Operations in the document.
    pub operations: usize,
    /// Fragments in the document, used or not.
    pub fragments: usize,
    /// Spreads of named fragments.
    pub spreads: usize,
    /// Selections with all spreads expanded: of all operations together, and of each fragment.
    pub expanded_selections: usize,
    /// Comparisons between fields of the same name in the validation, at most: the sum, over all selection sets, of the fields that are
    /// merged into the set, times one more than the maximum number of arguments of a field. Each comparison can fail, with an error:
    /// without this limit, 3 kB of one field that is repeated in nested inline fragments need six seconds and cause millions of errors.
    pub comparisons: usize,
    /// Bytes of the variables, as JSON.
    pub variables_bytes: usize,
}

impl Limits {
    /// No limits. Only fragments that spread themselves are refused.
    pub const NONE: Self = Self {
        document_bytes: usize::MAX,
        tokens: usize::MAX,
        comments: usize::MAX,
        name_bytes: usize::MAX,
        nesting: usize::MAX,
        aliases: usize::MAX,
        directives: usize::MAX,
        operations: usize::MAX,
        fragments: usize::MAX,
        spreads: usize::MAX,
        expanded_selections: usize::MAX,
        comparisons: usize::MAX,
        variables_bytes: usize::MAX,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 64 * 1024,
            tokens: 2_000,
            comments: 1_000,
            name_bytes: 256,
            nesting: 32,
            aliases: 30,
            directives: 30,
            operations: 10,
            fragments: 50,
            spreads: 200,
            expanded_selections: 5_000,
            comparisons: 25_000,
            variables_bytes: 3 * 512 * 1024,
        }
    }
}

/// A limit that was exceeded. Each belongs to the field of [`Limits`] with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of `Limits` say what each counts")]
pub enum Limit {
    DocumentBytes,
    Tokens,
    Comments,
    NameBytes,
    Nesting,
    Aliases,
    Directives,
    Operations,
    Fragments,
    Spreads,
    FragmentCycles,
    ExpandedSelections,
    Comparisons,
    VariablesBytes,
    VariablesNesting,
}

impl Limit {
    /// The name of the limit in answers and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::DocumentBytes => "document bytes",
            Self::Tokens => "words",
            Self::Comments => "comments",
            Self::NameBytes => "name bytes",
            Self::Nesting => "nesting",
            Self::Aliases => "aliases",
            Self::Directives => "directives",
            Self::Operations => "operations",
            Self::Fragments => "fragments",
            Self::Spreads => "fragment spreads",
            Self::FragmentCycles => "fragment cycles",
            Self::ExpandedSelections => "expanded selections",
            Self::Comparisons => "field comparisons",
            Self::VariablesBytes => "variables bytes",
            Self::VariablesNesting => "variables nesting",
        }
    }

    pub(super) fn check(self, allowed: usize, found: usize) -> Result<(), Exceeded> {
        if found <= allowed {
            return Ok(());
        }
        Err(Exceeded { limit: self, allowed, found })
    }
}

/// The exceeded limit, with its value and the value that was found. The scan ends at the first exceeded limit, so that the document
/// may contain more than was found. Numbers of bytes are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// The limit.
    pub limit: Limit,
    /// The allowed value.
    pub allowed: usize,
    /// The value that was found.
    pub found: usize,
}

impl std::error::Error for Exceeded {}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, allowed, found } = self;
        match limit {
            Limit::DocumentBytes => write!(f, "the document is {found} bytes long"),
            Limit::NameBytes => write!(f, "the document has a name of {found} bytes"),
            Limit::Nesting => write!(f, "the document nests brackets at least {found} deep"),
            Limit::FragmentCycles => write!(f, "the document has at least {found} fragment that spreads itself"),
            Limit::ExpandedSelections => {
                write!(f, "the document has at least {found} selections once its fragments are expanded")
            }
            Limit::Comparisons => write!(f, "the document takes at least {found} field comparisons to validate"),
            Limit::VariablesBytes => write!(f, "the variables are {found} bytes long"),
            Limit::VariablesNesting => {
                write!(f, "the variables nest brackets at least {found} deep")
            }
            Limit::Tokens
            | Limit::Comments
            | Limit::Aliases
            | Limit::Directives
            | Limit::Operations
            | Limit::Fragments
            | Limit::Spreads => write!(f, "the document has at least {found} {}", limit.name()),
        }?;
        write!(f, "; {allowed} are allowed")
    }
}

/// A counter with its limit.
pub(super) struct Counter {
    limit: Limit,
    allowed: usize,
    found: usize,
}

impl Counter {
    pub(super) fn new(limit: Limit, allowed: usize) -> Self {
        Self { limit, allowed, found: 0 }
    }

    pub(super) fn add(&mut self) -> Result<(), Exceeded> {
        self.found += 1;
        self.limit.check(self.allowed, self.found)
    }

    pub(super) fn remove(&mut self) {
        self.found = self.found.saturating_sub(1);
    }
}
