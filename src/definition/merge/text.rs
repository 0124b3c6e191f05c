//! Localized texts of an element or a service.

use async_graphql::MaybeUndefined;
use entente_entity::text::{LocalizedText, Text};

use super::Merge;
use crate::{
    definition::{
        at::At,
        limits,
        localized::{TextRule, read_text},
    },
    problem::Rule,
};

impl Merge<'_> {
    /// A required text.
    pub(super) fn text(&mut self, at: &At, field: &MaybeUndefined<LocalizedText>, base: Option<&Text>) -> Text {
        self.required_text(at, field, base, limits::text_rule)
    }

    /// A required display name.
    pub(super) fn label(&mut self, at: &At, field: &MaybeUndefined<LocalizedText>, base: Option<&Text>) -> Text {
        self.required_text(at, field, base, limits::label_rule)
    }

    /// An optional text; `None` if no language is left.
    pub(super) fn optional_text(
        &mut self,
        at: &At,
        field: &MaybeUndefined<LocalizedText>,
        base: Option<&Text>,
    ) -> Option<Text> {
        self.merged_text(at, field, base, limits::text_rule)
    }

    fn required_text(
        &mut self,
        at: &At,
        field: &MaybeUndefined<LocalizedText>,
        base: Option<&Text>,
        rule: TextRule,
    ) -> Text {
        let before = self.problems.len();
        let text = self.merged_text(at, field, base, rule);
        if text.is_none() && self.problems.len() == before {
            self.problem(at, Rule::Required);
        }
        text.unwrap_or_default()
    }

    fn merged_text(
        &mut self,
        at: &At,
        field: &MaybeUndefined<LocalizedText>,
        base: Option<&Text>,
        rule: TextRule,
    ) -> Option<Text> {
        self.optional(at, field, base.cloned(), |merge, at, given| {
            let text = read_text(given, base, &merge.locale, rule, at, &mut merge.problems);
            (!text.0.is_empty()).then_some(text)
        })
    }
}
