//! The links of a service. The same document contains them and the terms, but links are not part of a revision or of
//! the agreement.

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
    /// The service relationships, in the order of their start.
    pub consumers: Vec<Consumer>,
    /// The configuration items; `None` if the reader may not see them.
    pub items: Option<ItemLinks>,
}

/// The configuration items that a service depends on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ItemLinks {
    /// Those that the whole service depends on, in order.
    pub service: Vec<LinkedItem>,
    /// Those that only one outcome depends on, in order, by the key of the outcome. No list is empty.
    pub outcomes: BTreeMap<Str, Vec<LinkedItem>>,
}

/// A configuration item that is linked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedItem {
    /// Its id.
    pub id: ItemId,
    /// Its key in documents.
    pub key: ConfigurationItemKey,
}

/// A service relationship.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consumer {
    /// The organization that consumes the service.
    pub organization: OrganizationId,
    /// The key of the offering that it chose.
    pub offering: Option<Str>,
    /// The consumer's contacts, in order.
    pub contacts: Vec<Contact>,
}
