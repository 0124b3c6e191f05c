//! A document whose shape is not right, as it was probably meant: so that the other rules are checked in the same run.

use entente_entity::text::Lang;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value as Json, json};

use super::{Document, Organizations, check::Checked};
use crate::definition::{
    document::{ConfigurationItems, DefinitionInput},
    shape::{self, Type},
    validate,
};
use crate::problem::{Form, Problem};
use crate::words::Speech;

/// What breaks a rule in a document as it was meant, and certainly in the document itself; and the definition, if it has all that the
/// document has.
pub(super) fn problems(checked: &Checked, kind: Option<&str>) -> (Vec<Problem>, Option<Box<DefinitionInput>>) {
    let (Some(meant), Some(locale)) = (&checked.meant, Lang::parse(Speech::English.tag())) else {
        return Default::default();
    };
    if checked.found.is_empty() {
        return Default::default();
    }
    fn read<T: DeserializeOwned>(meant: &Json) -> Option<T> {
        T::deserialize(meant).ok()
    }
    let mut definition = None;
    let mut problems = match kind {
        Some(Document::ORGANIZATIONS) => {
            read(meant).map(|it: Organizations| validate::organizations(&it.organizations, &locale))
        }
        Some(Document::SERVICE_DEFINITION) => {
            definition = read::<Box<DefinitionInput>>(meant);
            definition.as_ref().map(|definition| validate::definition(definition, false, &locale))
        }
        Some(Document::CONFIGURATION_ITEMS) => read(meant).map(|it: ConfigurationItems| validate::items(&it.items)),
        _ => None,
    }
    .unwrap_or_default();
    if kind == Some(Document::SERVICE_DEFINITION) {
        // In a file, the definition is the document itself.
        problems.iter_mut().filter(|problem| !problem.path.is_empty()).for_each(|problem| drop(problem.path.remove(0)));
    }
    problems.retain(|problem| checked.is_own(problem));
    (problems, definition.filter(|_| checked.is_exact))
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
