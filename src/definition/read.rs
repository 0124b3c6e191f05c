//! Reading text as documents: YAML, several in a stream, or JSON, which is also YAML. The `kind` of each document is
//! the type of its content.

use std::{fmt, ops::Range, sync::Arc};

use serde::{Deserialize, de::DeserializeOwned};
use serde_saphyr::{Error, Options, budget, options};

use self::{kinded::Kinded, tree::Spot, words::Words};
use super::{
    document::{DefinitionInput, Document, OrganizationInput},
    limits::{MAX_DOCUMENT_BYTES, MAX_FILE_BYTES, MAX_ITEMS_FILE_BYTES, MAX_PROBLEMS},
    nearest::nearest,
};
use crate::{
    problem::{Problem, Rule, Syntax},
    words::Speech,
};

mod check;
mod kinded;
mod meant;
mod open;
mod tree;
mod words;

/// A problem in a text, with its position.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The line of the whole text, from 1.
    pub line: u64,
    /// The column, from 1.
    pub column: u64,
    /// The names of the fields from the outside in, list indexes as strings.
    pub path: Vec<String>,
    /// The rule that it breaks.
    pub rule: Rule,
}

/// All problems in a text.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", .0.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { line, column, path, rule } = self;
        write!(f, "line {line}, column {column}: ")?;
        if !path.is_empty() {
            write!(f, "{}: ", path.join("/"))?;
        }
        f.write_str(&rule.say(Speech::English))
    }
}

/// The check of the other rules of a document. It is passed in, because the rules of organizations and configuration items
/// are outside of this room.
pub type Validate = fn(&Document) -> Vec<Problem>;

/// Reads every document of a text. Empty documents are skipped.
///
/// # Errors
///
/// All problems of all documents.
pub fn read_documents(text: &str) -> Result<Vec<Document>, Faults> {
    let (mut documents, mut faults) = (Vec::new(), Vec::new());
    for part in split(text) {
        match part.document(|_| Vec::new()) {
            Ok(document) => documents.push(document),
            Err(refused) => faults.extend(refused.faults),
        }
    }
    if faults.is_empty() { Ok(documents) } else { Err(Faults(faults)) }
}

/// The position of a document in a text, and the positions of its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    whole: Arc<str>,
    range: Range<usize>,
    lines_before: u64,
}

/// The documents of a text, and the problems of those that cannot be read.
#[derive(Debug, Default)]
pub struct Located {
    /// Those that can be read, each with its place.
    pub documents: Vec<(Document, Place)>,
    /// The problems of the others.
    pub faults: Vec<Fault>,
    /// Those of the others whose only errors are unknown fields, without these fields or with the ones that were probably
    /// meant. They are only checked.
    pub meant: Vec<(Box<DefinitionInput>, Place)>,
    /// Whether one of the others would create organizations or configuration items, to which documents may refer.
    pub lacks_names: bool,
}

/// Reads every document of a text that can be read. `validate` checks the documents with errors too, as they were probably
/// meant, so that all problems are reported together.
pub fn read_located(text: &Arc<str>, validate: Validate) -> Located {
    let mut located = Located::default();
    for part in split(text) {
        let start = part.text.as_ptr() as usize - text.as_ptr() as usize;
        let range = start..start + part.text.len();
        match part.document(validate) {
            Ok(document) => {
                let place = Place { whole: text.clone(), range, lines_before: part.lines_before };
                located.documents.push((document, place));
            }
            Err(Refused { faults, meant }) => {
                located.faults.extend(faults);
                if let Some(definition) = meant {
                    let place = Place { whole: text.clone(), range, lines_before: part.lines_before };
                    located.meant.push((definition, place));
                }
                let kinds = [Document::ORGANIZATIONS, Document::CONFIGURATION_ITEMS];
                located.lacks_names |= kinds.iter().any(|kind| part.text.contains(kind));
            }
        }
    }
    located
}

impl Place {
    /// Finds the line and the column in the whole text, both from 1, where a value of this document begins.
    pub fn locator(&self) -> impl Fn(&[String]) -> (u64, u64) + use<> {
        let text = &self.whole[self.range.clone()];
        let tree = (text.len() <= MAX_TREE_BYTES).then(|| tree::tree(text).ok().flatten()).flatten();
        let lines_before = self.lines_before;
        move |path| {
            let at = tree.as_ref().map_or(Spot { line: 1, column: 1 }, |tree| tree.locate(path));
            (lines_before + at.line, at.column)
        }
    }
}

/// What is wrong with a document, and the definition that was meant, if that is known.
struct Refused {
    faults: Vec<Fault>,
    meant: Option<Box<DefinitionInput>>,
}

impl From<Vec<Fault>> for Refused {
    fn from(faults: Vec<Fault>) -> Self {
        Self { faults, meant: None }
    }
}

/// The text of one document, and the number of lines before it in the whole text.
struct Part<'t> {
    text: &'t str,
    lines_before: u64,
}

/// Positions are not computed for longer texts: the tree would need too much memory.
const MAX_TREE_BYTES: usize = 64 * 1024 * 1024;

/// Cuts a stream of YAML into its documents. A line that starts with `---` or `...` in the first column separates
/// documents; YAML allows no other use of it.
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

/// Whether a line contains more than a separator, a comment or a directive.
fn says_something(line: &str) -> bool {
    let rest = if marks(line, "---") { &line[3..] } else { line };
    !rest.trim_start().is_empty() && !rest.trim_start().starts_with('#') && !line.starts_with('%')
}

