//! How the measured value of an indicator compares with its baseline and its target.
//!
//! `progress` is `(value - baseline) / (target - baseline)`: 0 at the baseline, 1 at the target, whether the target is above or below
//! the baseline. The status compares the value in the direction of the indicator.

use entente_entity::enums::{AttainmentStatus, Direction};

use crate::definition::terms::Indicator;

/// How far an indicator is from its target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attainment {
    /// The comparison in one word.
    pub status: AttainmentStatus,
    /// 0 at the baseline, 1 at the target; less than 0 and more than 1 beyond them. `None` without a baseline or a value.
    pub progress: Option<f64>,
}

/// How many indicators have each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Realization {
    /// The target is met.
    pub met: usize,
    /// The target is not met, and the value is not worse than the baseline.
    pub improving: usize,
    /// The value is worse than the baseline.
    pub regressed: usize,
    /// There is no value.
    pub not_measured: usize,
}

impl Attainment {
    /// The attainment of an indicator with this value, in its unit; `None` if it was not measured.
    pub fn of(indicator: &Indicator, value: Option<f64>) -> Self {
        let Indicator { direction, baseline, target, .. } = indicator;
        let Some(value) = value else { return Self { status: AttainmentStatus::NotMeasured, progress: None } };
        let is_worse = |than: f64| match direction {
            Direction::HigherIsBetter => value < than,
            Direction::LowerIsBetter => value > than,
        };
        let status = match baseline {
            _ if !is_worse(*target) => AttainmentStatus::Met,
            Some(baseline) if is_worse(*baseline) => AttainmentStatus::Regressed,
            _ => AttainmentStatus::Improving,
        };
        let progress = baseline.map(|baseline| match baseline == *target {
            // There is no way between the two.
            true if status == AttainmentStatus::Met => 1.0,
            true => 0.0,
            // Zero has no sign.
            false => ((value - baseline) / (target - baseline)).clamp(f64::MIN, f64::MAX) + 0.0,
        });
        Self { status, progress }
    }
}

