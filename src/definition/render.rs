//! Rendering: the current service as a document that changes nothing in both modes.

use std::collections::BTreeMap;

use async_graphql::MaybeUndefined::{self, Undefined, Value};
use entente_entity::{
    id::{ElementId, OrganizationId},
    scalar::Decimal,
    text::{LocalizedText, Str, Text},
};

use super::{
    document::{
        BenefitInput, ConfigurationItemKey, ConsumerInput, ContactInput, CostInput, DefinitionInput, EscalationInput,
        EscalationLevelInput, ExpectationInput, ExternalReferenceInput, IndicatorInput, JourneyStageInput,
        OfferingInput, OrganizationKey, OutcomeInput, ResponseTargetInput, RiskInput,
    },
    links::{Consumer, LinkedItem, Links},
    terms::{
        Benefit, Contact, Cost, Escalation, EscalationLevel, Expectation, Indicator, Offering, Outcome, ResponseTarget,
        Risk, Stage, Terms,
    },
};

/// The external references in a document, as its reader may see them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct References {
    /// Those of the service.
    pub service: Vec<ExternalReferenceInput>,
    /// Those of its outcomes and offerings.
    pub elements: BTreeMap<ElementId, Vec<ExternalReferenceInput>>,
}

/// The document of these terms, and of these links if they are to be shown. Texts are written by language. Empty lists
/// of links are written too, because in REPLACE, a list of links that is left out is kept.
pub fn document(
    slug: &str,
    terms: &Terms,
    links: Option<&Links>,
    references: &References,
    slug_of: impl Fn(OrganizationId) -> String,
) -> DefinitionInput {
    let Terms {
        provider,
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
        review_every,
    } = terms;
    let of = |id: ElementId| references.elements.get(&id).map(Vec::as_slice).unwrap_or_default();
    let items = links.and_then(|links| links.items.as_ref());
    let under = |key: &Str| items.and_then(|items| items.outcomes.get(key)).map(Vec::as_slice).unwrap_or_default();
    DefinitionInput {
        slug: slug.to_owned(),
        locale: Undefined,
        provider: Value(OrganizationKey::Slug(slug_of(*provider))),
        name: Value(text(name)),
        summary: option(summary.as_ref().map(text)),
        journey: list(journey.iter().map(stage)),
        outcomes: list(outcomes.iter().map(|it| outcome(it, under(&it.key), of(it.id)))),
        costs: list(costs.iter().map(cost)),
        risks: list(risks.iter().map(risk)),
        benefits: list(benefits.iter().map(benefit)),
        expectations: list(expectations.iter().map(expectation)),
        offerings: list(offerings.iter().map(|it| offering(it, of(it.id)))),
        escalation: option(escalation.as_ref().map(policy)),
        review_every: option(review_every.clone()),
        lifecycle: option(links.map(|links| links.lifecycle)),
        contacts: option(links.map(|links| contacts(&links.contacts))),
        consumers: option(links.map(|links| links.consumers.iter().map(|it| consumer(it, &slug_of)).collect())),
        configuration_items: option(items.map(|items| item_keys(&items.service).collect())),
        external_references: list(references.service.iter().cloned()),
    }
}

fn item_keys(items: &[LinkedItem]) -> impl Iterator<Item = ConfigurationItemKey> {
    items.iter().map(|item| item.key.clone())
}

fn stage(it: &Stage) -> JourneyStageInput {
    let Stage { id: _, key, name } = it;
    JourneyStageInput { key: key.to_string(), name: Value(text(name)), renamed_from: Undefined, remove: Undefined }
}

fn outcome(it: &Outcome, items: &[LinkedItem], references: &[ExternalReferenceInput]) -> OutcomeInput {
    let Outcome { id: _, key, statement, supported, stage, indicators } = it;
    OutcomeInput {
        key: key.to_string(),
        stage: string(stage.as_ref()),
        supported: Value(*supported),
        statement: Value(text(statement)),
        indicators: list(indicators.iter().map(indicator)),
        configuration_items: list(item_keys(items)),
        external_references: list(references.iter().cloned()),
        renamed_from: Undefined,
        remove: Undefined,
    }
}

fn indicator(it: &Indicator) -> IndicatorInput {
    let Indicator { id: _, key, name, unit, direction, baseline, target } = it;
    IndicatorInput {
        key: key.to_string(),
        name: Value(text(name)),
        unit: string(Some(unit)),
        direction: Value(*direction),
        baseline: option(*baseline),
        target: Value(*target),
        renamed_from: Undefined,
        remove: Undefined,
    }
}

