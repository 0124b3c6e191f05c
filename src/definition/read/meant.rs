//! A document whose shape is not right, as it was probably meant: so that the other rules are checked in the same run.

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value as Json, json};

use super::{Document, Organizations, Validate, check::Checked};
use crate::{
    definition::{
        document::DefinitionInput,
        shape::{self, Type},
    },
    problem::{Form, Problem},
};

/// The rules that a document breaks, as it was probably meant, and that the document itself certainly breaks; and the
/// definition, if it has all content of the document.
pub(super) fn problems(
    checked: &Checked,
    kind: Option<&str>,
    validate: Validate,
) -> (Vec<Problem>, Option<Box<DefinitionInput>>) {
    let Some(document) = checked.meant.as_ref().filter(|_| !checked.found.is_empty()).and_then(|it| read(it, kind))
    else {
        return Default::default();
    };
    let mut problems = validate(&document);
    problems.retain(|problem| checked.is_own(problem));
    let definition = match document {
        Document::ServiceDefinition(definition) if checked.is_exact => Some(definition),
        _ => None,
    };
    (problems, definition)
}

fn read(meant: &Json, kind: Option<&str>) -> Option<Document> {
    fn of<T: DeserializeOwned>(meant: &Json) -> Option<T> {
        T::deserialize(meant).ok()
    }
    match kind? {
        Document::ORGANIZATIONS => of(meant).map(|it: Organizations| Document::Organizations(it.organizations)),
        Document::SERVICE_DEFINITION => of(meant).map(Document::ServiceDefinition),
        Document::CONFIGURATION_ITEMS => of(meant).map(Document::ConfigurationItems),
        _ => None,
    }
}

/// A value that stands for an unknown one of this type. No other one has the same number.
pub(super) fn placeholder(ty: &str, number: usize) -> Json {
    let ty = ty.trim_end_matches('!');
    if ty.starts_with('[') {
        return json!([]);
    }
    match shape::named(ty).0 {
        Type::Object { fields, one_of } => {
            let is_needed = |name: &str, ty: &str| if one_of { name == "id" } else { ty.ends_with('!') };
            let fields = fields.iter().filter(|field| is_needed(field.name, field.ty));
            Json::Object(
                fields.map(|field| (field.name.to_owned(), placeholder(field.ty, number))).collect::<Map<_, _>>(),
            )
        }
        Type::Enum(values) => json!(values.first().map(|(name, _)| *name)),
        Type::Scalar("Int" | "Float") => json!(number),
        Type::Scalar("Boolean") => json!(false),
        Type::Scalar(_) => json!(format!("placeholder-{number}")),
    }
}

/// A scalar that is written as its form has it; `None` for numbers that JSON does not have.
pub(super) fn scalar(text: &str, form: Form) -> Option<Json> {
    match form {
        Form::Boolean => Some(Json::Bool(text.eq_ignore_ascii_case("true"))),
        Form::WholeNumber => text.parse::<i64>().ok().map(|number| json!(number)),
        Form::Number => text.replace('_', "").parse().ok().and_then(Number::from_f64).map(Json::Number),
        Form::List | Form::Fields | Form::Text | Form::Texts => Some(Json::String(text.to_owned())),
    }
}
