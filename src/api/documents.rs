//! The documents of this API: the rules for `graphql-strict` that the schema does not contain.

use std::sync::LazyLock;

use async_graphql::ServerError;
use entente_entity::scalar::DateTime;
use graphql_strict::{Bounds, Custom, Documents, Refusal, Rules, Size, Why};

use super::{Api, LARGEST_ANSWER};
use crate::definition::nearest::nearest;

/// The documents of the API's schema.
pub(super) static DOCUMENTS: LazyLock<Documents> = LazyLock::new(|| documents(&Api::sdl()));

/// Characters of a text that is searched for.
const SEARCHED: usize = 200;
/// Characters of every other text: the longest stored text that can be searched for is a URL.
const TEXT: usize = 2_048;
/// Entries of a list of objects to read.
const THINGS: usize = 200;
/// Entries of every other list.
const ENTRIES: usize = 100;
/// The most values that the introspection of one document may have: about seven times those of the complete schema.
const VALUES: usize = 100_000;

/// The documents of a schema.
pub fn documents(sdl: &str) -> Documents {
    let meant = |given: &str, names: &[&str]| nearest(given, names.iter().copied());
    let introspection = Size { values: VALUES, bytes: LARGEST_ANSWER };
    Documents::new(sdl, Rules { scalar, bounds, meant, introspection })
}

/// The values that a scalar accepts. The format of a text is checked with the rules of the input, except for instants.
fn scalar(name: &str) -> Custom {
    match name {
        "DateTime" => Custom::Text(|text| DateTime::of_text(text).is_none().then_some(DateTime::RULE)),
        "LocalizedText" => Custom::Texts,
        "Locale" | "Duration" | "Decimal" | "URL" => Custom::Text(|_| None),
        _ => Custom::Any,
    }
}

/// The limits of each argument and input field of queries. The input of mutations has the limits of the stored data, with
/// `userErrors`.
fn bounds(name: &str) -> Bounds {
    Bounds {
        characters: if name == "text" { SEARCHED } else { TEXT },
        entries: if matches!(name, "ids" | "of") { THINGS } else { ENTRIES },
    }
}

/// A refusal as an error of a response, with its code.
pub fn refused(refusal: &Refusal) -> ServerError {
    let mut error = ServerError::new(&refusal.message, None);
    error.locations.clone_from(&refusal.locations);
    let extensions = error.extensions.get_or_insert_default();
    let code = match refusal.why {
        Why::Invalid => "BAD_REQUEST",
        Why::TooMuch => "LIMIT_EXCEEDED",
    };
    extensions.set("code", code);
    if !refusal.path.is_empty() {
        extensions.set("path", refusal.path.clone());
    }
    error
}

#[cfg(test)]
mod tests {
    use async_graphql::{Value, Variables};
    use graphql_strict::{Guarded, Limits};

    use super::*;
    use crate::api::schema;

    /// The number of values of an answer.
    fn size(value: &Value) -> usize {
        match value {
            Value::List(items) => items.iter().map(|item| 1 + size(item)).sum(),
            Value::Object(fields) => fields.values().map(|value| 1 + size(value)).sum(),
            _ => 0,
        }
    }

    #[tokio::test]
    async fn no_less_is_counted_than_the_library_answers() {
        let schema = schema().finish();
        let standard = include_str!("../../graphql-strict/src/guard/tests/introspection.graphql");
        for query in [
            standard,
            "{ __schema { types { possibleTypes { interfaces { possibleTypes { name __typename } } } } } }",
            "{ __type(name: \"Query\") { description fields { description type { fields { description } } } } }",
            "{ a: __schema { ...S } ... { b: __schema { ...S } } } fragment S on __Schema { types { enumValues { name } } }",
        ] {
            let guarded = Guarded::new(query, &Limits::default()).unwrap();
            let prepared = DOCUMENTS.choose(&guarded, None).unwrap().prepare(Variables::default()).unwrap();
            let counted = prepared.introspection().unwrap().as_ref();
            let Size { values: counted, bytes: counted_bytes } =
                *counted.unwrap_or_else(|refusal| panic!("{}", refusal.message));
            let answer = schema.execute(query).await;
            assert_eq!(answer.errors, []);
            let (values, bytes) = (size(&answer.data), serde_json::to_vec(&answer.data).unwrap().len());
            assert!(counted >= values, "{counted} counted, {values} answered: {query}");
            assert!(counted < 2 * values + 1_000, "{counted} counted, {values} answered: {query}");
            // Quotes and brackets are less than half of the bytes.
            assert!(2 * counted_bytes >= bytes, "{counted_bytes} bytes counted, {bytes} answered: {query}");
            println!("{counted} values and {counted_bytes} bytes counted, {values} and {bytes} answered");
            // A schema twice as large can still be read.
            assert!(2 * counted < VALUES);
        }
    }
}
