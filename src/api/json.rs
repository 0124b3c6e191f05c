//! Writes the values of an answer as JSON. A value can already be text, such as a list that was written while it was resolved.

use std::sync::LazyLock;

use async_graphql::{Name, Value, indexmap::IndexMap};
use async_graphql_value::RAW_VALUE_TOKEN;

/// In the context of a request whose lists may be resolved to text. Its document selects no field twice under one response
/// key: the library would merge the values of such a field, and it cannot merge texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct AsText;

static TEXT: LazyLock<Name> = LazyLock::new(|| Name::new(RAW_VALUE_TOKEN));

/// A value that is already JSON text.
pub(super) fn text(json: String) -> Value {
    Value::Object(IndexMap::from_iter([(TEXT.clone(), Value::String(json))]))
}

/// Writes a value. The library's own serialization parses such a text again.
///
/// # Errors
///
/// None in practice: all values of an answer can be written.
pub fn write(value: &Value, out: &mut Vec<u8>) -> serde_json::Result<()> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Boolean(true) => out.extend_from_slice(b"true"),
        Value::Boolean(false) => out.extend_from_slice(b"false"),
        Value::String(text) => serde_json::to_writer(out, text.as_str())?,
        Value::Enum(name) => serde_json::to_writer(out, name.as_str())?,
        Value::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(fields) => match fields.first() {
            Some((name, Value::String(text))) if name.as_str() == RAW_VALUE_TOKEN => {
                out.extend_from_slice(text.as_bytes());
            }
            _ => {
                out.push(b'{');
                for (at, (name, value)) in fields.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    serde_json::to_writer(&mut *out, name.as_str())?;
                    out.push(b':');
                    write(value, out)?;
                }
                out.push(b'}');
            }
        },
        Value::Number(_) | Value::Binary(_) => serde_json::to_writer(out, value)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::String),
            "[A-Z_]{1,8}".prop_map(|name| Value::Enum(Name::new(name))),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            let object = prop::collection::vec(("[a-z_]{1,6}", inner.clone()), 0..6);
            prop_oneof![
                prop::collection::vec(inner, 0..6).prop_map(Value::List),
                object.prop_map(|fields| {
                    Value::Object(fields.into_iter().map(|(name, value)| (Name::new(name), value)).collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_is_written_as_the_library_writes_it(value in values()) {
            let mut written = Vec::new();
            write(&value, &mut written).unwrap();
            prop_assert_eq!(String::from_utf8(written).unwrap(), serde_json::to_string(&value).unwrap());
        }
    }

    #[test]
    fn a_text_is_written_unchanged() {
        let value = Value::List(vec![text(r#"{"a":[1,"é"]}"#.into()), Value::Null]);
        let mut written = Vec::new();
        write(&value, &mut written).unwrap();
        assert_eq!(String::from_utf8(written).unwrap(), r#"[{"a":[1,"é"]},null]"#);
        assert_eq!(value.into_json().unwrap(), serde_json::json!([{ "a": [1, "é"] }, null]));
    }
}
