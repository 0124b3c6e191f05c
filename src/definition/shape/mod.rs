//! The shape of documents: their fields and types. It is computed from the input types of the API, so that files, API
//! and JSON Schema have one description.

pub mod json_schema;

use std::sync::OnceLock;

use async_graphql::{
    InputType,
    registry::{MetaInputValue, MetaType, Registry},
};
use indexmap::IndexMap;

use super::document::{ConfigurationItemInput, DefinitionInput, Document, OrganizationInput, OrganizationKey};

/// A field of a document that is not an input type of the API: its name, type and description.
pub struct Top {
    /// Its name.
    pub name: &'static str,
    /// Its type, as GraphQL writes it.
    pub ty: &'static str,
    /// Its content.
    pub description: &'static str,
}

/// The fields of a document of organizations.
const ORGANIZATIONS: &[Top] = &[Top {
    name: "organizations",
    ty: "[OrganizationInput!]!",
    description: "The organizations that provide or consume services, in any order.",
}];

/// The fields of a document of configuration items.
const CONFIGURATION_ITEMS: &[Top] = &[
    Top {
        name: "organization",
        ty: "OrganizationKey",
        description: "The organization that the items belong to. If left out: the organization that applies the file.",
    },
    Top { name: "items", ty: "[ConfigurationItemInput!]!", description: "The configuration items, in any order." },
];

/// A field of an object: its name, type and description.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type, as GraphQL writes it.
    pub ty: &'a str,
    /// Its description.
    pub description: Option<&'a str>,
}

impl<'a> From<&'a MetaInputValue> for Field<'a> {
    fn from(value: &'a MetaInputValue) -> Self {
        Self { name: &value.name, ty: &value.ty, description: value.description.as_deref() }
    }
}

/// The kind of a type, with its fields or values.
pub enum Type<'a> {
    /// An object with these fields; of a `one_of`, exactly one is given.
    Object {
        /// The fields.
        fields: Vec<Field<'a>>,
        /// Whether exactly one of them is given.
        one_of: bool,
    },
    /// One of these names.
    Enum(Vec<(&'a str, Option<&'a str>)>),
    /// A scalar of this name.
    Scalar(&'a str),
}

fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let mut registry = Registry::default();
        DefinitionInput::create_type_info(&mut registry);
        OrganizationInput::create_type_info(&mut registry);
        OrganizationKey::create_type_info(&mut registry);
        ConfigurationItemInput::create_type_info(&mut registry);
        registry
    })
}

fn fields_of(fields: &IndexMap<String, MetaInputValue>) -> Vec<Field<'_>> {
    fields.values().map(Field::from).collect()
}

/// The names of all types in documents, sorted.
pub fn type_names() -> impl Iterator<Item = &'static str> {
    registry().types.keys().map(String::as_str)
}

/// The type of this name, with its description.
pub fn named(name: &str) -> (Type<'static>, Option<&'static str>) {
    match registry().types.get(name) {
        Some(MetaType::InputObject { input_fields, oneof, description, .. }) => {
            (Type::Object { fields: fields_of(input_fields), one_of: *oneof }, description.as_deref())
        }
        Some(MetaType::Enum { enum_values, description, .. }) => {
            let values = enum_values.values().map(|value| (&*value.name, value.description.as_deref()));
            (Type::Enum(values.collect()), description.as_deref())
        }
        Some(MetaType::Scalar { name, description, .. }) => (Type::Scalar(name), description.as_deref()),
        _ => (Type::Scalar("String"), None),
    }
}

/// The fields of a document of this kind, without `kind`; `None` for an unknown kind.
pub fn of_kind(kind: &str) -> Option<Vec<Field<'static>>> {
    let top = |fields: &'static [Top]| {
        fields.iter().map(|it| Field { name: it.name, ty: it.ty, description: Some(it.description) }).collect()
    };
    match kind {
        Document::ORGANIZATIONS => Some(top(ORGANIZATIONS)),
        Document::CONFIGURATION_ITEMS => Some(top(CONFIGURATION_ITEMS)),
        Document::SERVICE_DEFINITION => match named("DefinitionInput").0 {
            Type::Object { fields, .. } => Some(fields),
            _ => None,
        },
        _ => None,
    }
}
