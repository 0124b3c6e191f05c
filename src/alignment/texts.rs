//! The texts of a definition by what they belong to: the service itself, and each element.

use std::collections::BTreeSet;

use entente_entity::{
    enums::ElementKind,
    id::ElementId,
    text::{Lang, Str, Text},
};

use super::Subject;
use crate::definition::terms::{
    Benefit, Cost, Escalation, Expectation, Indicator, Offering, Outcome, Risk, Stage, Terms,
};

/// The texts of an element, or of the service itself.
#[derive(Debug)]
pub struct Texts<'t> {
    /// The element; `None`: the service itself.
    pub of: Option<Subject>,
    /// The texts for customers.
    pub shown: Vec<&'t Text>,
    /// The names of its escalation levels.
    pub levels: Vec<&'t Text>,
}

impl<'t> Texts<'t> {
    /// All texts.
    pub fn all(&self) -> impl Iterator<Item = &'t Text> + '_ {
        self.shown.iter().chain(&self.levels).copied()
    }

    /// Those of these languages that a text lacks. A text in `en` is also a text for readers of `en-GB`.
    pub fn missing<'l>(&self, languages: &BTreeSet<&'l Lang>) -> Vec<&'l Lang> {
        let has = |text: &Text, language: &Lang| language.fallbacks().any(|tag| text.0.contains_key(tag));
        languages.iter().copied().filter(|language| !self.all().all(|text| has(text, language))).collect()
    }

    /// The id of the element; `None`: the service itself.
    pub fn id(&self) -> Option<ElementId> {
        self.of.as_ref().map(|subject| subject.id)
    }
}

/// The languages of these texts.
pub(super) fn languages<'t>(all: &[Texts<'t>]) -> BTreeSet<&'t Lang> {
    all.iter().flat_map(Texts::all).flat_map(|text| text.0.keys()).collect()
}

/// The texts of a definition: of the service itself, then of its elements in their order, each followed by its indicators.
pub fn texts(terms: &Terms) -> Vec<Texts<'_>> {
    let Terms {
        provider: _,
        name,
        summary,
        journey,
        outcomes,
        costs,
        risks,
        benefits,
        expectations,
        offerings,
        escalation,
        review_every: _,
    } = terms;
    let shown = [name].into_iter().chain(summary).collect();
    let mut all = vec![Texts { of: None, shown, levels: levels(escalation.as_ref()) }];
    for Stage { id, key, name } in journey {
        all.push(element(ElementKind::JourneyStage, *id, key, [name], []));
    }
    for Outcome { id, key, statement, supported: _, stage: _, indicators: below } in outcomes {
        all.push(element(ElementKind::Outcome, *id, key, [statement], []));
        indicators(&mut all, below);
    }
    for Cost { id, key, statement, effect: _, amount: _, period: _ } in costs {
        all.push(element(ElementKind::Cost, *id, key, [statement], []));
    }
    for Risk { id, key, statement, effect: _, likelihood: _, impact: _, mitigation } in risks {
        all.push(element(ElementKind::Risk, *id, key, [statement], mitigation));
    }
    for Benefit { id, key, statement, stakeholder, indicators: below } in benefits {
        all.push(element(ElementKind::Benefit, *id, key, [statement, stakeholder], []));
        indicators(&mut all, below);
    }
    for Expectation { id, key, of: _, statement } in expectations {
        all.push(element(ElementKind::Expectation, *id, key, [statement], []));
    }
    for Offering { id, key, name, description, indicators: below, escalation } in offerings {
        let texts = element(ElementKind::Offering, *id, key, [name], description);
        all.push(Texts { levels: levels(escalation.as_ref()), ..texts });
        indicators(&mut all, below);
    }
    all
}

fn indicators<'t>(all: &mut Vec<Texts<'t>>, below: &'t [Indicator]) {
    for Indicator { id, key, name, unit: _, direction: _, baseline: _, target: _ } in below {
        all.push(element(ElementKind::Indicator, *id, key, [name], []));
    }
}

fn levels(of: Option<&Escalation>) -> Vec<&Text> {
    of.into_iter().flat_map(|escalation| &escalation.levels).map(|level| &level.name).collect()
}

fn element<'t>(
    kind: ElementKind,
    id: ElementId,
    key: &Str,
    required: impl IntoIterator<Item = &'t Text>,
    optional: impl IntoIterator<Item = &'t Text>,
) -> Texts<'t> {
    let shown = required.into_iter().chain(optional).collect();
    Texts { of: Some(Subject { kind, id, key: key.clone() }), shown, levels: Vec::new() }
}
