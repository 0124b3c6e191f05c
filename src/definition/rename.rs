//! Renaming elements: `renamedFrom`. The elements keep their ids, and with them their measurements, threads and
//! references.
//!
//! The current terms are renamed before the document is merged into them, so that no other code handles renames. If an
//! element with the new key exists, nothing is renamed: applying a document again changes nothing.

use std::collections::{HashMap, HashSet};

use async_graphql::MaybeUndefined;
use entente_entity::{
    change::FieldChange,
    enums::{ChangeAction, ElementKind},
    id::ElementId,
    text::Str,
};
use serde_json::{Value, json};

use super::{
    diff::{Change, Difference, ElementChange},
    document::{DefinitionInput, IndicatorInput},
    element::{Element, identities},
    links::Links,
    merge::Entry,
    nearest::nearest,
    terms::{Indicator, Terms},
};

/// An element that gets another key.
#[derive(Clone, Debug, PartialEq)]
pub struct Rename {
    /// Its kind.
    pub kind: ElementKind,
    /// Its id.
    pub id: ElementId,
    /// The current key.
    pub from: Str,
    /// The key that it gets.
    pub to: Str,
}

/// The renames of current elements in a document.
pub fn renames(terms: &Terms, document: &DefinitionInput) -> Vec<Rename> {
    let mut asked: Vec<(ElementKind, &str, &str)> = Vec::new();
    entries(&mut asked, &document.journey, |_| None);
    entries(&mut asked, &document.outcomes, |entry| entry.indicators.value());
    entries(&mut asked, &document.costs, |_| None);
    entries(&mut asked, &document.risks, |_| None);
    entries(&mut asked, &document.benefits, |entry| entry.indicators.value());
    entries(&mut asked, &document.expectations, |_| None);
    entries(&mut asked, &document.offerings, |entry| entry.indicators.value());
    if asked.is_empty() {
        return Vec::new();
    }
    let current = identities(terms);
    let by_key: HashMap<(ElementKind, &str), ElementId> =
        current.iter().map(|element| ((element.kind, element.key.as_str()), element.id)).collect();
    let mut taken: HashSet<&str> = current.iter().map(|element| element.key.as_str()).collect();
    let mut moved = HashSet::new();
    let mut renames = Vec::new();
    for (kind, from, to) in asked {
        let Some(id) = by_key.get(&(kind, from)).copied() else { continue };
        if !taken.contains(to) && moved.insert(id) {
            taken.insert(to);
            renames.push(Rename { kind, id, from: Str::from(from), to: Str::from(to) });
        }
    }
    renames
}

fn entries<'d, E: Entry>(
    asked: &mut Vec<(ElementKind, &'d str, &'d str)>,
    list: &'d MaybeUndefined<Vec<E>>,
    indicators: impl Fn(&'d E) -> Option<&'d Vec<IndicatorInput>>,
) {
    for entry in list.value().into_iter().flatten().filter(|entry| !entry.removed()) {
        asked.extend(entry.renamed_from().map(|from| (E::Element::KIND, from, entry.key())));
        for indicator in indicators(entry).into_iter().flatten().filter(|indicator| !indicator.removed()) {
            asked.extend(indicator.renamed_from().map(|from| (ElementKind::Indicator, from, indicator.key())));
        }
    }
}

/// A `renamedFrom` for which no element exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// Its path in the document.
    pub path: Vec<String>,
    /// The key that the element has in the document.
    pub key: String,
    /// The key in `renamedFrom`.
    pub from: String,
    /// The key that was probably meant.
    pub nearest: Option<String>,
}

/// The renames of a document for which neither the old nor the new key exists: they create a new element, and with
/// REPLACE the old element is lost.
pub fn lost(current: &DefinitionInput, document: &DefinitionInput) -> Vec<Lost> {
    let keyed = |document: &DefinitionInput| {
        let mut found = Vec::new();
        gather(&json!(document), "", &mut Vec::new(), &mut found);
        found
    };
    let current = keyed(current);
    let lost = keyed(document).into_iter().filter_map(|Keyed { list, key, from, path }| {
        let from = from?;
        let is_known = current.iter().any(|it| it.key == key || (it.list == list && it.key == from));
        let others = current.iter().filter(|it| it.list == list).map(|it| &*it.key);
        (!is_known).then(|| Lost { path, key, nearest: nearest(&from, others), from })
    });
    lost.collect()
}

