//! Text as documents: YAML, several in a stream, or JSON, which is YAML too. The `kind` of each says what it holds.

use entente_entity::problem::{Rule, Speech};
use serde::{Deserialize, de::DeserializeOwned};
use serde_saphyr::{Options, budget, options};

use self::{kinded::Kinded, words::Words};
use super::{
    document::{ConfigurationItems, DefinitionInput, OrganizationInput},
    limits::{MAX_DOCUMENT_BYTES, MAX_FILE_BYTES, MAX_ITEMS_FILE_BYTES},
};

mod kinded;
mod words;

/// What a document of a file holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Document {
    /// `kind: Organizations`.
    Organizations(Vec<OrganizationInput>),
    /// `kind: ServiceDefinition`.
    ServiceDefinition(Box<DefinitionInput>),
    /// `kind: ConfigurationItems`.
    ConfigurationItems(ConfigurationItems),
}

impl Document {
    /// The `kind` of a document of organizations.
    pub const ORGANIZATIONS: &'static str = "Organizations";
    /// The `kind` of a service's definition.
    pub const SERVICE_DEFINITION: &'static str = "ServiceDefinition";
    /// The `kind` of a document of configuration items.
    pub const CONFIGURATION_ITEMS: &'static str = "ConfigurationItems";
}

/// Why a text cannot be read, and where.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct ReadError {
    /// The line, from 1.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
    /// What is wrong.
    pub message: String,
}

/// Reads every document of a text. Empty ones are passed over.
pub fn read_documents(text: &str) -> Result<Vec<Document>, ReadError> {
    split(text).into_iter().map(|part| part.document()).collect()
}

/// The text of one document, and how many lines of the whole text stand before it.
struct Part<'t> {
    text: &'t str,
    lines_before: u64,
}

/// Cuts a stream of YAML into its documents. A line that starts with `---` or `...` in the first column is a mark
/// between documents, whatever stands around it: YAML allows no other use of it.
fn split(text: &str) -> Vec<Part<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parts = Vec::new();
    let (mut start, mut lines_before, mut here) = (0, 0, 0);
    let mut cut = |start: usize, end: usize, lines_before: u64| {
        let part = &text[start..end];
        if part.lines().any(says_something) {
            parts.push(Part { text: part, lines_before });
        }
    };
    for (line, number) in text.split_inclusive('\n').zip(0..) {
        let end = here + line.len();
        if marks(line, "---") {
            cut(start, here, lines_before);
            (start, lines_before) = (here, number);
        } else if marks(line, "...") {
            cut(start, here, lines_before);
            (start, lines_before) = (end, number + 1);
        }
        here = end;
    }
    cut(start, here, lines_before);
    parts
}

fn marks(line: &str, mark: &str) -> bool {
    line.strip_prefix(mark).is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}

/// Whether there is more in a line than a mark, a comment or a directive.
fn says_something(line: &str) -> bool {
    let rest = if marks(line, "---") { &line[3..] } else { line };
    !rest.trim_start().is_empty() && !rest.trim_start().starts_with('#') && !line.starts_with('%')
}

/// All that is read of a document before it is known what it holds.
#[derive(Deserialize)]
struct Head {
    kind: Option<String>,
}

/// What stands in a document of organizations.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Organizations {
    organizations: Vec<OrganizationInput>,
}

impl Part<'_> {
    fn document(&self) -> Result<Document, ReadError> {
        let found = self.text.len();
        let too_long = |max| self.refused(Rule::TooManyBytes { max, found }.say(Speech::English));
        if found > MAX_ITEMS_FILE_BYTES {
            return Err(too_long(MAX_ITEMS_FILE_BYTES));
        }
        let kind = self.read::<Head>()?.kind;
        if found > MAX_FILE_BYTES && kind.as_deref() != Some(Document::CONFIGURATION_ITEMS) {
            return Err(too_long(MAX_FILE_BYTES));
        }
        match kind.as_deref() {
            Some(Document::ORGANIZATIONS) => {
                Ok(Document::Organizations(self.read::<Kinded<Organizations>>()?.0.organizations))
            }
            Some(Document::SERVICE_DEFINITION) => Ok(Document::ServiceDefinition(self.read::<Kinded<_>>()?.0)),
            Some(Document::CONFIGURATION_ITEMS) => Ok(Document::ConfigurationItems(self.read::<Kinded<_>>()?.0)),
            Some(other) => Err(self.refused(format!("kind: {other:?} is unknown; there are {KINDS}"))),
            None => Err(self.refused(format!("`kind` must say what the document holds: {KINDS}"))),
        }
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, ReadError> {
        serde_saphyr::from_str_with_options(self.text, limits(self.text.len())).map_err(|error| {
            let place = error.location();
            ReadError {
                line: self.lines_before + place.map_or(1, |place| place.line()),
                column: place.map_or(1, |place| place.column()),
                message: error.render_with_formatter(&Words),
            }
        })
    }

    /// The document as a whole is refused.
    fn refused(&self, message: String) -> ReadError {
        ReadError { line: self.lines_before + 1, column: 1, message }
    }
}

const KINDS: &str = "Organizations, ServiceDefinition, ConfigurationItems";

/// How much YAML may make of how little: a document of 1 MiB stays within these, and so does a longer one of
/// configuration items; one that multiplies itself does not.
fn limits(bytes: usize) -> Options {
    let times = bytes.div_ceil(MAX_FILE_BYTES).max(1);
    options! {
        budget: budget! {
            max_depth: 32,
            flow_nesting_limit: 32,
            max_nodes: 300_000 * times,
            max_events: 1_000_000 * times,
            max_anchors: 1_000,
            max_aliases: 1_000,
            max_merge_keys: 1_000,
            max_recorded_anchor_events: 100_000,
            max_recorded_anchor_bytes: 2 * MAX_DOCUMENT_BYTES,
            max_total_scalar_bytes: 4 * MAX_DOCUMENT_BYTES * times,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 100_000,
            max_replay_stack_depth: 8,
        },
        strict_booleans: true,
        with_snippet: false,
        emit_comments: false,
    }
}
