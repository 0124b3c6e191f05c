//! Links or unlinks one key of another system.

use entente_entity::{
    configuration_item, element,
    enums::{ElementKind, ReferencedKind},
    external_reference,
    id::{ElementId, ItemId, MessageId, OrganizationId, ServiceId, ThreadId, parse_typeid},
    item_dependency, organization, service,
};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    ReferenceWrites, WriteReferences,
    link::{ReferenceWanted, Referenced, of_thing},
    planned::ReferencesPlanned,
};
use crate::{
    definition::{at::At, document::ExternalReferenceInput, limits},
    policy::{Scope, Viewer},
    problem::{Problem, Rule, Thing},
    store::{
        db::error::{Error, Refusal, refuse},
        item::{
            WriteItems,
            apply::lock,
            names::{others_called, references},
        },
        service::WriteServices,
        thread::WriteThreads,
        write::{mutation::Write, rows::Row, writer::Writer},
    },
};

/// A key to link to an object, or to unlink from it.
#[derive(Clone, Debug, Serialize)]
pub struct ReferenceWrite {
    /// The global id of the object.
    pub entity: String,
    /// The key.
    pub reference: ExternalReferenceInput,
    /// Whether to link or to unlink.
    pub writing: ReferenceWriting,
}

/// The operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ReferenceWriting {
    /// Link the key. No change if it is linked already.
    Link,
    /// Unlink the key. No change if it is not linked.
    Unlink,
}

/// The result, which has no content.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReferenceWritten {}

/// An object that can have keys, and its owner: an organization itself, the provider of a service, or the organization
/// of an item.
struct Target {
    entity: Referenced,
    owner: OrganizationId,
}

impl Write for ReferenceWrite {
    type Done = ReferenceWritten;

    fn name(&self) -> &'static str {
        match self.writing {
            ReferenceWriting::Link => "referenceLink",
            ReferenceWriting::Unlink => "referenceUnlink",
        }
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        viewer.require(self.kind()?.1)?;
        let problems = limits::reference_problem(&self.reference, &At::top("reference"));
        refuse(problems)
    }

    async fn run(&self, writer: &mut Writer) -> Result<ReferenceWritten, Refusal> {
        let is_link = self.writing == ReferenceWriting::Link;
        if writer.threads().refer_to(&self.entity, &self.reference, is_link).await? {
            return Ok(ReferenceWritten {});
        }
        let target = writer.references().referenced(self.kind()?.0, &self.entity).await?;
        let is_item = target.entity.kind == ReferencedKind::ConfigurationItem;
        // All keys of an item belong to its own organization, also if `admin` writes them.
        let owner = if is_item { target.owner } else { writer.viewer.links_for(target.owner) };
        if is_item {
            lock(writer, owner).await?;
        }
        let changed = match self.writing {
            ReferenceWriting::Link => self.link(writer, owner, &target).await?,
            ReferenceWriting::Unlink => self.unlink(writer, owner, &target).await?,
        };
        if changed {
            // Only a change confirms the relationship.
            if let (Some(service), Some(own)) = (target.entity.service, writer.viewer.organization) {
                writer.services().confirm(service, own).await?;
            }
            writer.references().touch(target.entity, owner == target.owner, owner).await?;
        }
        Ok(ReferenceWritten {})
    }
}

impl ReferenceWrite {
    /// The kind of the object, from the prefix of its id, and the scope for writing its keys. Needs no database.
    /// NOT_FOUND for an id of another kind.
    fn kind(&self) -> Result<(ReferencedKind, Scope), Problem> {
        let prefix = parse_typeid(&self.entity).map(|(prefix, _)| prefix).unwrap_or_default();
        let element = ElementKind::ALL.iter().copied().find(|kind| kind.prefix() == prefix);
        match prefix.as_str() {
            OrganizationId::PREFIX => Ok((ReferencedKind::Organization, Scope::OrganizationsWrite)),
            ServiceId::PREFIX => Ok((ReferencedKind::Service, Scope::DefinitionsWrite)),
            ItemId::PREFIX => Ok((ReferencedKind::ConfigurationItem, Scope::CmdbWrite)),
            ThreadId::PREFIX => Ok((ReferencedKind::Thread, Scope::ThreadsWrite)),
            MessageId::PREFIX => Ok((ReferencedKind::Message, Scope::ThreadsWrite)),
            _ if matches!(element, Some(ElementKind::Outcome | ElementKind::Offering)) => {
                Ok((ReferencedKind::Element, Scope::DefinitionsWrite))
            }
            _ => Err(Problem::at(["entity"], Rule::not_found(Thing::Anything))),
        }
    }

    async fn link(&self, writer: &Writer, owner: OrganizationId, target: &Target) -> Result<bool, Refusal> {
        let wanted = ReferenceWanted::one(target.entity, &self.reference, &At::top("reference"));
        let mut known = writer.references().known([owner], [&wanted]).await?;
        let planned = writer.references().plan(owner, vec![wanted], &mut known).await?;
        let changed = !planned.changes.is_empty();
        writer.references().write(planned).await?;
        if target.entity.kind == ReferencedKind::ConfigurationItem {
            let keys = std::slice::from_ref(&self.reference.key);
            let ExternalReferenceInput { system, key, .. } = &self.reference;
            let references = references(writer, owner, vec![key]).await?.into_iter().collect();
            let others: Vec<ItemId> = others_called(&references, system, key, ItemId(target.entity.id)).collect();
            writer.items().contest_dependencies(owner, &others, keys).await?;
            writer.items().resolve_dependencies(owner, keys).await?;
        }
        Ok(changed)
    }

