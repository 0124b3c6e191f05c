//! What a document grows to once its fragments are written out, reckoned without writing them out.
//!
//! Each fragment is reckoned once, after those it spreads; what then remains spreads itself. Sums saturate: they
//! double with every fragment, and only have to stay above the limit.

use std::collections::HashMap;

use super::limits::{Exceeded, Limit, Limits};

/// An operation or a fragment: what it selects itself, and of its fragments as far as they are reckoned.
#[derive(Debug, Default)]
pub(super) struct Definition<'a> {
    /// The fragment's name; none for an operation.
    pub(super) fragment: Option<&'a str>,
    /// Fields, spreads and inline fragments, at any depth.
    pub(super) selections: usize,
    /// The fields that end up in the definition's outermost set, not inside another field's.
    pub(super) outermost: usize,
    /// All fields, each counted once for every set it is merged into.
    pub(super) merged: usize,
    /// Spreads whose fragments are not reckoned yet.
    pub(super) pending: usize,
}

/// A place where a fragment is spread.
#[derive(Debug)]
pub(super) struct Spread<'a> {
    pub(super) name: &'a str,
    /// The definition that contains it, by its place in the document.
    pub(super) within: usize,
    pub(super) set: Set,
}

/// A selection set, as merging sees it. What an inline fragment selects also counts as selected by the set around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Set {
    /// Whether it is merged into the outermost set of its definition.
    pub(super) outermost: bool,
    /// How many sets its selections are merged into, itself included.
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
        Limit::ExpandedSelections.hold(limits.expanded_selections, selections)?;
        merged = merged.saturating_add(definition.merged);
    }
    Limit::Comparisons.hold(limits.comparisons, merged.saturating_mul(arguments + 1))
}

/// Adds to each definition what the fragments that it spreads come to.
fn expand(definitions: &mut [Definition<'_>], spreads: &[Spread<'_>]) -> Result<(), Exceeded> {
    let fragments: HashMap<&str, usize> =
        definitions.iter().enumerate().filter_map(|(at, definition)| Some((definition.fragment?, at))).collect();
    // By fragment, where it is spread. A spread of a fragment that does not exist is left to the library.
    let mut spread: Vec<Vec<&Spread<'_>>> = definitions.iter().map(|_| Vec::new()).collect();
    for place in spreads {
        if let Some(&fragment) = fragments.get(place.name) {
            spread[fragment].push(place);
            definitions[place.within].pending += 1;
        }
    }

    let mut ready: Vec<usize> = (0..definitions.len()).filter(|&at| definitions[at].pending == 0).collect();
    let mut reckoned = 0;
    while let Some(fragment) = ready.pop() {
        reckoned += 1;
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
    Limit::FragmentCycles.hold(0, usize::from(reckoned < definitions.len()))
}
