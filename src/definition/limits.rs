//! The limits of a document, and the syntax of keys, texts and addresses.

use chrono::TimeDelta;
use entente_entity::scalar::Duration;

use super::{at::At, document::ExternalReferenceInput, duration};
use crate::{
    characters,
    problem::{Problem, Rule},
};

/// Maximum bytes of one document as JSON without spaces, before and after merging.
pub const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;
/// Bytes of the text of one document in a file. Because of indentation, YAML is longer than the JSON that
/// [`MAX_DOCUMENT_BYTES`] counts. With this limit, every document that can be applied can also be written and read.
pub const MAX_FILE_BYTES: usize = 16 * MAX_DOCUMENT_BYTES;
/// Bytes of the text of one document of configuration items. A file can contain a complete CMDB; it is sent in parts.
pub const MAX_ITEMS_FILE_BYTES: usize = 256 * 1024 * 1024;
/// Maximum number of problems reported for one document.
pub const MAX_PROBLEMS: usize = 200;
/// Elements of one definition, of all kinds, including indicators.
pub const MAX_ELEMENTS: usize = 1_000;
/// Characters of one text in one language.
pub const MAX_TEXT: usize = 10_000;
/// Characters of a key, a slug or the name of a system.
pub const MAX_KEY: usize = 64;
/// Characters of an indicator's unit.
pub const MAX_UNIT: usize = 100;
/// Characters of a contact's name.
pub const MAX_NAME: usize = 200;
/// Characters of an e-mail address (RFC 5321).
pub const MAX_EMAIL: usize = 254;
/// Contacts in one list.
pub const MAX_CONTACTS: usize = 100;
/// Levels of one escalation policy.
pub const MAX_LEVELS: usize = 100;
/// External references of one object in one document.
pub const MAX_REFERENCES: usize = 100;
/// Configuration items of one service or outcome.
pub const MAX_LINKED_ITEMS: usize = 1_000;
/// Configuration items in one call.
pub const MAX_ITEMS: usize = 1_000;
/// Dependencies of one configuration item.
pub const MAX_DEPENDENCIES: usize = 1_000;
/// Characters of a configuration item's name, class, environment and status.
pub const MAX_ITEM_TEXT: usize = 255;
/// Characters of another system's key, and of its table or class.
pub const MAX_EXTERNAL_KEY: usize = 255;
/// No number is so far from zero.
pub const OUT_OF_RANGE: f64 = 1e301;
/// Characters of a URL.
pub const MAX_URL: usize = 2_048;
/// The longest deadline: ten years of 365 days. A longer one could exceed the range of dates.
pub const MAX_DEADLINE: TimeDelta = TimeDelta::days(3_650);

/// Whether this is a number that can be stored: finite, and small enough that the difference of two is finite too. A number in
/// variables that no 64-bit float holds, as `1e400`, is read as one that is refused here, with its place.
pub fn is_number(number: f64) -> bool {
    number.abs() < OUT_OF_RANGE
}

