//! Other systems' keys.

use async_graphql::{Context, ID, InputObject, Interface, Object, SimpleObject};
use entente_entity::scalar::{DateTime, URL};

use crate::{
    api::{
        item::ConfigurationItem,
        node,
        organization::Organization,
        service::{Service, offering::ServiceOffering, outcome::Outcome},
        shared::{
            error::{UserError, done_or_problems},
            list::List,
            price,
            reader::shown,
        },
        thread::{Thread, message::Message},
    },
    definition::document::{ExternalKey, ExternalReferenceInput},
    store::{Error, ReadOrganizations, ReadReferences, ReferenceRow, ReferenceWrite, ReferenceWriting, Session},
};

/// What other systems know under a key of their own: a CMDB's sys_id, a ticket's number.
#[derive(Clone, Interface)]
#[graphql(
    name = "ExternallyReferenced",
    field(name = "id", ty = "ID", desc = "Global."),
    field(
        name = "external_references",
        ty = "Result<List<ExternalReference>, Error>",
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
    /// A configuration item.
    ConfigurationItem(ConfigurationItem),
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
pub(super) fn all(rows: &[ReferenceRow], entity: &Referenced) -> List<ExternalReference> {
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
        ctx.data_unchecked::<Session>().organizations().party(self.row.organization_id).await.map(Organization)
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
    async fn url(&self, ctx: &Context<'_>) -> Result<Option<URL>, Error> {
        Ok(self.row.url.clone().map(|url| shown(ctx, url)).transpose()?.map(URL))
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

/// A key to link to something, or to unlink from it.
#[derive(InputObject)]
pub struct ReferenceLinkInput {
    /// The global id of an organization, a service, an outcome, an offering, a configuration item, a thread or a message.
    entity: ID,
    /// The key.
    reference: ExternalReferenceInput,
}

/// What has the keys now.
#[derive(SimpleObject)]
pub struct ReferencePayload {
    /// The thing, as it stands now; null where there are user errors.
    entity: Option<Referenced>,
    /// What is wrong with the input.
    user_errors: Vec<UserError>,
}

/// Questions about other systems' keys.
#[derive(Default)]
pub struct ReferenceQuery;

#[Object]
impl ReferenceQuery {
    /// Everything known here under another system's key, `ref`, that the viewer may see: what its own organization calls so
    /// first. Without a type, the key matches under any.
    #[graphql(complexity = "price::each(price::CONSUMERS, child_complexity)")]
    async fn lookup(&self, ctx: &Context<'_>, r#ref: ExternalKey) -> Result<List<Referenced>, Error> {
        let session = ctx.data_unchecked::<Session>();
        node::named_by(session, &session.references().called(&r#ref).await?).await.map(List)
    }
}

/// Changes of other systems' keys.
#[derive(Default)]
pub struct ReferenceMutation;

#[Object]
impl ReferenceMutation {
    /// Links a key of another system of the viewer's organization to something that it may see, and so may be asked for
    /// by that key. What is linked already stays; a URL that is given takes the place of the one that stands. A key that
    /// names something else already is TAKEN; one ticket may have several threads and messages. Needs the write scope of
    /// the thing: `definitions:write`, `organizations:write`, `cmdb:write` or `threads:write`.
    async fn reference_link(&self, ctx: &Context<'_>, input: ReferenceLinkInput) -> Result<ReferencePayload, Error> {
        write(ctx, input, ReferenceWriting::Link).await
    }

    /// Unlinks a key that the viewer's organization linked; without a type, under whatever type it was. What is not
    /// linked stays so. The last key of a configuration item cannot be unlinked: remove the item. Needs the write scope
    /// of the thing.
    async fn reference_unlink(&self, ctx: &Context<'_>, input: ReferenceLinkInput) -> Result<ReferencePayload, Error> {
        write(ctx, input, ReferenceWriting::Unlink).await
    }
}

async fn write(
    ctx: &Context<'_>,
    input: ReferenceLinkInput,
    writing: ReferenceWriting,
) -> Result<ReferencePayload, Error> {
    let session = ctx.data_unchecked::<Session>();
    let ReferenceLinkInput { entity, reference } = input;
    let written = session.write(ReferenceWrite { entity: entity.to_string(), reference, writing }).await;
    if let Err(user_errors) = done_or_problems(ctx, written)? {
        return Ok(ReferencePayload { entity: None, user_errors });
    }
    let entity = node::referenced(session, entity).await?;
    Ok(ReferencePayload { entity, user_errors: Vec::new() })
}
