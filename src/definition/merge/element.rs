//! Merging an entry of each kind into its element. Entries are destructured completely, so that a new field does not
//! compile until it is merged.

use entente_entity::{
    enums::{Direction, Effect, Party},
    id::ElementId,
    text::Str,
};
use iso_currency::Currency;

use super::{Entry, Merge};
use crate::{
    definition::{
        at::At,
        document::{
            BenefitInput, CostInput, ExpectationInput, IndicatorInput, JourneyStageInput, OfferingInput, OutcomeInput,
            RiskInput,
        },
        limits,
        terms::{Benefit, Cost, Expectation, Indicator, Money, Offering, Outcome, Risk, Stage},
    },
    problem::Rule,
};

/// The methods that are the same for all entries.
macro_rules! entry {
    ($element:ty) => {
        type Element = $element;

        fn key(&self) -> &str {
            &self.key
        }

        fn renamed_from(&self) -> Option<&str> {
            self.renamed_from.value().map(String::as_str)
        }

        fn removed(&self) -> bool {
            self.remove.value() == Some(&true)
        }
    };
}

impl Entry for JourneyStageInput {
    entry!(Stage);

    fn onto(&self, base: Option<&Stage>, id: ElementId, key: Str, at: &At, merge: &mut Merge) -> Stage {
        let Self { key: _, name, renamed_from: _, remove: _ } = self;
        Stage { id, key, name: merge.label(&at.field("name"), name, base.map(|base| &base.name)) }
    }
}

impl Entry for OutcomeInput {
    entry!(Outcome);

    fn onto(&self, base: Option<&Outcome>, id: ElementId, key: Str, at: &At, merge: &mut Merge) -> Outcome {
        // Links are merged separately from the terms.
        let Self {
            key: _,
            statement,
            supported,
            stage,
            indicators,
            configuration_items: _,
            external_references,
            renamed_from: _,
            remove: _,
        } = self;
        merge.references(&at.field("externalReferences"), external_references);
        Outcome {
            id,
            key,
            statement: merge.text(&at.field("statement"), statement, base.map(|base| &base.statement)),
            supported: merge
                .optional(&at.field("supported"), supported, base.map(|base| base.supported), |_, _, given| {
                    Some(*given)
                })
                .unwrap_or(true),
            stage: merge.optional(
                &at.field("stage"),
                stage,
                base.and_then(|base| base.stage.clone()),
                |_, _, given| Some(Str::from(given)),
            ),
            indicators: merge.list(at, indicators, base.map(|base| &*base.indicators)),
        }
    }
}

impl Entry for IndicatorInput {
    entry!(Indicator);

    fn onto(&self, base: Option<&Indicator>, id: ElementId, key: Str, at: &At, merge: &mut Merge) -> Indicator {
        let Self { key: _, name, unit, direction, baseline, target, renamed_from: _, remove: _ } = self;
        Indicator {
            id,
            key,
            name: merge.label(&at.field("name"), name, base.map(|base| &base.name)),
            unit: merge.required(
                &at.field("unit"),
                unit,
                base.map(|base| base.unit.clone()),
                Str::from(""),
                |merge, at, given| merge.line(at, given, limits::MAX_UNIT),
            ),
            direction: merge.required(
                &at.field("direction"),
                direction,
                base.map(|base| base.direction),
                Direction::HigherIsBetter,
                |_, _, given| Some(*given),
            ),
            baseline: merge.optional(&at.field("baseline"), baseline, base.and_then(|base| base.baseline), finite),
            target: merge.required(&at.field("target"), target, base.map(|base| base.target), 0.0, finite),
        }
    }

    fn elsewhere(key: &str, merge: &Merge) -> Option<Indicator> {
        merge.indicators.get(key).map(|indicator| (*indicator).clone())
    }
}

impl Entry for CostInput {
    entry!(Cost);

    fn onto(&self, base: Option<&Cost>, id: ElementId, key: Str, at: &At, merge: &mut Merge) -> Cost {
        let Self { key: _, statement, effect, amount: _, currency: _, period, renamed_from: _, remove: _ } = self;
        Cost {
            id,
            key,
            statement: merge.text(&at.field("statement"), statement, base.map(|base| &base.statement)),
            effect: merge.required(
                &at.field("effect"),
                effect,
                base.map(|base| base.effect),
                Effect::Removed,
                |_, _, given| Some(*given),
            ),
            amount: money(self, base.and_then(|base| base.amount.as_ref()), at, merge),
            period: merge.duration(&at.field("period"), period, base.and_then(|base| base.period.as_ref())),
        }
    }
}

impl Entry for RiskInput {
    entry!(Risk);