fn cost(it: &Cost) -> CostInput {
    let Cost { id: _, key, statement, effect, amount, period } = it;
    CostInput {
        key: key.to_string(),
        statement: Value(text(statement)),
        effect: Value(*effect),
        amount: option(amount.as_ref().map(|money| Decimal(money.amount.to_string()))),
        currency: string(amount.as_ref().map(|money| &money.currency)),
        period: option(period.clone()),
        renamed_from: Undefined,
        remove: Undefined,
    }
}

fn risk(it: &Risk) -> RiskInput {
    let Risk { id: _, key, statement, effect, likelihood, impact, mitigation } = it;
    RiskInput {
        key: key.to_string(),
        statement: Value(text(statement)),
        effect: Value(*effect),
        likelihood: option(*likelihood),
        impact: option(*impact),
        mitigation: option(mitigation.as_ref().map(text)),
        renamed_from: Undefined,
        remove: Undefined,
    }
}

fn benefit(it: &Benefit) -> BenefitInput {
    let Benefit { id: _, key, statement, stakeholder, indicators } = it;
    BenefitInput {
        key: key.to_string(),
        statement: Value(text(statement)),
        stakeholder: Value(text(stakeholder)),
        indicators: list(indicators.iter().map(indicator)),
        renamed_from: Undefined,
        remove: Undefined,
    }
}

fn expectation(it: &Expectation) -> ExpectationInput {
    let Expectation { id: _, key, of, statement } = it;
    ExpectationInput {
        key: key.to_string(),
        of: Value(*of),
        statement: Value(text(statement)),
        renamed_from: Undefined,
        remove: Undefined,
    }
}

fn offering(it: &Offering, references: &[ExternalReferenceInput]) -> OfferingInput {
    let Offering { id: _, key, name, description, indicators, escalation } = it;
    OfferingInput {
        key: key.to_string(),
        name: Value(text(name)),
        description: option(description.as_ref().map(text)),
        indicators: list(indicators.iter().map(indicator)),
        escalation: option(escalation.as_ref().map(policy)),
        external_references: list(references.iter().cloned()),
        renamed_from: Undefined,
        remove: Undefined,
    }
}

/// Both lists are written, also if they are empty: a policy without entries means that there are none.
fn policy(it: &Escalation) -> EscalationInput {
    let Escalation { targets, levels } = it;
    EscalationInput {
        targets: Value(targets.iter().map(target).collect()),
        levels: Value(levels.iter().map(level).collect()),
    }
}

fn target(it: &ResponseTarget) -> ResponseTargetInput {
    let ResponseTarget { severity, acknowledge_within, resolve_within } = it;
    ResponseTargetInput {
        severity: *severity,
        acknowledge_within: acknowledge_within.clone(),
        resolve_within: resolve_within.clone(),
    }
}

fn level(it: &EscalationLevel) -> EscalationLevelInput {
    let EscalationLevel { level, kind, name, contact: who, after } = it;
    EscalationLevelInput {
        level: *level,
        kind: *kind,
        name: text(name),
        after: after.clone(),
        contact: option(who.as_ref().map(contact)),
    }
}

fn consumer(it: &Consumer, slug_of: &impl Fn(OrganizationId) -> String) -> ConsumerInput {
    let Consumer { organization, offering, contacts: who } = it;
    ConsumerInput {
        organization: OrganizationKey::Slug(slug_of(*organization)),
        offering: string(offering.as_ref()),
        contacts: Value(contacts(who)),
        remove: Undefined,
    }
}

fn contacts(all: &[Contact]) -> Vec<ContactInput> {
    all.iter().map(contact).collect()
}

fn contact(it: &Contact) -> ContactInput {
    let Contact { role, name, email } = it;
    ContactInput { role: *role, name: name.to_string(), email: string(email.as_ref()) }
}

/// The text in every language that it has.
pub fn text(text: &Text) -> LocalizedText {
    LocalizedText::ByLanguage(text.0.iter().map(|(lang, value)| (lang.to_string(), Some(value.to_string()))).collect())
}

fn string(value: Option<&Str>) -> MaybeUndefined<String> {
    option(value.map(Str::to_string))
}

fn option<T>(value: Option<T>) -> MaybeUndefined<T> {
    value.map_or(Undefined, Value)
}

fn list<T>(values: impl Iterator<Item = T>) -> MaybeUndefined<Vec<T>> {
    let values: Vec<T> = values.collect();
    if values.is_empty() { Undefined } else { Value(values) }
}
