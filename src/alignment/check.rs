//! The checks: each holds, or is a gap.

use std::collections::BTreeSet;

use entente_entity::{
    enums::{AlignmentGapCode as Code, AttainmentStatus, ElementKind, Party},
    id::{ElementId, OrganizationId},
};

use super::{
    Alignment, Consumer, Detail, Facts, Gap, Subject,
    texts::{Texts, languages, texts},
};
use crate::{
    agreement::{Standing, is_complete, review_is_due, state},
    definition::terms::Indicator,
    measurement::attainment::Attainment,
};

/// The alignment of a service.
pub fn check(facts: &Facts<'_>) -> Alignment {
    let mut checks = Checks::default();
    checks.components(facts);
    checks.indicators(facts);
    checks.reviews(facts);
    checks.decisions(facts);
    checks.escalations(facts);
    checks.wording(facts);
    let Checks { held, all, gaps } = checks;
    let standings: Vec<Standing> = facts.consumers.iter().map(|consumer| consumer.standing).collect();
    let state = state(is_complete(facts.terms), facts.revision, &standings);
    Alignment { state, score: held as f64 / all as f64, gaps }
}

/// The checks so far.
#[derive(Default)]
struct Checks {
    held: usize,
    all: usize,
    gaps: Vec<Gap>,
}

impl Checks {
    /// One check, with the gaps that it finds. It holds without one.
    fn check(&mut self, gaps: impl IntoIterator<Item = Gap>) {
        let before = self.gaps.len();
        self.gaps.extend(gaps);
        self.all += 1;
        self.held += usize::from(self.gaps.len() == before);
    }

    /// The four components of a definition, and whether somebody consumes the service.
    fn components(&mut self, Facts { terms, is_provider, consumers, .. }: &Facts<'_>) {
        let expects = |party: Party| terms.expectations.iter().any(|expectation| expectation.of == party);
        for (holds, code) in [
            (!terms.outcomes.is_empty(), Code::NoOutcome),
            (!terms.benefits.is_empty(), Code::NoBenefit),
            (!(terms.costs.is_empty() && terms.risks.is_empty()), Code::NoCostOrRisk),
            (expects(Party::Provider), Code::NoExpectationOfProvider),
            (expects(Party::Consumer), Code::NoExpectationOfConsumer),
        ] {
            self.check((!holds).then(|| Gap::of(code)));
        }
        if *is_provider {
            self.check(consumers.is_empty().then(|| Gap::of(Code::NoConsumer)));
        }
    }

    /// Whether outcomes and benefits have indicators, and what these measure.
    fn indicators(&mut self, Facts { terms, values, .. }: &Facts<'_>) {
        for outcome in terms.outcomes.iter().filter(|outcome| outcome.supported) {
            let it = || Subject { kind: ElementKind::Outcome, id: outcome.id, key: outcome.key.clone() };
            self.check(outcome.indicators.is_empty().then(|| Gap::at(Code::OutcomeWithoutIndicator, Some(it()))));
        }
        for benefit in &terms.benefits {
            let it = || Subject { kind: ElementKind::Benefit, id: benefit.id, key: benefit.key.clone() };
            self.check(benefit.indicators.is_empty().then(|| Gap::at(Code::BenefitWithoutIndicator, Some(it()))));
        }
        let it = |one: &Indicator| Subject { kind: ElementKind::Indicator, id: one.id, key: one.key.clone() };
        for one in terms.indicators() {
            let is_measured = values.contains_key(&one.id);
            self.check((!is_measured).then(|| Gap::at(Code::IndicatorNotMeasured, Some(it(one)))));
        }
        for one in terms.indicators() {
            let status = Attainment::of(one, values.get(&one.id).copied()).status;
            let has_regressed = status == AttainmentStatus::Regressed;
            self.check(has_regressed.then(|| Gap::at(Code::IndicatorRegressed, Some(it(one)))));
        }
    }

    /// Whether the terms were looked at as often as they say.
    fn reviews(&mut self, Facts { terms, consumers, published_at, now, .. }: &Facts<'_>) {
        if terms.review_every.is_none() {
            return;
        }
        for Consumer { organization, decided_at, since, .. } in consumers {
            let seen = [*published_at, *decided_at, Some(*since)];
            let is_due = review_is_due(terms.review_every.as_ref(), seen, *now);
            self.check(is_due.then(|| Gap::with(Code::ReviewOverdue, *organization)));
        }
    }

    /// What the consumers decided.
    fn decisions(&mut self, Facts { consumers, revision, .. }: &Facts<'_>) {
        let gap = |consumer: &Consumer| {
            let with = |code| Gap::with(code, consumer.organization);
            match consumer.standing {
                Standing { objects: true, .. } => Some(with(Code::Objected)),
                Standing { agreed_revision: None, .. } => Some(with(Code::NotAgreed)),
                Standing { agreed_revision: Some(agreed), .. } if agreed == *revision => None,
                Standing { agreed_revision: Some(agreed), .. } => {
                    Some(Gap { detail: Detail::Agreed(agreed), ..with(Code::AgreedToOlderRevision) })
                }
            }
        };
        for code in [Code::NotAgreed, Code::AgreedToOlderRevision, Code::Objected] {
            let gaps = consumers.iter().filter_map(gap).filter(|gap| gap.code == code);
            self.gaps.extend(gaps);
        }
        self.held += consumers.iter().filter(|consumer| gap(consumer).is_none()).count();
        self.all += consumers.len();
    }

    /// Whether escalations are open.
    fn escalations(&mut self, Facts { terms, escalations, .. }: &Facts<'_>) {
        let Some(open) = escalations else { return };
        let subjects: Vec<Subject> = texts(terms).into_iter().filter_map(|texts| texts.of).collect();
        let place = |element: Option<ElementId>| subjects.iter().position(|subject| Some(subject.id) == element);
        // About an element that was removed from the definition, it is about the service.
        let places: BTreeSet<(Option<usize>, OrganizationId)> =
            open.iter().map(|(element, consumer)| (place(*element), *consumer)).collect();
        self.check(places.into_iter().map(|(place, consumer)| Gap {
            element: place.map(|place| subjects[place].clone()),
            ..Gap::with(Code::OpenEscalation, consumer)
        }));
    }

    /// Whether each text is in all languages, and speaks of no configuration item.
    fn wording(&mut self, Facts { terms, named, .. }: &Facts<'_>) {
        let all = texts(terms);
        let languages = languages(&all);
        for texts in &all {
            let missing = texts.missing(&languages);
            let gap = Gap {
                detail: Detail::Languages(missing.into_iter().cloned().collect()),
                ..Gap::at(Code::MissingTranslation, texts.of.clone())
            };
            self.check(Some(gap).filter(|gap| gap.detail != Detail::Languages(Vec::new())));
        }
        let Some(named) = named else { return };
        for texts @ Texts { of, .. } in &all {
            let names = named.get(&texts.id()).cloned();
            self.check(
                names.map(|names| Gap {
                    detail: Detail::Names(names),
                    ..Gap::at(Code::InfrastructureWording, of.clone())
                }),
            );
        }
    }
}

impl Gap {
    fn of(code: Code) -> Self {
        Self::at(code, None)
    }

    fn at(code: Code, element: Option<Subject>) -> Self {
        Self { code, element, organization: None, detail: Detail::None }
    }

    fn with(code: Code, organization: OrganizationId) -> Self {
        Self { organization: Some(organization), ..Self::of(code) }
    }
}