impl FromIterator<AttainmentStatus> for Realization {
    fn from_iter<I: IntoIterator<Item = AttainmentStatus>>(statuses: I) -> Self {
        let mut all = Self::default();
        for status in statuses {
            let count = match status {
                AttainmentStatus::Met => &mut all.met,
                AttainmentStatus::Improving => &mut all.improving,
                AttainmentStatus::Regressed => &mut all.regressed,
                AttainmentStatus::NotMeasured => &mut all.not_measured,
            };
            *count += 1;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use entente_entity::{id::ElementId, text::Text};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;
    use AttainmentStatus::{Improving, Met, NotMeasured, Regressed};
    use Direction::{HigherIsBetter, LowerIsBetter};

    fn indicator(direction: Direction, baseline: Option<f64>, target: f64) -> Indicator {
        let name = serde_json::from_str::<Text>(r#"{"en": "Time"}"#).unwrap();
        Indicator { id: ElementId::new(), key: "time".into(), name, unit: "min".into(), direction, baseline, target }
    }

    #[rstest]
    // A target above the baseline.
    #[case(HigherIsBetter, Some(70.0), 90.0, Some(70.0), Improving, Some(0.0))]
    #[case(HigherIsBetter, Some(70.0), 90.0, Some(85.0), Improving, Some(0.75))]
    #[case(HigherIsBetter, Some(70.0), 90.0, Some(90.0), Met, Some(1.0))]
    #[case(HigherIsBetter, Some(70.0), 90.0, Some(100.0), Met, Some(1.5))]
    #[case(HigherIsBetter, Some(70.0), 90.0, Some(60.0), Regressed, Some(-0.5))]
    // A target below the baseline.
    #[case(LowerIsBetter, Some(14.0), 4.0, Some(14.0), Improving, Some(0.0))]
    #[case(LowerIsBetter, Some(14.0), 4.0, Some(9.0), Improving, Some(0.5))]
    #[case(LowerIsBetter, Some(14.0), 4.0, Some(4.0), Met, Some(1.0))]
    #[case(LowerIsBetter, Some(14.0), 4.0, Some(-1.0), Met, Some(1.5))]
    #[case(LowerIsBetter, Some(14.0), 4.0, Some(19.0), Regressed, Some(-0.5))]
    // Without a baseline.
    #[case(HigherIsBetter, None, 90.0, Some(89.0), Improving, None)]
    #[case(HigherIsBetter, None, 90.0, Some(90.0), Met, None)]
    // The baseline is the target.
    #[case(LowerIsBetter, Some(5.0), 5.0, Some(5.0), Met, Some(1.0))]
    #[case(LowerIsBetter, Some(5.0), 5.0, Some(4.0), Met, Some(1.0))]
    #[case(LowerIsBetter, Some(5.0), 5.0, Some(6.0), Regressed, Some(0.0))]
    // A target that permits worse than the baseline: the value between them meets it.
    #[case(HigherIsBetter, Some(90.0), 80.0, Some(85.0), Met, Some(0.5))]
    #[case(HigherIsBetter, Some(90.0), 80.0, Some(70.0), Regressed, Some(2.0))]
    // Without a value.
    #[case(HigherIsBetter, Some(70.0), 90.0, None, NotMeasured, None)]
    #[case(LowerIsBetter, None, 90.0, None, NotMeasured, None)]
    // As far as numbers go.
    #[case(HigherIsBetter, Some(0.0), 5e-324, Some(1e299), Met, Some(f64::MAX))]
    #[case(LowerIsBetter, Some(9e299), -9e299, Some(0.0), Improving, Some(0.5))]
    fn the_value_is_compared_with_the_baseline_and_the_target(
        #[case] direction: Direction,
        #[case] baseline: Option<f64>,
        #[case] target: f64,
        #[case] value: Option<f64>,
        #[case] status: AttainmentStatus,
        #[case] progress: Option<f64>,
    ) {
        assert_eq!(Attainment::of(&indicator(direction, baseline, target), value), Attainment { status, progress });
    }

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![-1e9..1e9, -1e299..1e299, Just(0.0), (-5_i32..5).prop_map(f64::from)]
    }

    proptest! {
        /// With a target that is better than the baseline, status and progress say the same.
        #[test]
        fn progress_is_at_least_one_where_the_target_is_met_and_negative_where_it_regressed(
            one in number(), other in number(), value in number(), is_higher in any::<bool>()
        ) {
            prop_assume!(one != other);
            let (low, high) = (one.min(other), one.max(other));
            let (direction, baseline, target) =
                if is_higher { (HigherIsBetter, low, high) } else { (LowerIsBetter, high, low) };
            let Attainment { status, progress } = Attainment::of(&indicator(direction, Some(baseline), target), Some(value));
            let progress = progress.unwrap();
            prop_assert!(progress.is_finite());
            match status {
                Met => prop_assert!(progress >= 1.0),
                Regressed => prop_assert!(progress <= 0.0),
                Improving => prop_assert!((0.0..=1.0).contains(&progress)),
                NotMeasured => prop_assert!(false),
            }
        }

        /// Measuring downwards is the same as measuring upwards with the opposite sign.
        #[test]
        fn both_directions_are_mirror_images(
            baseline in prop::option::of(number()), target in number(), value in number()
        ) {
            let up = Attainment::of(&indicator(HigherIsBetter, baseline, target), Some(value));
            let down = Attainment::of(&indicator(LowerIsBetter, baseline.map(|it| -it), -target), Some(-value));
            prop_assert_eq!(up, down);
        }

        /// A better value never has a worse status, and never less progress towards a better target.
        #[test]
        fn a_better_value_is_never_worse(baseline in number(), target in number(), one in number(), other in number()) {
            prop_assume!(baseline < target);
            let of = |value| Attainment::of(&indicator(HigherIsBetter, Some(baseline), target), Some(value));
            let (worse, better) = (of(one.min(other)), of(one.max(other)));
            prop_assert!(worse.progress <= better.progress);
            let rank = |status| [Regressed, Improving, Met].iter().position(|it| *it == status);
            prop_assert!(rank(worse.status) <= rank(better.status));
        }
    }

    #[test]
    fn statuses_are_counted() {
        let statuses = [Met, Met, Improving, NotMeasured, Regressed, Met, NotMeasured];
        let counted = Realization { met: 3, improving: 1, regressed: 1, not_measured: 2 };
        assert_eq!(statuses.into_iter().collect::<Realization>(), counted);
        assert_eq!([].into_iter().collect::<Realization>(), Realization::default());
    }
}
