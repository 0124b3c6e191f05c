//! Reads the keys of other systems that the viewer sees.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

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

use super::{
    ReadReferences, References,
    by_key::{ByKey, Keyed},
};
use crate::{
    definition::document::ExternalKey,
    policy::Viewer,
    store::{
        db::{error::Error, parts::KEYS},
        read::{
            batch::{Found, Relation, lists, lists_within},
            session::Session,
        },
        service::ReadServices,
    },
};

/// A key of an object in another system.
pub type ReferenceRow = Arc<external_reference::Model>;

impl References<'_> {
    /// The keys of an organization that the viewer sees.
    pub async fn of_organization(self, id: OrganizationId) -> Result<Arc<[ReferenceRow]>, Error> {
        Ok(self.load(KeysOf::Organizations, id.0).await?.unwrap_or_default())
    }

    /// The keys with these ids that the viewer sees. Keys of services that the viewer does not see are left out; of
    /// organizations, the caller must check that.
    pub async fn by_ids(self, ids: Vec<ReferenceId>) -> Result<HashMap<ReferenceId, ReferenceRow>, Error> {
        self.viewer()?.sees_organizations()?;
        let mut of_seen = Condition::any().add(external_reference::Column::ServiceId.is_null());
        if let Ok(services) = self.services().ids_seen() {
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

    /// The keys that match and that the viewer may use to find objects. First the keys of its own organization, then of
    /// providers, then of consumers.
    pub async fn called(self, key: &ExternalKey) -> Result<Vec<ReferenceRow>, Error> {
        if !key.can_be_kept() {
            return Ok(Vec::new());
        }
        let called = external_reference::Entity::find()
            .filter(is_called(&key.system, key.r#type.as_deref(), &key.key))
            .filter(seen_at_all(self.viewer()?))
            .filter(self.viewer()?.finds_by_references());
        let nearest_first =
            called.order_by_asc(self.viewer()?.distance_of_references()).order_by_asc(external_reference::Column::Id);
        Ok(nearest_first.all(self.read()).await?.into_iter().map(Arc::new).collect())
    }

    /// The keys that match the condition, by system, type, key and id.
    async fn in_order(self, seen: Condition) -> Result<impl Iterator<Item = ReferenceRow>, Error> {
        let rows = external_reference::Entity::find()
            .filter(seen)
            .order_by_asc(external_reference::Column::System)
            .order_by_asc(external_reference::Column::Class)
            .order_by_asc(external_reference::Column::Key)
            .order_by_asc(external_reference::Column::Id)
            .all(self.read())
            .await?;
        Ok(rows.into_iter().map(Arc::new))
    }
}

/// The keys of objects of one kind that the viewer sees, by the id of the object.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) enum KeysOf {
    Organizations,
    Items,
    /// Or of messages.
    Threads,
}

impl Relation for KeysOf {
    type Key = Uuid;
    type Value = Arc<[ReferenceRow]>;

    async fn read(&self, session: &Session, ids: Vec<Uuid>) -> Found<Self> {
        let viewer = session.viewer()?;
        let of_kind = |kind| viewer.sees_references().add(external_reference::Column::EntityKind.eq(kind));
        let seen = match self {
            Self::Organizations => of_kind(ReferencedKind::Organization),
            Self::Items => of_kind(ReferencedKind::ConfigurationItem),
            Self::Threads => viewer.sees_thread_references(),
        };
        let of_them = Condition::all().add(external_reference::Column::EntityId.is_in(ids)).add(seen);
        let rows = session.references().in_order(of_them).await?;
        Ok(lists(rows.map(|row| (row.entity_id, row))))
    }
}

/// The keys of services that the viewer sees and of their elements, by service and by the id of the object.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) struct KeysOfServices;

impl Relation for KeysOfServices {
    type Key = ServiceId;
    type Value = Arc<HashMap<Uuid, Arc<[ReferenceRow]>>>;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        let of_them = Condition::all()
            .add(external_reference::Column::ServiceId.is_in(services))
            .add(external_reference::Column::EntityKind.is_in([ReferencedKind::Service, ReferencedKind::Element]))
            .add(session.viewer()?.sees_references());
        let rows = session.references().in_order(of_them).await?;
        Ok(lists_within(rows.filter_map(|row| Some((row.service_id?, row.entity_id, row)))))
    }
}

/// A condition on `external_reference`: it has this system and key, and this type; any type for `None`.
pub(in crate::store) fn is_called(system: &str, r#type: Option<&str>, key: &str) -> Condition {
    use external_reference::Column;
    let called = Condition::all().add(Column::System.eq(system)).add(Column::Key.eq(key));
    called.add_option(r#type.map(|class| Column::Class.eq(class)))
}

/// All references that the viewer sees, of objects of any kind.
fn seen_at_all(viewer: &Viewer) -> Condition {
    Condition::any().add(viewer.sees_references()).add(viewer.sees_thread_references())
}

/// The object with this key, of those that the viewer sees. More than one: BAD_REQUEST.
pub(in crate::store) async fn named<E: EntityTrait>(
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

/// The objects with this key, of those that the viewer sees.
pub(in crate::store) async fn all_named<E: EntityTrait>(
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
    Ok(each_named(connection, viewer, seen, id, &[key], kind).await?.pop().unwrap_or_default())
}

/// For each key, in order, the objects with this key, of those that the viewer sees. A key of the viewer's own
/// organization has priority, then one of a provider, then one of a consumer. Keys of services that the viewer's
/// organization consumes but has not confirmed are ignored. One statement for each [`KEYS`] keys.
pub(in crate::store) async fn each_named<E: EntityTrait>(
    connection: &impl ConnectionTrait,
    viewer: &Viewer,
    seen: Select<E>,
    id: E::Column,
    keys: &[&ExternalKey],
    kind: ReferencedKind,
) -> Result<Vec<Vec<E::Model>>, Error>
where
    E::Model: PartialEq,
{
    use external_reference::Column;
    // PostgreSQL refuses values that it cannot store.
    let kept: HashSet<&ExternalKey> = keys.iter().copied().filter(|key| key.can_be_kept()).collect();
    let kept: Vec<&ExternalKey> = kept.into_iter().collect();
    let mut found: Vec<Named<E::Model>> = Vec::new();
    for some in kept.chunks(KEYS) {
        let called = match some {
            [ExternalKey { system, r#type, key }] => is_called(system, r#type.as_deref(), key),
            some => {
                let systems: HashSet<&str> = some.iter().map(|key| key.system.as_str()).collect();
                Condition::all()
                    .add(Column::System.is_in(systems))
                    .add(Column::Key.is_in(some.iter().map(|key| key.key.as_str())))
            }
        };
        let reference = E::belongs_to(external_reference::Entity).from(id).to(Column::EntityId).into();
        let rows = seen
            .clone()
            .join(JoinType::InnerJoin, reference)
            .column_as(viewer.distance_of_references(), "named_from")
            .column_as(Column::System, "named_system")
            .column_as(Column::Class, "named_class")
            .column_as(Column::Key, "named_key")
            .filter(called)
            .filter(Column::EntityKind.eq(kind))
            .filter(match kind {
                ReferencedKind::Service => viewer.sees_references_of_found_services(),
                ReferencedKind::ConfigurationItem => viewer.sees_references_of_found_items(),
                ReferencedKind::Thread | ReferencedKind::Message => viewer.sees_thread_references(),
                _ => viewer.sees_references(),
            })
            .filter(viewer.finds_by_references())
            .order_by_asc(id)
            .into_model::<Named<E::Model>>()
            .all(connection)
            .await?;
        found.extend(rows);
    }
    let found: ByKey<Named<E::Model>> = found.into_iter().collect();
    let of_key = |key: &&ExternalKey| {
        let nearest = found.named(key).map(|one| one.from).min();
        let mut named: Vec<E::Model> =
            found.named(key).filter(|one| Some(one.from) == nearest).map(|one| one.row.clone()).collect();
        // Two parties may link the same key to one object.
        named.dedup();
        named
    };
    Ok(keys.iter().map(of_key).collect())
}

/// A found row, the key that matched, and the rank of the organization that linked the key.
struct Named<M> {
    row: M,
    from: i32,
    system: String,
    class: String,
    key: String,
}

impl<M> Keyed for Named<M> {
    fn name(&self) -> (&str, &str, &str) {
        (&self.system, &self.class, &self.key)
    }
}

impl<M: FromQueryResult> FromQueryResult for Named<M> {
    fn from_query_result(result: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            row: M::from_query_result(result, prefix)?,
            from: result.try_get(prefix, "named_from")?,
            system: result.try_get(prefix, "named_system")?,
            class: result.try_get(prefix, "named_class")?,
            key: result.try_get(prefix, "named_key")?,
        })
    }
}
