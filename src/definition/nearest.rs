//! The existing name that was probably meant.

use crate::problem::Meant;

/// The maximum number of existing names that are listed if none is similar.
const LISTED: usize = 20;

/// What an unknown name was probably meant to be: the most similar of these names; if none is similar, all of them if
/// they are few.
pub fn meant<'c>(given: &str, candidates: impl Iterator<Item = &'c str> + Clone) -> Meant {
    let nearest = nearest(given, candidates.clone());
    let few = nearest.is_none() && candidates.clone().nth(LISTED).is_none();
    Meant { nearest, known: if few { candidates.map(str::to_owned).collect() } else { Vec::new() } }
}

/// The most similar candidate, if one is similar enough: equal except for case and separators, or with a few letters
/// different.
pub fn nearest<'c>(given: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    let plain = plain(given);
    if plain.is_empty() || plain.len() > MAX {
        return None;
    }
    let allowed = 1 + plain.chars().count() / 4;
    let distance = |candidate: &str| {
        let candidate = self::plain(candidate);
        let near = candidate.chars().count().abs_diff(plain.chars().count()) <= allowed;
        match near.then(|| strsim::osa_distance(&plain, &candidate)) {
            Some(distance) if distance <= allowed => Some(distance),
            // `emerg` for `emergency`, `status` for `statusCode`.
            _ if plain.len() >= 4 && candidate.starts_with(&plain) => Some(allowed),
            _ => None,
        }
    };
    let found = candidates.into_iter().filter_map(|candidate| Some((distance(candidate)?, candidate)));
    // Of several that are equally similar, the first.
    found.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate.to_owned())
}

/// The maximum number of bytes of a name that is compared.
const MAX: usize = 200;

fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_similar_name_is_found() {
        let fields = ["summary", "journey", "outcomes", "externalReferences"];
        let find = |given: &str| nearest(given, fields);
        assert_eq!(find("sumary").as_deref(), Some("summary"));
        assert_eq!(find("outcome").as_deref(), Some("outcomes"));
        assert_eq!(find("external_references").as_deref(), Some("externalReferences"));
        assert_eq!(find("Journey").as_deref(), Some("journey"));
        assert_eq!(find("colour"), None);
        assert_eq!(find(""), None);
        assert_eq!(nearest("emerg", ["dsi", "emergency"]).as_deref(), Some("emergency"));
        assert_eq!(nearest("dis", ["emergency", "dsi"]).as_deref(), Some("dsi"));
    }

    #[test]
    fn if_no_name_is_similar_a_few_existing_ones_are_listed() {
        let stages = ["admission", "stay", "discharge"];
        let near = Meant { nearest: Some("stay".into()), known: Vec::new() };
        assert_eq!(meant("stays", stages.into_iter()), near);
        let none = Meant { nearest: None, known: stages.map(str::to_owned).into() };
        assert_eq!(meant("billing", stages.into_iter()), none);
        let many: Vec<String> = (0..=LISTED).map(|number| format!("ward-{number}")).collect();
        assert_eq!(meant("billing", many.iter().map(String::as_str)), Meant::default());
    }
}
