//! Checks the shape of a document in a text, and reports all problems together.

use std::{collections::HashSet, rc::Rc};

use serde_json::{Map, Value as Json};

use super::{
    meant,
    tree::{Key, Node, Spot, Value},
};
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

/// What was found in a document.
pub(super) struct Checked {
    /// All that is wrong with its shape, by place. List indexes are numbers in the paths.
    pub found: Vec<(Spot, Problem)>,
    /// The document as JSON, as it was probably meant, so that the other rules can be checked too; `None` if that is not known.
    pub meant: Option<Json>,
    /// The places where `meant` has something else than the document.
    pub replaced: Vec<Vec<String>>,
    /// Whether `meant` has all that the document has, but for fields that do not exist.
    pub is_exact: bool,
}

#[derive(Default)]
struct Check {
    found: Vec<(Spot, Problem)>,
    replaced: Vec<Vec<String>>,
    nodes: usize,
    /// Whether a part was not looked at.
    is_partial: bool,
    /// Whether something stands for a value that is not known.
    has_placeholders: bool,
}

/// Checks the shape of a document. Without a kind, only that it is an object.
pub(super) fn document(root: &Node, kind: Option<&str>) -> Checked {
    let mut check = Check::default();
    let mut meant = None;
    if let Value::Map(given) = &root.value {
        let kinds = given.iter().map(|(key, _)| key).filter(|key| key.text == "kind");
        kinds.skip(1).for_each(|kind| check.say(kind.at, Some(&At::top("kind")), Rule::FieldTwice));
    }
    match (&root.value, kind.and_then(shape::of_kind)) {
        (Value::Map(given), Some(fields)) => {
            let given: Vec<_> = given.iter().filter(|(key, _)| key.text != "kind").collect();
            meant = Some(Json::Object(check.fields(root.at, &given, &fields, None)));
        }
        (Value::Map(_), None) => {}
        _ => check.say(root.at, None, Rule::WrongForm { expected: Form::Fields, given: shown(root) }),
    }
    let Check { mut found, replaced, is_partial, has_placeholders, .. } = check;
    let is_exact = !has_placeholders && found.iter().all(|(_, it)| matches!(it.rule, Rule::UnknownField { .. }));
    found.sort_by_key(|(at, _)| *at);
    found.truncate(MAX_PROBLEMS);
    Checked { found, meant: meant.filter(|_| !is_partial), replaced, is_exact }
}

impl Checked {
    /// Whether the original document has this problem too, and it was not reported yet.
    pub fn is_own(&self, problem: &Problem) -> bool {
        let Problem { path, rule } = problem;
        // Whether an entry of the list may have another key than the document as it was meant.
        let in_doubt = |list: &str| {
            let is_of_key = |path: &[String]| {
                path.first().is_some_and(|first| first == list) && path.get(2).is_none_or(|field| field == "key")
            };
            self.replaced.iter().any(|path| is_of_key(path))
                || self.found.iter().any(|(_, other)| is_of_key(&other.path))
        };
        // Whether an entry beside this one has another value than in the document.
        let is_compared_with_placeholder = || {
            let Some(index) = path.iter().rposition(|step| step.parse::<usize>().is_ok()) else { return false };
            self.replaced.iter().any(|at| at.len() > index && at[..index] == path[..index])
        };
        let is_known = self.found.iter().any(|(_, told)| path.starts_with(&told.path));
        let is_replaced = self.replaced.iter().any(|at| at.starts_with(path) || path.starts_with(at));
        let is_in_doubt = match rule {
            Rule::UnknownStage { .. } => in_doubt("journey"),
            Rule::UnknownOffering { .. } => in_doubt("offerings"),
            Rule::NamedTwice { .. } | Rule::LevelsNotRising => is_compared_with_placeholder(),
            _ => false,
        };
        !is_known && !is_replaced && !is_in_doubt
    }
}

/// A path as people read it: entries of lists by their names.
pub(super) fn named(root: &Node, path: &[String]) -> Vec<String> {
    let mut here = Some(root);
    let steps = path.iter().map(|step| match here.map(|node| &node.value) {
        Some(Value::List(entries)) => {
            let entry = step.parse::<usize>().ok().and_then(|index| entries.get(index));
            here = entry.map(|entry| &**entry);
            here.and_then(name).unwrap_or(step).to_owned()
        }
        Some(Value::Map(fields)) => {
            here = fields.iter().find(|(key, _)| key.text == *step).map(|(_, value)| &**value);
            step.clone()
        }
        _ => step.clone(),
    });
    steps.collect()
}

