//! Planning: the current service and a document give the resulting service, or all problems.

use std::collections::{HashMap, HashSet};

use async_graphql::MaybeUndefined;
use entente_entity::{
    enums::{ApplyMode, ElementKind},
    id::{ElementId, OrganizationId},
    text::Str,
};

use super::{
    at::At,
    document::DefinitionInput,
    element::identities,
    limits::{self, MAX_DOCUMENT_BYTES, MAX_ELEMENTS, MAX_LINKED_ITEMS, MAX_PROBLEMS, MAX_REFERENCES},
    links::Links,
    merge::{self, Entry, Merge, named::named},
    nearest::meant,
    render::{self, References},
    stored::{CurrentDefinition, Lookups},
    terms::Terms,
};
use crate::problem::{Problem, Rule};

/// The resulting service.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The terms.
    pub terms: Terms,
    /// The links, without external references.
    pub links: Links,
}

/// Applies a document to the current service. `ids` is called for each element whose kind and key do not exist yet: it
/// returns their earlier id, or a new one. All problems are returned together, up to [`MAX_PROBLEMS`], with paths that
/// start at `definition`. [`super::diff::diff`] computes whether the plan differs from the current service.
pub fn plan(
    current: Option<CurrentDefinition>,
    document: &DefinitionInput,
    mode: ApplyMode,
    lookups: &Lookups,
    ids: &mut dyn FnMut(ElementKind, &str) -> ElementId,
) -> Result<Plan, Vec<Problem>> {
    let at = At::top("definition");
    if let Some(problem) = too_large(document, &at) {
        return Err(vec![problem]);
    }
    let named = named(document, &at);
    let current_terms = current.map(|current| current.terms);
    let mut merge = Merge::new(current_terms, document, mode, lookups, ids, &at);
    if !limits::is_key(&document.slug) {
        merge.problem(&at.field("slug"), Rule::NotAKey { given: document.slug.clone() });
    }
    merge.references(&at.field("externalReferences"), &document.external_references);
    let terms = merge.terms(current_terms, document, &named, lookups, &at);
    let links = merge.links(current, &terms, document, lookups, &at);
    merge::named::unique(&mut merge, &terms, &named);
    stages(&mut merge, &terms, document, &at);
    offerings(&mut merge, &terms, &links, document, lookups, &at);
    let found = identities(&terms).len();
    if found > MAX_ELEMENTS {
        merge.problem(&at, Rule::TooManyElements { max: MAX_ELEMENTS, found });
    }
    let mut problems = merge.into_problems();
    if problems.is_empty() {
        // The current service must itself be a document that can be applied.
        let whole = render::document(&document.slug, &terms, Some(&links), &References::default(), lookups.slug_of);
        let found = whole.size();
        if found > MAX_DOCUMENT_BYTES {
            problems.push(at.problem(Rule::TooManyBytes { max: MAX_DOCUMENT_BYTES, found }));
        }
    }
    problems.truncate(MAX_PROBLEMS);
    if problems.is_empty() { Ok(Plan { terms, links }) } else { Err(problems) }
}

/// Whether a document is larger than one may be.
fn too_large(document: &DefinitionInput, at: &At) -> Option<Problem> {
    let found = document.size();
    if found > MAX_DOCUMENT_BYTES {
        return Some(at.problem(Rule::TooManyBytes { max: MAX_DOCUMENT_BYTES, found }));
    }
    let found = named(document, at).len();
    (found > MAX_ELEMENTS).then(|| at.problem(Rule::TooManyElements { max: MAX_ELEMENTS, found }))
}

