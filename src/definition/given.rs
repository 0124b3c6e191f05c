//! How texts are taken that come from outside, whichever way they come: keys without the blanks around them, line ends and
//! letters in one form, and a text of which nothing can be seen, where one may be left out, as none.

use async_graphql::MaybeUndefined;
use entente_entity::characters::{composed, is_visible, trimmed};
use serde::{Deserialize, Deserializer};

/// A text that is kept.
pub fn text(text: &mut String) {
    if let std::borrow::Cow::Owned(composed) = composed(text) {
        *text = composed;
    }
}

/// A text that may be left out.
pub fn optional_text(given: &mut Option<String>) {
    given.iter_mut().for_each(text);
    if given.as_ref().is_some_and(|text| !is_visible(text)) {
        *given = None;
    }
}

/// A text that replaces what stands.
pub fn changed_text(given: &mut MaybeUndefined<String>) {
    if let MaybeUndefined::Value(given) = given {
        text(given);
    }
}

/// A part of a key of another system.
pub fn key(key: &mut String) {
    *key = trimmed(key);
}

/// A part of a key of another system that may be left out.
pub fn optional_key(given: &mut Option<String>) {
    *given = given.take().map(|text| trimmed(&text)).filter(|text| !text.is_empty());
}

/// [`key`], from a file.
pub fn read_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|key| trimmed(&key))
}

/// [`optional_key`], from a file.
pub fn read_optional_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let mut given = Option::<String>::deserialize(deserializer)?;
    optional_key(&mut given);
    Ok(given)
}
