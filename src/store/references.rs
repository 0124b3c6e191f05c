//! Other systems' keys, as far as the viewer sees them.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    enums::ReferencedKind,
    external_reference,
    id::{OrganizationId, ReferenceId, ServiceId},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, Select,
};
use uuid::Uuid;

use super::{Error, Session};
use crate::{definition::document::ExternalKey, policy::Viewer};

/// Another system's key for something.
pub type ReferenceRow = Arc<external_reference::Model>;

impl Session {
    /// The keys of services that the viewer sees and of their elements, by what they name.
    pub(super) async fn references_of_services(
        &self,
        services: Vec<ServiceId>,
    ) -> Result<HashMap<Uuid, Vec<ReferenceRow>>, Error> {
        let of_them = Condition::all()
            .add(external_reference::Column::ServiceId.is_in(services))
            .add(external_reference::Column::EntityKind.is_in([ReferencedKind::Service, ReferencedKind::Element]));
        self.references(of_them).await
    }

    /// The keys of threads, or of messages, that the viewer sees, by what they name.
    pub(super) async fn references_of_threads(
        &self,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<HashMap<Uuid, Vec<ReferenceRow>>, Error> {
        let of_them = external_reference::Column::EntityId.is_in(ids);
        self.by_entity(Condition::all().add(of_them).add(self.viewer()?.sees_thread_references())).await
    }

    /// The keys of an organization that the viewer sees.
    pub async fn references_of_organization(&self, id: OrganizationId) -> Result<Vec<ReferenceRow>, Error> {
        let read = async |ids: Vec<OrganizationId>| {
            let of_them = Condition::all()
                .add(external_reference::Column::EntityKind.eq(ReferencedKind::Organization))
                .add(external_reference::Column::EntityId.is_in(ids.into_iter().map(|id| id.0)));
            let found = self.references(of_them).await?;
            Ok(found.into_iter().map(|(id, rows)| (OrganizationId(id), rows)).collect())
        };
        Ok(self.loaders().organization_references.load(id, read).await?.unwrap_or_default())
    }

    /// The keys with these ids that the viewer sees, of services that it sees or of organizations; whether it sees the
    /// organization is for the caller to ask.
    pub async fn references_by_ids(&self, ids: Vec<ReferenceId>) -> Result<HashMap<ReferenceId, ReferenceRow>, Error> {
        self.viewer()?.sees_organizations()?;
        let mut of_seen = Condition::any().add(external_reference::Column::ServiceId.is_null());
        if let Ok(services) = self.service_ids_seen() {
            of_seen = of_seen.add(external_reference::Column::ServiceId.in_subquery(services));
        }
        let rows = external_reference::Entity::find()
            .filter(external_reference::Column::Id.is_in(ids))
            .filter(of_seen)
            .filter(seen_at_all(self.viewer()?))
            .all(self.read())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, Arc::new(row))).collect())
    }

    /// The keys under this name by which the viewer finds things, those of whoever is nearest to it first.
    pub async fn references_called(&self, key: &ExternalKey) -> Result<Vec<ReferenceRow>, Error> {
        if !key.can_be_kept() {
            return Ok(Vec::new());
        }
        let mut called = external_reference::Entity::find()
            .filter(external_reference::Column::System.eq(&key.system))
            .filter(external_reference::Column::Key.eq(&key.key))
            .filter(seen_at_all(self.viewer()?))
            .filter(self.viewer()?.finds_by_references());
        if let Some(class) = &key.r#type {
            called = called.filter(external_reference::Column::Class.eq(class));
        }
        let nearest_first =
            called.order_by_asc(self.viewer()?.distance_of_references()).order_by_asc(external_reference::Column::Id);
        Ok(nearest_first.all(self.read()).await?.into_iter().map(Arc::new).collect())
    }

    /// The keys that the viewer sees and that fit a condition, by what they name.
    pub(super) async fn references(
        &self,
        filter: impl sea_orm::sea_query::IntoCondition,
    ) -> Result<HashMap<Uuid, Vec<ReferenceRow>>, Error> {
        self.by_entity(Condition::all().add(filter.into_condition()).add(self.viewer()?.sees_references())).await
    }

    async fn by_entity(&self, seen: Condition) -> Result<HashMap<Uuid, Vec<ReferenceRow>>, Error> {
        let rows = external_reference::Entity::find()
            .filter(seen)
            .order_by_asc(external_reference::Column::System)
            .order_by_asc(external_reference::Column::Class)
            .order_by_asc(external_reference::Column::Key)
            .order_by_asc(external_reference::Column::Id)
            .all(self.read())
            .await?;
        let mut by_entity: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            by_entity.entry(row.entity_id).or_default().push(Arc::new(row));
        }
        Ok(by_entity)
    }
}

