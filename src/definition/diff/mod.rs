//! The difference between two states of a definition: one [`Change`] for each path of the document, for readers of
//! documents, and one change for each object, for the change log ([`Difference`]). Both are computed from the documents
//! of the two states, so that both use the same fields. Ids are not compared.

use std::{borrow::Cow, collections::HashSet};

use entente_entity::{
    change::FieldChange,
    enums::{ChangeAction, ElementKind},
    id::{ElementId, OrganizationId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    links::Links,
    render::{self, References},
    terms::Terms,
    write,
};
use crate::characters::composed;

mod compare;
mod log;

/// One side of a comparison: the terms, and the links if they are compared too.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// The terms.
    pub terms: &'a Terms,
    /// The links, as far as the reader may see them.
    pub links: Option<&'a Links>,
}

/// A difference at one place of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// CREATED if there was no value before, DELETED if there is no value now.
    pub action: ChangeAction,
    /// The place: `outcomes/one-record/statement/fr`. Elements are named by key, targets by severity, levels by number,
    /// consumers by the organization's slug. A change at a list itself is a change of its order; its values are keys.
    pub path: String,
    /// The value before, as in documents.
    pub before: Option<Value>,
    /// The value now.
    pub after: Option<Value>,
}

/// An element that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct ElementChange {
    /// Its kind.
    pub kind: ElementKind,
    /// Its id.
    pub id: ElementId,
    /// Its key.
    pub key: String,
    /// What happened to it.
    pub action: ChangeAction,
    /// Its own fields that changed. Changes of its indicators and of its escalation policy are separate.
    pub fields: Vec<FieldChange>,
}

/// An escalation policy that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyChange {
    /// The offering that it belongs to; `None`: it belongs to the service.
    pub offering: Option<ElementId>,
    /// What happened to it.
    pub action: ChangeAction,
    /// `targets` and `levels`.
    pub fields: Vec<FieldChange>,
}

/// A service relationship that changed.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerChange {
    /// Who consumes the service.
    pub organization: OrganizationId,
    /// What happened to the relationship.
    pub action: ChangeAction,
    /// `offering` and `contacts`.
    pub fields: Vec<FieldChange>,
}

/// All differences between two states.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// One for each place that differs, in the order of the document.
    pub changes: Vec<Change>,
    /// Whether the terms differ: then there is a new revision.
    pub terms: bool,
    /// The fields of the service itself: name, summary, provider, lifecycle, contacts, items, and the order of each
    /// list of elements, if it changed other than by deleting and adding elements.
    pub service: Vec<FieldChange>,
    /// The elements.
    pub elements: Vec<ElementChange>,
    /// The escalation policies of the service and of its offerings.
    pub policies: Vec<PolicyChange>,
    /// The service relationships.
    pub consumers: Vec<ConsumerChange>,
}

impl Change {
    /// Whether it is in the terms; otherwise it is in the links.
    pub fn is_of_terms(&self) -> bool {
        let top = self.path.split('/').next();
        !matches!(top, Some("lifecycle" | "contacts" | "consumers")) && !self.is_of_items()
    }

    fn is_of_items(&self) -> bool {
        self.path == ITEMS || (self.path.starts_with("outcomes/") && self.path.split('/').nth(2) == Some(ITEMS))
    }

    /// The change for a reader who may not see configuration items; `None` if it is a change of configuration items.
    pub fn without_items(mut self) -> Option<Self> {
        for value in [&mut self.before, &mut self.after] {
            if let Some(Value::Object(fields)) = value {
                fields.shift_remove(ITEMS);
            }
        }
        (!self.is_of_items()).then_some(self)
    }
}

/// The field of a document that holds configuration items.
const ITEMS: &str = "configurationItems";

impl Difference {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// The difference between the previous state, if there was one, and the new one. Pass links for both states or for
/// none.
pub fn diff(before: Option<State>, after: State, slug_of: impl Fn(OrganizationId) -> String) -> Difference {
    let old = before.map(|state| tree(&state, &slug_of)).unwrap_or_default();
    let new = tree(&after, &slug_of);
    let changes = compare::documents(&old, &new);
    Difference {
        terms: changes.iter().any(Change::is_of_terms),
        changes,
        service: log::service(&old, &new),
        elements: log::elements(before.map(|state| state.terms), &old, after.terms, &new),
        policies: log::policies(before.map(|state| state.terms), &old, after.terms, &new),
        consumers: log::consumers(before.and_then(|state| state.links), &old, after.links, &new),
    }
}

/// A state as a JSON tree of its document's fields. The provider is only a slug.
fn tree(state: &State, slug_of: impl Fn(OrganizationId) -> String) -> Map<String, Value> {
    let provider = slug_of(state.terms.provider);
    let document = render::document("", state.terms, state.links, &References::default(), slug_of);
    let Value::Object(mut tree) = write::tree(&document) else { return Map::new() };
    tree.shift_remove("slug");
    tree.insert("provider".into(), provider.into());
    tree.values_mut().for_each(compose);
    tree
}

/// Normalizes the texts of older revisions to the current form; their meaning does not change.
fn compose(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(composed) = composed(text) {
                *text = composed;
            }
        }
        Value::Array(entries) => entries.iter_mut().for_each(compose),
        Value::Object(fields) => fields.values_mut().for_each(compose),
        _ => {}
    }
}

/// A value that is not empty: an empty list counts as no value.
fn said(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()))
}

/// The entries of the list in this field.
fn entries<'v>(fields: &'v Map<String, Value>, name: &str) -> &'v [Value] {
    fields.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The names of the fields of both sides, in the order of the document.
fn names<'v>(before: &'v Map<String, Value>, after: &'v Map<String, Value>) -> impl Iterator<Item = &'v str> {
    let gone = before.keys().filter(|name| !after.contains_key(name.as_str()));
    after.keys().chain(gone).map(String::as_str)
}

/// The action for an object that exists before, after, or both.
fn action(before: bool, after: bool) -> ChangeAction {
    match (before, after) {
        (false, _) => ChangeAction::Created,
        (true, false) => ChangeAction::Deleted,
        (true, true) => ChangeAction::Updated,
    }
}

/// The keys of a list before and after, if the order changed other than by deleting and adding elements.
fn order(before: &[String], after: &[String]) -> Option<(Value, Value)> {
    let (old, new): (HashSet<_>, HashSet<_>) = (before.iter().collect(), after.iter().collect());
    let kept = before.iter().filter(|key| new.contains(key));
    let added = after.iter().filter(|key| !old.contains(key));
    (!kept.chain(added).eq(after)).then(|| (before.into(), after.into()))
}
