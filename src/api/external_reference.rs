//! Other systems' keys.

use async_graphql::{Context, ID, Interface, Object};
use entente_entity::scalar::{DateTime, URL};

use crate::{
    api::{
        message::Message, organization::Organization, outcome::Outcome, service::Service,
        service_offering::ServiceOffering, thread::Thread,
    },
    store::{Error, ReferenceRow, Session},
};

/// What other systems know under a key of their own: a CMDB's sys_id, a ticket's number.
#[derive(Clone, Interface)]
#[graphql(
    name = "ExternallyReferenced",
    field(name = "id", ty = "ID", desc = "Global."),
    field(
        name = "external_references",
        ty = "Result<Vec<ExternalReference>, Error>",
        desc = "Other systems' keys for this, as far as the viewer may see them."
    )
)]
pub enum Referenced {
    /// A party.
    Organization(Organization),
    /// A service.
    Service(Service),
    /// An outcome.
    Outcome(Outcome),
    /// An offering.
    ServiceOffering(ServiceOffering),
    /// A thread.
    Thread(Thread),
    /// A message of a thread.
    Message(Message),
}

/// Another system's key for something here.
#[derive(Clone)]
pub struct ExternalReference {
    pub(super) row: ReferenceRow,
    pub(super) entity: Referenced,
}

/// The references of one thing.
pub(super) fn all(rows: &[ReferenceRow], entity: &Referenced) -> Vec<ExternalReference> {
    rows.iter().map(|row| ExternalReference { row: row.clone(), entity: entity.clone() }).collect()
}

/// Another system's key for something here. Belongs to the organization that linked it; names what that organization's
/// tool calls the thing.
#[Object]
impl ExternalReference {
    /// Global.
    pub(super) async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// Whose tool the system is.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization, Error> {
        // Whoever sees a reference deals with the party that linked it.
        ctx.data_unchecked::<Session>().party(self.row.organization_id).await.map(Organization)
    }

    /// An instance of a tool: `servicenow`, `jira`, `zammad-ward`.
    async fn system(&self) -> &str {
        &self.row.system
    }

    /// The other system's table or class: `cmdb_ci_service`, `incident`; null where none was given.
    async fn r#type(&self) -> Option<&str> {
        Some(self.row.class.as_str()).filter(|class| !class.is_empty())
    }

    /// The other system's own identifier: a sys_id, `INC0012345`, `HELP-42`.
    async fn key(&self) -> &str {
        &self.row.key
    }

    /// Where a person can look at it there; null where none was given.
    async fn url(&self) -> Option<URL> {
        self.row.url.clone().map(URL)
    }

    /// What the key names.
    async fn entity(&self) -> Referenced {
        self.entity.clone()
    }

    /// When it was linked.
    async fn created_at(&self) -> DateTime {
        self.row.created_at
    }
}
