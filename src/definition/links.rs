//! The links of a service: written by the same document as its terms, but in no revision and in no agreement.

use std::collections::BTreeMap;

use entente_entity::{
    enums::ServiceLifecycle,
    id::{ItemId, OrganizationId},
    text::Str,
};
use serde::{Deserialize, Serialize};

use super::{document::ConfigurationItemKey, terms::Contact};

/// The links of a service's document, without external references (which are only added).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Links {
    /// The stage of the service in the portfolio.
    pub lifecycle: ServiceLifecycle,
    /// The provider's contacts, in order.
    pub contacts: Vec<Contact>,
    /// The service relationships, in the order in which they began.
    pub consumers: Vec<Consumer>,
    /// The configuration items; `None` where the reader may not see them.
    pub items: Option<ItemLinks>,
}

/// The configuration items that a service runs on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ItemLinks {
    /// Those that the whole service runs on, in order.
    pub service: Vec<LinkedItem>,
    /// Those that an outcome in particular depends on, in order, by the outcome's key. No list is empty.
    pub outcomes: BTreeMap<Str, Vec<LinkedItem>>,
}

/// A configuration item that is linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedItem {
    /// Which one.
    pub id: ItemId,
    /// How documents name it.
    pub key: ConfigurationItemKey,
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
