//! Language tags (BCP 47): parsing, normalization and lookup.

use std::{borrow::Borrow, fmt};

use serde::{Deserialize, Deserializer, Serialize};
use unic_langid::LanguageIdentifier;

use crate::text::Str;

/// A BCP 47 language tag in its usual form: `fr`, `en`, `fr-CA`, `zh-Hant`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Lang(Str);

/// Language codes that are not the usual ones, each with the usual code: the bibliographic codes of ISO 639-2, replaced
/// codes, and the languages that the code of a macrolanguage usually means. Codes of three letters for a language with
/// a code of two letters are known to `isolang`.
const LANGUAGES: &[(&str, &str)] = &[
    ("alb", "sq"),
    ("arb", "ar"),
    ("arm", "hy"),
    ("baq", "eu"),
    ("bur", "my"),
    ("chi", "zh"),
    ("cmn", "zh"),
    ("cze", "cs"),
    ("dut", "nl"),
    ("fre", "fr"),
    ("geo", "ka"),
    ("ger", "de"),
    ("gre", "el"),
    ("ice", "is"),
    ("in", "id"),
    ("iw", "he"),
    ("ji", "yi"),
    ("jw", "jv"),
    ("mac", "mk"),
    ("mao", "mi"),
    ("may", "ms"),
    ("mo", "ro"),
    ("mol", "ro"),
    ("per", "fa"),
    ("pes", "fa"),
    ("rum", "ro"),
    ("slo", "sk"),
    ("swh", "sw"),
    ("tib", "bo"),
    ("wel", "cy"),
    ("zsm", "ms"),
];

/// Replaced codes of regions, each with the current code.
const REGIONS: &[(&str, &str)] =
    &[("BU", "MM"), ("DD", "DE"), ("FX", "FR"), ("TP", "TL"), ("UK", "GB"), ("YD", "YE"), ("ZR", "CD")];

impl Lang {
    /// Reads a tag; `None` if it is malformed, or its language is not in ISO 639.
    ///
    /// Extensions (`en-US-u-hc-h12`) are removed: they describe the format of dates and numbers, not the language.
    pub fn parse(tag: &str) -> Option<Self> {
        let tag = tag.replace('_', "-");
        let (tag, private) = without_extensions(&tag)?;
        let id: LanguageIdentifier = without_macrolanguage(tag).parse().ok()?;
        let mut usual = language_of(id.language.as_str())?;
        usual.extend(id.script.map(|script| format!("-{script}")));
        let region = id.region.as_ref().map(|region| region.as_str());
        usual.extend(region.map(|region| format!("-{}", replaced(REGIONS, region).unwrap_or(region))));
        id.variants().for_each(|variant| usual.push_str(&format!("-{variant}")));
        usual.push_str(&private);
        Some(Self(Str::from(usual)))
    }

    /// A stored tag in its usual form. It was checked before it was stored.
    pub(crate) fn stored(tag: &Str) -> Self {
        let is_short = tag.as_str().len() == 2 && replaced(LANGUAGES, tag.as_str()).is_none();
        if is_short { Self(tag.clone()) } else { Self::parse(tag.as_str()).unwrap_or_else(|| Self(tag.clone())) }
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Only the language: `fr` of `fr-CA`.
    pub fn base(&self) -> &str {
        self.as_str().split('-').next().unwrap_or_default()
    }

    /// The tags to look up for a reader of this language, best first: the tag, then the tag without its last part,
    /// without its last two parts, and so on (RFC 4647, section 3.4).
    pub fn fallbacks(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.as_str()), |tag| {
            let shorter = tag.rsplit_once('-')?.0;
            // The letter before the private parts is removed with them.
            Some(shorter.rsplit_once('-').filter(|(_, last)| last.len() == 1).map_or(shorter, |(rest, _)| rest))
        })
    }
}

