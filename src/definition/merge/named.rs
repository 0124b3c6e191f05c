//! The elements that a document names, compared with those that exist.

use std::collections::{HashMap, HashSet};

use entente_entity::{enums::ElementKind, text::Str};

use super::{Entry, Merge};
use crate::{
    definition::{
        at::At,
        document::{DefinitionInput, IndicatorInput},
        element::{Element, identities},
        terms::{Indicator, Terms},
    },
    problem::{Problem, Rule},
};

/// An element that a document names and does not delete.
pub(in crate::definition) struct Named<'d> {
    kind: ElementKind,
    key: &'d str,
    path: Vec<String>,
    /// For an indicator, its parent.
    parent: Option<(ElementKind, &'d str)>,
}

/// All elements that a document names, in its order.
pub(in crate::definition) fn named<'d>(document: &'d DefinitionInput, at: &At) -> Vec<Named<'d>> {
    let mut all = Vec::new();
    entries(&mut all, at, document.journey.value(), |_| None);
    entries(&mut all, at, document.outcomes.value(), |entry| entry.indicators.value());
    entries(&mut all, at, document.costs.value(), |_| None);
    entries(&mut all, at, document.risks.value(), |_| None);
    entries(&mut all, at, document.benefits.value(), |entry| entry.indicators.value());
    entries(&mut all, at, document.expectations.value(), |_| None);
    entries(&mut all, at, document.offerings.value(), |entry| entry.indicators.value());
    all
}

fn entries<'d, E: Entry>(
    all: &mut Vec<Named<'d>>,
    at: &At,
    list: Option<&'d Vec<E>>,
    indicators: impl Fn(&'d E) -> Option<&'d Vec<IndicatorInput>>,
) {
    let kind = E::Element::KIND;
    for (index, entry) in list.into_iter().flatten().enumerate().filter(|(_, entry)| !entry.removed()) {
        let at = at.field(kind.list());
        let at = at.index(index);
        all.push(Named { kind, key: entry.key(), path: at.path(), parent: None });
        let below = indicators(entry).into_iter().flatten().enumerate().filter(|(_, entry)| !entry.removed());
        for (index, indicator) in below {
            all.push(Named {
                kind: ElementKind::Indicator,
                key: &indicator.key,
                path: at.field(ElementKind::Indicator.list()).index(index).path(),
                parent: Some((kind, entry.key())),
            });
        }
    }
}

/// Checks that keys are unique among all kinds of elements, in the document and in the result.
pub(in crate::definition) fn unique(merge: &mut Merge, terms: &Terms, named: &[Named]) {
    let given: HashSet<(ElementKind, &str)> = named.iter().map(|element| (element.kind, element.key)).collect();
    let mut first: HashMap<&str, String> = identities(terms)
        .iter()
        .filter(|element| !given.contains(&(element.kind, element.key.as_str())))
        .map(|element| (element.key.as_str(), element.path()))
        .collect();
    for Named { key, path, .. } in named {
        match first.get(key) {
            Some(first) => {
                let path = path.iter().map(String::as_str).chain(["key"]);
                let rule = Rule::KeyUsedTwice { key: (*key).to_owned(), first: first.clone() };
                merge.problems.push(Problem::at(path, rule));
            }
            // The path without `definition`, with which all paths start.
            None => drop(first.insert(key, path.get(1..).unwrap_or_default().join("/"))),
        }
    }
}

/// The indicators of all parents.
pub(super) fn indicators(terms: &Terms) -> impl Iterator<Item = &Indicator> {
    let outcomes = terms.outcomes.iter().flat_map(|outcome| &outcome.indicators);
    let benefits = terms.benefits.iter().flat_map(|benefit| &benefit.indicators);
    let offerings = terms.offerings.iter().flat_map(|offering| &offering.indicators);
    outcomes.chain(benefits).chain(offerings)
}

/// The terms without the indicators that the document names under another parent.
pub(super) fn without_moved(terms: &Terms, named: &[Named]) -> Terms {
    let parents: HashMap<&str, (ElementKind, &str)> =
        named.iter().filter_map(|element| Some((element.key, element.parent?))).collect();
    let keep = |indicators: &mut Vec<Indicator>, kind: ElementKind, key: &Str| {
        indicators.retain(|indicator| {
            parents.get(indicator.key.as_str()).is_none_or(|parent| *parent == (kind, key.as_str()))
        });
    };
    let mut terms = terms.clone();
    terms.outcomes.iter_mut().for_each(|parent| keep(&mut parent.indicators, ElementKind::Outcome, &parent.key));
    terms.benefits.iter_mut().for_each(|parent| keep(&mut parent.indicators, ElementKind::Benefit, &parent.key));
    terms.offerings.iter_mut().for_each(|parent| keep(&mut parent.indicators, ElementKind::Offering, &parent.key));
    terms
}
