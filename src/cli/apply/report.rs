//! The report about applied documents.

use std::collections::HashSet;

use entente_entity::enums::ChangeAction;
use serde::Serialize;
use serde_json::Value;

use super::send::{OrganizationsDone, ServiceDone, UserError};
use crate::{
    cli::out::{Out, Paint},
    definition::diff::Change,
    words::{Came, Noun, Speech, Words},
};

/// The number of documents of a kind by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tally {
    pub new: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub retired: usize,
    pub refused: usize,
    /// Without a problem, but sent together with others that have one.
    pub not_applied: usize,
    pub not_sent: usize,
}

impl Tally {
    /// Adds the result for organizations.
    pub fn add_organizations(&mut self, done: OrganizationsDone) {
        self.new += done.created;
        self.changed += done.updated;
        self.unchanged += done.unchanged;
    }

    /// Adds objects that were sent together, some of which have these problems. If a problem belongs to no single
    /// object, all are refused.
    pub fn add_refused(&mut self, problems: &[UserError], sent: usize) {
        let index = |problem: &UserError| problem.path.as_deref()?.get(1)?.parse::<usize>().ok();
        let faulty: Option<HashSet<usize>> = problems.iter().map(index).collect();
        let refused = faulty.map_or(sent, |faulty| faulty.len().min(sent));
        self.refused += refused;
        self.not_applied += sent - refused;
    }

    /// Adds the result for a service.
    pub fn add_service(&mut self, done: &ServiceDone) {
        let count = match (done.before, done.changes.is_empty()) {
            (None, _) => &mut self.new,
            (Some(_), false) => &mut self.changed,
            (Some(_), true) => &mut self.unchanged,
        };
        *count += 1;
    }

    /// `3 services: 1 new, 2 unchanged.`; `None` without services.
    pub fn say(&self, noun: Noun, speech: Speech) -> Option<String> {
        Words::tally(noun, &self.counts(), speech)
    }

    /// The number by result.
    pub fn counts(&self) -> [(usize, Came); 7] {
        let Self { new, changed, unchanged, retired, refused, not_applied, not_sent } = *self;
        [
            (new, Came::New),
            (changed, Came::Changed),
            (unchanged, Came::Unchanged),
            (retired, Came::Retired),
            (refused, Came::Refused),
            (not_applied, Came::NotApplied),
            (not_sent, Came::NotSent),
        ]
    }
}

/// The result for a service, in one or two words; for a new one, the number of its elements.
pub(super) fn heading(done: &ServiceDone, speech: Speech) -> String {
    let words = match (done.before, done.changes.is_empty()) {
        (None, _) => Words::NewService { revision: done.after, contents: contents(done, speech) },
        (Some(_), true) => Words::Unchanged,
        (Some(revision), false) if revision == done.after => Words::LinksChanged { revision },
        (Some(before), false) => Words::RevisionChanged { before, after: done.after },
    };
    words.say(speech)
}

/// ` (7 outcomes, 3 costs)`
fn contents(done: &ServiceDone, speech: Speech) -> String {
    let lists = [
        ("journey", Noun::Stage),
        ("outcomes", Noun::Outcome),
        ("costs", Noun::Cost),
        ("risks", Noun::Risk),
        ("benefits", Noun::Benefit),
        ("expectations", Noun::Expectation),
        ("offerings", Noun::Offering),
        ("consumers", Noun::Consumer),
    ];
    let counted = lists.into_iter().filter_map(|(list, noun)| {
        let of_list = |change: &&Change| change.path.split('/').next() == Some(list);
        // A new list is one change, or one change for each entry.
        let count: usize = done
            .changes
            .iter()
            .filter(of_list)
            .map(|change| match (change.path.split('/').count(), &change.after) {
                (1, Some(Value::Array(entries))) => entries.len(),
                (2, _) => 1,
                _ => 0,
            })
            .sum();
        (count > 0).then(|| format!("{count} {}", noun.say(count, speech)))
    });
    let counted: Vec<String> = counted.collect();
    if counted.is_empty() { String::new() } else { format!(" ({})", counted.join(", ")) }
}

/// A change as lines. Values that were created or deleted as a whole are printed field by field, too.
pub(in crate::cli) fn lines(change: &Change, out: &Out) -> Vec<String> {
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

/// Collects the paths below a path, each with its value. `named` is the field with the name of the present entry, which
/// is left out.
fn gather<'v>(path: &str, value: &'v Value, named: &str, leaves: &mut Vec<(String, Option<&'v Value>)>) {
    match value {
        // An external reference is printed as a whole.
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

/// The name of an entry of a list in paths, and the field that contains it.
pub(super) fn name(entry: &Value) -> Option<(&'static str, String)> {
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
}
