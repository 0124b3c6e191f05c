//! The keys that identify objects: in Entente, and in other systems.

use async_graphql::{ID, InputObject, OneofObject};
use entente_entity::scalar::URL;
use serde::{Deserialize, Serialize};

use crate::definition::normalize;

/// The key of an object in another system.
#[derive(Clone, Debug, PartialEq, Eq, Hash, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalKey {
    /// The instance of the other tool, for example `servicenow`, `jira` or `zammad-ward`.
    #[graphql(process_with = "normalize::key")]
    #[serde(deserialize_with = "normalize::read_key")]
    pub system: String,
    /// The table or class in the other system, for example `cmdb_ci_service` or `incident`. Left out, it matches every
    /// type.
    #[graphql(process_with = "normalize::wanted_type")]
    #[serde(default, deserialize_with = "normalize::read_wanted_type", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// The identifier in the other system, for example a sys_id, `INC0012345` or `HELP-42`.
    #[graphql(process_with = "normalize::key")]
    #[serde(deserialize_with = "normalize::read_key")]
    pub key: String,
}

impl ExternalKey {
    /// Whether a database can store this key: PostgreSQL refuses U+0000 even in a search.
    pub fn can_be_kept(&self) -> bool {
        let Self { system, r#type, key } = self;
        ![Some(system), r#type.as_ref(), Some(key)].into_iter().flatten().any(|text| text.contains('\0'))
    }
}

/// The key of an object in another system, to link to an object in Entente.
#[derive(Clone, Debug, PartialEq, Eq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalReferenceInput {
    /// The instance of the other tool, for example `servicenow`, `jira` or `zammad-ward`: lower-case letters, digits
    /// and hyphens, 64 characters at most.
    #[graphql(process_with = "normalize::key")]
    #[serde(deserialize_with = "normalize::read_key")]
    pub system: String,
    /// The table or class in the other system, for example `cmdb_ci_service` or `incident`. At most 255 characters.
    #[graphql(process_with = "normalize::optional_key")]
    #[serde(default, deserialize_with = "normalize::read_optional_key", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// The identifier in the other system, for example a sys_id, `INC0012345` or `HELP-42`. At most 255 characters.
    #[graphql(process_with = "normalize::key")]
    #[serde(deserialize_with = "normalize::read_key")]
    pub key: String,
    /// The address of the object in the other system: an absolute http or https URL of at most 2,048 characters.
    #[graphql(process_with = "normalize::optional_url")]
    #[serde(default, deserialize_with = "normalize::read_optional_url", skip_serializing_if = "Option::is_none")]
    pub url: Option<URL>,
}

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Hash, OneofObject, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase")]
            pub enum $name {
                /// The global id.
                Id(ID),
                /// The slug.
                Slug(String),
                /// The key in another system. Keys that the viewer's own organization linked are searched first.
                Ref(ExternalKey),
            }
        )*
    };
}

keys! {
    /// Identifies a service. Exactly one of the fields must be given.
    ServiceKey;
    /// Identifies an organization. Exactly one of the fields must be given.
    OrganizationKey;
}

/// Identifies a configuration item. Exactly one of the fields must be given.
#[derive(Clone, Debug, PartialEq, Eq, Hash, OneofObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConfigurationItemKey {
    /// The global id.
    Id(ID),
    /// The key in another system. Keys that the viewer's own organization linked are searched first. In a definition,
    /// only the provider's configuration items are searched.
    Ref(ExternalKey),
}
