//! Who did something, as it is kept with what was done.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::{enums::ActorKind, id::OrganizationId};

/// Who did something, as they were known at that moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Actor {
    /// A person, a program or Entente itself.
    pub kind: ActorKind,
    /// The token's `sub`.
    pub subject: String,
    /// The token's `name`.
    pub display_name: String,
    /// The organization that the token named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// The person whom an integration acted for, in that tool's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
}
