//! Organizations: the checks of an input that need no stored data, and merging an input into the current organization.

use async_graphql::MaybeUndefined;
use entente_entity::text::{Lang, Text};

use crate::{
    definition::{at::At, document::OrganizationInput, limits, localized::read_label},
    problem::{Problem, Rule},
};

/// The resulting name of an organization, merged into the current one by language; or all problems of its slug, its
/// name and its external references. The caller resolves the parent.
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
        MaybeUndefined::Value(given) => read_label(given, base, default_locale, &place, &mut problems),
    };
    if text.0.is_empty() && problems.len() == before {
        problems.push(place.problem(Rule::Required));
    }
    if let Some(references) = external_references.value() {
        problems.extend(limits::reference_problems(references, &at.field("externalReferences")));
    }
    if problems.is_empty() { Ok(text) } else { Err(problems) }
}

/// The problems of organizations, with paths that start at `organizations`.
pub fn validate(all: &[OrganizationInput], default_locale: &Lang) -> Vec<Problem> {
    let list = At::top("organizations");
    let each = all.iter().zip(0..).flat_map(|(input, index)| {
        let mut problems = self::name(None, input, default_locale, &list.index(index)).err().unwrap_or_default();
        problems.retain(|problem| problem.rule != Rule::Required || !matches!(input.name, MaybeUndefined::Undefined));
        problems
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(base: Option<&Text>, json: &str) -> Result<Text, Vec<String>> {
        let input = serde_json::from_str(json).unwrap();
        let list = At::top("organizations");
        name(base, &input, &Lang::parse("en").unwrap(), &list.index(2))
            .map_err(|problems| problems.iter().map(|problem| problem.path.join("/")).collect())
    }

    #[test]
    fn a_name_is_merged_by_language_and_required() {
        let base = applied(None, r#"{ "slug": "dsi", "name": { "en": "IT", "fr": "DSI" } }"#).unwrap();
        assert_eq!(applied(Some(&base), r#"{ "slug": "dsi" }"#), Ok(base.clone()));
        let after = applied(Some(&base), r#"{ "slug": "dsi", "name": { "fr": null } }"#).unwrap();
        assert_eq!(applied(None, r#"{ "slug": "dsi", "name": "IT" }"#), Ok(after.clone()));
        let required = Err(vec!["organizations/2/name".to_owned()]);
        assert_eq!(applied(None, r#"{ "slug": "dsi" }"#), required);
        assert_eq!(applied(Some(&base), r#"{ "slug": "dsi", "name": null }"#), required);
        assert_eq!(applied(Some(&after), r#"{ "slug": "dsi", "name": { "en": null } }"#), required);
    }

    #[test]
    fn each_problem_is_reported_at_its_place() {
        let wrong =
            r#"{ "slug": "D S I", "name": { "xx": "A" }, "externalReferences": [{ "system": "HR", "key": "1" }] }"#;
        let paths = ["slug", "name/xx", "externalReferences/0/system"].map(|path| format!("organizations/2/{path}"));
        assert_eq!(applied(None, wrong), Err(paths.to_vec()));
    }
}
