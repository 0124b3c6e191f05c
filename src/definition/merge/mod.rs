//! Merging a document into the current terms. Every function returns a complete value, also if it found a problem. That
//! value is not used, but checking can continue, so that all problems are reported together.
//!
//! REPLACE merges into empty terms, but keeps the ids of existing keys.

use std::collections::HashMap;

use async_graphql::MaybeUndefined;
use entente_entity::{
    enums::{ApplyMode, ElementKind},
    id::ElementId,
    scalar::Duration,
    text::{Lang, Str},
};

use self::named::Named;
use super::{
    at::At,
    document::{DefinitionInput, ExternalReferenceInput},
    duration,
    element::identities,
    limits,
    localized::locale,
    stored::Lookups,
    terms::{Indicator, Terms},
};

mod element;
mod links;
mod list;
pub(super) mod named;
mod policy;
mod text;

pub(super) use self::list::Entry;
use crate::{
    characters::composed,
    problem::{Problem, Rule},
};

/// The state while one document is merged into terms and links.
pub(super) struct Merge<'a> {
    mode: ApplyMode,
    locale: Lang,
    ids: &'a mut dyn FnMut(ElementKind, &str) -> ElementId,
    /// The ids of the current elements, in both modes.
    known: HashMap<(ElementKind, &'a str), ElementId>,
    /// The current indicators of all parents; empty in REPLACE.
    indicators: HashMap<&'a str, &'a Indicator>,
    problems: Vec<Problem>,
}

impl<'a> Merge<'a> {
    pub(super) fn new(
        base: Option<&'a Terms>,
        document: &DefinitionInput,
        mode: ApplyMode,
        lookups: &Lookups,
        ids: &'a mut dyn FnMut(ElementKind, &str) -> ElementId,
        at: &At,
    ) -> Self {
        let mut problems = Vec::new();
        let locale = locale(&document.locale, base, lookups.default_locale, &at.field("locale"), &mut problems);
        let known =
            base.into_iter().flat_map(identities).map(|element| ((element.kind, element.key.as_str()), element.id));
        let known = known.collect();
        let indicators = match base {
            Some(terms) if mode == ApplyMode::Merge => {
                named::indicators(terms).map(|indicator| (indicator.key.as_str(), indicator)).collect()
            }
            _ => HashMap::new(),
        };
        Self { mode, locale, ids, known, indicators, problems }
    }

    /// The resulting terms.
    pub(super) fn terms(
        &mut self,
        current: Option<&Terms>,
        document: &DefinitionInput,
        named: &[Named],
        lookups: &Lookups,
        at: &At,
    ) -> Terms {
        let kept = current.filter(|_| self.mode == ApplyMode::Merge).map(|terms| named::without_moved(terms, named));
        let kept = kept.as_ref();
        let provider = match (&document.provider, current) {
            (MaybeUndefined::Undefined, Some(current)) => Ok(current.provider),
            (MaybeUndefined::Null, _) => Err(Rule::Required),
            _ => lookups.provider.clone(),
        };
        let provider = provider.unwrap_or_else(|rule| {
            self.problem(&at.field("provider"), rule);
            entente_entity::id::OrganizationId(Default::default())
        });
        Terms {
            provider,
            name: self.label(&at.field("name"), &document.name, kept.map(|terms| &terms.name)),
            summary: self.optional_text(
                &at.field("summary"),
                &document.summary,
                kept.and_then(|terms| terms.summary.as_ref()),
            ),
            journey: self.list(at, &document.journey, kept.map(|terms| &*terms.journey)),
            outcomes: self.list(at, &document.outcomes, kept.map(|terms| &*terms.outcomes)),
            costs: self.list(at, &document.costs, kept.map(|terms| &*terms.costs)),
            risks: self.list(at, &document.risks, kept.map(|terms| &*terms.risks)),
            benefits: self.list(at, &document.benefits, kept.map(|terms| &*terms.benefits)),
            expectations: self.list(at, &document.expectations, kept.map(|terms| &*terms.expectations)),
            offerings: self.list(at, &document.offerings, kept.map(|terms| &*terms.offerings)),
            escalation: self.escalation(
                &at.field("escalation"),
                &document.escalation,
                kept.and_then(|terms| terms.escalation.as_ref()),
            ),
            review_every: self.duration(
                &at.field("reviewEvery"),
                &document.review_every,
                kept.and_then(|terms| terms.review_every.as_ref()),
            ),
        }
    }

    /// Records a problem.
    pub(super) fn problem(&mut self, at: &At, rule: Rule) {
        self.problems.push(at.problem(rule));
    }

    /// All recorded problems.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Checks external references. The store links them.
    pub(super) fn references(&mut self, at: &At, references: &MaybeUndefined<Vec<ExternalReferenceInput>>) {
        if let Some(references) = references.value() {
            self.problems.extend(limits::reference_problems(references, at));
        }
    }

    /// A field that may be empty: if it is left out, it keeps its value; null deletes the value. `read` returns `None`
    /// if it recorded a problem.
    fn optional<T, U>(
        &mut self,
        at: &At,
        field: &MaybeUndefined<T>,
        base: Option<U>,
        read: impl FnOnce(&mut Self, &At, &T) -> Option<U>,
    ) -> Option<U> {
        match field {
            MaybeUndefined::Undefined => base,
            MaybeUndefined::Null => None,
            MaybeUndefined::Value(value) => read(self, at, value),
        }
    }

    /// A required field: without a value it is REQUIRED, and `placeholder` is used instead.
    fn required<T, U>(
        &mut self,
        at: &At,
        field: &MaybeUndefined<T>,
        base: Option<U>,
        placeholder: U,
        read: impl FnOnce(&mut Self, &At, &T) -> Option<U>,
    ) -> U {
        let before = self.problems.len();
        let value = self.optional(at, field, base, read);
        if value.is_none() && self.problems.len() == before {
            self.problem(at, Rule::Required);
        }
        value.unwrap_or(placeholder)
    }

    /// A duration that may be empty, and may have years and months.
    fn duration(&mut self, at: &At, field: &MaybeUndefined<Duration>, base: Option<&Duration>) -> Option<Duration> {
        self.optional(at, field, base.cloned(), |merge, at, given| {
            let rule = match (given.is_some(), given.is_valid()) {
                (true, _) => return Some(given.clone()),
                (false, true) => Rule::NoTime { given: given.0.clone() },
                (false, false) => {
                    let meant = duration::meant(&given.0).filter(Duration::is_some).map(|meant| meant.0);
                    Rule::NotADuration { given: given.0.clone(), meant }
                }
            };
            merge.problem(at, rule);
            None
        })
    }

    /// A text of one line.
    fn line(&mut self, at: &At, text: &str, max: usize) -> Option<Str> {
        match limits::line_rule(text, max) {
            None => Some(Str::from(composed(text))),
            Some(rule) => {
                self.problem(at, rule);
                None
            }
        }
    }

    /// The id of an element: the current one, otherwise the one from the caller.
    fn id(&mut self, kind: ElementKind, key: &str) -> ElementId {
        match self.known.get(&(kind, key)) {
            Some(id) => *id,
            None => (self.ids)(kind, key),
        }
    }
}