/// The problems of lists in a document that are too long. They can be reported before the keys of the entries are
/// looked up.
pub fn too_much(document: &DefinitionInput) -> Vec<Problem> {
    let at = At::top("definition");
    if let Some(problem) = too_large(document, &at) {
        return vec![problem];
    }
    let mut problems = Vec::new();
    let mut look = |at: &At, max: usize, found: usize| {
        if found > max {
            problems.push(at.problem(Rule::TooMany { max, found }));
        }
    };
    fn count<T>(list: &MaybeUndefined<Vec<T>>) -> usize {
        list.value().map_or(0, Vec::len)
    }
    look(&at.field("externalReferences"), MAX_REFERENCES, count(&document.external_references));
    look(&at.field("configurationItems"), MAX_LINKED_ITEMS, count(&document.configuration_items));
    for (index, outcome) in document.outcomes.value().into_iter().flatten().enumerate() {
        let at = at.field("outcomes");
        let at = at.index(index);
        look(&at.field("externalReferences"), MAX_REFERENCES, count(&outcome.external_references));
        look(&at.field("configurationItems"), MAX_LINKED_ITEMS, count(&outcome.configuration_items));
    }
    for (index, offering) in document.offerings.value().into_iter().flatten().enumerate() {
        let at = at.field("offerings");
        look(&at.index(index).field("externalReferences"), MAX_REFERENCES, count(&offering.external_references));
    }
    problems.truncate(MAX_PROBLEMS);
    problems
}

/// Checks that the journey contains every stage that an outcome names.
fn stages(merge: &mut Merge, terms: &Terms, document: &DefinitionInput, at: &At) {
    let entries = document.outcomes.value().map(Vec::as_slice).unwrap_or_default();
    for outcome in &terms.outcomes {
        let Some(stage) = &outcome.stage else { continue };
        if terms.journey.iter().any(|other| other.key == *stage) {
            continue;
        }
        let key = stage.to_string();
        let entry = entries.iter().position(|entry| !entry.removed() && entry.key == outcome.key.as_str());
        match entry.filter(|index| entries[*index].stage.is_value()) {
            Some(index) => {
                let meant = meant(&key, terms.journey.iter().map(|stage| stage.key.as_str()));
                let unknown = Rule::UnknownStage { key, meant };
                merge.problem(&at.field("outcomes").index(index).field("stage"), unknown);
            }
            None => {
                let by = format!("outcomes/{}", outcome.key);
                still_used(merge, &at.field("journey"), &document.journey, Rule::StillUsed { key, by });
            }
        }
    }
}

/// Checks that the terms contain every offering that a consumer names.
fn offerings(merge: &mut Merge, terms: &Terms, links: &Links, document: &DefinitionInput, lookups: &Lookups, at: &At) {
    let entries = document.consumers.value().map(Vec::as_slice).unwrap_or_default();
    let places: HashMap<OrganizationId, usize> = lookups
        .consumers
        .iter()
        .take(entries.len())
        .zip(0..)
        .filter_map(|(id, place)| Some((*id.as_ref().ok()?, place)))
        .collect();
    let known: HashSet<&Str> = terms.offerings.iter().map(|offering| &offering.key).collect();
    for consumer in &links.consumers {
        let Some(offering) = &consumer.offering else { continue };
        if known.contains(offering) {
            continue;
        }
        let key = offering.to_string();
        match places.get(&consumer.organization).copied().filter(|index| entries[*index].offering.is_value()) {
            Some(index) => {
                let meant = meant(&key, terms.offerings.iter().map(|offering| offering.key.as_str()));
                let unknown = Rule::UnknownOffering { key, meant };
                merge.problem(&at.field("consumers").index(index).field("offering"), unknown);
            }
            None => {
                let by = format!("consumers/{}", (lookups.slug_of)(consumer.organization));
                still_used(merge, &at.field("offerings"), &document.offerings, Rule::StillUsed { key, by });
            }
        }
    }
}

/// Reports the problem where the element is removed: at its `remove`, or at the list that does not contain it.
fn still_used<E: Entry>(merge: &mut Merge, at: &At, list: &MaybeUndefined<Vec<E>>, rule: Rule) {
    let Rule::StillUsed { key, .. } = &rule else { return };
    let entries = list.value().map(Vec::as_slice).unwrap_or_default();
    match entries.iter().position(|entry| entry.removed() && entry.key() == key) {
        Some(index) => merge.problem(&at.index(index).field("remove"), rule),
        None => merge.problem(at, rule),
    }
}
