//! A suggestion: a change of the terms that a party asks for, as a document in mode MERGE without links.

use entente_entity::{
    enums::{ApplyMode, ServiceLifecycle},
    id::{ElementId, OrganizationId},
    text::Lang,
};

use super::{
    at::At,
    diff::{self, Change, State},
    document::{DefinitionInput, OrganizationKey},
    links::Links,
    plan, rename,
    stored::{CurrentDefinition, Lookups},
    terms::Terms,
};
use crate::problem::{Problem, Rule, Thing};

/// The changes that a suggestion would make in these terms; or its problems, with paths that start at `suggestion`. `provider` is the
/// organization that it names as the provider, if it names one.
pub fn changes(
    terms: &Terms,
    document: &DefinitionInput,
    provider: Option<Result<OrganizationId, Rule>>,
    default_locale: &Lang,
    slug_of: impl Fn(OrganizationId) -> String,
) -> Result<Vec<Change>, Vec<Problem>> {
    let problems = links(document);
    if !problems.is_empty() {
        return Err(problems);
    }
    // A suggestion knows no links: neither who else consumes the service nor what it runs on.
    let mut none =
        Links { lifecycle: ServiceLifecycle::Pipeline, contacts: Vec::new(), consumers: Vec::new(), items: None };
    let mut renamed = terms.clone();
    let renames = rename::renames(terms, document);
    rename::rename(&mut renamed, &mut none, &renames);
    let provider = provider.unwrap_or(Ok(terms.provider));
    let lookups = Lookups {
        default_locale,
        provider: &provider,
        consumers: &[],
        items: &|_| Err(Rule::not_found(Thing::ConfigurationItem)),
        slug_of: &slug_of,
    };
    let current = CurrentDefinition { terms: &renamed, links: &none };
    let plan = plan::plan(Some(current), document, ApplyMode::Merge, &lookups, &mut |_, _| ElementId::new());
    let plan = plan.map_err(|problems| problems.into_iter().map(of_suggestion).collect::<Vec<_>>())?;
    let state = |terms| State { terms, links: None };
    let mut difference = diff::diff(Some(state(&renamed)), state(&plan.terms), &slug_of);
    rename::add_to(&mut difference, &renames, &plan.terms);
    Ok(difference.changes)
}

/// The links in a document.
fn links(document: &DefinitionInput) -> Vec<Problem> {
    let at = At::top("suggestion");
    let mut problems = Vec::new();
    let mut look = |at: &At, fields: &[(&str, bool)]| {
        let given = fields.iter().filter(|(_, is_left_out)| !is_left_out);
        problems.extend(given.map(|(field, _)| at.field(field).problem(Rule::LinksInTerms)));
    };
    look(
        &at,
        &[
            ("lifecycle", document.lifecycle.is_undefined()),
            ("contacts", document.contacts.is_undefined()),
            ("consumers", document.consumers.is_undefined()),
            ("configurationItems", document.configuration_items.is_undefined()),
            ("externalReferences", document.external_references.is_undefined()),
        ],
    );
    for (index, outcome) in document.outcomes.value().into_iter().flatten().enumerate() {
        let fields = [
            ("configurationItems", outcome.configuration_items.is_undefined()),
            ("externalReferences", outcome.external_references.is_undefined()),
        ];
        look(&at.field("outcomes").index(index), &fields);
    }
    for (index, offering) in document.offerings.value().into_iter().flatten().enumerate() {
        look(
            &at.field("offerings").index(index),
            &[("externalReferences", offering.external_references.is_undefined())],
        );
    }
    problems
}

/// A problem of the document, with its path in the input that contains the suggestion.
fn of_suggestion(problem: Problem) -> Problem {
    let rest = problem.path.into_iter().skip(1);
    Problem { path: ["suggestion".to_owned()].into_iter().chain(rest).collect(), rule: problem.rule }
}

/// The organization that a stored suggestion names as the provider.
pub fn stored_provider(document: &DefinitionInput) -> Option<OrganizationId> {
    match document.provider.value()? {
        OrganizationKey::Id(id) => OrganizationId::parse(id),
        _ => None,
    }
}
