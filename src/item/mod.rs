//! Configuration items: the checks of an input that need no stored data, and merging an input into the current item.

use std::collections::HashSet;

use async_graphql::MaybeUndefined;
use entente_entity::scalar::URL;

use crate::{
    characters::{composed, is_blank},
    definition::{
        at::At,
        document::{ConfigurationItemInput, ExternalKey, ExternalReferenceInput},
        limits::{self, MAX_DEPENDENCIES, MAX_ITEM_TEXT},
    },
    problem::{Problem, Rule},
};

pub mod impact;

/// A configuration item as its source describes it, without its key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// The display name.
    pub name: String,
    /// The class, as its source writes it.
    pub class: String,
    /// The environment in which it is used.
    pub environment: Option<String>,
    /// The status, as its source writes it.
    pub status: Option<String>,
    /// The number of its dependencies that it needs; `None`: all of them.
    pub dependencies_needed: Option<i32>,
    /// The keys of its dependencies, without duplicates.
    pub depends_on: Vec<ExternalKey>,
    /// The address of the item in its source.
    pub url: Option<String>,
}

/// The errors in an item that do not depend on stored data.
pub fn problems(input: &ConfigurationItemInput, at: &At) -> Vec<Problem> {
    let ConfigurationItemInput {
        r#ref,
        name,
        class,
        environment,
        status,
        depends_on,
        dependencies_needed: _,
        remove: _,
    } = input;
    let mut problems = limits::reference_problem(r#ref, &at.field("ref"));
    for (field, text) in [("name", name), ("class", class), ("environment", environment), ("status", status)] {
        // Sources write an empty text for an unknown value: in a field that may be left out, this is no value.
        let may_be_none = matches!(field, "environment" | "status");
        let text = text.value().filter(|text| !may_be_none || !is_blank(text));
        let rule = text.and_then(|text| limits::line_rule(text, MAX_ITEM_TEXT));
        problems.extend(rule.map(|rule| at.field(field).problem(rule)));
    }
    let Some(keys) = depends_on.value() else { return problems };
    let at = at.field("dependsOn");
    let found = keys.len();
    if found > MAX_DEPENDENCIES {
        problems.push(at.problem(Rule::TooMany { max: MAX_DEPENDENCIES, found }));
        return problems;
    }
    for (index, key) in keys.iter().enumerate() {
        let at = at.index(index);
        problems.extend(limits::key_problems(&key.system, key.r#type.as_deref(), &key.key, &at));
        if names(key, r#ref) {
            problems.push(at.problem(Rule::DependsOnItself));
        }
    }
    problems
}

/// Whether a key may identify the object with this reference. A key without a type matches every type.
pub fn names(key: &ExternalKey, reference: &ExternalReferenceInput) -> bool {
    key.system == reference.system
        && key.key == reference.key
        && key.r#type.as_ref().is_none_or(|r#type| Some(r#type) == reference.r#type.as_ref())
}

/// The resulting item: a field that is left out keeps its value, null deletes it.
pub fn merged(base: Option<&Item>, input: &ConfigurationItemInput, at: &At) -> Result<Item, Vec<Problem>> {
    let ConfigurationItemInput { r#ref, name, class, environment, status, depends_on, dependencies_needed, remove: _ } =
        input;
    let mut problems = Vec::new();
    let item = Item {
        name: required(name, base.map(|base| &base.name), &at.field("name"), &mut problems),
        class: required(class, base.map(|base| &base.class), &at.field("class"), &mut problems),
        environment: optional_line(environment, base.and_then(|base| base.environment.clone())),
        status: optional_line(status, base.and_then(|base| base.status.clone())),
        dependencies_needed: optional(dependencies_needed, base.and_then(|base| base.dependencies_needed)),
        depends_on: dependencies(depends_on, base),
        url: r#ref.url.clone().map(|URL(url)| url).or_else(|| base.and_then(|base| base.url.clone())),
    };
    let dependencies = item.depends_on.len();
    let given = item.dependencies_needed;
    if let Some(given) = given.filter(|given| usize::try_from(*given).map_or(true, |given| given > dependencies)) {
        let rule = Rule::NeededOutOfRange { given, dependencies };
        problems.push(at.field("dependenciesNeeded").problem(rule));
    }
    if problems.is_empty() { Ok(item) } else { Err(problems) }
}

/// The problems of configuration items, with paths that start at `items`.
pub fn validate(all: &[ConfigurationItemInput]) -> Vec<Problem> {
    let list = At::top("items");
    let each = all.iter().zip(0..).flat_map(|(input, index)| {
        let at = list.index(index);
        let mut found = problems(input, &at);
        if input.remove.value() != Some(&true) {
            let merged = self::merged(None, input, &at).err().unwrap_or_default();
            found.extend(merged.into_iter().filter(|problem| match problem.rule {
                Rule::Required => input.name.is_value(),
                Rule::NeededOutOfRange { .. } => input.depends_on.is_value(),
                _ => true,
            }));
        }
        found
    });
    each.collect()
}

fn required(field: &MaybeUndefined<String>, base: Option<&String>, at: &At, problems: &mut Vec<Problem>) -> String {
    let value = line(field, base.cloned());
    if value.is_none() {
        problems.push(at.problem(Rule::Required));
    }
    value.unwrap_or_default()
}

/// A text of one line in the form in which it is stored.
fn line(field: &MaybeUndefined<String>, base: Option<String>) -> Option<String> {
    match field.value() {
        Some(text) => Some(composed(text).into_owned()),
        None => optional(field, base),
    }
}

/// A text of one line that may be left out; `None` if it is empty.
fn optional_line(field: &MaybeUndefined<String>, base: Option<String>) -> Option<String> {
    line(field, base).filter(|text| !is_blank(text))
}

fn optional<T: Clone>(field: &MaybeUndefined<T>, base: Option<T>) -> Option<T> {
    match field {
        MaybeUndefined::Undefined => base,
        MaybeUndefined::Null => None,
        MaybeUndefined::Value(value) => Some(value.clone()),
    }
}

/// The resulting dependencies. Sources list them in any order, with duplicates: the same keys are the same list, and it
/// keeps its order.
fn dependencies(field: &MaybeUndefined<Vec<ExternalKey>>, base: Option<&Item>) -> Vec<ExternalKey> {
    let base = base.map(|base| &*base.depends_on).unwrap_or_default();
    let keys = match field {
        MaybeUndefined::Undefined => return base.to_vec(),
        MaybeUndefined::Null => return Vec::new(),
        MaybeUndefined::Value(keys) => keys,
    };
    let mut seen = HashSet::with_capacity(keys.len());
    let mut distinct: Vec<&ExternalKey> = keys.iter().filter(|key| seen.insert(*key)).collect();
    if distinct.len() == base.len() && base.iter().all(|key| seen.contains(key)) {
        return base.to_vec();
    }
    distinct.drain(..).cloned().collect()
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::words::Speech;

    fn input(json: &str) -> ConfigurationItemInput {
        let rest = json.trim_start_matches('{');
        serde_json::from_str(&format!(r#"{{"ref":{{"system":"cmdb","type":"server","key":"a"}},{rest}"#)).unwrap()
    }

    fn refused(json: &str) -> Vec<String> {
        let list = At::top("items");
        let (input, at) = (input(json), list.index(3));
        let mut problems = problems(&input, &at);
        problems.extend(merged(None, &input, &at).err().into_iter().flatten());
        problems
            .iter()
            .map(|problem| format!("{}: {}", problem.path.join("/"), problem.rule.say(Speech::English)))
            .collect()
    }

    #[test]
    fn each_problem_is_reported_at_its_place() {
        let cases = [
            (r#"{"class":"x"}"#, "items/3/name: must be given"),
            (r#"{"name":"A","class":" "}"#, "items/3/class: must not be empty"),
            (
                r#"{"name":"A","class":"x","dependsOn":[{"system":"cmdb","key":"a"}]}"#,
                "items/3/dependsOn/0: an item cannot depend on itself",
            ),
            (
                r#"{"name":"A","class":"x","dependenciesNeeded":-1}"#,
                "items/3/dependenciesNeeded: -1 is not a number from 0 to 0, the number of dependencies of the item",
            ),
            (
                r#"{"name":"A","class":"x","dependenciesNeeded":2,"dependsOn":[{"system":"cmdb","key":"b"},{"system":"cmdb","key":"b"}]}"#,
                "items/3/dependenciesNeeded: 2 is not a number from 0 to 1, the number of dependencies of the item",
            ),
        ];
        for (json, message) in cases {
            assert_eq!(refused(json), [message]);
        }
        assert_eq!(
            refused(r#"{"name":"A","class":"x","dependsOn":[{"system":"cmdb","type":"other","key":"a"}]}"#),
            [""; 0]
        );
        let long = "x".repeat(256);
        assert!(refused(&format!(r#"{{"name":"{long}","class":"x"}}"#))[0].contains("256 characters"));
    }

    #[test]
    fn a_field_left_out_is_kept_null_deletes_it_and_the_order_of_dependencies_has_no_meaning() {
        let list = At::top("items");
        let at = list.index(0);
        let merged = |base: Option<&Item>, json: &str| merged(base, &input(json), &at).unwrap();
        let keys = r#"[{"system":"cmdb","key":"b"},{"system":"cmdb","key":"c"}]"#;
        let base = merged(
            None,
            &format!(r#"{{"name":"A","class":"x","status":"up","dependsOn":{keys},"dependenciesNeeded":1}}"#),
        );
        assert_eq!(merged(Some(&base), r#"{"environment":null}"#), base);
        let turned =
            r#"{"dependsOn":[{"system":"cmdb","key":"c"},{"system":"cmdb","key":"b"},{"system":"cmdb","key":"c"}]}"#;
        assert_eq!(merged(Some(&base), turned), base);
        let cleared = merged(Some(&base), r#"{"status":null,"dependenciesNeeded":null,"dependsOn":null}"#);
        assert_eq!(cleared, Item { name: "A".into(), class: "x".into(), ..Item::default() });
    }
}
