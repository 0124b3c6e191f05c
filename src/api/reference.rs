//! External references: the keys of objects in other systems.

use async_graphql::{Context, ID, InputObject, Interface, Object, SimpleObject};
use entente_entity::scalar::{DateTime, URL};

use crate::{
    api::{
        item::ConfigurationItem,
        node,
        organization::Organization,
        service::{Service, offering::ServiceOffering, outcome::Outcome},
        shared::{
            list::List,
            price,
            reader::shown,
            user_error::{UserError, done_or_problems},
        },
        thread::{Thread, message::Message},
    },
    definition::document::{ExternalKey, ExternalReferenceInput},
    store::{Error, ReadOrganizations, ReadReferences, ReferenceRow, ReferenceWrite, ReferenceWriting, Session},
};

/// An object that can have keys in other systems, for example a sys_id in a CMDB or the number of a ticket.
#[derive(Clone, Interface)]
#[graphql(
    name = "ExternallyReferenced",
    field(name = "id", ty = "ID", desc = "The global id. It never changes."),
    field(
        name = "external_references",
        ty = "Result<List<ExternalReference>, Error>",
        desc = "The keys of the object in other systems that the viewer may see."
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

/// The key of an object in another system.
#[derive(Clone)]
pub struct ExternalReference {
    pub(super) row: ReferenceRow,
    pub(super) entity: Referenced,
}

/// The references of one object.
pub(super) fn all(rows: &[ReferenceRow], entity: &Referenced) -> List<ExternalReference> {
    rows.iter().map(|row| ExternalReference { row: row.clone(), entity: entity.clone() }).collect()
}

/// The key of an object in another system. It belongs to the organization that linked it.
#[Object]
impl ExternalReference {
    /// The global id. It never changes.
    pub(super) async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// The organization that linked the key.
    async fn organization(&self, ctx: &Context<'_>) -> Result<Organization, Error> {
        // A viewer that may see a reference may see the organization that linked it.
        ctx.data_unchecked::<Session>().organizations().party(self.row.organization_id).await.map(Organization)
    }

    /// The instance of the other tool, for example `servicenow`, `jira` or `zammad-ward`.
    async fn system(&self) -> &str {
        &self.row.system
    }

    /// The table or class in the other system, for example `cmdb_ci_service` or `incident`. Null if not given.
    async fn r#type(&self) -> Option<&str> {
        Some(self.row.class.as_str()).filter(|class| !class.is_empty())
    }

    /// The identifier in the other system, for example a sys_id, `INC0012345` or `HELP-42`.
    async fn key(&self) -> &str {
        &self.row.key
    }

    /// The address of the object in the other system. Null if not given.
    async fn url(&self, ctx: &Context<'_>) -> Result<Option<URL>, Error> {
        Ok(self.row.url.clone().map(|url| shown(ctx, url)).transpose()?.map(URL))
    }

    /// The object in Entente that has this key.
    async fn entity(&self) -> Referenced {
        self.entity.clone()
    }

    /// When the key was linked.
    async fn created_at(&self) -> DateTime {
        self.row.created_at
    }
}

/// A key to link to an object, or to unlink from it.
#[derive(InputObject)]
pub struct ReferenceLinkInput {
    /// The global id of an organization, service, outcome, offering, configuration item, thread or message.
    entity: ID,
    /// The key in the other system.
    reference: ExternalReferenceInput,
}

/// The result of linking or unlinking a key. Nothing was written if there are user errors.
#[derive(SimpleObject)]
pub struct ReferencePayload {
    /// The object with its current keys. Null if there are user errors.
    entity: Option<Referenced>,
    /// The errors in the input. Empty if the mutation succeeded.
    user_errors: Vec<UserError>,
}

/// Queries of external keys.
#[derive(Default)]
pub struct ReferenceQuery;

#[Object]
impl ReferenceQuery {
    /// All objects with the external key `ref` that the viewer may see. Objects that the viewer's own organization
    /// linked are first. If `type` is left out, the key matches every type.
    #[graphql(complexity = "price::each(price::CONSUMERS, child_complexity)")]
    async fn lookup(&self, ctx: &Context<'_>, r#ref: ExternalKey) -> Result<List<Referenced>, Error> {
        let session = ctx.data_unchecked::<Session>();
        node::by_references(session, &session.references().called(&r#ref).await?).await.map(List)
    }
}

/// Mutations of external keys.
#[derive(Default)]
pub struct ReferenceMutation;

#[Object]
impl ReferenceMutation {
    /// Links an external key to an object that the viewer may see; the object can then be found by this key. The key
    /// belongs to the viewer's organization. A key that is linked already stays linked; a new `url` replaces the stored
    /// one. A key of another object is TAKEN; threads and messages can share a key. Needs the write scope of the
    /// object: `definitions:write`, `organizations:write`, `cmdb:write` or `threads:write`.
    async fn reference_link(&self, ctx: &Context<'_>, input: ReferenceLinkInput) -> Result<ReferencePayload, Error> {
        write(ctx, input, ReferenceWriting::Link).await
    }

    /// Unlinks an external key that the viewer's organization linked. If `type` is left out, the key matches every
    /// type. A key that is not linked changes nothing. The last key of a configuration item cannot be unlinked
    /// (INVALID_STATE): delete the item instead. Needs the write scope of the object.
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
