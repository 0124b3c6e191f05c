//! Contacts.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use crate::{enums::ContactRole, text::Str};

/// A contact: a person or a team, with a role for the service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Contact {
    /// The role of the contact for the service.
    pub role: ContactRole,
    /// The name of the person or team.
    pub name: Str,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Str>,
}

/// Contacts in the order in which they were given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Contacts(pub Vec<Contact>);
