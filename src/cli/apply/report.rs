//! What is said of documents that were applied.

use entente_entity::enums::ChangeAction;
use serde_json::Value;

use super::send::{OrganizationsDone, ServiceDone, UserError};
use crate::{
    cli::out::{Out, Paint},
    definition::diff::Change,
};

/// How many documents of a kind came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
    pub new: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub refused: usize,
    pub not_sent: usize,
}

impl Tally {
    /// Adds what was done to organizations.
    pub fn add_organizations(&mut self, done: OrganizationsDone) {
        self.new += done.created;
        self.changed += done.updated;
        self.unchanged += done.unchanged;
    }

    /// Adds what was done to a service.
    pub fn add_service(&mut self, done: &ServiceDone) {
        let count = match (done.before, done.changes.is_empty()) {
            (None, _) => &mut self.new,
            (Some(_), false) => &mut self.changed,
            (Some(_), true) => &mut self.unchanged,
        };
        *count += 1;
    }

    /// `3 services: 1 new, 2 unchanged.`; nothing where there are none.
    pub fn say(&self, one: &str, many: &str) -> Option<String> {
        let Self { new, changed, unchanged, refused, not_sent } = *self;
        let counts = [
            (new, "new"),
            (changed, "changed"),
            (unchanged, "unchanged"),
            (refused, "refused"),
            (not_sent, "not sent"),
        ];
        let all: usize = counts.iter().map(|(count, _)| count).sum();
        let counts: Vec<_> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        let noun = if all == 1 { one } else { many };
        (all > 0).then(|| format!("{all} {noun}: {}.", counts.join(", ")))
    }
}

/// What became of a service, in a word or two.
pub(super) fn heading(done: &ServiceDone) -> String {
    match (done.before, done.changes.is_empty()) {
        (None, _) => format!("new, revision {}", done.after),
        (Some(_), true) => "unchanged".to_owned(),
        (Some(before), false) if before == done.after => format!("revision {before}, changed in its links only"),
        (Some(before), false) => format!("revision {before} -> {}", done.after),
    }
}

/// A change as lines. What came or went as a whole is told place by place, as the rest is.
pub(super) fn lines(change: &Change, out: &Out) -> Vec<String> {
    let Change { action, path, before, after } = change;
    match action {
        ChangeAction::Updated => {
            let [before, after] = [before, after].map(|side| said(side.as_ref().unwrap_or(&Value::Null)));
            vec![format!("  {}", out.paint(Paint::Yellow, &format!("~ {path} {before} -> {after}")))]
        }
        ChangeAction::Deleted => told("-", Paint::Red, path, before.as_ref(), out),
        _ => told("+", Paint::Green, path, after.as_ref(), out),
    }
}

fn told(mark: &str, paint: Paint, path: &str, value: Option<&Value>, out: &Out) -> Vec<String> {
    let (mut leaves, value) = (Vec::new(), value.unwrap_or(&Value::Null));
    let named = name(value).filter(|(_, name)| path.rsplit('/').next() == Some(name)).map_or("", |(field, _)| field);
    gather(path, value, named, &mut leaves);
    let line = |(path, value): &(String, Option<&Value>)| match value {
        Some(value) => format!("{mark} {path} {}", said(value)),
        None => format!("{mark} {path}"),
    };
    leaves.iter().map(|leaf| format!("  {}", out.paint(paint, &line(leaf)))).collect()
}

/// The places below a place, each with its value. `named` is the field that the place's own name was taken from.
fn gather<'v>(path: &str, value: &'v Value, named: &str, leaves: &mut Vec<(String, Option<&'v Value>)>) {
    match value {
        // Another system's key is one thing.
        Value::Object(fields) if !path.contains("externalReferences/") => {
            let before = leaves.len();
            for (name, value) in fields.iter().filter(|(name, _)| *name != named) {
                gather(&format!("{path}/{name}"), value, "", leaves);
            }
            if leaves.len() == before {
                leaves.push((path.to_owned(), None));
            }
        }
        Value::Array(entries) if !entries.is_empty() && entries.iter().all(|entry| name(entry).is_some()) => {
            for (entry, (named, name)) in entries.iter().filter_map(|entry| Some((entry, name(entry)?))) {
                gather(&format!("{path}/{name}"), entry, named, leaves);
            }
        }
        value => leaves.push((path.to_owned(), Some(value))),
    }
}

