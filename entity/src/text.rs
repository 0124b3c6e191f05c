//! Texts in several languages.

use std::{borrow::Borrow, borrow::Cow, collections::BTreeMap, fmt};

use async_graphql::{
    ContextSelectionSet, InputValueError, InputValueResult, Name, OutputType, Positioned, Scalar, ScalarType,
    ServerResult, Value, parser::types::Field, registry::Registry,
};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Deserializer, Serialize};

pub use crate::language::Lang;

/// A text that is shared and not copied: the cache of definitions and the answer use the same bytes.
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
        // An enum value is serialized as a string, and is the only kind of value that shares its text.
        Ok(Value::Enum(self.0.clone()))
    }
}

/// A text in one or more languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Text(pub BTreeMap<Lang, Str>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = BTreeMap::<Str, Str>::deserialize(deserializer)?;
        // If a language has texts under several tags, the one under the usual tag is used.
        let (usual, others): (Vec<_>, Vec<_>) = stored
            .into_iter()
            .map(|(tag, text)| (Lang::stored(&tag), tag, text))
            .partition(|(lang, tag, _)| lang.as_str() == tag.as_str());
        let mut texts: BTreeMap<Lang, Str> = usual.into_iter().map(|(lang, _, text)| (lang, text)).collect();
        for (lang, _, text) in others {
            texts.entry(lang).or_insert(text);
        }
        Ok(Self(texts))
    }
}

impl Text {
    /// The text for a reader who prefers these languages; each is followed by its fallbacks. If there is no text in any
    /// of them, the text with the first tag. `None` only if there is no text at all.
    pub fn pick<'a>(&self, wanted: impl IntoIterator<Item = &'a Lang>) -> Option<&Str> {
        wanted.into_iter().flat_map(Lang::fallbacks).find_map(|tag| self.0.get(tag)).or_else(|| self.0.values().next())
    }
}

/// Only for input: a string (in the document's `locale`), or an object with one text for each language: `{fr: "…", en:
/// "…"}`. In MERGE, languages that are left out stay unchanged; `null` deletes a language.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LocalizedText {
    /// In the language of the document.
    Plain(String),
    /// By language tag, as given; `null` removes.
    ByLanguage(BTreeMap<String, Option<String>>),
}

/// Only for input: a string in the language of the document, or an object with one text for each language tag: `{fr:
/// "…", en: "…"}`. When texts are merged, languages that are left out stay unchanged; `null` deletes a language. Each
/// text has at most 10,000 characters.
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
    fn a_reader_gets_the_nearest_language() {
        let text: Text = serde_json::from_str(r#"{"en":"Record","fr":"Dossier"}"#).unwrap();
        assert_eq!(text.pick([&lang("fr-CA")]).unwrap().as_str(), "Dossier");
        assert_eq!(text.pick([&lang("de"), &lang("fr")]).unwrap().as_str(), "Dossier");
        assert_eq!(text.pick([&lang("de")]).unwrap().as_str(), "Record");
        assert!(Text::default().pick([&lang("de")]).is_none());
        let text: Text = serde_json::from_str(r#"{"zh":"汉","zh-Hant":"漢","sr":"ћ","sr-Latn":"ć"}"#).unwrap();
        for (tag, said) in [
            ("zh-Hant-TW", "漢"),
            ("zh-TW", "汉"),
            ("sr-Latn-RS", "ć"),
            ("sr-Cyrl-RS", "ћ"),
            ("zh-Hant-TW-u-co-stroke", "漢"),
            ("zho-hant-tw-x-ward", "漢"),
        ] {
            assert_eq!(text.pick([&lang(tag)]).unwrap().as_str(), said, "{tag}");
        }
    }

    #[test]
    fn a_text_stored_under_another_tag_of_a_language_is_read_under_the_usual_one() {
        let text: Text = serde_json::from_str(r#"{"de":"Akte","deu":"Alte Akte","fra":"Dossier"}"#).unwrap();
        assert_eq!(serde_json::to_string(&text).unwrap(), r#"{"de":"Akte","fr":"Dossier"}"#);
    }
}
