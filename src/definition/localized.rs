//! Localized texts of a document: its language, and texts merged into the current ones. Languages that are left out are
//! kept, null deletes a language, and a plain string is in the document's language.

use async_graphql::MaybeUndefined;
use entente_entity::{
    scalar::Locale,
    text::{Lang, LocalizedText, Str, Text},
};

use super::{at::At, languages::only_language, limits, terms::Terms};
use crate::{
    characters::composed,
    problem::{Problem, Rule},
};

/// The language of a document's plain strings: its `locale`, otherwise the only language of the current terms,
/// otherwise the server's default.
pub fn locale(
    field: &MaybeUndefined<Locale>,
    base: Option<&Terms>,
    default: &Lang,
    at: &At,
    problems: &mut Vec<Problem>,
) -> Lang {
    let Some(Locale(tag)) = field.value() else {
        return base.and_then(only_language).unwrap_or_else(|| default.clone());
    };
    Lang::parse(tag).unwrap_or_else(|| {
        problems.push(at.problem(Rule::UnknownLanguage { tag: tag.clone() }));
        default.clone()
    })
}

/// The check of a text with a maximum number of characters: [`limits::text_rule`], or [`limits::label_rule`] for a
/// display name.
pub(super) type TextRule = fn(&str, usize) -> Option<Rule>;

/// A display name merged into the current one; empty if no language is left.
pub fn read_label(
    given: &LocalizedText,
    base: Option<&Text>,
    locale: &Lang,
    at: &At,
    problems: &mut Vec<Problem>,
) -> Text {
    read_text(given, base, locale, limits::label_rule, at, problems)
}

/// A text merged into the current one; empty if no language is left.
pub(super) fn read_text(
    given: &LocalizedText,
    base: Option<&Text>,
    locale: &Lang,
    rule: TextRule,
    at: &At,
    problems: &mut Vec<Problem>,
) -> Text {
    let mut text = base.cloned().unwrap_or_default();
    match given {
        LocalizedText::Plain(value) => set(&mut text, locale.clone(), value, rule, at, problems),
        LocalizedText::ByLanguage(values) => {
            let mut named = Vec::with_capacity(values.len());
            for (tag, value) in values {
                let at = at.field(tag);
                let Some(lang) = Lang::parse(tag) else {
                    problems.push(at.problem(Rule::UnknownLanguage { tag: tag.clone() }));
                    continue;
                };
                if named.contains(&lang) {
                    problems.push(at.problem(Rule::LanguageTwice { tag: tag.clone(), language: lang.to_string() }));
                    continue;
                }
                named.push(lang.clone());
                match value {
                    Some(value) => set(&mut text, lang, value, rule, &at, problems),
                    None => drop(text.0.remove(lang.as_str())),
                }
            }
        }
    }
    text
}

fn set(text: &mut Text, lang: Lang, value: &str, rule: TextRule, at: &At, problems: &mut Vec<Problem>) {
    match rule(value, limits::MAX_TEXT) {
        None => drop(text.0.insert(lang, Str::from(composed(value)))),
        Some(rule) => problems.push(at.problem(rule)),
    }
}
