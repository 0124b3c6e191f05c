//! Helpers of the tests: organizations whose id contains their slug, elements whose id contains their key, and
//! documents in YAML.

use entente_entity::{
    enums::{ApplyMode, ElementKind},
    id::{ElementId, ItemId, OrganizationId},
    text::Lang,
};
use uuid::Uuid;

use super::{
    diff::{Difference, State, diff},
    document::{ConfigurationItemKey, DefinitionInput, OrganizationKey},
    links::LinkedItem,
    plan::{Plan, plan},
    render::{self, References},
    stored::{CurrentDefinition, Lookups},
};
use crate::problem::{Problem, Rule, Thing};

mod arbitrary;
mod difference;
mod files;
mod hospital;
mod limits;
mod links;
mod merging;
mod properties;
mod rules;

pub(super) fn organization(slug: &str) -> OrganizationId {
    let mut bytes = [0; 16];
    bytes[..slug.len()].copy_from_slice(slug.as_bytes());
    OrganizationId(Uuid::from_bytes(bytes))
}

pub(super) fn slug_of(id: OrganizationId) -> String {
    String::from_utf8(id.0.into_bytes().into_iter().filter(|byte| *byte != 0).collect()).unwrap()
}

pub(super) fn element(kind: ElementKind, key: &str) -> ElementId {
    let mut hash = 0xcbf2_9ce4_8422_2325_u128;
    for byte in kind.prefix().bytes().chain(key.bytes()) {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    ElementId(Uuid::from_u128(hash))
}

fn resolved(key: &OrganizationKey) -> Result<OrganizationId, Rule> {
    match key {
        OrganizationKey::Slug(slug) if slug != "nowhere" => Ok(organization(slug)),
        _ => Err(Rule::not_found(Thing::Organization)),
    }
}

/// Every key except `nothing` identifies an item whose id contains the key.
pub(super) fn item(key: &ConfigurationItemKey) -> Result<LinkedItem, Rule> {
    match key {
        ConfigurationItemKey::Ref(named) if named.key != "nothing" => {
            Ok(LinkedItem { id: ItemId(organization(&named.key).0), key: key.clone() })
        }
        _ => Err(Rule::not_found(Thing::ConfigurationItem)),
    }
}

/// Applies a document; plain strings are English, and the viewer belongs to `dsi`.
pub(super) fn apply(current: Option<&Plan>, document: &DefinitionInput, mode: ApplyMode) -> Result<Plan, Vec<Problem>> {
    let locale = Lang::parse("en").unwrap();
    let provider = document.provider.value().map_or(Ok(organization("dsi")), resolved);
    let consumers: Vec<_> =
        document.consumers.value().into_iter().flatten().map(|entry| resolved(&entry.organization)).collect();
    let lookups = Lookups {
        default_locale: &locale,
        provider: &provider,
        consumers: &consumers,
        items: &item,
        slug_of: &slug_of,
    };
    let current = current.map(|plan| CurrentDefinition { terms: &plan.terms, links: &plan.links });
    plan(current, document, mode, &lookups, &mut element)
}

pub(super) fn read(yaml: &str) -> DefinitionInput {
    serde_saphyr::from_str(&format!("slug: patients\n{yaml}")).unwrap()
}

pub(super) fn merge(current: &Plan, yaml: &str) -> Plan {
    apply(Some(current), &read(yaml), ApplyMode::Merge).unwrap()
}

pub(super) fn replace(current: &Plan, yaml: &str) -> Plan {
    apply(Some(current), &read(yaml), ApplyMode::Replace).unwrap()
}

pub(super) fn new(yaml: &str) -> Plan {
    apply(None, &read(yaml), ApplyMode::Merge).unwrap()
}

/// The problems of a document, each as `path: message`.
pub(super) fn refused(current: Option<&Plan>, yaml: &str, mode: ApplyMode) -> Vec<String> {
    said(&apply(current, &read(yaml), mode).unwrap_err())
}

pub(super) fn said(problems: &[Problem]) -> Vec<String> {
    let english = crate::words::Speech::English;
    problems.iter().map(|problem| format!("{}: {}", problem.path.join("/"), problem.rule.say(english))).collect()
}

pub(super) fn document(plan: &Plan) -> DefinitionInput {
    render::document("patients", &plan.terms, Some(&plan.links), &References::default(), slug_of)
}

pub(super) fn difference(before: Option<&Plan>, after: &Plan) -> Difference {
    diff(before.map(state), state(after), slug_of)
}

fn state(plan: &Plan) -> State<'_> {
    State { terms: &plan.terms, links: Some(&plan.links) }
}

/// The changes, each as `ACTION path before -> after`.
pub(super) fn changes(before: Option<&Plan>, after: &Plan) -> Vec<String> {
    let value =
        |value: &Option<serde_json::Value>| value.as_ref().map(ToString::to_string).unwrap_or_else(|| "-".into());
    difference(before, after)
        .changes
        .iter()
        .map(|change| {
            format!("{} {} {} -> {}", change.action.name(), change.path, value(&change.before), value(&change.after))
        })
        .collect()
}
