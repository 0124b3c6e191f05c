//! The size of a document with all fragments expanded, computed without expanding them.
//!
//! Each fragment is computed once, after the fragments that it spreads. A fragment that remains spreads itself. Sums saturate: they can
//! double with every fragment, and only need to stay above the limit.

use std::collections::HashMap;

use super::limits::{Exceeded, Limit, Limits};

/// An operation or a fragment: the counts of its own selections, and of those of its fragments that are already computed.
#[derive(Debug, Default)]
pub(super) struct Definition<'a> {
    /// The name of the fragment. `None` for an operation.
    pub(super) fragment: Option<&'a str>,
    /// Fields, spreads and inline fragments, at any depth.
    pub(super) selections: usize,
    /// The fields in the outermost set of the definition, not in the set of another field.
    pub(super) outermost: usize,
    /// All fields. Each is counted once for every set that it is merged into.
    pub(super) merged: usize,
    /// The spreads whose fragments are not computed yet.
    pub(super) pending: usize,
}

/// A place where a fragment is spread.
#[derive(Debug)]
pub(super) struct Spread<'a> {
    pub(super) name: &'a str,
    /// The index of the definition that contains it.
    pub(super) within: usize,
    pub(super) set: Set,
}

/// A selection set. The selections of an inline fragment also belong to the set around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Set {
    /// Whether it is merged into the outermost set of its definition.
    pub(super) outermost: bool,
    /// The number of sets that its selections are merged into, with itself.
    pub(super) merges: usize,
}

pub(super) fn check(
    mut definitions: Vec<Definition<'_>>,
    spreads: &[Spread<'_>],
    arguments: usize,
    limits: &Limits,
) -> Result<(), Exceeded> {
    expand(&mut definitions, spreads)?;
    let (mut operations, mut merged) = (0_usize, 0_usize);
    for definition in &definitions {
        let selections = if definition.fragment.is_some() {
            definition.selections
        } else {
            operations = operations.saturating_add(definition.selections);
            operations
        };
        Limit::ExpandedSelections.check(limits.expanded_selections, selections)?;
        merged = merged.saturating_add(definition.merged);
    }
    Limit::Comparisons.check(limits.comparisons, merged.saturating_mul(arguments + 1))
}

/// Adds the counts of its fragments to each definition.
fn expand(definitions: &mut [Definition<'_>], spreads: &[Spread<'_>]) -> Result<(), Exceeded> {
    let fragments: HashMap<&str, usize> =
        definitions.iter().enumerate().filter_map(|(at, definition)| Some((definition.fragment?, at))).collect();
    // The spreads of each fragment. The library refuses a spread of a fragment that does not exist.
    let mut spread: Vec<Vec<&Spread<'_>>> = definitions.iter().map(|_| Vec::new()).collect();
    for place in spreads {
        if let Some(&fragment) = fragments.get(place.name) {
            spread[fragment].push(place);
            definitions[place.within].pending += 1;
        }
    }

    let mut ready: Vec<usize> = (0..definitions.len()).filter(|&at| definitions[at].pending == 0).collect();
    let mut computed = 0;
    while let Some(fragment) = ready.pop() {
        computed += 1;
        let (selections, outermost) = (definitions[fragment].selections, definitions[fragment].outermost);
        for place in &spread[fragment] {
            let size = &mut definitions[place.within];
            size.selections = size.selections.saturating_add(selections);
            if place.set.outermost {
                size.outermost = size.outermost.saturating_add(outermost);
            }
            let merged = outermost.saturating_mul(place.set.merges);
            size.merged = size.merged.saturating_add(merged);
            size.pending -= 1;
            if size.pending == 0 {
                ready.push(place.within);
            }
        }
    }
    Limit::FragmentCycles.check(0, usize::from(computed < definitions.len()))
}
