//! Texts: languages left out stay, null removes one, a plain string is in the document's language.

use async_graphql::MaybeUndefined;
use entente_entity::{
    problem::{Problem, Rule},
    scalar::Locale,
    text::{Lang, LocalizedText, Str, Text},
};

use super::Merge;
use crate::definition::{at::At, limits};

/// The language of a document's plain strings.
pub(in crate::definition) fn locale(
    field: &MaybeUndefined<Locale>,
    default: &Lang,
    at: &At,
    problems: &mut Vec<Problem>,
) -> Lang {
    let Some(Locale(tag)) = field.value() else { return default.clone() };
    Lang::parse(tag).unwrap_or_else(|| {
        problems.push(at.problem(Rule::UnknownLanguage { tag: tag.clone() }));
        default.clone()
    })
}

/// A text merged onto what stands; empty where no language is left.
pub(in crate::definition) fn read_text(
    given: &LocalizedText,
    base: Option<&Text>,
    locale: &Lang,
    at: &At,
    problems: &mut Vec<Problem>,
) -> Text {
    let mut text = base.cloned().unwrap_or_default();
    match given {
        LocalizedText::Plain(value) => set(&mut text, locale.clone(), value, at, problems),
        LocalizedText::ByLanguage(values) => {
            let mut named = Vec::with_capacity(values.len());
            for (tag, value) in values {
                let at = at.field(tag);
                let Some(lang) = Lang::parse(tag) else {
                    problems.push(at.problem(Rule::UnknownLanguage { tag: tag.clone() }));
                    continue;
                };
                if named.contains(&lang) {
                    problems.push(at.problem(Rule::NamedTwice { name: lang.to_string() }));
                    continue;
                }
                named.push(lang.clone());
                match value {
                    Some(value) => set(&mut text, lang, value, &at, problems),
                    None => drop(text.0.remove(lang.as_str())),
                }
            }
        }
    }
    text
}

fn set(text: &mut Text, lang: Lang, value: &str, at: &At, problems: &mut Vec<Problem>) {
    match limits::text_rule(value, limits::MAX_TEXT) {
        None => drop(text.0.insert(lang, Str::from(value))),
        Some(rule) => problems.push(at.problem(rule)),
    }
}

impl Merge<'_> {
    /// A text that must be there.
    pub(super) fn text(&mut self, at: &At, field: &MaybeUndefined<LocalizedText>, base: Option<&Text>) -> Text {
        let before = self.problems.len();
        let text = self.optional_text(at, field, base);
        if text.is_none() && self.problems.len() == before {
            self.problem(at, Rule::Required);
        }
        text.unwrap_or_default()
    }

    /// A text that may be left out; without any language it is cleared.
    pub(super) fn optional_text(
        &mut self,
        at: &At,
        field: &MaybeUndefined<LocalizedText>,
        base: Option<&Text>,
    ) -> Option<Text> {
        self.optional(at, field, base.cloned(), |merge, at, given| {
            let text = read_text(given, base, &merge.locale, at, &mut merge.problems);
            (!text.0.is_empty()).then_some(text)
        })
    }
}
