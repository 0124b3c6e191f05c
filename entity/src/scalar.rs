//! Scalars of the API. Those in documents store the given text and are validated later, so that an error is reported
//! with the path of its field.

use std::fmt;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, SecondsFormat, SubsecRound, TimeDelta, Utc};
use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// An instant, truncated to microseconds, the precision of the databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType)]
#[serde(transparent)]
pub struct DateTime(pub chrono::DateTime<Utc>);

impl DateTime {
    /// This instant, truncated to microseconds.
    pub fn new(at: chrono::DateTime<Utc>) -> Self {
        Self(at.trunc_subsecs(6))
    }

    /// Reads an instant in the format RFC 3339. The year has four digits: with other years, the written form and the
    /// order in the databases would differ.
    pub fn of_text(text: &str) -> Option<Self> {
        let at = chrono::DateTime::parse_from_rfc3339(text).ok()?;
        Some(Self::new(at.to_utc())).filter(|at| (1..=9_999).contains(&at.0.year()))
    }

    /// The message for a text that is not an instant.
    pub const RULE: &str = "an instant must have the format RFC 3339: 2026-11-22T08:30:00Z";
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// An instant in the format RFC 3339, with microseconds at most. Answers are always in UTC: `2026-11-22T08:30:00Z`.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        Self::of_text(text).ok_or_else(|| InputValueError::custom(Self::RULE))
    }

    fn to_value(&self) -> Value {
        Value::String(self.to_string())
    }
}

macro_rules! text_scalars {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(pub String);

            $(#[$doc])*
            #[Scalar(name = $text)]
            impl ScalarType for $name {
                fn parse(value: Value) -> InputValueResult<Self> {
                    match value {
                        Value::String(text) => Ok(Self(text)),
                        other => Err(InputValueError::expected_type(other)),
                    }
                }

                fn to_value(&self) -> Value {
                    Value::String(self.0.clone())
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }
        )*
    };
}

text_scalars! {
    /// A language tag (BCP 47), for example `fr`, `en` or `fr-CA`. As an argument: the language in which to return a text. If
    /// the text does not exist in this language: its base language, then `Accept-Language`, then the server's default
    /// language, then any language of the text.
    Locale = "Locale";
    /// An ISO 8601 duration, for example `PT4H` (4 hours) or `P2D` (2 days).
    Duration = "Duration";
    /// An exact decimal number as a string, for example `"12500.00"`.
    Decimal = "Decimal";
    /// An absolute URL (RFC 3986) with the scheme http or https.
    URL = "URL";
}

impl Decimal {
    /// The number; `None` if the text is not a number. It is stored and written as it was given, with trailing zeros.
    pub fn parse(&self) -> Option<rust_decimal::Decimal> {
        rust_decimal::Decimal::from_str_exact(&self.0).ok()
    }
}

impl URL {
    /// Whether it is an absolute http or https URL: the scheme, `://`, then a host, without blanks or backslashes.
    /// Browsers also accept other forms, and resolve some of them relative to the page that shows the link.
    pub fn is_valid(&self) -> bool {
        let plain = !self.0.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\');
        let after_scheme = ["http://", "https://"].iter().find_map(|scheme| {
            let (start, rest) = self.0.split_at_checked(scheme.len())?;
            start.eq_ignore_ascii_case(scheme).then_some(rest)
        });
        plain
            && after_scheme.is_some_and(|rest| !rest.starts_with(['/', '?', '#']))
            && url::Url::parse(&self.0).is_ok_and(|url| url.has_host())
    }
}

impl Duration {
    /// Whether it is an ISO 8601 duration: `P`, then years, months, weeks and days, then after a `T` hours, minutes
    /// and seconds, each at most once, in this order, and at least one of them; the last may have a fraction.
    pub fn is_valid(&self) -> bool {
        parts(&self.0).is_some()
    }

    /// Whether it is a duration longer than zero.
    pub fn is_some(&self) -> bool {
        parts(&self.0).is_some_and(|parts| parts.iter().any(|part| part.whole > 0 || part.millionths > 0))
    }

    /// Its months, and the rest as an exact length: a year is twelve months, a day is 24 hours, a week seven days. A fraction of a year
    /// or of a month is cut to whole months and to days of a month of 30 days. `None` if it is not a duration, or is too long.
    pub fn calendar(&self) -> Option<(u32, TimeDelta)> {
        let (mut months, mut rest) = (0_u32, TimeDelta::zero());
        for Part { whole, millionths, unit, in_time } in parts(&self.0)? {
            let mut add = |whole: i64, of: u32| {
                months = months.checked_add(u32::try_from(whole).ok()?.checked_mul(of)?)?;
                Some(())
            };
            match (unit, in_time) {
                ('Y', false) => {
                    add(whole, 12)?;
                    add(millionths * 12 / 1_000_000, 1)?;
                }
                ('M', false) => {
                    add(whole, 1)?;
                    rest = rest.checked_add(&TimeDelta::days(millionths * 30 / 1_000_000))?;
                }
                _ => {
                    let one = seconds(unit, in_time)?;
                    let exact = TimeDelta::try_seconds(whole.checked_mul(one)?)?;
                    rest = rest.checked_add(&exact)?.checked_add(&TimeDelta::microseconds(millionths * one))?;
                }
            }
        }
        Some((months, rest))
    }