/// The part of a document that is read before its kind is known.
#[derive(Deserialize)]
struct Head {
    kind: Option<String>,
}

/// The content of a document of organizations.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Organizations {
    organizations: Vec<OrganizationInput>,
}

impl Part<'_> {
    fn document(&self, validate: Validate) -> Result<Document, Refused> {
        let found = self.text.len();
        let too_long =
            |max, found| vec![self.fault(Spot { line: 1, column: 1 }, Vec::new(), Rule::TooManyBytes { max, found })];
        if found > MAX_ITEMS_FILE_BYTES {
            return Err(too_long(MAX_ITEMS_FILE_BYTES, found).into());
        }
        let conflicts = self.conflicts();
        if !conflicts.is_empty() {
            return Err(conflicts.into());
        }
        let kind = self.read::<Head>().map_err(|error| self.explain(&error, None, validate))?.kind;
        if found > MAX_FILE_BYTES && kind.as_deref() != Some(Document::CONFIGURATION_ITEMS) {
            return Err(too_long(MAX_FILE_BYTES, found).into());
        }
        let read = match kind.as_deref() {
            Some(Document::ORGANIZATIONS) => {
                self.read::<Kinded<Organizations>>().map(|it| Document::Organizations(it.0.organizations))
            }
            Some(Document::SERVICE_DEFINITION) => self.read::<Kinded<_>>().map(|it| Document::ServiceDefinition(it.0)),
            Some(Document::CONFIGURATION_ITEMS) => {
                self.read::<Kinded<_>>().map(|it| Document::ConfigurationItems(it.0))
            }
            other => return Err(vec![self.unknown_kind(other)].into()),
        };
        match read.map_err(|error| self.explain(&error, kind.as_deref(), validate))? {
            // The limit is for the content, not for its format.
            Document::ServiceDefinition(document) if document.size() > MAX_DOCUMENT_BYTES => {
                Err(too_long(MAX_DOCUMENT_BYTES, document.size()).into())
            }
            document => Ok(document),
        }
    }

    /// The problem of a git merge conflict. Otherwise its lines would be reported as invalid lines.
    fn conflicts(&self) -> Vec<Fault> {
        let begin = self.text.lines().zip(1..).filter(|(line, _)| line.starts_with("<<<<<<< "));
        let rule = || Rule::NotYaml { fault: Syntax::Conflict };
        begin.map(|(_, line)| self.fault(Spot { line, column: 1 }, Vec::new(), rule())).collect()
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_saphyr::from_str_with_options(self.text, limits(self.text.len())).map_err(|error| match error {
            Error::WithSnippet { error, .. } => *error,
            error => error,
        })
    }

    fn unknown_kind(&self, given: Option<&str>) -> Fault {
        let kinds: Vec<String> = Document::KINDS.map(str::to_owned).into();
        let path = vec!["kind".to_owned()];
        let at = tree::tree(self.text).ok().flatten().map_or(Spot { line: 1, column: 1 }, |tree| tree.locate(&path));
        match given {
            Some(given) => {
                let nearest = nearest(given, Document::KINDS);
                self.fault(at, path, Rule::UnknownValue { given: given.to_owned(), nearest, values: kinds })
            }
            None => self.fault(at, Vec::new(), Rule::NoKind { kinds }),
        }
    }

    /// All problems of the document. The reader has found the first one.
    fn explain(&self, error: &Error, kind: Option<&str>, validate: Validate) -> Refused {
        let spot =
            error.location().map_or(Spot { line: 1, column: 1 }, |at| Spot { line: at.line(), column: at.column() });
        if words::is_over_a_limit(error) {
            return vec![self.fault(spot, Vec::new(), Rule::Unfolds)].into();
        }
        let tree = if self.text.len() <= MAX_TREE_BYTES { tree::tree(self.text) } else { Ok(None) };
        let (faults, meant) = match &tree {
            Err(error) => {
                let (spot, rule) = words::syntax(error, self.text);
                return vec![self.fault(spot, Vec::new(), rule)].into();
            }
            Ok(None) => (Vec::new(), None),
            Ok(Some(tree)) => {
                let kind = kind.or_else(|| tree.text_of("kind"));
                let checked = check::document(tree, kind);
                let (further, meant) = meant::problems(&checked, kind, validate);
                let further = further.into_iter().map(|problem| (tree.locate(&problem.path), problem));
                let mut found: Vec<_> = further.chain(checked.found).collect();
                found.sort_by_key(|(at, _)| *at);
                found.truncate(MAX_PROBLEMS);
                let named = |(at, Problem { path, rule })| self.fault(at, check::named(tree, &path), rule);
                (found.into_iter().map(named).collect::<Vec<_>>(), meant)
            }
        };
        if faults.is_empty() {
            let detail = error.render_with_formatter(&Words);
            return vec![self.fault(spot, Vec::new(), Rule::Unreadable { detail })].into();
        }
        Refused { faults, meant }
    }

    fn fault(&self, at: Spot, path: Vec<String>, rule: Rule) -> Fault {
        Fault { line: self.lines_before + at.line, column: at.column, path, rule }
    }
}

/// The limits for the expansion of YAML. A document of 1 MiB, and a longer one of configuration items, does not exceed
/// them; a document that multiplies its content with aliases does.
fn limits(bytes: usize) -> Options {
    let times = bytes.div_ceil(2 * MAX_DOCUMENT_BYTES).max(1);
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