/// Those of anything.
fn seen_at_all(viewer: &Viewer) -> Condition {
    Condition::any().add(viewer.sees_references()).add(viewer.sees_thread_references())
}

/// Of things that the viewer sees, the one that a key names. Several are a mistake of the caller's.
pub(super) async fn named<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    viewer: &Viewer,
    seen: Select<E>,
    id: E::Column,
    key: &ExternalKey,
    kind: ReferencedKind,
) -> Result<Option<E::Model>, Error>
where
    E::Model: PartialEq,
{
    let mut named = all_named(connection, viewer, seen, id, key, kind).await?;
    match named.len() {
        0 | 1 => Ok(named.pop()),
        _ => Err(Error::BadRequest("the external key names several things: give its type too, or the id".into())),
    }
}

/// Of things that the viewer sees, those that a key names: what the viewer's own organization calls so, else what the
/// providers of services do, else what their consumers do. What the viewer has not confirmed names nothing.
pub(super) async fn all_named<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    viewer: &Viewer,
    seen: Select<E>,
    id: E::Column,
    key: &ExternalKey,
    kind: ReferencedKind,
) -> Result<Vec<E::Model>, Error>
where
    E::Model: PartialEq,
{
    // PostgreSQL refuses to look for what it cannot hold.
    if !key.can_be_kept() {
        return Ok(Vec::new());
    }
    let reference = E::belongs_to(external_reference::Entity).from(id).to(external_reference::Column::EntityId).into();
    let mut query = seen
        .join(JoinType::InnerJoin, reference)
        .column_as(viewer.distance_of_references(), "named_from")
        .filter(external_reference::Column::System.eq(&key.system))
        .filter(external_reference::Column::Key.eq(&key.key))
        .filter(external_reference::Column::EntityKind.eq(kind))
        .filter(match kind {
            ReferencedKind::Service => viewer.sees_references_of_found_services(),
            ReferencedKind::ConfigurationItem => viewer.sees_references_of_found_items(),
            ReferencedKind::Thread | ReferencedKind::Message => viewer.sees_thread_references(),
            _ => viewer.sees_references(),
        })
        .filter(viewer.finds_by_references());
    if let Some(class) = &key.r#type {
        query = query.filter(external_reference::Column::Class.eq(class));
    }
    let mut named: Vec<Named<E::Model>> = query.order_by_asc(id).into_model().all(connection).await?;
    let nearest = named.iter().map(|one| one.from).min();
    named.retain(|one| Some(one.from) == nearest);
    // Two parties may call one thing alike.
    named.dedup_by(|other, first| other.row == first.row);
    Ok(named.into_iter().map(|one| one.row).collect())
}

/// Something that a key names, and how near who calls it so is to the viewer.
struct Named<M> {
    row: M,
    from: i32,
}

impl<M: FromQueryResult> FromQueryResult for Named<M> {
    fn from_query_result(result: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self { row: M::from_query_result(result, prefix)?, from: result.try_get(prefix, "named_from")? })
    }
}
