//! Checks the shape of a document in a text, and reports all problems together.

use std::collections::HashSet;

use super::tree::{Key, Node, Spot, Value};
use crate::{
    definition::{
        at::At,
        duration,
        limits::MAX_PROBLEMS,
        nearest::nearest,
        shape::{self, Field, Type},
    },
    problem::{Form, Problem, Rule},
};

/// The number of values after which the check stops. For a document that expands, the limits of the reader apply.
const MAX_NODES: usize = 1_000_000;
/// Maximum length of a given value in a message.
const SHOWN: usize = 60;

struct Check {
    found: Vec<(Spot, Problem)>,
    nodes: usize,
}

/// All problems in the shape of a document, ordered by place. Without a kind, only checks that it is an object.
pub(super) fn document(root: &Node, kind: Option<&str>) -> Vec<(Spot, Problem)> {
    let mut check = Check { found: Vec::new(), nodes: 0 };
    if let Value::Map(given) = &root.value {
        let kinds = given.iter().map(|(key, _)| key).filter(|key| key.text == "kind");
        kinds.skip(1).for_each(|kind| check.say(kind.at, Some(&At::top("kind")), Rule::FieldTwice));
    }
    match (&root.value, kind.and_then(shape::of_kind)) {
        (Value::Map(given), Some(fields)) => {
            let given: Vec<_> = given.iter().filter(|(key, _)| key.text != "kind").collect();
            check.fields(root.at, &given, &fields, None);
        }
        (Value::Map(_), None) => {}
        _ => check.say(root.at, None, Rule::WrongForm { expected: Form::Fields, given: shown(root) }),
    }
    check.found.sort_by_key(|(at, _)| *at);
    check.found.truncate(MAX_PROBLEMS);
    check.found
}

impl Check {
    fn say(&mut self, spot: Spot, at: Option<&At>, rule: Rule) {
        let path = at.map(At::path).unwrap_or_default();
        self.found.push((spot, Problem { path, rule }));
    }

    fn fields(&mut self, spot: Spot, given: &[&(Key, std::rc::Rc<Node>)], fields: &[Field], at: Option<&At>) {
        let mut seen = HashSet::new();
        let mut meant = HashSet::new();
        let mut before = None;
        for (key, value) in given.iter().map(|field| (&field.0, &field.1)) {
            let below = at.map_or(At::top(&key.text), |at| at.field(&key.text));
            let comma = before.replace((key, value)).and_then(|before| decimals(before, (key, value)));
            if let Some((name, at_value, meant)) = comma {
                let number = at.map_or(At::top(name), |at| at.field(name));
                self.say(at_value, Some(&number), Rule::DecimalComma { meant });
                continue;
            }
            if !seen.insert(&*key.text) {
                self.say(key.at, Some(&below), Rule::FieldTwice);
                continue;
            }
            match fields.iter().find(|field| field.name == key.text) {
                Some(field) => self.value(value, field.ty, &below),
                None => {
                    let left = fields
                        .iter()
                        .map(|field| field.name)
                        .filter(|name| !given.iter().any(|(other, _)| other.text == *name) && !meant.contains(*name));
                    let nearest = nearest(&key.text, left);
                    meant.extend(nearest.clone());
                    let known = fields.iter().map(|field| field.name.to_owned()).collect();
                    self.say(key.at, Some(&below), Rule::UnknownField { nearest, known });
                }
            }
        }
        for field in fields.iter().filter(|field| field.ty.ends_with('!')) {
            if !seen.contains(field.name) && !meant.contains(field.name) {
                let below = at.map_or(At::top(field.name), |at| at.field(field.name));
                self.say(spot, Some(&below), Rule::Required);
            }
        }
    }

    fn value(&mut self, node: &Node, ty: &str, at: &At) {
        self.nodes += 1;
        if self.nodes > MAX_NODES || self.found.len() > MAX_PROBLEMS || matches!(node.value, Value::Unknown) {
            return;
        }
        let (ty, required) = ty.strip_suffix('!').map_or((ty, false), |ty| (ty, true));
        if is_null(node) {
            if required {
                self.say(node.at, Some(at), Rule::Required);
            }
            return;
        }
        if let Some(entry) = ty.strip_prefix('[').and_then(|ty| ty.strip_suffix(']')) {
            match &node.value {
                Value::List(entries) => {
                    for (index, node) in entries.iter().enumerate() {
                        // Use the given name if it has the usual form.
                        match name(node) {
                            Some(name) => self.value(node, entry, &at.field(name)),
                            None => self.value(node, entry, &at.index(index)),
                        }
                    }
                }
                _ => self.form(node, Form::List, at),
            }
            return;
        }
        match (shape::named(ty).0, &node.value) {
            (Type::Object { fields, one_of }, Value::Map(given)) => {
                let before = self.found.len();
                let given: Vec<_> = given.iter().collect();
                self.fields(node.at, &given, &fields, Some(at));
                if one_of && given.len() != 1 && self.found.len() == before {
                    let fields = fields.iter().map(|field| field.name.to_owned()).collect();
                    self.say(node.at, Some(at), Rule::ExactlyOneOf { fields });
                }
            }
            (Type::Object { fields, one_of: true }, Value::Scalar { text, .. }) => {
                let field = if fields.iter().any(|field| field.name == "slug") { "slug" } else { "ref" };
                self.say(node.at, Some(at), Rule::KeyWithoutField { given: short(text), field });
            }
            (Type::Object { .. }, _) => self.form(node, Form::Fields, at),
            (Type::Enum(values), Value::Scalar { text, .. }) => {
                if !values.iter().any(|(name, _)| name == text) {
                    let nearest = nearest(text, values.iter().map(|(name, _)| *name));
                    let values = values.iter().map(|(name, _)| (*name).to_owned()).collect();
                    self.say(node.at, Some(at), Rule::UnknownValue { given: short(text), nearest, values });
                }
            }
            (Type::Enum(_), _) => self.form(node, Form::Text, at),
            (Type::Scalar(name), _) => self.scalar(node, name, at),
        }
    }

