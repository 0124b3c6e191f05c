//! The reader's languages, and the texts in them.

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

/// Who reads one answer: in which languages, best first, the server's default last; and how much more of it.
#[derive(Debug)]
pub struct Reader {
    languages: Vec<Lang>,
    left: AtomicUsize,
    is_over: AtomicBool,
}

/// So many bytes one answer may have. The price of a query is computed before it runs, when nobody knows how long texts
/// are, nor how many entries lists have that are not paged.
pub const TEXT: usize = 16 << 20;

/// More languages than anyone reads are not looked at.
const LANGUAGES: usize = 10;

impl Reader {
    /// A reader who sent this `Accept-Language` header, of a server with this default.
    pub fn new(accept_language: Option<&str>, default: &Lang) -> Self {
        let mut languages = accepted(accept_language.unwrap_or_default());
        languages.push(default.clone());
        Self { languages, left: AtomicUsize::new(TEXT), is_over: AtomicBool::new(false) }
    }

    /// The reader of this request.
    pub fn of<'a>(ctx: &Context<'a>) -> &'a Self {
        ctx.data_unchecked()
    }

    /// The reader's languages, best first.
    pub fn languages(&self) -> &[Lang] {
        &self.languages
    }

    /// The language that the reader likes best.
    pub fn locale(&self) -> Locale {
        Locale(self.languages.first().map(Lang::to_string).unwrap_or_default())
    }

    /// The language in which Entente itself speaks to the reader.
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

    /// Whether a text can still be shown. It is counted when it is written.
    pub fn shows(&self, text: &str) -> Result<(), Error> {
        let fits = text.len() <= self.left.load(Ordering::Relaxed);
        if fits { Ok(()) } else { Err(self.over(Error::TooLong(TEXT))) }
    }

    /// Takes what is written from what may be written.
    pub fn takes(&self, bytes: usize) -> Result<(), Error> {
        let take = |left: usize| left.checked_sub(bytes);
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.map(drop).map_err(|_| self.over(Error::TooLong(TEXT)))
    }

    /// How many bytes are written.
    pub fn taken(&self) -> usize {
        TEXT - self.left.load(Ordering::Relaxed)
    }

    /// Notes that the answer does not fit, for this reason.
    pub fn over(&self, why: Error) -> Error {
        self.is_over.store(true, Ordering::Relaxed);
        why
    }

    /// Whether something did not fit, so that the answer is refused, and what else it would have is not made.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// A text in the language asked for, else the reader's. `None` where there is no text.
    pub fn read(&self, text: Option<&Text>, locale: Option<&Locale>) -> Result<Option<Str>, Error> {
        let asked = match locale {
            None => None,
            Some(Locale(tag)) => match text.and_then(|text| text.0.get(tag.as_str())) {
                Some(text) => {
                    self.shows(text.as_str())?;
                    return Ok(Some(text.clone()));
                }
                None => Some(Lang::parse(tag).ok_or_else(|| {
                    Error::BadRequest(format!("{tag:?} is not a known language tag, as \"fr\" or \"fr-CA\" are"))
                })?),
            },
        };
        let text = text.and_then(|text| text.pick(asked.iter().chain(&self.languages)));
        text.map_or(Ok(()), |text| self.shows(text.as_str()))?;
        Ok(text.cloned())
    }
}

/// A text that is in one language, or in none.
pub fn shown<T: AsRef<str>>(ctx: &Context<'_>, text: T) -> Result<T, Error> {
    Reader::of(ctx).shows(text.as_ref())?;
    Ok(text)
}

/// The languages of an `Accept-Language` header, best first; those of one quality as they stand. What is malformed, or
/// refused with a quality of 0, is left out.
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

/// A text that is there, in the language asked for, else the reader's.
pub fn read(ctx: &Context<'_>, text: &Text, locale: Option<Locale>) -> Result<Str, Error> {
    Reader::of(ctx)
        .read(Some(text), locale.as_ref())?
        .ok_or_else(|| Error::Corrupt("a text without any language".into()))
}

/// A text that may be missing.
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
    fn the_argument_goes_before_the_header_and_the_default_comes_last() {
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
    fn entente_speaks_the_nearest_language_that_it_knows() {
        assert_eq!(reader(Some("nl, fr-BE;q=0.8, en;q=0.5")).speech(), Speech::French);
        assert_eq!(reader(None).speech(), Speech::English);
        assert_eq!(reader(Some("*;;,,q=x")).speech(), Speech::English);
    }
}
