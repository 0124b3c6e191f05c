//! Properties of any two definitions: applying is idempotent, the rendered document changes nothing, and the difference
//! is enough to get from one to the other.

use entente_entity::enums::ApplyMode;
use proptest::prelude::*;
use serde_json::{Map, json};

use super::{
    apply,
    arbitrary::{partial, whole},
    difference, document, said,
};
use crate::definition::{
    diff::Change,
    document::{DefinitionInput, Document},
    plan::Plan,
    read::read_documents,
    write,
};

type Json = serde_json::Value;

fn applied(current: Option<&Plan>, document: &DefinitionInput, mode: ApplyMode) -> Plan {
    apply(current, document, mode).unwrap_or_else(|problems| panic!("{:#?}", said(&problems)))
}

fn tree(plan: &Plan) -> Json {
    let mut tree = write::tree(&document(plan));
    tree["provider"] = tree["provider"]["slug"].take();
    sorted(&mut tree);
    tree
}

/// Without empty lists, and with consumers ordered by slug: their stored order is that of their start, which is not
/// part of a document.
fn sorted(tree: &mut Json) {
    if let Some(consumers) = tree.get_mut("consumers").and_then(Json::as_array_mut) {
        consumers.sort_by_key(|consumer| consumer["organization"]["slug"].to_string());
    }
    prune(tree, "");
}

fn prune(value: &mut Json, above: &str) {
    match value {
        Json::Object(fields) => {
            fields.retain(|_, value| above == "escalation" || value.as_array().is_none_or(|list| !list.is_empty()));
            fields.iter_mut().for_each(|(name, value)| prune(value, name));
        }
        Json::Array(values) => values.iter_mut().for_each(|value| prune(value, "")),
        _ => {}
    }
}

/// The field that identifies the entries of this list, if paths contain its entries.
fn naming(list: &str) -> Option<&'static str> {
    match list {
        "targets" => Some("severity"),
        "levels" => Some("level"),
        "consumers" => Some("organization"),
        "contacts" => None,
        _ => Some("key"),
    }
}

fn entry_name(list: &str, entry: &Json) -> String {
    match &entry[naming(list).unwrap()] {
        Json::String(name) => name.clone(),
        Json::Object(key) => key["slug"].as_str().unwrap().to_owned(),
        other => other.to_string(),
    }
}

const LISTS: &[&str] = &[
    "journey",
    "outcomes",
    "costs",
    "risks",
    "benefits",
    "expectations",
    "offerings",
    "indicators",
    "targets",
    "levels",
    "consumers",
];

/// Applies one change to a document. It is independent of the comparison: it only knows paths.
fn patch(tree: &mut Json, steps: &[&str], change: &Change) {
    let fields = tree.as_object_mut().unwrap();
    match steps {
        [list] if LISTS.contains(list) => {
            let list_name = *list;
            let order = change.after.as_ref().unwrap().as_array().unwrap();
            let entries = fields[list_name].as_array_mut().unwrap();
            entries.sort_by_key(|entry| {
                order.iter().position(|name| *name == json!(entry_name(list_name, entry))).unwrap()
            });
        }
        [list, name, rest @ ..] if LISTS.contains(list) => {
            let entries = fields.entry(*list).or_insert_with(|| json!([])).as_array_mut().unwrap();
            let place = entries.iter().position(|entry| entry_name(list, entry) == *name);
            match (rest, place, &change.after) {
                ([], Some(place), None) => {
                    let mut before = change.before.clone().unwrap();
                    prune(&mut before, "");
                    assert_eq!(before, entries[place]);
                    entries.remove(place);
                }
                ([], None, Some(entry)) => {
                    assert_eq!(change.before, None);
                    entries.push(entry.clone());
                }
                (rest, Some(place), _) => patch(&mut entries[place], rest, change),
                _ => panic!("{change:?}"),
            }
        }
        [field] => {
            assert_eq!(fields.get(*field), change.before.as_ref(), "{change:?}");
            match &change.after {
                Some(after) => drop(fields.insert((*field).into(), after.clone())),
                None => drop(fields.shift_remove(*field)),
            }
        }
        [field, rest @ ..] => {
            let below = fields.entry(*field).or_insert_with(|| Map::new().into());
            patch(below, rest, change);
            if below.as_object().unwrap().is_empty() {
                fields.shift_remove(*field);
            }
        }
        [] => unreachable!(),
    }
}

