//! How much there may be of everything in a document, and how its smallest parts are written.

use chrono::TimeDelta;
use entente_entity::{
    characters,
    problem::{Problem, Rule},
    scalar::Duration,
};

use super::{at::At, document::ExternalReferenceInput};

/// Bytes of one document as JSON without spaces, as it is given, and as it stands once it is merged.
pub const MAX_DOCUMENT_BYTES: usize = 1024 * 1024;
/// Bytes of the text of one document in a file. YAML has more of them than the JSON that [`MAX_DOCUMENT_BYTES`] counts, the
/// most where short lines are set in: whatever may be applied can also be written and read.
pub const MAX_FILE_BYTES: usize = 16 * MAX_DOCUMENT_BYTES;
/// Bytes of the text of one document of configuration items: whole CMDBs are sent from one file, in parts.
pub const MAX_ITEMS_FILE_BYTES: usize = 256 * 1024 * 1024;
/// Problems that are said of one document.
pub const MAX_PROBLEMS: usize = 200;
/// Elements of one definition, of all kinds, indicators included.
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
/// External references of one thing in one document.
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
/// Characters of a URL.
pub const MAX_URL: usize = 2_048;
/// The longest deadline: ten years of 365 days. More would leave the calendar.
pub const MAX_DEADLINE: TimeDelta = TimeDelta::days(3_650);

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

/// What is wrong with a text of at most so many characters that may have several lines.
pub fn text_rule(text: &str, max: usize) -> Option<Rule> {
    rule(text, max, characters::body_fault)
}

/// What is wrong with a text of one line.
pub fn line_rule(text: &str, max: usize) -> Option<Rule> {
    rule(text, max, characters::line_fault)
}

/// What is wrong with what people call something, in one language of a document.
pub fn label_rule(text: &str, max: usize) -> Option<Rule> {
    rule(text, max, characters::label_fault)
}

/// What is wrong with what programs compare: a key of another system, a URL.
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

/// What is wrong with an e-mail address. Only that it can be one is looked at: something, an `@`, a host.
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

/// What is wrong with a deadline: it must be exact, longer than nothing, and not longer than [`MAX_DEADLINE`]. What is not
/// written as a duration is told with one that would be taken, or with what is wrong with the one that was meant.
pub fn deadline_rule(deadline: &Duration) -> Option<Rule> {
    let given = || deadline.0.clone();
    let meant = if deadline.is_valid() { None } else { Duration::meant(&deadline.0) };
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

/// What is wrong with a list of external references.
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

/// What is wrong with one external reference.
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

/// What is wrong with another system's key.
pub fn key_problems(system: &str, r#type: Option<&str>, key: &str, at: &At) -> Vec<Problem> {
    let rules = [
        ("system", (!is_system(system)).then(|| Rule::NotASystem { given: system.to_owned() })),
        ("type", r#type.and_then(|r#type| code_rule(r#type, MAX_EXTERNAL_KEY))),
        ("key", code_rule(key, MAX_EXTERNAL_KEY)),
    ];
    rules.into_iter().filter_map(|(field, rule)| Some(at.field(field).problem(rule?))).collect()
}
