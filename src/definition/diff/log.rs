//! The difference as the change log stores it: one change for each object.

use std::collections::HashMap;

use entente_entity::{
    change::FieldChange,
    enums::ElementKind,
    id::{ElementId, OrganizationId},
};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{ConsumerChange, ElementChange, PolicyChange, action, entries, names, order, said};
use crate::definition::{element::identities, links::Links, terms::Terms};

type Fields = Map<String, Value>;

/// The service's own fields, and the order of its lists.
pub(super) fn service(old: &Fields, new: &Fields) -> Vec<FieldChange> {
    let own = ["name", "summary", "provider", "reviewEvery", "lifecycle", "contacts", "configurationItems"];
    let changed = own.into_iter().filter_map(|name| field(name, old.get(name), new.get(name)));
    let orders = ElementKind::ALL.iter().filter_map(|kind| order_of(kind.list(), old, new));
    changed.chain(orders).collect()
}

/// The elements: deleted ones first, then the others, in the order of the documents.
pub(super) fn elements(old_terms: Option<&Terms>, old: &Fields, new_terms: &Terms, new: &Fields) -> Vec<ElementChange> {
    let ids: HashMap<(ElementKind, &str), ElementId> = old_terms
        .into_iter()
        .chain([new_terms])
        .flat_map(identities)
        .map(|element| ((element.kind, element.key.as_str()), element.id))
        .collect();
    let (old, new) = (flat(old), flat(new));
    let gone = old.keys().filter(|place| !new.contains_key(*place));
    let mut changes = Vec::new();
    for place in gone.chain(new.keys()) {
        let Some(id) = ids.get(place) else { continue };
        let (before, after) = (old.get(place), new.get(place));
        let nothing = Fields::new();
        let own = |element: Option<&Flat>| element.map(|element| element.own.clone()).unwrap_or(nothing.clone());
        let mut fields = fields(&own(before), &own(after));
        if let Some((before, after)) = before.zip(after) {
            fields.extend(order_of(ElementKind::Indicator.list(), before.entry, after.entry));
            if fields.is_empty() {
                continue;
            }
        }
        let (kind, key) = *place;
        let action = action(before.is_some(), after.is_some());
        changes.push(ElementChange { kind, id: *id, key: key.to_owned(), action, fields });
    }
    changes
}

/// The escalation policies: the service's, then its offerings'.
pub(super) fn policies(old_terms: Option<&Terms>, old: &Fields, new_terms: &Terms, new: &Fields) -> Vec<PolicyChange> {
    let offerings = |terms: &Terms| -> Vec<(ElementId, String)> {
        terms.offerings.iter().map(|offering| (offering.id, offering.key.to_string())).collect()
    };
    let mut all = old_terms.map(offerings).unwrap_or_default();
    all.extend(offerings(new_terms));
    all.sort_unstable();
    all.dedup();
    let of = |tree: &Fields, key: &str| -> Option<Fields> {
        let entry = entries(tree, "offerings").iter().find(|entry| entry["key"] == key)?;
        entry.get("escalation")?.as_object().cloned()
    };
    let own = |tree: &Fields| tree.get("escalation").and_then(Value::as_object).cloned();
    let offerings = all.iter().filter_map(|(id, key)| policy(Some(*id), of(old, key), of(new, key)));
    policy(None, own(old), own(new)).into_iter().chain(offerings).collect()
}

fn policy(offering: Option<ElementId>, before: Option<Fields>, after: Option<Fields>) -> Option<PolicyChange> {
    let action = action(before.is_some(), after.is_some());
    let differs = before != after;
    let fields = fields(&before.unwrap_or_default(), &after.unwrap_or_default());
    differs.then_some(PolicyChange { offering, action, fields })
}

/// The service relationships: those that ended first.
pub(super) fn consumers(
    old_links: Option<&Links>,
    old: &Fields,
    new_links: Option<&Links>,
    new: &Fields,
) -> Vec<ConsumerChange> {
    let own = |links: Option<&Links>, tree: &Fields| -> IndexMap<OrganizationId, Fields> {
        let organizations = links.into_iter().flat_map(|links| &links.consumers).map(|consumer| consumer.organization);
        let entries = entries(tree, "consumers").iter().map(|entry| without(entry, &["organization"]));
        organizations.zip(entries).collect()
    };
    let (old, new) = (own(old_links, old), own(new_links, new));
    let gone = old.keys().filter(|organization| !new.contains_key(*organization));
    let changes = gone.chain(new.keys()).map(|organization| {
        let (before, after) = (old.get(organization), new.get(organization));
        let nothing = Fields::new();
        ConsumerChange {
            organization: *organization,
            action: action(before.is_some(), after.is_some()),
            fields: fields(before.unwrap_or(&nothing), after.unwrap_or(&nothing)),
        }
    });
    changes.filter(|change| change.action != super::ChangeAction::Updated || !change.fields.is_empty()).collect()
}

/// One element of a document.
struct Flat<'v> {
    /// Its value in the document.
    entry: &'v Fields,
    /// Its fields, named as in the API.
    own: Fields,
}

/// The elements of a document, each by its kind and key.
fn flat(tree: &Fields) -> IndexMap<(ElementKind, &str), Flat<'_>> {
    let mut all = IndexMap::new();
    for kind in ElementKind::ALL {
        for (key, entry) in keyed(tree, kind.list()) {
            all.insert((*kind, key), Flat { entry, own: own(entry) });
            for (indicator, below) in keyed(entry, ElementKind::Indicator.list()) {
                let mut fields = own(below);
                fields.insert("parent".into(), format!("{}/{key}", kind.list()).into());
                all.insert((ElementKind::Indicator, indicator), Flat { entry: below, own: fields });
            }
        }
    }
    all
}

fn keyed<'v>(fields: &'v Fields, list: &str) -> impl Iterator<Item = (&'v str, &'v Fields)> {
    entries(fields, list).iter().filter_map(|entry| Some((entry.get("key")?.as_str()?, entry.as_object()?)))
}

/// The own fields of an element. In the API, the amount and the currency of a cost are one field.
fn own(entry: &Fields) -> Fields {
    let mut fields = entry.clone();
    for name in ["key", "indicators", "escalation"] {
        fields.shift_remove(name);
    }
    if let Some(currency) = fields.shift_remove("currency") {
        fields.entry("amount").and_modify(|amount| *amount = json!({ "amount": amount.take(), "currency": currency }));
    }
    fields
}

fn without(entry: &Value, names: &[&str]) -> Fields {
    let mut fields = entry.as_object().cloned().unwrap_or_default();
    names.iter().for_each(|name| drop(fields.shift_remove(*name)));
    fields
}

fn fields(before: &Fields, after: &Fields) -> Vec<FieldChange> {
    names(before, after).filter_map(|name| field(name, before.get(name), after.get(name))).collect()
}

fn field(name: &str, before: Option<&Value>, after: Option<&Value>) -> Option<FieldChange> {
    FieldChange::between(name, said(before).cloned(), said(after).cloned())
}

/// The keys of a list of elements, where their order changed.
fn order_of(list: &str, before: &Fields, after: &Fields) -> Option<FieldChange> {
    let keys = |fields: &Fields| keyed(fields, list).map(|(key, _)| key.to_owned()).collect::<Vec<_>>();
    let (before, after) = order(&keys(before), &keys(after))?;
    FieldChange::between(list, Some(before), Some(after))
}