    /// Its exact length: a day is 24 hours, a week seven days. `None` if it has years or months, whose length depends
    /// on the calendar, or if it is not a duration.
    pub fn exact(&self) -> Option<TimeDelta> {
        let mut length = TimeDelta::zero();
        for Part { whole, millionths, unit, in_time } in parts(&self.0)? {
            let one = seconds(unit, in_time)?;
            length += TimeDelta::try_seconds(whole.checked_mul(one)?)? + TimeDelta::microseconds(millionths * one);
        }
        Some(length)
    }
}

/// The seconds of a unit of exact length.
fn seconds(unit: char, in_time: bool) -> Option<i64> {
    match (unit, in_time) {
        ('W', false) => Some(604_800),
        ('D', false) => Some(86_400),
        ('H', true) => Some(3_600),
        ('M', true) => Some(60),
        ('S', true) => Some(1),
        _ => None,
    }
}

/// One number of a duration, with its unit, and whether it is after the `T`.
struct Part {
    whole: i64,
    millionths: i64,
    unit: char,
    in_time: bool,
}

/// The numbers of a duration.
fn parts(text: &str) -> Option<Vec<Part>> {
    let (date, time) = match text.strip_prefix('P')?.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text.strip_prefix('P')?, ""),
    };
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let mut parts = Vec::new();
    let mut has_fraction = false;
    for (mut rest, mut units, in_time) in [(date, "YMWD", false), (time, "HMS", true)] {
        while !rest.is_empty() {
            // A fraction must be the last number.
            if has_fraction {
                return None;
            }
            let length = digits(rest);
            let whole = rest[..length].parse().ok().filter(|_| length <= 9)?;
            rest = &rest[length..];
            let mut millionths = 0;
            if let Some(fraction) = rest.strip_prefix(['.', ',']) {
                let length = digits(fraction);
                millionths =
                    format!("{:0<6}", &fraction[..length]).parse().ok().filter(|_| (1..=6).contains(&length))?;
                (has_fraction, rest) = (true, &fraction[length..]);
            }
            let unit = rest.chars().next()?;
            units = &units[units.find(unit)? + 1..];
            rest = &rest[1..];
            parts.push(Part { whole, millionths, unit, in_time });
        }
    }
    (!parts.is_empty()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_iso_8601_writes_them() {
        let exact = |text: &str| Duration(text.into()).exact().map(|length| length.num_seconds());
        assert_eq!(exact("PT4H"), Some(14_400));
        assert_eq!(exact("P1DT1M30S"), Some(86_490));
        assert_eq!(exact("P2W"), Some(1_209_600));
        assert_eq!(exact("P1Y"), None);
        assert!(Duration("P1Y6M".into()).is_valid());
        assert_eq!(exact("PT1.5H"), Some(5_400));
        assert_eq!(exact("P0,5D"), Some(43_200));
        assert_eq!(exact("PT1H0.5M"), Some(3_630));
        assert_eq!(Duration("PT0.000001S".into()).exact(), Some(TimeDelta::microseconds(1)));
        assert!(Duration("P0.5Y".into()).is_valid());
        for wrong in ["PT1.5H30M", "P1.5DT1H", "PT.5H", "PT1.H", "PT1.5", "PT1.0000001S", "PT1.5.5H"] {
            assert!(!Duration(wrong.into()).is_valid(), "{wrong}");
        }
        for wrong in ["", "P", "PT", "P1DT", "4H", "P4H", "PT4", "P1D1Y", "P-1D", "PTé", "P1D2D", "PT1H1H"] {
            assert!(!Duration(wrong.into()).is_valid(), "{wrong}");
        }
    }

    #[test]
    fn urls_are_absolute_and_of_the_web() {
        for (text, right) in [
            ("https://chu.example/x?y=1", true),
            ("http://localhost:8080", true),
            ("javascript:alert(1)", false),
            ("/x", false),
            ("chu.example", false),
            ("mailto:a@b.example", false),
            ("HTTPS://Chu.example", true),
            ("https://chu.example/é?q=%20#x", true),
            ("https://[::1]:8443/x", true),
            ("https:/chu.example/x", false),
            ("https:chu.example", false),
            ("https:///chu.example", false),
            ("https://", false),
            ("https://:80/x", false),
            ("https://?x", false),
            ("https:\\\\chu.example", false),
            ("https://chu.example\\x", false),
            (" https://chu.example", false),
            ("https://chu.example ", false),
            ("https://chu.example/a b", false),
            ("https://chu.example/a\u{a0}b", false),
            ("ht\ntps://chu.example", false),
        ] {
            assert_eq!(URL(text.into()).is_valid(), right, "{text}");
        }
    }

    #[test]
    fn instants_are_written_in_utc_and_cut_to_microseconds() {
        let at = DateTime::parse(Value::from("2026-11-22T09:30:00.1234567+01:00")).unwrap();
        assert_eq!(at.to_string(), "2026-11-22T08:30:00.123456Z");
        assert_eq!(DateTime::parse(Value::from("2026-11-22T08:30:00Z")).unwrap().to_string(), "2026-11-22T08:30:00Z");
    }
}
