//! The limits, and what is said when one does not hold.

use std::fmt;

/// How much a request may hold. [`Limits::default`] is what the library bears on a stack of 2 MiB; [`Limits::NONE`] is for tests,
/// which try one limit at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document.
    pub document_bytes: usize,
    /// Words of the document: names, numbers, strings, punctuation. Comments and commas are none.
    pub tokens: usize,
    /// Comments: the parser looks at each several times.
    pub comments: usize,
    /// Bytes of any one name. Messages repeat names, so a long one is paid for many times over.
    pub name_bytes: usize,
    /// `{`, `[` and `(` open at once, together; in variables `{` and `[`.
    pub nesting: usize,
    /// Fields that are given another name.
    pub aliases: usize,
    /// Directives wherever they stand, known or not.
    pub directives: usize,
    /// Operations defined, run or not.
    pub operations: usize,
    /// Fragments defined, spread or not.
    pub fragments: usize,
    /// Places where a named fragment is spread.
    pub spreads: usize,
    /// Selections of all operations together once every spread is written out, and of any one fragment.
    pub expanded_selections: usize,
    /// Comparisons of one field with another of the same name that validation may come to: for every selection set
    /// the fields merged into it, times one more than the most arguments that any field has. Each can fail, and each
    /// failure is an error of its own: without this limit 3 kB of one field repeated inside nested inline fragments
    /// cost six seconds and millions of errors.
    pub comparisons: usize,
    /// Bytes of the variables, as JSON.
    pub variables_bytes: usize,
}

impl Limits {
    /// Everything passes but fragments that go round.
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

/// A limit that did not hold: each is of the field of [`Limits`] of its name.
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
    /// What the limit is called in answers and logs.
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

    pub(super) fn hold(self, allowed: usize, found: usize) -> Result<(), Exceeded> {
        if found <= allowed {
            return Ok(());
        }
        Err(Exceeded { limit: self, allowed, found })
    }
}

/// Which limit was passed, what it allows and what was found. The scan ends at the first, so of what it counts there
/// may be more than was found; bytes are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded {
    /// The limit.
    pub limit: Limit,
    /// How much is allowed.
    pub allowed: usize,
    /// How much was found, at least.
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

/// Counts one thing against its limit.
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
        self.limit.hold(self.allowed, self.found)
    }

    pub(super) fn remove(&mut self) {
        self.found = self.found.saturating_sub(1);
    }
}
