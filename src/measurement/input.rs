//! What the mutation of measurements takes.

use async_graphql::InputObject;
use chrono::TimeDelta;
use entente_entity::scalar::DateTime;
use serde::Serialize;

use crate::{
    definition::{
        at::At,
        document::ServiceKey,
        limits::{MAX_PROBLEMS, is_number, line_rule},
        normalize,
    },
    problem::{Problem, Rule},
};

/// Measurements in one call.
pub const MAX_MEASUREMENTS: usize = 1_000;
/// Characters of a source.
pub const MAX_SOURCE: usize = 200;
/// By so much the clock of whoever measures may be ahead of the server's.
pub const AHEAD: TimeDelta = TimeDelta::minutes(1);

/// Measurements to record.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct MeasurementsRecordInput {
    /// At most 1,000 measurements, of one or several services, in any order. Of two with the same indicator, instant and
    /// source, the last one is recorded.
    pub measurements: Vec<MeasurementInput>,
}

/// The value of an indicator at an instant.
#[derive(Clone, Debug, PartialEq, InputObject, Serialize)]
pub struct MeasurementInput {
    /// The service of the indicator. The viewer's organization provides or consumes it.
    pub service: ServiceKey,
    /// The key of an indicator in the published definition, of an outcome, a benefit or an offering.
    pub indicator: String,
    /// The instant for which the value holds. It must not be in the future; the clock of the sender may be one minute
    /// ahead. For the value of a period, use its end.
    pub at: DateTime,
    /// The value, in the `unit` of the indicator: a finite number, less than 1e301 and greater than -1e301.
    pub value: f64,
    /// The source of the value, for example the name of the tool that measured it: one line of at most 200 characters.
    /// Values of different sources for the same instant do not replace each other.
    #[graphql(process_with = "normalize::optional_text")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl MeasurementsRecordInput {
    /// What is wrong with the input whatever is in the database.
    pub fn problems(&self) -> Vec<Problem> {
        let list = At::top("measurements");
        let found = self.measurements.len();
        if found > MAX_MEASUREMENTS {
            return vec![list.problem(Rule::TooMany { max: MAX_MEASUREMENTS, found })];
        }
        let mut problems = Vec::new();
        for (index, measurement) in self.measurements.iter().enumerate() {
            let at = list.index(index);
            let value = (!is_number(measurement.value)).then_some(Rule::NotANumber);
            let source = measurement.source.as_deref().and_then(|source| line_rule(source, MAX_SOURCE));
            let rules = [("value", value), ("source", source)];
            problems.extend(rules.into_iter().filter_map(|(field, rule)| Some(at.field(field).problem(rule?))));
        }
        problems.truncate(MAX_PROBLEMS);
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> MeasurementsRecordInput {
        let at = DateTime::of_text("2026-11-22T08:30:00Z").unwrap();
        let one = |value: &f64| MeasurementInput {
            service: ServiceKey::Slug("a".into()),
            indicator: "time".into(),
            at,
            value: *value,
            source: None,
        };
        MeasurementsRecordInput { measurements: values.iter().map(one).collect() }
    }

    #[test]
    fn a_value_that_is_no_number_is_named_by_its_index() {
        assert_eq!(of(&[0.0, -9.9e299, 5e-324]).problems(), []);
        for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e301, -1e301] {
            let problem = Problem::at(["measurements", "1", "value"], Rule::NotANumber);
            assert_eq!(of(&[1.0, wrong]).problems(), [problem], "{wrong}");
        }
    }

    #[test]
    fn a_thousand_are_taken_and_no_more() {
        assert_eq!(of(&[1.0; 1_000]).problems(), []);
        let rule = Rule::TooMany { max: 1_000, found: 1_001 };
        assert_eq!(of(&[f64::NAN; 1_001]).problems(), [Problem::at(["measurements"], rule)]);
    }

    #[test]
    fn a_source_is_one_line() {
        let mut input = of(&[1.0]);
        for (source, is_right) in [("survey", true), ("a\nb", false), (&*"x".repeat(201), false)] {
            input.measurements[0].source = Some(source.to_owned());
            assert_eq!(input.problems().is_empty(), is_right, "{source}");
        }
    }
}