/// An entry that has a key.
struct Keyed {
    /// The name of its list, which is its kind.
    list: String,
    key: String,
    from: Option<String>,
    path: Vec<String>,
}

fn gather(value: &Value, list: &str, path: &mut Vec<String>, found: &mut Vec<Keyed>) {
    match value {
        Value::Array(entries) => {
            for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| entry["remove"] != true) {
                path.push(index.to_string());
                if let (Some(key), false) = (entry["key"].as_str(), entry["system"].is_string()) {
                    let from = entry["renamedFrom"].as_str().map(str::to_owned);
                    let at = path.iter().cloned().chain(from.is_some().then(|| "renamedFrom".to_owned())).collect();
                    found.push(Keyed { list: list.to_owned(), key: key.to_owned(), from, path: at });
                }
                gather(entry, list, path, found);
                path.pop();
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                path.push(name.clone());
                gather(field, name, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// Changes the keys of current elements, and of all references to them.
pub fn rename(terms: &mut Terms, links: &mut Links, renames: &[Rename]) {
    let new = |id: ElementId, key: &mut Str| {
        if let Some(rename) = renames.iter().find(|rename| rename.id == id) {
            *key = rename.to.clone();
        }
    };
    let refers = |kind: ElementKind, key: &mut Str| {
        if let Some(rename) = renames.iter().find(|rename| rename.kind == kind && rename.from == *key) {
            *key = rename.to.clone();
        }
    };
    let indicators = |indicators: &mut Vec<Indicator>| {
        indicators.iter_mut().for_each(|indicator| new(indicator.id, &mut indicator.key));
    };
    terms.journey.iter_mut().for_each(|it| new(it.id, &mut it.key));
    for outcome in &mut terms.outcomes {
        new(outcome.id, &mut outcome.key);
        outcome.stage.iter_mut().for_each(|stage| refers(ElementKind::JourneyStage, stage));
        indicators(&mut outcome.indicators);
    }
    terms.costs.iter_mut().for_each(|it| new(it.id, &mut it.key));
    terms.risks.iter_mut().for_each(|it| new(it.id, &mut it.key));
    for benefit in &mut terms.benefits {
        new(benefit.id, &mut benefit.key);
        indicators(&mut benefit.indicators);
    }
    terms.expectations.iter_mut().for_each(|it| new(it.id, &mut it.key));
    for offering in &mut terms.offerings {
        new(offering.id, &mut offering.key);
        indicators(&mut offering.indicators);
    }
    for consumer in &mut links.consumers {
        consumer.offering.iter_mut().for_each(|offering| refers(ElementKind::Offering, offering));
    }
    if let Some(items) = &mut links.items {
        let outcomes = std::mem::take(&mut items.outcomes).into_iter().map(|(mut key, items)| {
            refers(ElementKind::Outcome, &mut key);
            (key, items)
        });
        items.outcomes = outcomes.collect();
    }
}

/// Adds the changes of keys to a difference that was computed after the renames.
pub fn add_to(difference: &mut Difference, renames: &[Rename], after: &Terms) {
    let identities = identities(after);
    // Each is inserted at the front, so the last one is first.
    for Rename { kind, id, from, to } in renames.iter().rev() {
        let Some(now) = identities.iter().find(|element| element.id == *id) else { continue };
        let (before, after) = (Some(json!(from.as_str())), Some(json!(to.as_str())));
        let path = format!("{}/key", now.path());
        difference.terms = true;
        difference
            .changes
            .insert(0, Change { action: ChangeAction::Updated, path, before: before.clone(), after: after.clone() });
        let field = FieldChange::between("key", before, after);
        match difference.elements.iter_mut().find(|change| change.id == *id) {
            Some(change) => drop(change.fields.splice(0..0, field)),
            None => difference.elements.push(ElementChange {
                kind: *kind,
                id: *id,
                key: to.to_string(),
                action: ChangeAction::Updated,
                fields: field.into_iter().collect(),
            }),
        }
    }
}
