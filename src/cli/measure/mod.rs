//! `entente measure`.

mod csv;
pub(super) mod table;

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;

use self::table::{Measured, Reading};
use super::{
    Refused,
    apply::{
        Told, files, refuse,
        send::{Outcome, UserError},
        sort,
    },
    endpoint::{Endpoint, EndpointOptions, Purpose},
    language::Language,
    out::{Out, OutOptions},
};
use crate::{
    definition::{limits::MAX_PROBLEMS, nearest::meant},
    measurement::input::MAX_MEASUREMENTS,
    problem::{Rule, Thing},
    words::{Came, Noun, Speech, Words, translate},
};

const EXAMPLES: &str = "Examples:
  entente measure examples/hospital/measurements.csv
  entente measure --service patient-management --source survey --server https://entente.example answers.csv
  entente measure --locale fr mesures.csv
  generate-measurements | entente measure -";

const RECORD: &str = "mutation RecordMeasurements($input: MeasurementsRecordInput!) {
  measurementsRecord(input: $input) { recorded userErrors { code message path } }
}";

/// The number of calls from which a progress bar is shown.
const MANY: usize = 20;

/// Record measurements of indicators from CSV files
///
/// A file has the columns indicator (its key), instant and value, in this order. If the first row names the columns
/// (service, indicator, instant, value, source), they can be in any order, and others are ignored. Fields are separated by
/// commas, semicolons or tabs. Instants are in the format 2026-11-22T08:30:00+01:00; without an offset they are in UTC.
///
/// All files are read before anything is sent; if a row is wrong, nothing is sent. Measurements are then recorded 1,000 at
/// a time, all or none; if some are refused, the others are still recorded. The same indicator, instant and source again
/// replaces the value, so recording again is safe.
///
/// With a database, the command can record everything. With a server, the token needs the scope `measurements:write`, and
/// `read` for rows without a service.
///
/// Exit codes: 0 everything was recorded; 1 something was refused; 2 the files, the options, the database or the server
/// could not be used.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct MeasureOptions {
    /// CSV files, "-" for the standard input
    #[arg(required = true, value_name = "FILE|-")]
    files: Vec<PathBuf>,

    /// Slug of the service of rows that name none. Default: the only service that has the indicator
    #[arg(long, value_name = "SLUG")]
    service: Option<String>,

    /// Source of the values of rows that name none
    #[arg(long, value_name = "TEXT")]
    source: Option<String>,

    /// How numbers and dates are written: en (99.5, 2026-11-22) or fr (also 99,5 and 22/11/2026)
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    locale: Language,

    #[command(flatten)]
    print: OutOptions,

    #[command(flatten)]
    endpoint: EndpointOptions,
}

/// Runs the command.
pub(super) async fn run(options: MeasureOptions, out: &mut Out) -> anyhow::Result<()> {
    let MeasureOptions { files, service, source, locale, print, endpoint } = options;
    out.set(print);
    let speech = out.speech();
    let reading = Reading { locale, service: service.as_deref(), source: source.as_deref() };
    let (mut measured, mut problems) = (Vec::new(), Vec::new());
    for file in &files {
        let name = files::name(file);
        let text = files::read_text(file, &name, speech);
        match text.map_err(|error| anyhow::anyhow!(files::failed(&name, &error, speech)))? {
            Ok(text) => {
                let (rows, wrong) = table::read(&name, &text, reading, speech);
                if rows.is_empty() && wrong.is_empty() {
                    bail!(said(&format!("{name}: there is no measurement in it"), speech));
                }
                measured.extend(rows);
                problems.extend(wrong);
            }
            Err(problem) => problems.push(*problem),
        }
    }
    if !problems.is_empty() {
        return refuse(&problems, out);
    }
    // A new database has no indicators.
    let endpoint = endpoint.open(Purpose::Read, speech).await?;
    out.detail(&endpoint.works_on(speech))?;
    out.flush()?;
    let problems = endpoint.find_services(&mut measured).await?;
    if !problems.is_empty() {
        return refuse(&problems, out);
    }
    record(&endpoint, &measured, out).await
}

