//! The errors of the YAML reader and parser, as rules.

use std::borrow::Cow;

use serde_saphyr::{
    Error, Localizer, Location, MessageFormatter, UserMessageFormatter,
    granit_parser::{ErrorKind, Parser, ScanError},
};

use super::{
    open::{self, Open},
    tree::Spot,
};
use crate::problem::{Rule, Syntax};

/// Whether a document expands to too much content.
pub(super) fn is_over_a_limit(mut error: &Error) -> bool {
    while let Error::AliasError { error: inner, .. } | Error::WithSnippet { error: inner, .. } = error {
        error = inner;
    }
    matches!(
        error,
        Error::Budget { .. }
            | Error::AliasReplayLimitExceeded { .. }
            | Error::AliasExpansionLimitExceeded { .. }
            | Error::AliasReplayStackDepthExceeded { .. }
            | Error::AliasReplayCounterOverflow { .. }
    )
}

/// The YAML syntax error of a text, with its position. For a tab in the indentation, the position of the tab is
/// reported, because the parser reports another one.
pub(super) fn syntax(error: &ScanError, text: &str) -> (Spot, Rule) {
    use ErrorKind as Kind;
    let marker = error.marker();
    let at = Spot { line: marker.line() as u64, column: marker.col() as u64 + 1 };
    if let Some(tab) = tab_at_fault(error, text) {
        return (tab, Rule::Tab);
    }
    let fault = match error.kind() {
        Kind::RecursionLimitExceeded => return (at, Rule::Unfolds),
        Kind::TabNotAllowed | Kind::TabInBlockIndentation | Kind::TabInIndentation | Kind::TabAtBlockScalarStart => {
            return (at, Rule::Tab);
        }
        Kind::UnexpectedEofFlowSequence
        | Kind::UnexpectedEofFlowMapping
        | Kind::UnexpectedEofImplicitFlowMapping
        | Kind::ExpectedFlowMappingSeparator
        | Kind::ExpectedFlowSequenceSeparator
        | Kind::MisplacedFlowCollectionEnd
        | Kind::MismatchedFlowCollectionEnd { .. }
        | Kind::UnclosedFlowCollection { .. }
        | Kind::BlockEntryInFlowCollection => Syntax::Bracket,
        Kind::UnclosedQuotedScalar
        | Kind::DocumentIndicatorInQuotedScalar
        | Kind::InvalidQuotedScalarIndent
        | Kind::InvalidTrailingSingleQuotedScalar
        | Kind::InvalidTrailingDoubleQuotedScalar => Syntax::Quote,
        Kind::UnknownQuotedScalarEscape | Kind::InvalidQuotedScalarHexEscape | Kind::InvalidLowSurrogateHexEscape => {
            Syntax::Escape
        }
        Kind::SimpleKeyExpected
        | Kind::InvalidSimpleKey
        | Kind::MappingValueNotAllowed
        | Kind::InvalidColonPlacement
        | Kind::InvalidMappingValueWhitespace
        | Kind::InvalidIndentation
        | Kind::ExpectedBlockMappingKey
        | Kind::ExpectedBlockSequenceEntry
        | Kind::BlockSequenceEntryNotAllowed
        | Kind::InvalidBlockEntryWhitespace
        | Kind::UnexpectedEofBlockSequence
        | Kind::UnexpectedEofBlockMapping
        | Kind::ExpectedDocumentStart
        | Kind::CommentInterceptedScalar
        | Kind::ExpectedNodeContent => Syntax::Line,
        Kind::UnexpectedCharacter { character } => Syntax::Character(*character),
        Kind::UnknownAnchor | Kind::MissingAnchorOrAliasName => Syntax::Alias,
        _ => Syntax::Other(error.info()),
    };
    // The parser stops behind the mistake.
    if matches!(fault, Syntax::Bracket | Syntax::Quote | Syntax::Line | Syntax::Other(_)) {
        match open::before(text, at) {
            Some((at, Open::Bracket(sign))) => return (at, Rule::NotYaml { fault: Syntax::Open(sign) }),
            Some((at, Open::Quote)) => return (at, Rule::NotYaml { fault: Syntax::Quote }),
            None => {}
        }
        if fault == Syntax::Line
            && let Some((at, sign)) = open::without_blank(text, at)
        {
            return (at, Rule::NotYaml { fault: Syntax::NoBlank(sign) });
        }
    }
    (at, Rule::NotYaml { fault })
}

/// The tab at which the parser stopped, if that tab indents a line.
fn tab_at_fault(error: &ScanError, text: &str) -> Option<Spot> {
    let named = error.marker().line().max(1) as u64;
    if !matches!(error.kind(), ErrorKind::TabInPlainScalar) {
        // The parser reports a wrong line late: use the nearest one before the reported place.
        return indenting_tabs(text).take_while(|tab| tab.line <= named).last();
    }
    // The parser reports the beginning of the text that continues after the tab, perhaps after other tabs, which are
    // allowed there.
    let below: Vec<Spot> = indenting_tabs(text).filter(|tab| tab.line > named).collect();
    let stops_above = |tab: &Spot| {
        let end = text.split_inclusive('\n').take(tab.line as usize).map(str::len).sum();
        let error = Parser::new_from_str(&text[..end]).find_map(Result::err);
        error.is_some_and(|error| matches!(error.kind(), ErrorKind::TabInPlainScalar))
    };
    below.get(below.partition_point(|tab| !stops_above(tab))).copied()
}

/// The first tab in the indentation of each line that has one.
fn indenting_tabs(text: &str) -> impl Iterator<Item = Spot> {
    text.lines().zip(1..).filter_map(|(line, number)| {
        let indent = line.len() - line.trim_start().len();
        let column = line[..indent].find('\t')?;
        (indent < line.len()).then_some(Spot { line: number, column: column as u64 + 1 })
    })
}

/// The message of an error without its position. The reader read only a part of the text, so its line numbers would be
/// wrong.
pub(super) struct Words;

impl MessageFormatter for Words {
    fn localizer(&self) -> &dyn Localizer {
        &Placeless
    }

    fn format_message<'a>(&self, error: &'a Error) -> Cow<'a, str> {
        UserMessageFormatter.format_message(error)
    }
}

struct Placeless;

impl Localizer for Placeless {
    fn attach_location<'a>(&self, base: Cow<'a, str>, _: Location) -> Cow<'a, str> {
        base
    }

    fn alias_defined_at(&self, _: Location) -> String {
        String::new()
    }

    fn alias_used_at(&self, _: Location) -> String {
        String::new()
    }
}