impl Check {
    fn say(&mut self, spot: Spot, at: Option<&At>, rule: Rule) {
        let path = at.map(At::path).unwrap_or_default();
        self.found.push((spot, Problem { path, rule }));
    }

    /// What stands for a value that is not known.
    fn replace(&mut self, ty: &str, at: &At) -> Json {
        self.replaced.push(at.path());
        self.has_placeholders = true;
        self.nodes += 1;
        meant::placeholder(ty, self.nodes)
    }

    fn fields(
        &mut self,
        spot: Spot,
        given: &[&(Key, Rc<Node>)],
        fields: &[Field],
        at: Option<&At>,
    ) -> Map<String, Json> {
        fn below<'k>(at: Option<&'k At<'k>>, name: &'k str) -> At<'k> {
            at.map_or(At::top(name), |at| at.field(name))
        }
        let mut seen = HashSet::new();
        let (mut meant, mut values) = (HashSet::new(), Map::new());
        let mut before = None;
        for (key, value) in given.iter().map(|field| (&field.0, &field.1)) {
            let here = below(at, &key.text);
            let comma = before.replace((key, value)).and_then(|before| decimals(before, (key, value)));
            if let Some((name, at_value, meant)) = comma {
                self.say(at_value, Some(&below(at, name)), Rule::DecimalComma { meant });
                continue;
            }
            if !seen.insert(&*key.text) {
                self.say(key.at, Some(&here), Rule::FieldTwice);
                continue;
            }
            match fields.iter().find(|field| field.name == key.text) {
                Some(field) => {
                    if let Some(value) = self.value(value, field.ty, &here) {
                        values.insert(field.name.to_owned(), value);
                    } else if field.ty.ends_with('!') {
                        values.insert(field.name.to_owned(), self.replace(field.ty, &here));
                    }
                }
                None => {
                    let left = fields
                        .iter()
                        .map(|field| field.name)
                        .filter(|name| !given.iter().any(|(other, _)| other.text == *name) && !meant.contains(*name));
                    let nearest = nearest(&key.text, left);
                    if let Some(field) = nearest.as_ref().and_then(|near| fields.iter().find(|it| it.name == *near)) {
                        values.insert(field.name.to_owned(), self.renamed(value, field, &below(at, field.name)));
                        meant.insert(field.name);
                    }
                    let known = fields.iter().map(|field| field.name.to_owned()).collect();
                    self.say(key.at, Some(&here), Rule::UnknownField { nearest, known });
                }
            }
        }
        for field in fields.iter().filter(|field| field.ty.ends_with('!')) {
            if !seen.contains(field.name) && !meant.contains(field.name) {
                let here = below(at, field.name);
                self.say(spot, Some(&here), Rule::Required);
                values.insert(field.name.to_owned(), self.replace(field.ty, &here));
            }
        }
        values
    }

    /// The value of a field that was given under another name. What is wrong with it is told once it has its name.
    fn renamed(&mut self, node: &Node, field: &Field, at: &At) -> Json {
        let before = self.found.len();
        let value = self.value(node, field.ty, at);
        let is_right = self.found.len() == before;
        self.found.truncate(before);
        self.replaced.push(at.path());
        match value {
            Some(value) if is_right => value,
            _ => self.replace(field.ty, at),
        }
    }

    /// Checks a value; returns it as it was meant, if that is known.
    fn value(&mut self, node: &Node, ty: &str, at: &At) -> Option<Json> {
        self.nodes += 1;
        if self.nodes > MAX_NODES || self.found.len() > MAX_PROBLEMS || matches!(node.value, Value::Unknown) {
            self.is_partial = true;
            return None;
        }
        let (ty, required) = ty.strip_suffix('!').map_or((ty, false), |ty| (ty, true));
        if is_null(node) {
            if required {
                self.say(node.at, Some(at), Rule::Required);
            }
            return (!required).then_some(Json::Null);
        }
        if let Some(entry) = ty.strip_prefix('[').and_then(|ty| ty.strip_suffix(']')) {
            let Value::List(entries) = &node.value else { return self.form(node, Form::List, at) };
            let entries = entries.iter().enumerate().map(|(index, node)| {
                let at = at.index(index);
                self.value(node, entry, &at).unwrap_or_else(|| self.replace(entry, &at))
            });
            return Some(Json::Array(entries.collect()));
        }
        match (shape::named(ty).0, &node.value) {
            (Type::Object { fields, one_of }, Value::Map(given)) => {
                let before = self.found.len();
                let given: Vec<_> = given.iter().collect();
                let values = self.fields(node.at, &given, &fields, Some(at));
                if one_of && given.len() != 1 && self.found.len() == before {
                    let fields = fields.iter().map(|field| field.name.to_owned()).collect();
                    self.say(node.at, Some(at), Rule::ExactlyOneOf { fields });
                }
                (!one_of || values.len() == 1).then_some(Json::Object(values))
            }
            (Type::Object { fields, one_of: true }, Value::Scalar { text, .. }) => {
                let field = if fields.iter().any(|field| field.name == "slug") { "slug" } else { "ref" };
                self.say(node.at, Some(at), Rule::KeyWithoutField { given: short(text), field });
                None
            }
            (Type::Object { .. }, _) => self.form(node, Form::Fields, at),
            (Type::Enum(values), Value::Scalar { text, .. }) => {
                if values.iter().any(|(name, _)| name == text) {
                    return Some(Json::String(text.clone()));
                }
                let nearest = nearest(text, values.iter().map(|(name, _)| *name));
                let values = values.iter().map(|(name, _)| (*name).to_owned()).collect();
                self.say(node.at, Some(at), Rule::UnknownValue { given: short(text), nearest, values });
                None
            }
            (Type::Enum(_), _) => self.form(node, Form::Text, at),
            (Type::Scalar(name), _) => self.scalar(node, name, at),
        }
    }

    fn scalar(&mut self, node: &Node, name: &str, at: &At) -> Option<Json> {
        let form = match name {
            "LocalizedText" => Form::Texts,
            "Boolean" => Form::Boolean,
            "Int" => Form::WholeNumber,
            "Float" => Form::Number,
            _ => Form::Text,
        };
        let is_right = match (&node.value, form) {
            (Value::Map(texts), Form::Texts) => return Some(self.texts(texts, at)),
            (Value::Scalar { text, plain }, Form::Texts) => !plain || !is_typed(text),
            (Value::Scalar { text, plain: true }, Form::Boolean) => is_boolean(text),
            (Value::Scalar { text, plain: true }, Form::WholeNumber) => {
                text.parse::<f64>().is_ok_and(|number| number.fract() == 0.0)
            }
            (Value::Scalar { text, plain: true }, Form::Number) => is_number(text),
            (Value::Scalar { .. }, Form::Text) => true,
            _ => false,
        };
        match &node.value {
            Value::Scalar { text, .. } if is_right => {
                let value = meant::scalar(text, form);
                self.is_partial |= value.is_none();
                value
            }
            _ => self.form(node, form, at),
        }
    }

    /// The texts of several languages.
    fn texts(&mut self, texts: &[(Key, Rc<Node>)], at: &At) -> Json {
        let (mut seen, mut values) = (HashSet::new(), Map::new());
        for (lang, node) in texts {
            let at = at.field(&lang.text);
            if !seen.insert(&*lang.text) {
                self.say(lang.at, Some(&at), Rule::FieldTwice);
                continue;
            }
            let value = match &node.value {
                _ if is_null(node) => Json::Null,
                Value::Scalar { text, plain } if !plain || !is_typed(text) => Json::String(text.clone()),
                _ => {
                    self.form(node, Form::Texts, &at);
                    Json::Null
                }
            };
            values.insert(lang.text.clone(), value);
        }
        Json::Object(values)
    }

    fn form(&mut self, node: &Node, expected: Form, at: &At) -> Option<Json> {
        self.say(node.at, Some(at), Rule::WrongForm { expected, given: shown(node) });
        None
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
    (field, number): (&'n Key, &'n Rc<Node>),
    (after, nothing): (&Key, &Rc<Node>),
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
