//! Reads the measurements of a table: its columns, numbers and instants.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use entente_entity::scalar::DateTime;

use super::csv::{BadQuote, Field, Rows};
use crate::{
    cli::{apply::Told, language::Language},
    definition::{
        document::ServiceKey,
        limits::{MAX_PROBLEMS, is_number},
    },
    measurement::input::MeasurementInput,
    problem::Rule,
    words::{Speech, translate},
};

/// The options for reading a table.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Reading<'a> {
    /// The format of numbers and dates.
    pub locale: Language,
    /// The service of rows without one.
    pub service: Option<&'a str>,
    /// The source of rows without one.
    pub source: Option<&'a str>,
}

/// The line and the column of a field.
type Place = (u64, u64);

/// A measurement, with the places of its fields.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::cli) struct Measured {
    file: Arc<str>,
    /// The places of the fields, in the order of [`COLUMNS`].
    places: [Place; COLUMNS.len()],
    /// The slug of its service; `None` until it is known.
    pub service: Option<String>,
    /// The key of its indicator.
    pub indicator: String,
    /// The instant for which the value holds.
    pub at: DateTime,
    value: f64,
    source: Option<String>,
}

/// The columns: their names in the input of the mutation, and their names in the first row of a table.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("service", &["service"]),
    ("indicator", &["indicator", "indicateur"]),
    ("at", &["instant", "at", "date"]),
    ("value", &["value", "valeur"]),
    ("source", &["source"]),
];
const SERVICE: usize = 0;
const INDICATOR: usize = 1;
const AT: usize = 2;
const VALUE: usize = 3;
const SOURCE: usize = 4;

/// The index of each column in a row.
type Layout = [Option<usize>; COLUMNS.len()];

/// The layout of a table that does not name its columns.
const UNNAMED: Layout = [None, Some(0), Some(1), Some(2), Some(3)];

/// The number of known names from which the first row is a header.
const NAMES: usize = 2;
/// Maximum number of characters of a text that a message repeats.
const QUOTED: usize = 40;

impl Measured {
    /// The input of the mutation.
    pub fn input(&self) -> MeasurementInput {
        MeasurementInput {
            service: ServiceKey::Slug(self.service.clone().unwrap_or_default()),
            indicator: self.indicator.clone(),
            at: self.at,
            value: self.value,
            source: self.source.clone(),
        }
    }

    /// A problem of the field with this name in the mutation; of the whole row if there is none.
    pub fn told(&self, field: Option<&str>, code: &str, message: String) -> Told {
        let column = COLUMNS.iter().position(|(name, _)| Some(*name) == field).unwrap_or(INDICATOR);
        let (line, column) = self.places[column];
        Told::at(&self.file, line, column, message).coded(code)
    }
}

/// The measurements of a table, or its problems.
pub(in crate::cli) fn read(file: &str, text: &str, reading: Reading<'_>, speech: Speech) -> (Vec<Measured>, Vec<Told>) {
    let mut table = Table { file: file.into(), reading, speech, problems: Vec::new() };
    let (mut measured, mut layout) = (Vec::new(), None);
    for row in Rows::of(text) {
        if table.problems.len() >= MAX_PROBLEMS {
            break;
        }
        let row = match row {
            Ok(row) => row,
            Err(BadQuote { line, column }) => {
                table.say(
                    (line, column),
                    "a quote is not closed, or something follows it; a quote within a field is written twice",
                );
                break;
            }
        };
        match layout {
            None if is_of_names(&row) => match table.layout(&row) {
                Some(named) => layout = Some(named),
                None => break,
            },
            _ => {
                let layout = *layout.get_or_insert(UNNAMED);
                measured.extend(table.row(&row, layout));
            }
        }
    }
    (measured, table.problems)
}

fn is_named(field: &Field, names: &[&str]) -> bool {
    names.contains(&field.text.trim().to_lowercase().as_str())
}

/// Whether the first row is a header.
fn is_of_names(row: &[Field]) -> bool {
    COLUMNS.iter().filter(|(_, names)| row.iter().any(|field| is_named(field, names))).count() >= NAMES
}

/// A table while it is read.
struct Table<'a> {
    file: Arc<str>,
    reading: Reading<'a>,
    speech: Speech,
    problems: Vec<Told>,
}

