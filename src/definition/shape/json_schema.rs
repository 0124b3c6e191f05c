//! The shape of documents as a JSON Schema (draft 2020-12), for editors and other programs that check files.
//!
//! It only checks the content of a file: fields, types, names, the syntax of keys. `entente validate` and `apply` also
//! check whether a stage or an organization exists.

use serde_json::{Map, Value, json};

use super::{Field, Type, named, of_kind, type_names};
use crate::definition::{document::Document, limits};

const SLUG: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";

/// The schema of a document of any kind.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    for name in type_names() {
        definitions.insert(name.to_owned(), definition(name));
    }
    let kinds: Vec<Value> = Document::KINDS.iter().map(|kind| json!({ "$ref": format!("#/$defs/{kind}") })).collect();
    for kind in Document::KINDS {
        let mut object = object(kind, &of_kind(kind).unwrap_or_default());
        object["properties"]["kind"] = json!({ "const": kind, "description": "The kind of document." });
        if let Some(required) = object["required"].as_array_mut() {
            required.insert(0, "kind".into());
        }
        definitions.insert(kind.to_owned(), object);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://entente.example/documents.schema.json",
        "title": "Documents of Entente",
        "description": "Organizations, definitions of services and configuration items, as `entente apply` reads them.",
        "type": "object",
        "required": ["kind"],
        "properties": { "kind": { "enum": Document::KINDS } },
        "oneOf": kinds,
        "$defs": definitions,
    })
}

/// An object with these fields and no others.
fn object(name: &str, fields: &[Field]) -> Value {
    let mut properties = Map::new();
    for field in fields {
        let mut schema = of_type(field.ty);
        let bounds = bounds(name, field.name);
        if !bounds.is_empty() {
            let bounds: Map<String, Value> = bounds.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            schema = json!({ "allOf": [schema, bounds] });
        }
        if let (Some(description), Some(object)) = (field.description, schema.as_object_mut()) {
            object.insert("description".into(), description.into());
        }
        properties.insert(field.name.to_owned(), schema);
    }
    let required: Vec<&str> = fields.iter().filter(|field| field.ty.ends_with('!')).map(|field| field.name).collect();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

/// The constraints on a field in addition to its type.
fn bounds(object: &str, field: &str) -> Vec<(&'static str, Value)> {
    match (object, field) {
        ("ExternalKey" | "ExternalReferenceInput", "system") => vec![("pattern", "^[a-z0-9-]{1,64}$".into())],
        ("ExternalKey" | "ExternalReferenceInput", "key" | "type") => {
            vec![("maxLength", limits::MAX_EXTERNAL_KEY.into())]
        }
        (_, "key" | "slug" | "stage" | "offering" | "renamedFrom") => {
            vec![("pattern", SLUG.into()), ("maxLength", limits::MAX_KEY.into())]
        }
        _ => Vec::new(),
    }
}

fn of_type(ty: &str) -> Value {
    let (inner, required) = ty.strip_suffix('!').map_or((ty, false), |ty| (ty, true));
    let schema = match inner.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(entry) => json!({ "type": "array", "items": of_type(entry) }),
        None => json!({ "$ref": format!("#/$defs/{inner}") }),
    };
    if required { schema } else { json!({ "anyOf": [schema, { "type": "null" }] }) }
}

fn definition(name: &str) -> Value {
    let (ty, description) = named(name);
    let mut schema = match ty {
        Type::Object { fields, one_of: false } => object(name, &fields),
        Type::Object { fields, one_of: true } => {
            // Exactly one field, and it has a value.
            let mut schema = object(name, &fields);
            for field in &fields {
                let inner = field.ty.trim_end_matches('!');
                schema["properties"][field.name] = of_type(&format!("{inner}!"));
            }
            schema["minProperties"] = 1.into();
            schema["maxProperties"] = 1.into();
            schema
        }
        Type::Enum(values) => {
            let values: Vec<Value> = values
                .iter()
                .map(|(name, description)| json!({ "const": name, "description": description.unwrap_or_default() }))
                .collect();
            json!({ "oneOf": values })
        }
        Type::Scalar(name) => scalar(name),
    };
    if let (Some(description), Some(object)) = (description, schema.as_object_mut()) {
        object.insert("description".into(), description.into());
    }
    schema
}

fn scalar(name: &str) -> Value {
    match name {
        "Boolean" => json!({ "type": "boolean" }),
        "Int" => json!({ "type": "integer" }),
        "Float" => json!({ "type": "number" }),
        "Locale" => json!({ "type": "string", "pattern": "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$" }),
        "Duration" => json!({
            "type": "string",
            "pattern": "^P(?=.)([0-9]+([.,][0-9]+)?Y)?([0-9]+([.,][0-9]+)?M)?([0-9]+([.,][0-9]+)?W)?([0-9]+([.,][0-9]+)?D)?(T(?=.)([0-9]+([.,][0-9]+)?H)?([0-9]+([.,][0-9]+)?M)?([0-9]+([.,][0-9]+)?S)?)?$",
        }),
        "Decimal" => json!({ "type": "string", "pattern": "^[+-]?[0-9]+([.][0-9]+)?$" }),
        "URL" => {
            let pattern = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#\\][^\s\\]*$";
            json!({ "type": "string", "pattern": pattern, "maxLength": limits::MAX_URL })
        }
        "LocalizedText" => json!({
            "anyOf": [
                { "type": "string", "maxLength": limits::MAX_TEXT },
                {
                    "type": "object",
                    "propertyNames": { "pattern": "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$" },
                    "additionalProperties": { "type": ["string", "null"], "maxLength": limits::MAX_TEXT },
                },
            ],
        }),
        _ => json!({ "type": "string" }),
    }
}
