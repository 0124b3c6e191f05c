//! The links of a service: written by the same document as its terms, but in no revision and in no agreement.

use entente_entity::{enums::ServiceLifecycle, id::OrganizationId, text::Str};
use serde::{Deserialize, Serialize};

use super::terms::Contact;

/// What a service's document says besides the terms, external references aside (those are only ever added).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Links {
    /// Where the service stands in the portfolio.
    pub lifecycle: ServiceLifecycle,
    /// The provider's contacts, in order.
    pub contacts: Vec<Contact>,
    /// The service relationships, in the order in which they began.
    pub consumers: Vec<Consumer>,
}

/// A service relationship.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consumer {
    /// Who consumes the service.
    pub organization: OrganizationId,
    /// The key of the offering that it chose.
    pub offering: Option<Str>,
    /// The consumer's contacts, in order.
    pub contacts: Vec<Contact>,
}
