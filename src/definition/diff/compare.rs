//! The comparison of two documents: one change for each place that differs.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};

use super::{Change, action, names, order, said};
use entente_entity::enums::ChangeAction;

/// All that differs between two documents.
pub(super) fn documents(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Change> {
    let mut changes = Vec::new();
    fields("", before, after, "", &mut changes);
    changes
}

/// How the value of a field is compared.
enum Shape {
    /// As a whole.
    Whole,
    /// Language by language.
    Text,
    /// Compared field by field, if both sides have it.
    Object,
    /// Compared entry by entry, matched by this field; and whether the order matters.
    List { key: &'static str, ordered: bool },
}

/// The shape of the field with this name. Contacts are compared as a whole, so their fields have no shape.
fn shape(name: &str) -> Shape {
    match name {
        "name" | "summary" | "statement" | "stakeholder" | "mitigation" | "description" => Shape::Text,
        "escalation" => Shape::Object,
        "journey" | "outcomes" | "costs" | "risks" | "benefits" | "expectations" | "offerings" | "indicators" => {
            Shape::List { key: "key", ordered: true }
        }
        "targets" => Shape::List { key: "severity", ordered: true },
        // Levels are sorted by number, and consumers by the start of their relationship: their order is not compared.
        "levels" => Shape::List { key: "level", ordered: false },
        "consumers" => Shape::List { key: "organization", ordered: false },
        _ => Shape::Whole,
    }
}

/// All fields of an object except the one that identifies it.
fn fields(
    path: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    except: &str,
    changes: &mut Vec<Change>,
) {
    for name in names(before, after).filter(|name| *name != except) {
        let path = join(path, name);
        let (before, after) = (said(before.get(name)), said(after.get(name)));
        match (shape(name), before, after) {
            (Shape::Text, ..) => text(&path, before, after, changes),
            (Shape::List { key, ordered }, ..) => list(&path, key, ordered, before, after, changes),
            (Shape::Object, Some(Value::Object(before)), Some(Value::Object(after))) => {
                fields(&path, before, after, "", changes);
            }
            _ => whole(path, before, after, changes),
        }
    }
}

fn text(path: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    let languages = |text: Option<&Value>| text.and_then(Value::as_object).cloned().unwrap_or_default();
    let (before, after) = (languages(before), languages(after));
    for language in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        whole(join(path, language), before.get(language), after.get(language), changes);
    }
}

fn list(
    path: &str,
    key: &'static str,
    ordered: bool,
    before: Option<&Value>,
    after: Option<&Value>,
    changes: &mut Vec<Change>,
) {
    let entries = |list: Option<&Value>| list.and_then(Value::as_array).cloned().unwrap_or_default();
    let (before, after) = (entries(before), entries(after));
    let keys = |list: &[Value]| list.iter().map(|entry| entry_key(entry, key)).collect::<Vec<_>>();
    let (old_keys, new_keys) = (keys(&before), keys(&after));
    let new: HashMap<&String, &Value> = new_keys.iter().zip(&after).collect();
    for (name, entry) in old_keys.iter().zip(&before) {
        match (entry, new.get(name)) {
            (Value::Object(before), Some(Value::Object(after))) => {
                fields(&join(path, name), before, after, key, changes);
            }
            (_, after) => whole(join(path, name), Some(entry), after.copied(), changes),
        }
    }
    let old: HashSet<&String> = old_keys.iter().collect();
    for (name, entry) in new_keys.iter().zip(&after).filter(|(name, _)| !old.contains(name)) {
        whole(join(path, name), None, Some(entry), changes);
    }
    let order = if ordered { order(&old_keys, &new_keys) } else { None };
    if let Some((before, after)) = order {
        let action = ChangeAction::Updated;
        changes.push(Change { action, path: path.to_owned(), before: Some(before), after: Some(after) });
    }
}

fn whole(path: String, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<Change>) {
    if before != after {
        let action = action(before.is_some(), after.is_some());
        changes.push(Change { action, path, before: before.cloned(), after: after.cloned() });
    }
}

/// The name of an entry in a path.
fn entry_key(entry: &Value, key: &str) -> String {
    match entry.get(key) {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Object(organization)) => {
            organization.get("slug").and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        other => other.map(Value::to_string).unwrap_or_default(),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}
