//! People to turn to, and who did something.

use async_graphql::{Context, Object, SimpleObject};
use entente_entity::{
    actor,
    contact::{self, Contacts},
    enums::{ActorKind, ContactRole},
    text::Str,
};

use crate::{
    api::{
        organization::Organization,
        shared::{
            error::{Nullable, nullable},
            list::List,
        },
    },
    store::{ReadOrganizations, Session},
};

/// A person or a team to turn to.
#[derive(Clone, SimpleObject)]
pub struct Contact {
    /// What the contact is to the service.
    role: ContactRole,
    /// The person's or the team's name.
    name: Str,
    /// An e-mail address; null where none is given.
    email: Option<Str>,
}

impl From<contact::Contact> for Contact {
    fn from(contact: contact::Contact) -> Self {
        let contact::Contact { role, name, email } = contact;
        Self { role, name, email }
    }
}

/// The contacts of a role, or all.
pub(in crate::api) fn of(contacts: &Contacts, role: Option<ContactRole>) -> List<Contact> {
    let wanted = contacts.0.iter().filter(|contact| role.is_none_or(|role| contact.role == role));
    wanted.cloned().map(Contact::from).collect()
}

/// Who did something, as they were known at that moment.
pub struct Actor(pub(in crate::api) actor::Actor);

/// Who did something, as they were known at that moment.
#[Object]
impl Actor {
    /// A person, a program with a token of its own, or Entente itself.
    async fn kind(&self) -> ActorKind {
        self.0.kind
    }

    /// The token's `sub`.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The token's `name`; its `sub` where it had none.
    async fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// For whom they acted; null for Entente itself, and where the viewer may not see the organization.
    async fn organization(&self, ctx: &Context<'_>) -> Nullable<Organization> {
        let organization = ctx.data_unchecked::<Session>().organizations().by_id(self.0.organization?).await;
        nullable(organization.map(|row| row.map(Organization)))
    }

    /// The person whom an integration acted for, in that tool's words; null where nobody was named.
    async fn on_behalf_of(&self) -> Option<&str> {
        self.0.on_behalf_of.as_deref()
    }
}
