//! The actor of a change, stored with the change.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::{enums::ActorKind, id::OrganizationId};

/// The actor of a change, with the data of its token at that time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Actor {
    /// Whether it is a person, a program or Entente itself.
    pub kind: ActorKind,
    /// The token's `sub`.
    pub subject: String,
    /// The token's `name`.
    pub display_name: String,
    /// The organization in the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationId>,
    /// The name of the person for whom an integration acted, as the other tool writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
}