impl Table<'_> {
    fn say(&mut self, (line, column): Place, message: &str) {
        let message = translate(message, self.speech).unwrap_or_else(|| message.to_owned());
        self.problems.push(Told::at(&self.file, line, column, message));
    }

    /// The columns in the header. Unknown columns are ignored.
    fn layout(&mut self, row: &[Field]) -> Option<Layout> {
        let layout = COLUMNS.map(|(_, names)| row.iter().position(|field| is_named(field, names)));
        let missing = [INDICATOR, AT, VALUE].into_iter().find(|column| layout[*column].is_none());
        let Some(missing) = missing else { return Some(layout) };
        let name = COLUMNS[missing].1[0];
        self.say(
            place(row.first()),
            &format!(
                "there is no column {name}: the first row names the columns indicator, instant and value, or none"
            ),
        );
        None
    }

    /// The measurement of a row; `None` if it has problems.
    fn row(&mut self, row: &[Field], layout: Layout) -> Option<Measured> {
        let before = self.problems.len();
        let field =
            |column: usize| layout[column].and_then(|at| row.get(at)).filter(|field| !field.text.trim().is_empty());
        let text = |column: usize| field(column).map(|field| field.text.trim());
        let places = std::array::from_fn(|column| place(layout[column].and_then(|at| row.get(at)).or(row.first())));
        for column in [INDICATOR, AT, VALUE] {
            if field(column).is_none() {
                let name = COLUMNS[column].1[0];
                let message = Rule::Required.say(self.speech);
                let told = Told::at(&self.file, places[column].0, places[column].1, format!("{name}: {message}"));
                self.problems.push(told.coded(Rule::Required.code().name()));
            }
        }
        let locale = self.reading.locale;
        let at = text(AT).and_then(|text| {
            let at = instant(text, locale);
            if at.is_none() {
                self.say(
                    places[AT],
                    &format!(
                        "{:?} is not an instant, as 2026-11-22T08:30:00+01:00 is, or in UTC 2026-11-22 08:30 (with --locale fr also 22/11/2026 08:30)",
                        short(text)
                    ),
                );
            }
            at
        });
        let value = text(VALUE).and_then(|text| {
            let value = number(text, locale);
            if value.is_none() {
                let message = match (locale, number(text, Language::Fr)) {
                    (Language::En, Some(meant)) => {
                        format!("{:?} has a decimal comma: give --locale fr, or write {meant}", short(text))
                    }
                    _ => format!("{:?} is not a number, as 99.5 is (with --locale fr also 99,5)", short(text)),
                };
                self.say(places[VALUE], &message);
            }
            value
        });
        if self.problems.len() > before {
            return None;
        }
        Some(Measured {
            file: self.file.clone(),
            places,
            service: text(SERVICE).or(self.reading.service).map(str::to_owned),
            indicator: text(INDICATOR)?.to_owned(),
            at: at?,
            value: value?,
            source: text(SOURCE).or(self.reading.source).map(str::to_owned),
        })
    }
}

fn place(field: Option<&Field>) -> Place {
    field.map_or((1, 1), |field| (field.line, field.column))
}

fn short(text: &str) -> String {
    text.chars().take(QUOTED).collect()
}

/// An instant in the format of RFC 3339, or as spreadsheets write it, in UTC.
fn instant(text: &str, locale: Language) -> Option<DateTime> {
    if let Some(at) = DateTime::of_text(text) {
        return Some(at);
    }
    let (date, time) = text.split_once([' ', 'T']).map_or((text, ""), |(date, time)| (date, time.trim()));
    let formats: &[&str] = match locale {
        Language::En => &["%Y-%m-%d"],
        Language::Fr => &["%Y-%m-%d", "%d/%m/%Y"],
    };
    let date = formats.iter().find_map(|format| NaiveDate::parse_from_str(date, format).ok())?;
    let time = match time.is_empty() {
        true => chrono::NaiveTime::MIN,
        false => {
            ["%H:%M", "%H:%M:%S%.f"].iter().find_map(|format| chrono::NaiveTime::parse_from_str(time, format).ok())?
        }
    };
    // Years with two digits are refused, because they would be in the first century.
    let at = NaiveDateTime::new(date, time).and_utc();
    Some(DateTime::new(at)).filter(|_| (1_000..=9_999).contains(&date.year()))
}