/// The tag without extensions, and its private parts (`-x-…`), in lower case; `None` if one of them is malformed.
fn without_extensions(tag: &str) -> Option<(&str, String)> {
    let Some(end) = tag
        .match_indices('-')
        .map(|(at, _)| at)
        .find(|at| tag[at + 1..].split('-').next().is_some_and(|part| part.len() == 1))
    else {
        return Some((tag, String::new()));
    };
    let mut private = String::new();
    let mut parts = tag[end + 1..].split('-').peekable();
    while let Some(singleton) = parts.next() {
        let is_private = singleton.eq_ignore_ascii_case("x");
        let is_part = |part: &str| {
            let length = if is_private { 1..=8 } else { 2..=8 };
            length.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let mut own = Vec::new();
        while let Some(part) = parts.next_if(|part| is_part(part)) {
            own.push(part.to_ascii_lowercase());
        }
        if own.is_empty() || singleton.len() != 1 || !singleton.as_bytes()[0].is_ascii_alphanumeric() {
            return None;
        }
        if is_private {
            private = format!("-x-{}", own.join("-"));
        }
    }
    Some((&tag[..end], private))
}

/// The language of a tag with an extended language: `yue` of `zh-yue`.
fn without_macrolanguage(tag: &str) -> &str {
    let own = tag.split_once('-').filter(|(first, rest)| {
        let extension = rest.split('-').next().unwrap_or_default();
        (2..=3).contains(&first.len())
            && first.bytes().all(|byte| byte.is_ascii_alphabetic())
            && extension.len() == 3
            && extension.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    own.map_or(tag, |(_, rest)| rest)
}

/// The usual code of a language.
fn language_of(code: &str) -> Option<String> {
    if let Some(usual) = replaced(LANGUAGES, code) {
        return Some(usual.to_owned());
    }
    let known = match code.len() {
        2 => isolang::Language::from_639_1(code),
        3 => isolang::Language::from_639_3(code),
        _ => None,
    }?;
    Some(known.to_639_1().unwrap_or(code).to_owned())
}

fn replaced(table: &[(&'static str, &'static str)], code: &str) -> Option<&'static str> {
    table.iter().find(|(old, _)| *old == code).map(|(_, new)| *new)
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
        // Stored tags were checked before they were stored.
        Str::deserialize(deserializer).map(|tag| Self::stored(&tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_written_in_one_way_and_unknown_ones_refused() {
        for (tag, usual) in [
            ("FR-ca", "fr-CA"),
            ("deu", "de"),
            ("ger-AT", "de-AT"),
            ("iw", "he"),
            ("zho-hant-tw", "zh-Hant-TW"),
            ("zh-cmn-Hans", "zh-Hans"),
            ("zh-yue-HK", "yue-HK"),
            ("en-UK", "en-GB"),
            ("en-US-u-hc-h12", "en-US"),
            ("fr-t-en-u-co-phonebk", "fr"),
            ("de-CH-1996", "de-CH-1996"),
            ("en-u-ca-gregory-x-Ward", "en-x-ward"),
            ("es-419", "es-419"),
        ] {
            assert_eq!(Lang::parse(tag).unwrap_or_else(|| panic!("{tag}")).as_str(), usual);
        }
        for tag in [
            "",
            "klingon",
            "zz",
            "fr_",
            "f",
            "not a tag",
            "en-",
            "en-u",
            "en-u-",
            "en-u-é",
            "x-y",
            "en-x",
            "en--US",
            "u-hc",
        ] {
            assert!(Lang::parse(tag).is_none(), "{tag}");
        }
    }

    #[test]
    fn a_tag_falls_back_part_by_part() {
        let tags = |tag: &str| Lang::parse(tag).unwrap().fallbacks().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(tags("zh-Hant-TW"), ["zh-Hant-TW", "zh-Hant", "zh"]);
        assert_eq!(tags("en-US-x-ward"), ["en-US-x-ward", "en-US", "en"]);
    }
}
