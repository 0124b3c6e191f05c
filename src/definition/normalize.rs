//! Normalization of input texts: keys are trimmed, line ends and letters get one form, and an empty optional text
//! counts as not given.

use async_graphql::MaybeUndefined;
use entente_entity::scalar::URL;
use serde::{Deserialize, Deserializer};

use crate::characters::{composed, is_blank, trimmed};

/// A required text.
pub fn text(text: &mut String) {
    if let std::borrow::Cow::Owned(composed) = composed(text) {
        *text = composed;
    }
}

/// An optional text: if it is empty, it counts as not given.
pub fn optional_text(given: &mut Option<String>) {
    given.iter_mut().for_each(text);
    given.take_if(|text| is_blank(text));
}

/// A text that replaces the stored one.
pub fn changed_text(given: &mut MaybeUndefined<String>) {
    if let MaybeUndefined::Value(given) = given {
        text(given);
    }
}

/// An optional text that replaces the stored one: if it is empty, it counts as null.
pub fn changed_optional_text(given: &mut MaybeUndefined<String>) {
    changed_text(given);
    if given.value().is_some_and(|text| is_blank(text)) {
        *given = MaybeUndefined::Null;
    }
}

/// [`changed_optional_text`], from a file.
pub fn read_changed_optional_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<MaybeUndefined<String>, D::Error> {
    let mut given = MaybeUndefined::deserialize(deserializer)?;
    changed_optional_text(&mut given);
    Ok(given)
}

/// An optional URL: if it is empty, it counts as not given.
pub fn optional_url(given: &mut Option<URL>) {
    given.take_if(|URL(url)| is_blank(url));
}

/// [`optional_url`], from a file.
pub fn read_optional_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<URL>, D::Error> {
    let mut given = Option::deserialize(deserializer)?;
    optional_url(&mut given);
    Ok(given)
}

/// A part of a key of another system.
pub fn key(key: &mut String) {
    *key = trimmed(key);
}

/// The type of a key in a search: left out, it matches every type; empty, it matches keys without a type.
pub fn wanted_type(given: &mut Option<String>) {
    given.iter_mut().for_each(key);
}

/// [`wanted_type`], from a file.
pub fn read_wanted_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let mut given = Option::<String>::deserialize(deserializer)?;
    wanted_type(&mut given);
    Ok(given)
}

/// An optional part of a key of another system: if it is empty, it counts as not given.
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

/// A whole number, from a file. Exports of tables may write `1.0` for 1.
pub fn read_whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Number {
        Whole(i32),
        Decimal(f64),
    }
    match Number::deserialize(deserializer)? {
        Number::Whole(whole) => Ok(whole),
        Number::Decimal(number) => whole(number).ok_or_else(|| serde::de::Error::custom("a whole number is expected")),
    }
}

/// [`read_whole`], of a field that may be left out.
pub fn read_optional_whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MaybeUndefined<i32>, D::Error> {
    #[derive(Deserialize)]
    struct Whole(#[serde(deserialize_with = "read_whole")] i32);
    let given = Option::<Whole>::deserialize(deserializer)?;
    Ok(given.map_or(MaybeUndefined::Null, |Whole(whole)| MaybeUndefined::Value(whole)))
}

/// The number as a whole number; `None` if it has a fraction, or does not fit into 32 bits.
pub fn whole(number: f64) -> Option<i32> {
    let fits = number.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&number);
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and fits")]
    fits.then_some(number as i32)
}