    fn scalar(&mut self, node: &Node, name: &str, at: &At) {
        let form = match name {
            "LocalizedText" => Form::Texts,
            "Boolean" => Form::Boolean,
            "Int" => Form::WholeNumber,
            "Float" => Form::Number,
            _ => Form::Text,
        };
        let is_right = match (&node.value, form) {
            (Value::Map(texts), Form::Texts) => {
                let mut seen = HashSet::new();
                for (lang, text) in texts {
                    if !seen.insert(&*lang.text) {
                        self.say(lang.at, Some(&at.field(&lang.text)), Rule::FieldTwice);
                        continue;
                    }
                    let is_text = matches!(&text.value, Value::Scalar { text, plain } if !plain || !is_typed(text));
                    if !is_text && !is_null(text) {
                        self.form(text, Form::Texts, &at.field(&lang.text));
                    }
                }
                true
            }
            (Value::Scalar { text, plain }, Form::Texts) => !plain || !is_typed(text),
            (Value::Scalar { text, plain: true }, Form::Boolean) => is_boolean(text),
            (Value::Scalar { text, plain: true }, Form::WholeNumber) => {
                text.parse::<f64>().is_ok_and(|number| number.fract() == 0.0)
            }
            (Value::Scalar { text, plain: true }, Form::Number) => is_number(text),
            (Value::Scalar { .. }, Form::Text) => true,
            _ => false,
        };
        if !is_right {
            self.form(node, form, at);
        }
    }

    fn form(&mut self, node: &Node, expected: Form, at: &At) {
        self.say(node.at, Some(at), Rule::WrongForm { expected, given: shown(node) });
    }
}

/// The name of an entry of a list in paths: its key, its slug, or another field that identifies it.
fn name(entry: &Node) -> Option<&str> {
    let Value::Map(fields) = &entry.value else { return None };
    let given = |name: &str| fields.iter().find(|(key, _)| key.text == name).map(|(_, value)| &value.value);
    ["key", "slug", "severity", "level", "organization"]
        .into_iter()
        .find_map(given)
        .and_then(|value| match value {
            Value::Scalar { text, .. } => Some(text.as_str()),
            Value::Map(fields) => match fields.first().map(|(key, value)| (&*key.text, &value.value)) {
                Some(("slug", Value::Scalar { text, .. })) => Some(text),
                _ => None,
            },
            _ => None,
        })
        .filter(|name| !name.is_empty())
}

/// Within braces `{ baseline: 3,5 }` has a field `5` after `baseline: 3`, and `{ resolveWithin: PT1,5H }` a field `5H`.
/// Returns the field, the position of its value, and the number or the duration that was meant.
fn decimals<'n>(
    (field, number): (&'n Key, &'n std::rc::Rc<Node>),
    (after, nothing): (&Key, &std::rc::Rc<Node>),
) -> Option<(&'n str, Spot, String)> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Value::Scalar { text, plain: true } = &number.value else { return None };
    let whole = format!("{text}.{}", after.text);
    let meant = match is_digits(text.trim_start_matches('-')) && is_digits(&after.text) {
        true => whole,
        false if text.ends_with(|c: char| c.is_ascii_digit()) => duration::meant(&whole)?.0,
        false => return None,
    };
    is_null(nothing).then_some((&*field.text, number.at, meant))
}

fn is_null(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar { text, plain: true } if matches!(&**text, "" | "~" | "null" | "Null" | "NULL"))
}

fn is_boolean(text: &str) -> bool {
    matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE")
}

fn is_number(text: &str) -> bool {
    let plain = text.replace('_', "");
    plain.parse::<f64>().is_ok()
        || matches!(text.trim_start_matches(['-', '+']), ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
        || text
            .strip_prefix("0x")
            .or(text.strip_prefix("0o"))
            .is_some_and(|digits| i64::from_str_radix(digits, 16).is_ok())
}

/// Whether YAML reads an unquoted text as another type.
fn is_typed(text: &str) -> bool {
    is_boolean(text) || is_number(text)
}

/// The given value, if it is short enough for a message.
fn shown(node: &Node) -> Option<String> {
    match &node.value {
        Value::Scalar { text, .. } => Some(short(text)),
        _ => None,
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
