//! Contacts, and actors: the person or program that did something.

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

/// A contact: a person or a team, with a role for the service.
#[derive(Clone, SimpleObject)]
pub struct Contact {
    /// The role of the contact for the service.
    role: ContactRole,
    /// The name of the person or team.
    name: Str,
    /// The e-mail address; null if none is given.
    email: Option<Str>,
}

impl From<contact::Contact> for Contact {
    fn from(contact: contact::Contact) -> Self {
        let contact::Contact { role, name, email } = contact;
        Self { role, name, email }
    }
}

/// The contacts that have this role; all contacts without a role.
pub(in crate::api) fn of(contacts: &Contacts, role: Option<ContactRole>) -> List<Contact> {
    let wanted = contacts.0.iter().filter(|contact| role.is_none_or(|role| contact.role == role));
    wanted.cloned().map(Contact::from).collect()
}

/// The person or program that did something. The names are those of that moment.
pub struct Actor(pub(in crate::api) actor::Actor);

/// The person or program that did something. The names are those of that moment.
#[Object]
impl Actor {
    /// The kind of actor: a person, a program with its own token, or Entente itself.
    async fn kind(&self) -> ActorKind {
        self.0.kind
    }

    /// The subject of the token: its claim `sub`.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The name in the token: its claim `name`, or `sub` if it has no name.
    async fn display_name(&self) -> &str {
        &self.0.display_name
    }

    /// The organization for which the actor acted. Null for Entente itself, and if the viewer may not see the
    /// organization.
    async fn organization(&self, ctx: &Context<'_>) -> Nullable<Organization> {
        let organization = ctx.data_unchecked::<Session>().organizations().by_id(self.0.organization?).await;
        nullable(organization.map(|row| row.map(Organization)))
    }

    /// The person for whom an integration acted, as the other tool writes the name. Null if no person was named.
    async fn on_behalf_of(&self) -> Option<&str> {
        self.0.on_behalf_of.as_deref()
    }
}