fn levels_by_number(tree: &mut Json) {
    match tree {
        Json::Object(fields) => {
            if let Some(Json::Array(levels)) = fields.get_mut("levels") {
                levels.sort_by_key(|level| level["level"].as_i64());
            }
            fields.values_mut().for_each(levels_by_number);
        }
        Json::Array(values) => values.iter_mut().for_each(levels_by_number),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replacing_gives_the_document_whatever_the_current_state(a in whole(), b in whole()) {
        let (a, alone) = (applied(None, &a, ApplyMode::Merge), applied(None, &b, ApplyMode::Replace));
        prop_assert_eq!(&applied(None, &b, ApplyMode::Merge), &alone);
        let after = applied(Some(&a), &b, ApplyMode::Replace);
        prop_assert_eq!(&after.terms, &alone.terms);
        prop_assert_eq!(tree(&after), tree(&alone));
        // Applying it again, in both modes, or applying the rendered document changes nothing.
        prop_assert_eq!(&applied(Some(&after), &b, ApplyMode::Merge), &after);
        prop_assert_eq!(&applied(Some(&after), &b, ApplyMode::Replace), &after);
        prop_assert!(difference(Some(&after), &after).is_empty());
        for mode in [ApplyMode::Merge, ApplyMode::Replace] {
            prop_assert_eq!(&applied(Some(&after), &document(&after), mode), &after);
        }
    }

    #[test]
    fn the_difference_turns_one_document_into_the_other(a in whole(), b in whole()) {
        let (a, b) = (applied(None, &a, ApplyMode::Merge), applied(None, &b, ApplyMode::Merge));
        let found = difference(Some(&a), &b);
        let mut patched = tree(&a);
        for change in &found.changes {
            prop_assert_ne!(&change.before, &change.after);
            patch(&mut patched, &change.path.split('/').collect::<Vec<_>>(), change);
        }
        sorted(&mut patched);
        levels_by_number(&mut patched);
        prop_assert_eq!(patched, tree(&b));
        prop_assert_eq!(found.terms, a.terms != b.terms);
        // The change log has an entry if and only if there is a difference.
        let logged = found.service.len() + found.elements.len() + found.policies.len() + found.consumers.len();
        prop_assert_eq!(logged == 0, found.is_empty());
    }

    #[test]
    fn everything_of_a_new_service_is_created(a in whole()) {
        let plan = applied(None, &a, ApplyMode::Merge);
        let mut patched = json!({ "slug": "patients" });
        for change in &difference(None, &plan).changes {
            prop_assert_eq!(change.action.name(), "CREATED");
            patch(&mut patched, &change.path.split('/').collect::<Vec<_>>(), change);
        }
        sorted(&mut patched);
        prop_assert_eq!(patched, tree(&plan));
    }

    #[test]
    fn merging_twice_is_merging_once(a in whole(), b in partial()) {
        let a = applied(None, &a, ApplyMode::Merge);
        if let Ok(once) = apply(Some(&a), &b, ApplyMode::Merge) {
            let twice = applied(Some(&once), &b, ApplyMode::Merge);
            prop_assert!(difference(Some(&once), &twice).is_empty(), "{:#?}", difference(Some(&once), &twice).changes);
            prop_assert_eq!(once, twice);
        }
    }

    #[test]
    fn yaml_and_json_are_read_as_they_were_written(a in whole()) {
        let plan = applied(None, &a, ApplyMode::Merge);
        let back = document(&plan);
        for text in [write::to_yaml("ServiceDefinition", &back), write::to_json("ServiceDefinition", &back)] {
            let read = read_documents(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
            prop_assert_eq!(&read, &[Document::ServiceDefinition(Box::new(back.clone()))], "{}", text);
        }
    }
}
