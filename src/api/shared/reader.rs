//! The reader of an answer: the languages of its texts, and its size so far.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_graphql::Context;
use entente_entity::{
    scalar::Locale,
    text::{Lang, Str, Text},
};

use crate::{
    api::shared::error::{Nullable, nullable},
    store::Error,
    words::Speech,
};

/// The reader of one answer: the accepted languages, the preferred one first and the server's default last, and the number of
/// bytes that the answer may still have.
#[derive(Debug)]
pub struct Reader {
    languages: Vec<Lang>,
    left: AtomicUsize,
    is_exceeded: AtomicBool,
}

/// The most bytes of one answer. The price of a query does not limit them: it is computed before the query runs, when the
/// lengths of texts and of lists without pages are not known.
pub const LARGEST_ANSWER: usize = 16 << 20;

/// The most languages of a header that are read.
const LANGUAGES: usize = 10;

impl Reader {
    /// A reader with this `Accept-Language` header and this default language of the server.
    pub fn new(accept_language: Option<&str>, default: &Lang) -> Self {
        let mut languages = accepted(accept_language.unwrap_or_default());
        languages.push(default.clone());
        Self { languages, left: AtomicUsize::new(LARGEST_ANSWER), is_exceeded: AtomicBool::new(false) }
    }

    /// The reader of this request.
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        ctx.data_unchecked()
    }

    /// The languages, the preferred one first.
    pub fn languages(&self) -> &[Lang] {
        &self.languages
    }

    /// The preferred language.
    pub fn locale(&self) -> Locale {
        Locale(self.languages.first().map(Lang::to_string).unwrap_or_default())
    }

    /// The language of Entente's own messages to the reader.
    pub fn speech(&self) -> Speech {
        self.languages
            .iter()
            .find_map(|lang| match lang.base() {
                "en" => Some(Speech::English),
                "fr" => Some(Speech::French),
                _ => None,
            })
            .unwrap_or_default()
    }

    /// The language of a message for this argument; without a message in that language, for the reader.
    ///
    /// # Errors
    ///
    /// [`Error::BadRequest`] for an unknown language tag.
    pub fn speech_in(&self, locale: Option<&Locale>) -> Result<Speech, Error> {
        let Some(Locale(tag)) = locale else { return Ok(self.speech()) };
        let lang = Lang::parse(tag).ok_or_else(|| unknown(tag))?;
        Ok(Speech::of_tag(lang.as_str()).unwrap_or_else(|| self.speech()))
    }

    /// Checks that the answer still has space for a text. The text is counted when it is written.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] if it has not.
    pub fn check_space(&self, text: &str) -> Result<(), Error> {
        let fits = text.len() <= self.left.load(Ordering::Relaxed);
        if fits { Ok(()) } else { Err(self.exceeded(Error::TooLong(LARGEST_ANSWER))) }
    }

    /// Counts bytes that are written.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] if the answer may not have so many more.
    pub fn spend(&self, bytes: usize) -> Result<(), Error> {
        let spent = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        spent.map(drop).map_err(|_| self.exceeded(Error::TooLong(LARGEST_ANSWER)))
    }

    /// The number of bytes that are written.
    pub fn spent(&self) -> usize {
        LARGEST_ANSWER - self.left.load(Ordering::Relaxed)
    }

    /// Records that the answer is too large, and returns the reason.
    pub fn exceeded(&self, why: Error) -> Error {
        self.is_exceeded.store(true, Ordering::Relaxed);
        why
    }

    /// Whether the answer is too large. Then it is refused, and its remaining fields are not resolved.
    pub fn is_exceeded(&self) -> bool {
        self.is_exceeded.load(Ordering::Relaxed)
    }

    /// A text in the requested language, otherwise in a language of the reader. `None` if there is no text.
    ///
    /// # Errors
    ///
    /// [`Error::BadRequest`] for an unknown language tag; [`Error::TooLong`] if the answer has no space for the text.
    pub fn read(&self, text: Option<&Text>, locale: Option<&Locale>) -> Result<Option<Str>, Error> {
        let asked = match locale {
            None => None,
            Some(Locale(tag)) => match text.and_then(|text| text.0.get(tag.as_str())) {
                Some(text) => {
                    self.check_space(text.as_str())?;
                    return Ok(Some(text.clone()));
                }
                None => Some(Lang::parse(tag).ok_or_else(|| unknown(tag))?),
            },
        };
        let text = text.and_then(|text| text.pick(asked.iter().chain(&self.languages)));
        text.map_or(Ok(()), |text| self.check_space(text.as_str()))?;
        Ok(text.cloned())
    }
}

