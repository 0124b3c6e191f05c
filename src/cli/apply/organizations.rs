//! The order and the portions in which organizations are written.

use std::collections::HashMap;

use async_graphql::MaybeUndefined;

use crate::definition::document::{OrganizationInput, OrganizationKey};

/// Maximum number of organizations in a portion.
const MAX: usize = 1_000;
/// Maximum size of a portion, in bytes of JSON.
const MAX_BYTES: usize = 1024 * 1024;

/// The slug of the parent; `None` if there is no parent, or if the key is not a slug.
pub(super) fn parent(organization: &OrganizationInput) -> Option<&str> {
    match &organization.parent {
        MaybeUndefined::Value(OrganizationKey::Slug(slug)) => Some(slug),
        _ => None,
    }
}

/// Parents first; otherwise in the given order. Organizations in a cycle are last; they are refused in any order.
pub(in crate::cli) fn parents_first<T>(all: Vec<T>, organization: impl Fn(&T) -> &OrganizationInput) -> Vec<T> {
    let places: HashMap<&str, usize> =
        all.iter().enumerate().map(|(place, one)| (&*organization(one).slug, place)).collect();
    let above: Vec<Option<usize>> =
        all.iter().map(|one| parent(organization(one)).and_then(|slug| places.get(slug).copied())).collect();
    let mut below = vec![Vec::new(); all.len()];
    for (place, above) in above.iter().enumerate() {
        if let Some(above) = above {
            below[*above].push(place);
        }
    }
    let mut order: Vec<usize> = (0..all.len()).filter(|place| above[*place].is_none()).collect();
    let mut next = 0;
    while let Some(place) = order.get(next) {
        order.extend_from_slice(&below[*place]);
        next += 1;
    }
    let mut rank = vec![usize::MAX; all.len()];
    for (number, place) in order.into_iter().enumerate() {
        rank[place] = number;
    }
    let mut ranked: Vec<_> = rank.into_iter().zip(all).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, one)| one).collect()
}

/// Divides organizations into portions that one call can write. Keeps their order.
pub(in crate::cli) fn portions<T>(all: Vec<T>, organization: impl Fn(&T) -> &OrganizationInput) -> Vec<Vec<T>> {
    let (mut portions, mut bytes) = (Vec::<Vec<T>>::new(), 0);
    for one in all {
        let own = serde_json::to_string(organization(&one)).map_or(0, |json| json.len());
        bytes += own;
        match portions.last_mut() {
            Some(portion) if portion.len() < MAX && bytes <= MAX_BYTES => portion.push(one),
            _ => {
                bytes = own;
                portions.push(vec![one]);
            }
        }
    }
    portions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization(slug: &str, parent: Option<&str>) -> OrganizationInput {
        OrganizationInput {
            slug: slug.into(),
            name: MaybeUndefined::Undefined,
            parent: parent
                .map_or(MaybeUndefined::Undefined, |slug| MaybeUndefined::Value(OrganizationKey::Slug(slug.into()))),
            external_references: MaybeUndefined::Undefined,
        }
    }

    #[test]
    fn parents_come_first_and_circles_last() {
        let all = [("c", Some("b")), ("x", Some("y")), ("y", Some("x")), ("d", Some("elsewhere")), ("b", Some("a"))];
        let mut all: Vec<_> = all.map(|(slug, parent)| organization(slug, parent)).into();
        all.push(organization("a", None));
        let sorted = parents_first(all, |one| one);
        assert_eq!(sorted.iter().map(|one| &*one.slug).collect::<Vec<_>>(), ["d", "a", "b", "c", "x", "y"]);
    }

    #[test]
    fn a_long_line_of_organizations_is_sorted_in_no_time() {
        let slugs: Vec<String> = (0..100_000).map(|number| format!("o{number}")).collect();
        let all = slugs.iter().zip(slugs.iter().skip(1).map(Some).chain([None]));
        let all = all.map(|(slug, parent)| organization(slug, parent.map(String::as_str))).collect();
        assert_eq!(parents_first(all, |one| one)[0].slug, "o99999");
    }

    #[test]
    fn portions_are_bounded_in_number_and_in_bytes() {
        let all = (0..2_500).map(|number| organization(&format!("o{number}"), None)).collect();
        let sizes = portions(all, |one| one).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes, [1_000, 1_000, 500]);
        let long = |number| organization(&format!("{number}{}", "x".repeat(400_000)), None);
        let sizes = portions((0..5).map(long).collect(), |one| one).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes, [2, 2, 1]);
        assert_eq!(portions(Vec::new(), |one: &OrganizationInput| one), Vec::<Vec<_>>::new());
    }
}