/// Records measurements in portions, and prints the result.
async fn record(endpoint: &Endpoint, measured: &[Measured], out: &mut Out) -> anyhow::Result<()> {
    let speech = out.speech();
    let calls = measured.chunks(MAX_MEASUREMENTS);
    let bar = if calls.len() > MANY { ProgressBar::new(calls.len() as u64) } else { ProgressBar::hidden() };
    let (mut recorded, mut refused, mut problems) = (0, 0, Vec::new());
    for some in calls {
        let stopped = || {
            said(
                &format!(
                    "{recorded} measurements were recorded; those after them were not sent (recording again is safe)"
                ),
                speech,
            )
        };
        match endpoint.record(some).await.with_context(stopped)? {
            Ok(count) => recorded += count,
            Err(errors) => {
                refused += some.len();
                let mut told: Vec<Told> = errors.iter().filter_map(|error| told(some, error)).collect();
                sort(&mut told);
                bar.suspend(|| told.iter().try_for_each(|problem| out.problem(&problem.say())))?;
                problems.extend(told);
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if out.is_json() {
        let place = endpoint.place();
        out.json(&json!({ "worksOn": place, "recorded": recorded, "refused": refused, "problems": problems }))?;
    }
    let counts = [(recorded, Came::Recorded), (refused, Came::Refused)];
    if let Some(summary) = Words::tally(Noun::Measurement, &counts, speech) {
        out.detail(&summary)?;
    }
    if refused > 0 { Err(Refused.into()) } else { Ok(()) }
}

/// A problem of one of these measurements: the one in its path (`measurements`, then an index), otherwise the first.
fn told(measured: &[Measured], error: &UserError) -> Option<Told> {
    let UserError { code, message, path } = error;
    let mut path = path.iter().flatten().skip(1);
    let row = measured.get(path.next().and_then(|index| index.parse().ok()).unwrap_or(0))?;
    Some(row.told(path.next().map(String::as_str), code, message.clone()))
}

fn said(english: &str, speech: Speech) -> String {
    translate(english, speech).unwrap_or_else(|| english.to_owned())
}

impl Endpoint {
    /// Records measurements, up to 1,000; returns their number.
    pub(super) async fn record(&self, measured: &[Measured]) -> anyhow::Result<Outcome<usize>> {
        let inputs: Vec<_> = measured.iter().map(Measured::input).collect();
        let mut payload = match self.mutate(RECORD, json!({ "measurements": inputs })).await? {
            Ok(mut data) => data["measurementsRecord"].take(),
            Err(refused) => return Ok(Err(refused)),
        };
        let problems: Vec<UserError> = serde_json::from_value(payload["userErrors"].take())?;
        Ok(if problems.is_empty() { Ok(measured.len()) } else { Err(problems) })
    }

    /// Sets the service of each measurement without one to the only service with its indicator. Returns the problems:
    /// no service has it, or several.
    async fn find_services(&self, measured: &mut [Measured]) -> anyhow::Result<Vec<Told>> {
        let mut problems = Vec::new();
        if measured.iter().all(|one| one.service.is_some()) {
            return Ok(problems);
        }
        let services = self.services_by_indicator().await?;
        for one in measured.iter_mut().filter(|one| one.service.is_none()) {
            if problems.len() >= MAX_PROBLEMS {
                break;
            }
            let indicator = Some("indicator");
            match services.get(&one.indicator).map(Vec::as_slice) {
                Some([service]) => one.service = Some(service.clone()),
                Some([_, ..]) => {
                    let slugs = services[&one.indicator].join(", ");
                    let message = format!(
                        "{:?} is an indicator of several services: {slugs}; give --service, or a column service",
                        one.indicator
                    );
                    problems.push(one.told(indicator, "INVALID", said(&message, self.speech())));
                }
                Some([]) | None => {
                    let (what, given) = (Thing::Indicator, Some(one.indicator.clone()));
                    let meant = meant(&one.indicator, services.keys().map(String::as_str));
                    let rule = Rule::NotFound { what, given, meant };
                    problems.push(one.told(indicator, rule.code().name(), rule.say(self.speech())));
                }
            }
        }
        Ok(problems)
    }
}
