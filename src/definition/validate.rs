//! The checks of a definition that do not depend on stored data.

use std::{cell::RefCell, collections::HashMap};

use entente_entity::{
    enums::ApplyMode,
    id::{ElementId, ItemId, OrganizationId},
    text::Lang,
};
use serde_json::Value;

use super::{
    at::At,
    document::{DefinitionInput, OrganizationKey},
    limits::is_key,
    links::LinkedItem,
    plan,
    stored::Lookups,
};
use crate::problem::{Problem, Rule};

/// The problems of a definition, with paths that start at `definition`. A document with a `name`, or with REPLACE, is
/// checked as a complete definition; for others, what is left out may exist already.
pub fn definition(document: &DefinitionInput, replace: bool, default_locale: &Lang) -> Vec<Problem> {
    let known = RefCell::new(HashMap::new());
    let organization =
        |key: &OrganizationKey| *known.borrow_mut().entry(key.clone()).or_insert_with(OrganizationId::new);
    let consumers = document.consumers.value().into_iter().flatten();
    let consumers: Vec<Result<OrganizationId, Rule>> =
        consumers.map(|consumer| Ok(organization(&consumer.organization))).collect();
    let provider = Ok(document.provider.value().map_or_else(OrganizationId::new, organization));
    let slug_of = |id: OrganizationId| {
        let known = known.borrow();
        let found = known.iter().find(|(_, known)| **known == id);
        match found {
            Some((OrganizationKey::Slug(slug), _)) => slug.clone(),
            _ => id.to_string(),
        }
    };
    let lookups = Lookups {
        default_locale,
        provider: &provider,
        consumers: &consumers,
        items: &|key| Ok(LinkedItem { id: ItemId::new(), key: key.clone() }),
        slug_of: &slug_of,
    };
    let mode = if replace { ApplyMode::Replace } else { ApplyMode::Merge };
    let planned = plan::plan(None, document, mode, &lookups, &mut |_, _| ElementId::new());
    let mut problems = planned.err().unwrap_or_default();
    problems.extend(not_slugs(document));
    let is_whole = replace || document.name.is_value();
    let input = serde_json::json!({ "definition": document });
    problems.retain(|problem| match problem.rule {
        Rule::Required => is_whole || is_cleared(&input, &problem.path),
        Rule::UnknownStage { .. } => is_whole || document.journey.is_value(),
        Rule::UnknownOffering { .. } => is_whole || document.offerings.is_value(),
        _ => true,
    });
    problems
}

/// The problems of organizations that a document names by an invalid slug.
fn not_slugs(document: &DefinitionInput) -> Vec<Problem> {
    let at = At::top("definition");
    let list = at.field("consumers");
    let consumers = document.consumers.value().into_iter().flatten().zip(0..);
    let consumers =
        consumers.map(|(consumer, index)| (list.index(index).field("organization").path(), &consumer.organization));
    let provider = document.provider.value().map(|key| (at.field("provider").path(), key));
    let wrong = consumers.chain(provider).filter_map(|(path, key)| match key {
        OrganizationKey::Slug(slug) if !is_key(slug) => {
            Some(Problem { path, rule: Rule::NotAKey { given: slug.clone() } })
        }
        _ => None,
    });
    wrong.collect()
}

/// Whether the value at a path of the input is null. In this case a stored value would not be used instead.
fn is_cleared(input: &Value, path: &[String]) -> bool {
    let found = path.iter().try_fold(input, |at, step| match at {
        Value::Array(entries) => entries.get(step.parse::<usize>().ok()?),
        at => at.get(step),
    });
    found.is_some_and(Value::is_null)
}
