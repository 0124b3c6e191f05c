//! Documents as text: YAML in block style, or JSON.

use serde::Serialize;
use serde_json::{Map, Number, Value};

/// The document as YAML: its `kind` first, then the fields of `value`.
pub fn to_yaml(kind: &str, value: &impl Serialize) -> String {
    let options = serde_saphyr::ser_options! { compact_list_indent: false, prefer_block_scalars: true };
    // This cannot fail: every tree of JSON can be written as YAML.
    serde_saphyr::to_string_with_options(&with_kind(kind, value), options).unwrap_or_default()
}

/// The document as JSON, with its `kind` first.
pub fn to_json(kind: &str, value: &impl Serialize) -> String {
    let mut text = format!("{:#}", with_kind(kind, value));
    text.push('\n');
    text
}

/// The tree of a document, with its `kind` first.
pub(super) fn with_kind(kind: &str, value: &impl Serialize) -> Value {
    let mut document = Map::new();
    document.insert("kind".into(), kind.into());
    if let Value::Object(fields) = tree(value) {
        document.extend(fields);
    }
    Value::Object(document)
}

/// The value as a tree of JSON, whole numbers written without a fraction.
pub(super) fn tree(value: &impl Serialize) -> Value {
    // This cannot fail: documents only have string keys.
    let mut tree = serde_json::to_value(value).unwrap_or_default();
    shorten(&mut tree);
    tree
}

fn shorten(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(float) = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e15) {
                *number = Number::from(float as i64);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        _ => {}
    }
}