fn unknown(tag: &str) -> Error {
    Error::BadRequest(format!("{tag:?} is not a known language tag, as \"fr\" or \"fr-CA\" are"))
}

/// A text without languages, for which the answer has space.
pub fn shown<T: AsRef<str>>(ctx: &Context<'_>, text: T) -> Result<T, Error> {
    Reader::of(ctx).check_space(text.as_ref())?;
    Ok(text)
}

/// The languages of an `Accept-Language` header by descending quality; languages of the same quality in their order. Malformed
/// entries and those with quality 0 are left out.
fn accepted(header: &str) -> Vec<Lang> {
    let mut accepted: Vec<(f32, Lang)> = header
        .split(',')
        .filter_map(|language| {
            let mut parts = language.split(';').map(str::trim);
            let lang = Lang::parse(parts.next()?)?;
            let quality = match parts.next() {
                None => 1.0,
                Some(quality) => {
                    let (_, quality) =
                        quality.split_once('=').filter(|(name, _)| name.trim_end().eq_ignore_ascii_case("q"))?;
                    quality.trim_start().parse().ok().filter(|quality| (0.0..=1.0).contains(quality))?
                }
            };
            (quality > 0.0).then_some((quality, lang))
        })
        .collect();
    accepted.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    accepted.into_iter().map(|(_, lang)| lang).take(LANGUAGES).collect()
}

/// A required text in the requested language, otherwise in a language of the reader.
pub fn read(ctx: &Context<'_>, text: &Text, locale: Option<Locale>) -> Result<Str, Error> {
    Reader::of(ctx)
        .read(Some(text), locale.as_ref())?
        .ok_or_else(|| Error::Corrupt("a text without any language".into()))
}

/// The same for an optional text. `None` if there is none.
pub fn read_option(ctx: &Context<'_>, text: Option<&Text>, locale: Option<Locale>) -> Nullable<Str> {
    nullable(Reader::of(ctx).read(text, locale.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(header: Option<&str>) -> Reader {
        Reader::new(header, &Lang::parse("en").unwrap())
    }

    #[test]
    fn the_argument_precedes_the_header_and_the_default_is_last() {
        let text: Text = serde_json::from_str(r#"{"en":"Record","fr":"Dossier","de":"Akte"}"#).unwrap();
        let read = |header, locale: Option<&str>| {
            reader(header)
                .read(Some(&text), locale.map(|tag| Locale(tag.into())).as_ref())
                .map(|text| text.unwrap().to_string())
        };
        assert_eq!(read(Some("fr-CA,de;q=0.5"), None).unwrap(), "Dossier");
        assert_eq!(read(Some("de;q=0.5, fr"), Some("de-AT")).unwrap(), "Akte");
        assert_eq!(read(Some("nl"), None).unwrap(), "Record");
        assert_eq!(read(Some("en;q=0.2, de;q=0.5, fr; q=0.9"), None).unwrap(), "Dossier");
        assert_eq!(read(Some("fr;q=0, de;q=2, fr;q=x"), None).unwrap(), "Record");
        assert!(reader(None).read(None, Some(&Locale("klingon".into()))).is_err());
        assert_eq!(read(None, Some("nl")).unwrap(), "Record");
        assert!(read(None, Some("klingon")).is_err());
    }

    #[test]
    fn messages_are_in_the_preferred_supported_language() {
        assert_eq!(reader(Some("nl, fr-BE;q=0.8, en;q=0.5")).speech(), Speech::French);
        assert_eq!(reader(None).speech(), Speech::English);
        assert_eq!(reader(Some("*;;,,q=x")).speech(), Speech::English);
    }
}
