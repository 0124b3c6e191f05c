//! The languages of a definition's texts.

use std::collections::BTreeSet;

use async_graphql::MaybeUndefined;
use entente_entity::text::Lang;
use serde::Serialize;
use serde_json::Value;

use super::document::DefinitionInput;

/// The only language of the texts of terms or of a document; `None` if there are several languages, or none.
pub fn only_language(of: &impl Serialize) -> Option<Lang> {
    let mut found = BTreeSet::new();
    walk(&serde_json::to_value(of).ok()?, &mut |text| {
        found.extend(text.as_object().into_iter().flat_map(|texts| texts.keys().cloned()));
    });
    let only = found.pop_first().filter(|_| found.is_empty())?;
    Lang::parse(&only)
}

/// Whether the document has plain strings and does not name their language.
pub fn leaves_open(document: &DefinitionInput) -> bool {
    let mut has_plain = false;
    if let (MaybeUndefined::Undefined | MaybeUndefined::Null, Ok(document)) =
        (&document.locale, serde_json::to_value(document))
    {
        walk(&document, &mut |text| has_plain |= text.is_string());
    }
    has_plain
}

/// Visits the texts that have languages.
fn walk(value: &Value, met: &mut dyn FnMut(&Value)) {
    match value {
        Value::Array(entries) => entries.iter().for_each(|entry| walk(entry, met)),
        // The name of a contact has no language.
        Value::Object(fields) if !fields.contains_key("role") => {
            for (name, field) in fields {
                match name.as_str() {
                    "name" | "summary" | "statement" | "stakeholder" | "mitigation" | "description" => met(field),
                    _ => walk(field, met),
                }
            }
        }
        _ => {}
    }
}
