//! The prices of fields. By its price a query is refused, or waits for its turn.

use crate::store::page::DEFAULT_PAGE;

/// The average number of entries of the lists that are not paged: elements of a definition,
pub const ELEMENTS: usize = 5;
/// consumers of a service, services that depend on an item, objects with a key,
pub const CONSUMERS: usize = 10;
/// keys, contacts and indicators,
pub const FEW: usize = 2;
/// differences between revisions.
pub const CHANGES: usize = 10;
/// The price of a search without its entries. About 15 searches are one second of work.
pub const SEARCH: usize = 13_000;
/// The price of the impact of items on a graph with many dependencies.
pub const IMPACT: usize = 28_000;
/// The same for each item of a list, for which the graph is read once.
pub const IMPACT_OF_ONE: usize = 400;
/// The price of rendering a document, or of comparing two.
pub const DOCUMENT: usize = 250;
/// The price of counting the ratings of one object within one time window.
pub const PERCEPTION: usize = 20;
/// The price of counting the indicators of a service by their attainment.
pub const REALIZATION: usize = 20;
/// The price of computing the alignment of a service.
pub const ALIGNMENT: usize = 20;
/// The average number of gaps of an alignment.
pub const GAPS: usize = 10;
/// The highest price. It prevents an overflow of sums and products of prices.
const HIGHEST: usize = 1 << 40;

/// The price of a list that is not paged: the price of an entry times the average number of entries.
pub fn each(entries: usize, entry: usize) -> usize {
    entries.saturating_mul(entry).saturating_add(1).min(HIGHEST)
}

/// The price of a page: the price of an entry times the maximum number of entries.
pub fn page(first: Option<i32>, last: Option<i32>, entry: usize) -> usize {
    each(first.or(last).map_or(DEFAULT_PAGE as usize, |wanted| usize::try_from(wanted).unwrap_or_default()), entry)
}