    fn onto(&self, base: Option<&Risk>, id: ElementId, key: Str, at: &At, merge: &mut Merge) -> Risk {
        let Self { key: _, statement, effect, likelihood, impact, mitigation, renamed_from: _, remove: _ } = self;
        Risk {
            id,
            key,
            statement: merge.text(&at.field("statement"), statement, base.map(|base| &base.statement)),
            effect: merge.required(
                &at.field("effect"),
                effect,
                base.map(|base| base.effect),
                Effect::Removed,
                |_, _, given| Some(*given),
            ),
            likelihood: merge.optional(
                &at.field("likelihood"),
                likelihood,
                base.and_then(|base| base.likelihood),
                |_, _, given| Some(*given),
            ),
            impact: merge
                .optional(&at.field("impact"), impact, base.and_then(|base| base.impact), |_, _, given| Some(*given)),
            mitigation: merge.optional_text(
                &at.field("mitigation"),
                mitigation,
                base.and_then(|base| base.mitigation.as_ref()),
            ),
        }
    }
}

impl Entry for BenefitInput {
    entry!(Benefit);

    fn onto(&self, base: Option<&Benefit>, id: ElementId, key: Str, at: &At, merge: &mut Merge) -> Benefit {
        let Self { key: _, statement, stakeholder, indicators, renamed_from: _, remove: _ } = self;
        Benefit {
            id,
            key,
            statement: merge.text(&at.field("statement"), statement, base.map(|base| &base.statement)),
            stakeholder: merge.label(&at.field("stakeholder"), stakeholder, base.map(|base| &base.stakeholder)),
            indicators: merge.list(at, indicators, base.map(|base| &*base.indicators)),
        }
    }
}

impl Entry for ExpectationInput {
    entry!(Expectation);

    fn onto(&self, base: Option<&Expectation>, id: ElementId, key: Str, at: &At, merge: &mut Merge) -> Expectation {
        let Self { key: _, of, statement, renamed_from: _, remove: _ } = self;
        Expectation {
            id,
            key,
            of: merge
                .required(&at.field("of"), of, base.map(|base| base.of), Party::Provider, |_, _, given| Some(*given)),
            statement: merge.text(&at.field("statement"), statement, base.map(|base| &base.statement)),
        }
    }
}

impl Entry for OfferingInput {
    entry!(Offering);

    fn onto(&self, base: Option<&Offering>, id: ElementId, key: Str, at: &At, merge: &mut Merge) -> Offering {
        let Self { key: _, name, description, indicators, escalation, external_references, renamed_from: _, remove: _ } =
            self;
        merge.references(&at.field("externalReferences"), external_references);
        Offering {
            id,
            key,
            name: merge.label(&at.field("name"), name, base.map(|base| &base.name)),
            description: merge.optional_text(
                &at.field("description"),
                description,
                base.and_then(|base| base.description.as_ref()),
            ),
            indicators: merge.list(at, indicators, base.map(|base| &*base.indicators)),
            escalation: merge.escalation(
                &at.field("escalation"),
                escalation,
                base.and_then(|base| base.escalation.as_ref()),
            ),
        }
    }
}

/// The amount and the currency are given together: if one is missing, it is REQUIRED.
fn money(entry: &CostInput, base: Option<&Money>, at: &At, merge: &mut Merge) -> Option<Money> {
    let amount =
        merge.optional(&at.field("amount"), &entry.amount, base.map(|base| base.amount), |merge, at, given| {
            given.parse().or_else(|| refused(merge, at, Rule::NotADecimal { given: given.0.clone() }))
        });
    let currency = merge.optional(
        &at.field("currency"),
        &entry.currency,
        base.map(|base| base.currency.clone()),
        |merge, at, given| match Currency::from_code(given) {
            Some(_) => Some(Str::from(given)),
            None => refused(merge, at, Rule::UnknownCurrency { code: given.clone() }),
        },
    );
    // A wrong value is given too: what is missing beside it is told in the same run.
    let (has_amount, has_currency) =
        (amount.is_some() || entry.amount.is_value(), currency.is_some() || entry.currency.is_value());
    match (has_amount, has_currency) {
        (true, false) => refused(merge, &at.field("currency"), Rule::Required),
        (false, true) => refused(merge, &at.field("amount"), Rule::Required),
        _ => amount.zip(currency).map(|(amount, currency)| Money { amount, currency }),
    }
}

fn finite(merge: &mut Merge, at: &At, given: &f64) -> Option<f64> {
    if limits::is_number(*given) { Some(*given) } else { refused(merge, at, Rule::NotANumber) }
}

/// Records a problem, and returns `None`.
fn refused<T>(merge: &mut Merge, at: &At, rule: Rule) -> Option<T> {
    merge.problem(at, rule);
    None
}
