//! What a document grows to once its fragments are written out, reckoned without writing them out.
//!
//! Each fragment is reckoned once, after those it spreads; what then remains spreads itself. Sums saturate: they
//! double with every fragment, and only have to stay above the limit.

use std::collections::HashMap;

use super::{
    Exceeded, Limit, Limits,
    scan::{Definition, Spread},
};

/// The sizes of one definition, with those of its fragments as they become known.
struct Size {
    selections: usize,
    outermost: usize,
    merged: usize,
    /// Spreads whose fragments are not reckoned yet.
    pending: usize,
}

pub(super) fn check(
    definitions: &[Definition<'_>],
    spreads: &[Spread<'_>],
    arguments: usize,
    limits: &Limits,
) -> Result<(), Exceeded> {
    let sizes = sizes(definitions, spreads)?;

    let mut operations = 0_usize;
    let mut merged = 0_usize;
    for (definition, size) in definitions.iter().zip(&sizes) {
        let selections = if definition.fragment.is_some() {
            size.selections
        } else {
            operations = operations.saturating_add(size.selections);
            operations
        };
        Limit::ExpandedSelections.hold(limits.expanded_selections, selections)?;
        merged = merged.saturating_add(size.merged);
    }
    Limit::Comparisons.hold(limits.comparisons, merged.saturating_mul(arguments + 1))
}

fn sizes(definitions: &[Definition<'_>], spreads: &[Spread<'_>]) -> Result<Vec<Size>, Exceeded> {
    let mut sizes: Vec<Size> = definitions
        .iter()
        .map(|definition| Size {
            selections: definition.selections,
            outermost: definition.outermost,
            merged: definition.merged,
            pending: 0,
        })
        .collect();
    let fragments: HashMap<&str, usize> =
        definitions.iter().enumerate().filter_map(|(at, definition)| Some((definition.fragment?, at))).collect();
    // By fragment, where it is spread. A spread of a fragment that does not exist is left to the library.
    let mut spread: Vec<Vec<&Spread<'_>>> = definitions.iter().map(|_| Vec::new()).collect();
    for place in spreads {
        if let Some(&fragment) = fragments.get(place.name) {
            spread[fragment].push(place);
            sizes[place.within].pending += 1;
        }
    }

    let mut ready: Vec<usize> = (0..sizes.len()).filter(|&at| sizes[at].pending == 0).collect();
    let mut reckoned = 0;
    while let Some(fragment) = ready.pop() {
        reckoned += 1;
        let (selections, outermost) = (sizes[fragment].selections, sizes[fragment].outermost);
        for place in &spread[fragment] {
            let size = &mut sizes[place.within];
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
    Limit::FragmentCycles.hold(0, usize::from(reckoned < sizes.len()))?;
    Ok(sizes)
}
