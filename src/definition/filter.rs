//! The filters of lists of services and of configuration items, with keys as the client gives them.

use async_graphql::InputObject;
use entente_entity::{
    enums::{AlignmentState, ServiceLifecycle},
    scalar::DateTime,
};

use super::document::{OrganizationKey, ServiceKey};

/// A filter for services. A service must match all fields that are given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, InputObject)]
pub struct ServiceFilter {
    /// Only services in one of these stages of the service portfolio.
    pub lifecycle: Option<Vec<ServiceLifecycle>>,
    /// Only services that this organization provides.
    pub provider: Option<OrganizationKey>,
    /// Only services that this organization consumes, if the viewer may see that.
    pub consumer: Option<OrganizationKey>,
    /// Only services with one of these states of alignment, as the viewer sees it.
    pub alignment: Option<Vec<AlignmentState>>,
    /// True: only services on which the viewer's organization has not yet decided: it has neither agreed nor objected to
    /// the published revision or to the open proposal. False: only the others.
    pub awaiting_decision: Option<bool>,
    /// Only services that contain every word, in one of their languages: in the slug, or in the texts that `search`
    /// searches. A word matches as a whole or as the beginning of a longer word; case and accents are ignored. At most
    /// 200 characters and 32 words.
    pub text: Option<String>,
    /// Only services in which something that the viewer may see changed at this instant or later. To read changes
    /// incrementally, pass the `settledAt` of the previous request, not the greatest `updatedAt` that you received.
    pub updated_since: Option<DateTime>,
}

/// A filter for configuration items. An item must match all fields that are given.
#[derive(Clone, Debug, Default, PartialEq, Eq, InputObject)]
pub struct ConfigurationItemFilter {
    /// Only items of one of these classes, as their source writes them.
    pub class: Option<Vec<String>>,
    /// Only items in one of these environments.
    pub environment: Option<Vec<String>>,
    /// Only items with one of these statuses.
    pub status: Option<Vec<String>>,
    /// Only items that this service, or one of its outcomes, depends on directly.
    pub service: Option<ServiceKey>,
    /// Only items that have a key in this system.
    pub system: Option<String>,
    /// True: only items with dependencies on unknown items. False: only the others.
    pub unresolved: Option<bool>,
    /// Only items that no `configurationItemsApply` contained since this instant: items that a source no longer sends.
    pub not_seen_since: Option<DateTime>,
    /// Only items that contain every word in the name, the class or the key from their source. A word matches as a
    /// whole or as the beginning of a longer word; case and accents are ignored. At most 200 characters and 32 words.
    pub text: Option<String>,
    /// Only objects that changed at this instant or later. To read changes incrementally, pass the `settledAt` of the
    /// previous request, not the greatest `updatedAt` that you received.
    pub updated_since: Option<DateTime>,
}
