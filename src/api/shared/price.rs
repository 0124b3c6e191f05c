//! What fields cost. A query is refused, or waits for its turn, by its price.

use crate::store::page::DEFAULT_PAGE;

/// What lists hold that are not paged, on average: those of the elements of a definition,
pub const ELEMENTS: usize = 5;
/// of consumers, and of services that run on an item or have a key,
pub const CONSUMERS: usize = 10;
/// of keys, contacts, and indicators,
pub const FEW: usize = 2;
/// and of what differs between revisions.
pub const CHANGES: usize = 10;
/// What a search costs besides its entries: so many are about a second's work.
pub const SEARCH: usize = 13_000;
/// What it costs to follow the failure of items through a graph in which much depends on much.
pub const IMPACT: usize = 28_000;
/// The same of each item of a list, for which the graph is read once.
pub const IMPACT_OF_ONE: usize = 400;
/// What it costs to render a document, or to compare two.
pub const DOCUMENT: usize = 250;
/// What it costs to count the ratings of one thing in one window of time.
pub const PERCEPTION: usize = 20;
/// What it costs to count the indicators of a service by how far they are.
pub const REALIZATION: usize = 20;
/// No price is higher, so that sums and products of prices remain numbers.
const HIGHEST: usize = 1 << 40;

/// The price of a list that is not paged: what one entry costs, for as many as it holds on average.
pub fn each(entries: usize, entry: usize) -> usize {
    entries.saturating_mul(entry).saturating_add(1).min(HIGHEST)
}

/// The price of a page: what one entry costs, for as many as it may hold.
pub fn page(first: Option<i32>, last: Option<i32>, entry: usize) -> usize {
    each(first.or(last).map_or(DEFAULT_PAGE as usize, |wanted| usize::try_from(wanted).unwrap_or_default()), entry)
}
