//! Configuration items.

use async_graphql::{InputObject, MaybeUndefined};
use serde::{Deserialize, Serialize};

use super::{ExternalKey, ExternalReferenceInput, OrganizationKey};
use crate::definition::normalize;

input! {
    /// A configuration item, as its source describes it.
    ConfigurationItemInput
    {
        /// The key of the item in its source. It identifies the item. If `type` is left out, the key matches an
        /// existing item that has it under one type only.
        r#ref: ExternalReferenceInput,
    }
    {
        /// The display name. Required for a new item. At most 255 characters.
        name: String,
        /// The class of the item, as its source writes it, for example `cmdb_ci_appl` or `Server`. Required for a new
        /// item. At most 255 characters.
        class: String,
        /// The environment in which the item is used, for example `production` or `test`. At most 255 characters.
        environment: String,
        /// The status of the item, as its source writes it. At most 255 characters. `impact` does not use it.
        status: String,
        /// The keys of the items that this item depends on, at most 1,000, in any order; duplicates are ignored. Those
        /// items can be in the same call, exist already, or be created later. The list replaces the current one.
        depends_on: Vec<ExternalKey>,
        /// How many of its dependencies the item needs to work. Null: all of them. Example: 1 for a cluster of two
        /// nodes of which one is enough.
        #[serde(deserialize_with = "normalize::read_optional_whole")]
        dependencies_needed: i32,
        /// True deletes the item and its links to services. Items that depend on it keep the dependency as unresolved
        /// until an item with this key exists again.
        remove: bool,
    }
}

/// Configuration items of one organization, as a file holds them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigurationItems {
    /// The organization that the items belong to. If left out: the organization that applies the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationKey>,
    /// The items, in any order.
    pub items: Vec<ConfigurationItemInput>,
}