/// Whether this is a key or a slug: `[a-z0-9]+(-[a-z0-9]+)*`, 64 characters at most.
pub fn is_key(text: &str) -> bool {
    text.len() <= MAX_KEY
        && text
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

/// Whether this names a system: `[a-z0-9-]`, 1 to 64 characters.
pub fn is_system(text: &str) -> bool {
    (1..=MAX_KEY).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The rule that a text of several lines breaks, if any.
pub fn text_rule(text: &str, max: usize) -> Option<Rule> {
    rule(text, max, characters::body_fault)
}

/// The rule that a text of one line breaks, if any.
pub fn line_rule(text: &str, max: usize) -> Option<Rule> {
    rule(text, max, characters::line_fault)
}

/// The rule that a display name breaks, in one language, if any.
pub fn label_rule(text: &str, max: usize) -> Option<Rule> {
    rule(text, max, characters::label_fault)
}

/// The rule that a text for programs breaks (a key of another system, a URL), if any.
fn code_rule(text: &str, max: usize) -> Option<Rule> {
    rule(text, max, characters::code_fault)
}

fn rule(text: &str, max: usize, fault: fn(&str) -> Option<Rule>) -> Option<Rule> {
    let found = text.chars().count();
    if found > max {
        Some(Rule::TooManyCharacters { max, found })
    } else if text.trim().is_empty() {
        Some(Rule::Blank)
    } else {
        fault(text).or_else(|| (!characters::is_visible(text)).then_some(Rule::Blank))
    }
}

/// The rule that an e-mail address breaks, if any. Only its form is checked: a local part, an `@`, a host.
pub fn email_rule(text: &str) -> Option<Rule> {
    let right = characters::code_fault(text).is_none()
        && text.split_once('@').is_some_and(|(local, host)| {
            let plain = |part: &str| {
                !part.contains(|c: char| c.is_whitespace() || c.is_control() || "@<>(),;:\"\\".contains(c))
            };
            !local.is_empty() && plain(local) && plain(host) && host.split('.').all(|label| !label.is_empty())
        });
    let found = text.chars().count();
    if found > MAX_EMAIL {
        Some(Rule::TooManyCharacters { max: MAX_EMAIL, found })
    } else {
        (!right).then(|| Rule::NotAnEmail { given: text.to_owned() })
    }
}

/// The rule that a deadline breaks, if any: it must be exact, greater than zero, and at most [`MAX_DEADLINE`]. For a
/// text that is not a duration, the problem suggests a valid one, or names the rule that the intended one breaks.
pub fn deadline_rule(deadline: &Duration) -> Option<Rule> {
    let given = || deadline.0.clone();
    let meant = if deadline.is_valid() { None } else { duration::meant(&deadline.0) };
    if let Some(meant) = meant.as_ref().filter(|meant| deadline_rule(meant).is_none()) {
        return Some(Rule::NotADuration { given: given(), meant: Some(meant.0.clone()) });
    }
    match meant.as_ref().unwrap_or(deadline).exact() {
        _ if !deadline.is_valid() && meant.is_none() => Some(Rule::NotADuration { given: given(), meant: None }),
        Some(length) if length > MAX_DEADLINE => {
            Some(Rule::DeadlineTooLong { given: given(), max_days: MAX_DEADLINE.num_days() })
        }
        Some(length) if length > TimeDelta::zero() => None,
        _ => Some(Rule::NotAnExactDuration { given: given() }),
    }
}

/// The problems of a list of external references.
pub fn reference_problems(references: &[ExternalReferenceInput], at: &At) -> Vec<Problem> {
    let found = references.len();
    if found > MAX_REFERENCES {
        return vec![at.problem(Rule::TooMany { max: MAX_REFERENCES, found })];
    }
    let mut problems = Vec::new();
    for (index, reference) in references.iter().enumerate() {
        problems.extend(reference_problem(reference, &at.index(index)));
    }
    problems
}

/// The problems of one external reference.
pub fn reference_problem(reference: &ExternalReferenceInput, at: &At) -> Vec<Problem> {
    let ExternalReferenceInput { system, r#type, key, url } = reference;
    let mut problems = key_problems(system, r#type.as_deref(), key, at);
    if let Some(url) = url {
        let rule = code_rule(&url.0, MAX_URL);
        let rule = rule.or_else(|| (!url.is_valid()).then(|| Rule::NotAUrl { given: url.0.clone() }));
        problems.extend(rule.map(|rule| at.field("url").problem(rule)));
    }
    problems
}

/// The problems of an external key.
pub fn key_problems(system: &str, r#type: Option<&str>, key: &str, at: &At) -> Vec<Problem> {
    let rules = [
        ("system", (!is_system(system)).then(|| Rule::NotASystem { given: system.to_owned() })),
        ("type", r#type.and_then(|r#type| code_rule(r#type, MAX_EXTERNAL_KEY))),
        ("key", code_rule(key, MAX_EXTERNAL_KEY)),
    ];
    rules.into_iter().filter_map(|(field, rule)| Some(at.field(field).problem(rule?))).collect()
}