    async fn unlink(&self, writer: &Writer, owner: OrganizationId, target: &Target) -> Result<bool, Refusal> {
        let rows = writer.references().linked(owner, target.entity, &self.reference).await?;
        if rows.is_empty() {
            return Ok(false);
        }
        let is_item = target.entity.kind == ReferencedKind::ConfigurationItem;
        if is_item && of_thing(owner, target.entity).count(&writer.transaction).await? == rows.len() as u64 {
            return Err(Problem::at(["reference"], Rule::LastKey).into());
        }
        writer.references().write(ReferencesPlanned::unlinked(rows.iter().cloned(), target.entity.provider)).await?;
        if is_item {
            writer.references().forget_dependencies(owner, ItemId(target.entity.id), &rows).await?;
        }
        Ok(true)
    }
}

impl ReferenceWrites<'_> {
    /// The object of this kind with this id. NOT_FOUND if the viewer does not see it.
    async fn referenced(self, kind: ReferencedKind, id: &str) -> Result<Target, Refusal> {
        let nothing = || Refusal::from(Problem::at(["entity"], Rule::not_found(Thing::Anything)));
        let (prefix, uuid) = parse_typeid(id).ok_or_else(nothing)?;
        let of_service = async |id: ServiceId| {
            let seen = service::Entity::find_by_id(id).filter(self.viewer.sees_services()?);
            let Some(row) = seen.one(&self.transaction).await? else { return Ok::<_, Error>(None) };
            // Links change the row of the service.
            self.hold(Row::Service(row.slug))?;
            Ok(Some((Some(row.id), row.provider_id)))
        };
        let found = match kind {
            ReferencedKind::Organization => {
                let seen = organization::Entity::find_by_id(OrganizationId(uuid));
                let seen = seen.filter(self.viewer.sees_organizations()?).one(&self.transaction).await?;
                seen.map(|row| (None, row.id))
            }
            ReferencedKind::Service => of_service(ServiceId(uuid)).await?,
            ReferencedKind::Element => {
                let row = element::Entity::find_by_id(ElementId(uuid))
                    .filter(element::Column::GoneIn.is_null())
                    .one(&self.transaction)
                    .await?;
                match row.filter(|row| row.kind.prefix() == prefix) {
                    Some(row) => of_service(row.service_id).await?,
                    None => None,
                }
            }
            ReferencedKind::ConfigurationItem => {
                let seen = configuration_item::Entity::find_by_id(ItemId(uuid)).filter(self.viewer.sees_items()?);
                seen.one(&self.transaction).await?.map(|row| (None, row.organization_id))
            }
            // `refer_to` handles them, because linking is recorded in their timeline.
            ReferencedKind::Thread | ReferencedKind::Message => None,
        };
        let (service, owner) = found.ok_or_else(nothing)?;
        let provider = service.map(|_| owner);
        Ok(Target { entity: Referenced { kind, id: uuid, service, provider }, owner })
    }

    /// Makes the dependencies that were resolved to an item by these keys unresolved, and resolves them again, by other
    /// keys or to another item.
    async fn forget_dependencies(
        self,
        organization: OrganizationId,
        item: ItemId,
        gone: &[external_reference::Model],
    ) -> Result<(), Error> {
        use item_dependency::Column;
        // All rows have the same key, with several types.
        if let Some(external_reference::Model { system, key, .. }) = gone.first() {
            let classes = gone.iter().map(|row| row.class.as_str());
            let waiting = item_dependency::Entity::update_many()
                .col_expr(Column::DependencyId, Expr::val(None::<Uuid>))
                .filter(Column::OrganizationId.eq(organization))
                .filter(Column::DependencyId.eq(item))
                .filter(Column::System.eq(system))
                .filter(Column::Key.eq(key))
                .filter(Column::Class.eq("").or(Column::Class.is_in(classes)))
                .exec(&self.transaction)
                .await?;
            if waiting.rows_affected > 0 {
                self.items().changes_graph_of(organization);
            }
        }
        let keys: Vec<String> = gone.iter().map(|row| row.key.clone()).collect();
        self.items().resolve_dependencies(organization, &keys).await
    }

    /// Updates the instant of the last change of the object, after a link of this organization changed. Consumers see
    /// the keys that the provider of a service links.
    async fn touch(self, entity: Referenced, is_provider: bool, owner: OrganizationId) -> Result<(), Error> {
        let now = Expr::val(self.now);
        match (entity.kind, entity.service) {
            (ReferencedKind::Organization, _) => {
                organization::Entity::update_many()
                    .col_expr(organization::Column::UpdatedAt, now)
                    .filter(organization::Column::Id.eq(entity.id))
                    .exec(&self.transaction)
                    .await?;
            }
            (ReferencedKind::ConfigurationItem, _) => {
                configuration_item::Entity::update_many()
                    .col_expr(configuration_item::Column::UpdatedAt, now)
                    .filter(configuration_item::Column::Id.eq(entity.id))
                    .exec(&self.transaction)
                    .await?;
            }
            (ReferencedKind::Service | ReferencedKind::Element, Some(service)) if is_provider => {
                self.services().touch_for_all(service).await?;
            }
            (ReferencedKind::Service | ReferencedKind::Element, Some(service)) => {
                self.services().touch_for_consumer(service, owner).await?;
            }
            (ReferencedKind::Service | ReferencedKind::Element, None) => {}
            (ReferencedKind::Thread | ReferencedKind::Message, _) => {}
        }
        Ok(())
    }
}
