//! Organizations in documents: what can be said of one without looking anything up.

use async_graphql::MaybeUndefined;
use entente_entity::{
    problem::{Problem, Rule},
    text::{Lang, Text},
};

use super::{at::At, document::OrganizationInput, limits, merge::read_text};

/// The name that an organization shall have, its languages merged onto those that stand; or everything that is wrong
/// with its slug, its name and its external references. Its parent is for the caller to look up.
pub fn name(
    base: Option<&Text>,
    input: &OrganizationInput,
    default_locale: &Lang,
    at: &At,
) -> Result<Text, Vec<Problem>> {
    let OrganizationInput { slug, name, parent: _, external_references } = input;
    let mut problems = Vec::new();
    if !limits::is_key(slug) {
        problems.push(at.field("slug").problem(Rule::NotAKey { given: slug.clone() }));
    }
    let place = at.field("name");
    let before = problems.len();
    let text = match name {
        MaybeUndefined::Undefined => base.cloned().unwrap_or_default(),
        MaybeUndefined::Null => Text::default(),
        MaybeUndefined::Value(given) => read_text(given, base, default_locale, &place, &mut problems),
    };
    if text.0.is_empty() && problems.len() == before {
        problems.push(place.problem(Rule::Required));
    }
    if let Some(references) = external_references.value() {
        problems.extend(limits::reference_problems(references, &at.field("externalReferences")));
    }
    if problems.is_empty() { Ok(text) } else { Err(problems) }
}
