//! Reads configuration items by id and by key, as far as the viewer sees them. The orders of lists of items.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    configuration_item,
    enums::ReferencedKind,
    id::{ItemId, ServiceId},
    item_link,
};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryResult, QuerySelect, Select,
};
use uuid::Uuid;

use super::{Items, ReadItems, related::ItemRow};
use crate::{
    definition::document::ConfigurationItemKey,
    policy::Denied,
    store::{
        db::error::Error,
        read::{
            batch::{Found, Relation, lists_within},
            page::{By, Order},
            session::Session,
        },
        reference::read::named,
    },
};

impl Items<'_> {
    /// The items that the viewer sees.
    pub(in crate::store) fn seen(self) -> Result<Select<configuration_item::Entity>, Error> {
        Ok(configuration_item::Entity::find().filter(self.viewer()?.sees_items()?))
    }

    /// The items with these ids that the viewer sees, in any order; none if it lacks the scope.
    pub async fn by_ids(self, ids: Vec<ItemId>) -> Result<Vec<ItemRow>, Error> {
        let seen = match self.seen() {
            Ok(seen) => seen.filter(configuration_item::Column::Id.is_in(ids)),
            Err(error) => return nothing_seen(error).map(|()| Vec::new()),
        };
        Ok(self.rows(seen.all(self.read()).await?))
    }

    /// Items that were just written, in the order of the ids.
    pub async fn written(self, ids: &[ItemId]) -> Result<Vec<ItemRow>, Error> {
        let mut rows = self.by_ids(ids.to_vec()).await?;
        let places: HashMap<_, _> = ids.iter().zip(0..).collect();
        rows.sort_by_key(|item| places.get(&item.row.id).copied());
        Ok(rows)
    }

    /// The item with this key; `None` if there is none, or if the viewer lacks the scope.
    pub async fn by_key(self, by: &ConfigurationItemKey) -> Result<Option<ItemRow>, Error> {
        let seen = match self.seen() {
            Ok(seen) => seen,
            Err(error) => return nothing_seen(error).map(|()| None),
        };
        let row = match by {
            ConfigurationItemKey::Id(id) => match ItemId::parse(id) {
                Some(id) => seen.filter(configuration_item::Column::Id.eq(id)).one(self.read()).await?,
                None => None,
            },
            ConfigurationItemKey::Ref(key) => {
                let (kind, id) = (ReferencedKind::ConfigurationItem, configuration_item::Column::Id);
                named(self.read(), self.viewer()?, seen, id, key, kind).await?
            }
        };
        Ok(self.rows(row.into_iter().collect()).pop())
    }
}

/// The items of services that the viewer provides, by the id of the service or of the outcome, in order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) struct LinkedTo;

impl Relation for LinkedTo {
    type Key = ServiceId;
    type Value = Arc<HashMap<Uuid, Arc<[(i32, ItemRow)]>>>;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        let link = configuration_item::Entity::belongs_to(item_link::Entity)
            .from(configuration_item::Column::Id)
            .to(item_link::Column::ItemId)
            .into();
        let mut linked: Vec<Linked> = session
            .items()
            .seen()?
            .join(JoinType::InnerJoin, link)
            .column_as(item_link::Column::ServiceId, "service_id")
            .column_as(item_link::Column::EntityId, "entity_id")
            .column_as(item_link::Column::Position, "position")
            .filter(item_link::Column::ServiceId.is_in(services))
            .into_model()
            .all(session.read())
            .await?;
        linked.sort_by_key(|one| (one.position, one.item.id));
        let places: Vec<_> =
            linked.iter().map(|one| (one.service_id, one.entity_id, one.position, one.item.id)).collect();
        // One batch, with each item once.
        let items: HashMap<ItemId, configuration_item::Model> =
            linked.into_iter().map(|one| (one.item.id, one.item)).collect();
        let items = session.items().rows(items.into_values().collect());
        let items: HashMap<ItemId, ItemRow> = items.into_iter().map(|item| (item.row.id, item)).collect();
        let place = |(service, entity, position, id)| Some((service, entity, (position, items.get(&id)?.clone())));
        Ok(lists_within(places.into_iter().filter_map(place)))
    }
}

/// An item with one of its links.
struct Linked {
    item: configuration_item::Model,
    service_id: ServiceId,
    entity_id: Uuid,
    position: i32,
}

impl FromQueryResult for Linked {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            item: configuration_item::Model::from_query_result(row, prefix)?,
            service_id: row.try_get(prefix, "service_id")?,
            entity_id: row.try_get(prefix, "entity_id")?,
            position: row.try_get(prefix, "position")?,
        })
    }
}

/// The order of items by name.
pub const BY_NAME: Order<ItemRow> = Order {
    list: "items by name",
    by: By::Text(|item| &item.row.sort_name),
    id: |item| item.row.id.0,
    descending: false,
};
/// The order of the items of a service or an outcome, by their positions in the document.
pub const BY_PLACE: Order<(i32, ItemRow)> = Order {
    list: "linked items",
    by: By::Number(|(place, _)| *place),
    id: |(_, item)| item.row.id.0,
    descending: false,
};

/// Turns a missing scope into an empty result; other errors stay errors.
pub(in crate::store) fn nothing_seen(error: Error) -> Result<(), Error> {
    match error {
        Error::Denied(Denied::ScopeNeeded(_)) => Ok(()),
        other => Err(other),
    }
}
