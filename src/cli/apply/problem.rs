//! The problems of documents as they are printed: file, line, column, path of keys, message.

use entente_entity::enums::UserErrorCode;
use serde::Serialize;
use serde_json::Value;

use super::{
    files::{ItemsSource, OrganizationSource, Origin, ServiceSource},
    report::name,
    send::UserError,
};
use crate::{definition::read::Fault, words::Speech};

/// A code and a message.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Said {
    /// The code, for programs.
    pub code: String,
    /// The message, for people.
    pub message: String,
}

/// A problem, ready to be printed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) struct Told {
    /// The file; `None` if the message names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    /// The path of keys: `outcomes/one-record/stage`.
    path: String,
    code: String,
    message: String,
}

impl Told {
    /// A complete message.
    pub fn line(message: String) -> Self {
        Self { file: None, line: None, column: None, path: String::new(), code: "INVALID".into(), message }
    }

    /// A message about a place of a file.
    pub fn at(file: &str, line: u64, column: u64, message: String) -> Self {
        Self { file: Some(file.to_owned()), line: Some(line), column: Some(column), ..Self::line(message) }
    }

    /// The same problem with another code.
    pub fn coded(self, code: &str) -> Self {
        Self { code: code.to_owned(), ..self }
    }

    /// A problem that the reader of documents found.
    pub fn fault(file: &str, fault: &Fault, speech: Speech) -> Self {
        let Fault { line, column, path, rule } = fault;
        Self {
            file: Some(file.to_owned()),
            line: Some(*line),
            column: Some(*column),
            path: path.join("/"),
            code: rule.code().name().to_owned(),
            message: rule.say(speech),
        }
    }

    /// The problem as a line: `FILE:LINE:COLUMN: PATH: MESSAGE (CODE)`, which editors and terminals can follow.
    pub fn say(&self) -> String {
        let Self { file, line, column, path, code, message } = self;
        let Some(file) = file else { return message.clone() };
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        let column = column.map(|column| format!(":{column}")).unwrap_or_default();
        let path = if path.is_empty() { String::new() } else { format!("{path}: ") };
        format!("{file}{line}{column}: {path}{message} ({code})")
    }
}

/// Sorts problems by file name, line and column.
pub(in crate::cli) fn sort(problems: &mut [Told]) {
    problems.sort_by(|one, other| {
        let place = |told: &Told| (told.line, told.column);
        one.file.cmp(&other.file).then_with(|| place(one).cmp(&place(other)))
    });
}

impl Told {
    /// Whether an unknown name is the problem.
    pub fn is_not_found(&self) -> bool {
        self.code == UserErrorCode::NotFound.name()
    }

    /// Whether it is the same problem at the same place as another.
    pub fn is_as(&self, other: &Self) -> bool {
        self.is_at(other) && self.code == other.code
    }

    /// Whether it is at the same place as another.
    pub fn is_at(&self, other: &Self) -> bool {
        let place = |told: &Self| (told.file.clone(), told.line, told.column, told.path.clone());
        place(self) == place(other)
    }
}

impl Origin {
    /// A problem of this document. `at` is the path in the input, `path` the printed path.
    pub fn told(&self, at: &[String], path: &[String], said: Said) -> Told {
        let (line, column) = self.place.locator()(at);
        Told {
            file: Some(self.file.clone()),
            line: Some(line),
            column: Some(column),
            path: path.join("/"),
            code: said.code,
            message: said.message,
        }
    }

    /// A note about a place of this document.
    pub fn noted(&self, at: &[String], path: &[String], message: String) -> Told {
        self.told(at, path, Said { code: "NOTE".into(), message })
    }

    fn told_all<'e>(
        &self,
        errors: impl IntoIterator<Item = &'e UserError>,
        place: impl Fn(&[String]) -> (Vec<String>, Vec<String>),
    ) -> Vec<Told> {
        let locate = self.place.locator();
        let told = errors.into_iter().map(|error| {
            let UserError { code, message, path } = error;
            let (at, path) = place(path.as_deref().unwrap_or_default());
            let (line, column) = locate(&at);
            Told {
                file: Some(self.file.clone()),
                line: Some(line),
                column: Some(column),
                path: path.join("/"),
                code: code.clone(),
                message: message.clone(),
            }
        });
        told.collect()
    }
}

impl ServiceSource {
    /// The problems of the definition, whose paths begin with `definition`.
    pub fn told(&self, errors: &[UserError]) -> Vec<Told> {
        let input = serde_json::json!(self.definition);
        self.origin.told_all(errors, |path| {
            let path = path.strip_prefix(&["definition".to_owned()]).unwrap_or_default();
            (path.to_vec(), keyed(path, &input))
        })
    }
}

impl ServiceSource {
    /// A note about a place of the definition.
    pub fn noted(&self, at: &[String], message: String) -> Told {
        self.origin.noted(at, &keyed(at, &serde_json::json!(self.definition)), message)
    }
}

impl ItemsSource {
    /// The problems of the items, whose paths begin with `items`.
    pub fn told(&self, errors: &[UserError]) -> Vec<Told> {
        let input = serde_json::json!({ "items": self.items });
        self.origin.told_all(errors, |path| match path {
            [first, index, rest @ ..] if first == "items" => {
                let index: usize = index.parse().unwrap_or_default();
                let at = [first.clone(), (self.before + index).to_string()].into_iter().chain(rest.iter().cloned());
                (at.collect(), keyed(path, &input))
            }
            path => (path.to_vec(), keyed(path, &input)),
        })
    }
}

/// The problems of a portion of organizations, whose paths begin with `organizations`.
pub(super) fn told_of_organizations(portion: &[OrganizationSource], errors: &[UserError]) -> Vec<Told> {
    let told = errors.iter().filter_map(|error| {
        let path = error.path.as_deref().unwrap_or_default();
        let index: usize = path.get(1).and_then(|index| index.parse().ok()).unwrap_or_default();
        let source = portion.get(index)?;
        let input = serde_json::json!(source.organization);
        let rest = path.get(2..).unwrap_or_default();
        Some(source.origin.told_all([error], |_| {
            let at = ["organizations".to_owned(), source.before.to_string()].into_iter().chain(rest.iter().cloned());
            let named = ["organizations".to_owned(), source.organization.slug.clone()];
            (at.collect(), named.into_iter().chain(keyed(rest, &input)).collect())
        }))
    });
    told.flatten().collect()
}

/// A path of the input, with the keys of list entries instead of their indexes.
fn keyed(path: &[String], input: &Value) -> Vec<String> {
    let mut at = Some(input);
    let steps = path.iter().map(|step| {
        let below = at.and_then(|value| match value {
            Value::Array(entries) => entries.get(step.parse::<usize>().ok()?),
            value => value.get(step),
        });
        let name = match (at, below) {
            (Some(Value::Array(_)), Some(entry)) => name(entry).map(|(_, name)| name).filter(|name| !name.is_empty()),
            _ => None,
        };
        at = below;
        name.unwrap_or_else(|| step.clone())
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_names_the_entry() {
        let input = json!({ "outcomes": [{ "key": "a" }, { "key": "b", "indicators": [{}] }] });
        let said = |path: &[&str]| {
            let path: Vec<String> = path.iter().map(ToString::to_string).collect();
            keyed(&path, &input).join("/")
        };
        assert_eq!(said(&["outcomes", "1", "stage"]), "outcomes/b/stage");
        assert_eq!(said(&["outcomes", "1", "indicators", "0"]), "outcomes/b/indicators/0");
        assert_eq!(said(&["outcomes", "7", "key"]), "outcomes/7/key");
    }
}
