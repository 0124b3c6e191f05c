//! Texts in several languages, and the language tags that name them.

use std::{borrow::Borrow, borrow::Cow, collections::BTreeMap, fmt};

use async_graphql::{
    ContextSelectionSet, InputValueError, InputValueResult, Name, OutputType, Positioned, Scalar, ScalarType,
    ServerResult, Value, parser::types::Field, registry::Registry,
};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Deserializer, Serialize};
use unic_langid::LanguageIdentifier;

/// A text that is shared, never copied: the cache of definitions and the answer hold the same bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Str(Name);

impl Str {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl<T: AsRef<str>> From<T> for Str {
    fn from(text: T) -> Self {
        Self(Name::new(text))
    }
}

impl Borrow<str> for Str {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl OutputType for Str {
    fn type_name() -> Cow<'static, str> {
        <String as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <String as OutputType>::create_type_info(registry)
    }

    async fn resolve(&self, _: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        // Serialised as a string, and an enum value is the one kind of value that shares its text.
        Ok(Value::Enum(self.0.clone()))
    }
}

/// A BCP 47 language tag in its usual spelling: `fr`, `en`, `fr-CA`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Lang(Str);

impl Lang {
    /// Reads a tag; `None` where it is malformed, or its language is not in ISO 639.
    pub fn parse(tag: &str) -> Option<Self> {
        let id: LanguageIdentifier = tag.parse().ok()?;
        let language = id.language.as_str();
        let known = match language.len() {
            2 => isolang::Language::from_639_1(language).is_some(),
            3 => isolang::Language::from_639_3(language).is_some(),
            _ => false,
        };
        known.then(|| Self(Str::from(id.to_string())))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The language alone: `fr` of `fr-CA`.
    pub fn base(&self) -> &str {
        self.as_str().split('-').next().unwrap_or_default()
    }
}

impl Borrow<str> for Lang {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Lang {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Only what was checked on its way in is read back.
        Str::deserialize(deserializer).map(Self)
    }
}

/// A text in one or more languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Text(pub BTreeMap<Lang, Str>);

impl Text {
    /// The text for a reader who prefers these languages, each followed by its base language; the first by tag
    /// where none of them is there. `None` only where there is no text at all.
    pub fn pick<'a>(&self, wanted: impl IntoIterator<Item = &'a Lang>) -> Option<&Str> {
        wanted
            .into_iter()
            .find_map(|lang| self.0.get(lang.as_str()).or_else(|| self.0.get(lang.base())))
            .or_else(|| self.0.values().next())
    }
}

/// In input only: a string (in the document's `locale`), or an object with a text for each language:
/// `{fr: "…", en: "…"}`. In MERGE a language left out stays, and `null` removes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LocalizedText {
    /// In the language of the document.
    Plain(String),
    /// By language tag, as given; `null` removes.
    ByLanguage(BTreeMap<String, Option<String>>),
}

/// In input only: a string (in the document's locale), or an object with a text for each language tag:
/// `{fr: "…", en: "…"}`. Where texts are merged, a language left out stays as it is, and `null` removes it.
#[Scalar(name = "LocalizedText")]
impl ScalarType for LocalizedText {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self::Plain(text)),
            Value::Object(texts) => texts
                .into_iter()
                .map(|(tag, text)| match text {
                    Value::String(text) => Ok((tag.to_string(), Some(text))),
                    Value::Null => Ok((tag.to_string(), None)),
                    _ => Err(InputValueError::custom(format!("the text for \"{tag}\" must be a string or null"))),
                })
                .collect::<Result<_, _>>()
                .map(Self::ByLanguage),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        match self {
            Self::Plain(text) => Value::String(text.clone()),
            Self::ByLanguage(texts) => Value::Object(
                texts
                    .iter()
                    .map(|(tag, text)| (Name::new(tag), text.clone().map_or(Value::Null, Value::String)))
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lang(tag: &str) -> Lang {
        Lang::parse(tag).unwrap()
    }

    #[test]
    fn tags_are_spelt_as_usual_and_unknown_ones_refused() {
        assert_eq!(lang("FR-ca").as_str(), "fr-CA");
        for tag in ["", "klingon", "zz", "fr_", "f", "not a tag", "en-"] {
            assert!(Lang::parse(tag).is_none(), "{tag}");
        }
    }

    #[test]
    fn a_reader_gets_the_nearest_language() {
        let text: Text = serde_json::from_str(r#"{"en":"Record","fr":"Dossier"}"#).unwrap();
        assert_eq!(text.pick([&lang("fr-CA")]).unwrap().as_str(), "Dossier");
        assert_eq!(text.pick([&lang("de"), &lang("fr")]).unwrap().as_str(), "Dossier");
        assert_eq!(text.pick([&lang("de")]).unwrap().as_str(), "Record");
        assert!(Text::default().pick([&lang("de")]).is_none());
    }
}