/// A number. In French it may have a decimal comma or a point, and blanks between its digits.
fn number(text: &str, locale: Language) -> Option<f64> {
    let mut plain = text.to_owned();
    if locale == Language::Fr {
        plain.retain(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}'));
        plain = plain.replacen(',', ".", 1);
    }
    let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e' | 'E');
    let number = plain.parse().ok().filter(|_| plain.chars().all(is_of_number));
    number.filter(|number| is_number(*number))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use Language::{En, Fr};

    fn reading(locale: Language) -> Reading<'static> {
        Reading { locale, service: None, source: None }
    }

    #[rstest]
    #[case("99.5", En, Some(99.5))]
    #[case("-1e3", En, Some(-1000.0))]
    #[case("+7", En, Some(7.0))]
    #[case("99,5", En, None)]
    #[case("1,234.5", En, None)]
    #[case("99,5", Fr, Some(99.5))]
    #[case("99.5", Fr, Some(99.5))]
    #[case("1\u{202f}234,5", Fr, Some(1234.5))]
    #[case("1 234 567", Fr, Some(1_234_567.0))]
    #[case("1.234,5", Fr, None)]
    #[case("1,2,3", Fr, None)]
    #[case("1e400", En, None)]
    #[case("NaN", En, None)]
    #[case("inf", Fr, None)]
    #[case("95 %", Fr, None)]
    #[case("1 2", En, None)]
    fn numbers_are_read_as_the_language_writes_them(
        #[case] text: &str,
        #[case] locale: Language,
        #[case] expected: Option<f64>,
    ) {
        assert_eq!(number(text, locale), expected);
    }

    #[rstest]
    #[case("2026-11-22T08:30:00Z", En, Some("2026-11-22T08:30:00Z"))]
    #[case("2026-11-22T08:30:00+01:00", Fr, Some("2026-11-22T07:30:00Z"))]
    #[case("2026-11-22 08:30", En, Some("2026-11-22T08:30:00Z"))]
    #[case("2026-11-22T08:30:15.5", En, Some("2026-11-22T08:30:15.500Z"))]
    #[case("2026-11-22", En, Some("2026-11-22T00:00:00Z"))]
    #[case("22/11/2026", Fr, Some("2026-11-22T00:00:00Z"))]
    #[case("22/11/2026 08:30:15", Fr, Some("2026-11-22T08:30:15Z"))]
    #[case("22/11/2026", En, None)]
    #[case("22/11/26", Fr, None)]
    #[case("31/02/2026", Fr, None)]
    #[case("2026-11-22 25:00", En, None)]
    #[case("soon", Fr, None)]
    #[case("46348", Fr, None)]
    fn instants_are_read_as_the_language_writes_them(
        #[case] text: &str,
        #[case] locale: Language,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(instant(text, locale).map(|at| at.to_string()).as_deref(), expected);
    }

    #[test]
    fn columns_are_in_their_order_or_named_by_the_first_row() {
        let unnamed = "time,2026-11-22,5\nerrors,2026-11-23,0.5,survey\n";
        let named = "\u{feff}Valeur;Remarque;Indicateur;Source;Date\r\n5;\"vu; lu\";time;;22/11/2026\r\n0,5;;errors;survey;23/11/2026\r\n";
        let values = |text: &str, locale| {
            let (measured, problems) = read("a.csv", text, reading(locale), Speech::English);
            assert_eq!(problems, []);
            let of = |one: &Measured| (one.indicator.clone(), one.at.to_string(), one.value, one.source.clone());
            measured.iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(values(unnamed, En), values(named, Fr));
        assert_eq!(values(unnamed, En)[1].3.as_deref(), Some("survey"));
    }

    #[test]
    fn a_service_and_a_source_of_the_table_go_before_those_of_the_options() {
        let text = "service,indicator,instant,value,source\nrecord,time,2026-11-22,5,\n,time,2026-11-22,5,probe\n";
        let reading = Reading { service: Some("patients"), source: Some("survey"), ..reading(En) };
        let (measured, _) = read("a.csv", text, reading, Speech::English);
        let of = |one: &Measured| (one.service.clone().unwrap(), one.source.clone().unwrap());
        let expected = [("record", "survey"), ("patients", "probe")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(measured.iter().map(of).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn all_that_is_wrong_is_told_with_its_place() {
        let text = "time;2026-11-22;9,5\n;soon;x\ntime;2026-11-22\n";
        let said = |speech| {
            let (measured, problems) = read("a.csv", text, reading(En), speech);
            assert_eq!(measured, []);
            problems.iter().map(Told::say).collect::<Vec<_>>()
        };
        let instant = "is not an instant, as 2026-11-22T08:30:00+01:00 is, or in UTC 2026-11-22 08:30 (with --locale fr also 22/11/2026 08:30)";
        assert_eq!(
            said(Speech::English),
            [
                "a.csv:1:17: \"9,5\" has a decimal comma: give --locale fr, or write 9.5 (INVALID)".to_owned(),
                "a.csv:2:1: indicator: must be given (REQUIRED)".to_owned(),
                format!("a.csv:2:2: \"soon\" {instant} (INVALID)"),
                "a.csv:2:7: \"x\" is not a number, as 99.5 is (with --locale fr also 99,5) (INVALID)".to_owned(),
                "a.csv:3:1: value: must be given (REQUIRED)".to_owned(),
            ]
        );
        assert!(said(Speech::French).iter().all(|line| !line.contains('"')), "{:?}", said(Speech::French));
        let (_, problems) = read("a.csv", "indicator,value\na,1\n", reading(En), Speech::English);
        assert!(problems[0].say().starts_with("a.csv:1:1: there is no column instant"), "{problems:?}");
        let (_, problems) = read("a.csv", "a,2026-11-22,\"1\n", reading(En), Speech::French);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].say().starts_with("a.csv:1:14: un guillemet"), "{problems:?}");
    }
}