/// What an entry of a list is called in paths, and the field that says so.
fn name(entry: &Value) -> Option<(&'static str, String)> {
    ["key", "slug", "severity", "level", "organization"].into_iter().find_map(|field| {
        let name = match entry.get(field)? {
            Value::String(name) => name.clone(),
            Value::Number(level) => level.to_string(),
            key => key.get("slug")?.as_str()?.to_owned(),
        };
        Some((field, name))
    })
}

fn said(value: &Value) -> String {
    value.to_string()
}

/// A user error as a line: in which document, where in it, what.
pub(super) fn problem(document: &str, error: &UserError, input: &Value) -> String {
    let UserError { code, message, path } = error;
    let place = place(path.as_deref().unwrap_or_default(), input);
    let place = if place.is_empty() { place } else { format!("{place}: ") };
    format!("{document}: {place}{message} ({code})")
}

/// A path of the input, entries of lists being called as in the lines of changes.
fn place(path: &[String], input: &Value) -> String {
    let mut at = Some(input);
    let steps = path.iter().map(|step| {
        let below = at.and_then(|value| match value {
            Value::Array(entries) => entries.get(step.parse::<usize>().ok()?),
            value => value.get(step),
        });
        let name = match (at, below) {
            (Some(Value::Array(_)), Some(entry)) => name(entry).map(|(_, name)| name),
            _ => None,
        };
        at = below;
        name.unwrap_or_else(|| step.clone())
    });
    steps.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(action: ChangeAction, path: &str, before: Value, after: Value) -> Vec<String> {
        let given = |value: Value| Some(value).filter(|value| !value.is_null());
        let change = Change { action, path: path.into(), before: given(before), after: given(after) };
        lines(&change, &Out::stdout())
    }

    #[test]
    fn what_came_is_told_place_by_place() {
        let outcome = json!({
            "key": "one-record",
            "statement": { "en": "The same record" },
            "indicators": [{ "key": "availability", "target": 99.9 }],
        });
        assert_eq!(
            shown(ChangeAction::Created, "outcomes/one-record", Value::Null, outcome),
            [
                "  + outcomes/one-record/statement/en \"The same record\"",
                "  + outcomes/one-record/indicators/availability/target 99.9",
            ]
        );
        let ward = json!({ "organization": { "slug": "emergency" } });
        assert_eq!(shown(ChangeAction::Deleted, "consumers/emergency", ward, Value::Null), ["  - consumers/emergency"]);
        let contacts = json!([{ "role": "OWNER", "name": "Claire" }]);
        assert_eq!(
            shown(ChangeAction::Created, "contacts", Value::Null, contacts),
            ["  + contacts [{\"role\":\"OWNER\",\"name\":\"Claire\"}]"]
        );
        let reference = json!({ "system": "jira", "key": "PMS" });
        assert_eq!(
            shown(ChangeAction::Created, "externalReferences/jira/PMS", Value::Null, reference),
            ["  + externalReferences/jira/PMS {\"system\":\"jira\",\"key\":\"PMS\"}"]
        );
    }

    #[test]
    fn what_changed_is_told_with_both_sides() {
        assert_eq!(
            shown(ChangeAction::Updated, "lifecycle", json!("PIPELINE"), json!("LIVE")),
            ["  ~ lifecycle \"PIPELINE\" -> \"LIVE\""]
        );
    }

    #[test]
    fn a_problem_names_the_entry_that_has_it() {
        let input = json!({ "definition": { "outcomes": [{ "key": "a" }, { "key": "b", "indicators": [{}] }] } });
        let error = |path: &[&str]| UserError {
            code: "INVALID".into(),
            message: "is wrong".into(),
            path: Some(path.iter().map(ToString::to_string).collect()),
        };
        let said = |path: &[&str]| problem("file.yaml", &error(path), &input["definition"]);
        assert_eq!(said(&["outcomes", "1", "stage"]), "file.yaml: outcomes/b/stage: is wrong (INVALID)");
        assert_eq!(
            said(&["outcomes", "1", "indicators", "0"]),
            "file.yaml: outcomes/b/indicators/0: is wrong (INVALID)"
        );
        assert_eq!(said(&["outcomes", "7", "key"]), "file.yaml: outcomes/7/key: is wrong (INVALID)");
        assert_eq!(said(&[]), "file.yaml: is wrong (INVALID)");
    }

    #[test]
    fn a_tally_counts_what_there_is() {
        assert_eq!(Tally::default().say("service", "services"), None);
        let tally = Tally { new: 1, unchanged: 2, ..Tally::default() };
        assert_eq!(tally.say("service", "services").as_deref(), Some("3 services: 1 new, 2 unchanged."));
    }
}
