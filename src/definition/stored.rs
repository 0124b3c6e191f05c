//! The stored data that a document is planned with. The caller reads it before.

use entente_entity::{id::OrganizationId, text::Lang};

use super::{
    document::ConfigurationItemKey,
    links::{LinkedItem, Links},
    terms::Terms,
};
use crate::problem::Rule;

/// The current definition of a service: the one before a document is applied.
#[derive(Clone, Copy, Debug)]
pub struct CurrentDefinition<'a> {
    /// Its published terms.
    pub terms: &'a Terms,
    /// All its links.
    pub links: &'a Links,
}

/// What the keys in a document identify, and the other values that it does not contain.
#[derive(Clone, Copy)]
pub struct Lookups<'a> {
    /// The language of plain strings, if neither the document nor the current terms determine it.
    pub default_locale: &'a Lang,
    /// The organization of the document's `provider`. If the document has none: the viewer's organization, which only
    /// a new service takes; an existing service keeps its provider, in both modes.
    pub provider: &'a Result<OrganizationId, Rule>,
    /// The organization of each entry of the document's `consumers`, in the same order.
    pub consumers: &'a [Result<OrganizationId, Rule>],
    /// Finds the provider's item of a key in the document's `configurationItems`.
    pub items: &'a dyn Fn(&ConfigurationItemKey) -> Result<LinkedItem, Rule>,
    /// The slug of an organization that was looked up, or that already consumes the service.
    pub slug_of: &'a dyn Fn(OrganizationId) -> String,
}
