//! The impact of the failure of configuration items, with a fixed number of statements.

use std::collections::{HashMap, HashSet};

use entente_entity::{
    configuration_item,
    enums::{ImpactEffect, ReferencedKind},
    external_reference,
    id::{ElementId, ItemId, OrganizationId},
    item_graph,
};
use futures_util::future::try_join_all;
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryResult, QuerySelect, Select,
};
use uuid::Uuid;

use super::{Items, ReadItems, graph::ImpactGraph, read::nothing_seen, related::ItemRow};
use crate::{
    definition::document::{ConfigurationItemKey, ExternalKey},
    item::impact::{Hit, RunsOn, hit},
    store::{
        db::error::Error,
        read::{
            batch::{Found, Relation},
            session::Session,
        },
        service::{ReadServices, related::ServiceRow},
    },
};

/// The failed items of a query.
pub struct ImpactKeys {
    /// The items that were found, each once, in the order of the keys.
    pub items: Vec<ItemRow>,
    /// The indexes of the keys without an item that the viewer may see.
    pub not_found: Vec<i32>,
    /// The version of the graph of all items when they were read; `None` if they are in several graphs, or if the graph
    /// has no version yet.
    version: Option<Uuid>,
}

/// An item with the version of the graph of its organization.
struct AskedFor {
    item: configuration_item::Model,
    version: Option<Uuid>,
}

fn with_version(items: Select<configuration_item::Entity>) -> Select<configuration_item::Entity> {
    let graph = configuration_item::Entity::belongs_to(item_graph::Entity)
        .from(configuration_item::Column::OrganizationId)
        .to(item_graph::Column::OrganizationId)
        .into();
    items.join(JoinType::LeftJoin, graph).column_as(item_graph::Column::Version, "graph_version")
}

impl FromQueryResult for AskedFor {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        let item = configuration_item::Model::from_query_result(row, prefix)?;
        Ok(Self { item, version: row.try_get(prefix, "graph_version")? })
    }
}

/// An item with a key, and the organization that linked it.
struct Called {
    asked_for: AskedFor,
    system: String,
    class: String,
    key: String,
    by: OrganizationId,
}

impl FromQueryResult for Called {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        let text = |column: &str| row.try_get(prefix, column);
        Ok(Self {
            asked_for: AskedFor::from_query_result(row, prefix)?,
            system: text("called_system")?,
            class: text("called_class")?,
            key: text("called_key")?,
            by: row.try_get(prefix, "called_by")?,
        })
    }
}

/// The impact of a failure.
pub struct ImpactFound {
    session: Session,
    /// The affected services, by effect (the worst first), then by name.
    pub services: Vec<(ServiceRow, Hit<ElementId>)>,
}

impl Items<'_> {
    /// The items with these keys: one statement for ids, and one for references.
    pub async fn impact_keys(self, keys: &[ConfigurationItemKey]) -> Result<ImpactKeys, Error> {
        let (mut ids, mut named) = (HashSet::new(), Vec::new());
        for key in keys {
            match key {
                ConfigurationItemKey::Id(id) => ids.extend(ItemId::parse(id)),
                ConfigurationItemKey::Ref(key) if key.can_be_kept() => named.push(key),
                ConfigurationItemKey::Ref(_) => {}
            }
        }
        let by_id = self.asked_for(ids).await?;
        let called = self.all_called(&named).await?;
        let asked_for = || by_id.iter().chain(called.iter().map(|one| &one.asked_for));
        let versions: HashMap<ItemId, Option<Uuid>> = asked_for().map(|one| (one.item.id, one.version)).collect();
        let rows = asked_for().map(|one| one.item.clone()).collect();
        let items: HashMap<ItemId, ItemRow> = self.rows(rows).into_iter().map(|item| (item.row.id, item)).collect();
        let (mut found, mut not_found, mut once) = (Vec::new(), Vec::new(), HashSet::new());
        for (index, key) in keys.iter().enumerate() {
            let id = match key {
                ConfigurationItemKey::Id(id) => ItemId::parse(id),
                ConfigurationItemKey::Ref(key) => self.called(key, &called, index)?,
            };
            match id.and_then(|id| items.get(&id)) {
                None => not_found.push(index as i32),
                Some(item) if once.insert(item.row.id) => found.push(item.clone()),
                Some(_) => {}
            }
        }
        let mut of_found = found.iter().map(|item| versions.get(&item.row.id).copied().flatten());
        let first = of_found.next().flatten();
        let version = first.filter(|first| of_found.all(|other| other == Some(*first)));
        Ok(ImpactKeys { items: found, not_found, version })
    }

    async fn asked_for(self, ids: HashSet<ItemId>) -> Result<Vec<AskedFor>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let asked_for = with_version(self.seen()?).filter(configuration_item::Column::Id.is_in(ids));
        Ok(asked_for.into_model().all(self.read()).await?)
    }

    async fn all_called(self, keys: &[&ExternalKey]) -> Result<Vec<Called>, Error> {
        use external_reference::Column as Reference;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let reference = configuration_item::Entity::belongs_to(external_reference::Entity)
            .from(configuration_item::Column::Id)
            .to(Reference::EntityId)
            .into();
        let called = with_version(self.seen()?)
            .join(JoinType::InnerJoin, reference)
            .column_as(Reference::System, "called_system")
            .column_as(Reference::Class, "called_class")
            .column_as(Reference::Key, "called_key")
            .column_as(Reference::OrganizationId, "called_by")
            .filter(Reference::EntityKind.eq(ReferencedKind::ConfigurationItem))
            .filter(Reference::Key.is_in(keys.iter().map(|key| key.key.as_str())))
            .filter(self.viewer()?.sees_references_of_found_items());
        Ok(called.into_model().all(self.read()).await?)
    }

    /// The item with this key. Keys of the viewer's own organization have priority. BAD_REQUEST if there are several.
    fn called(self, key: &ExternalKey, called: &[Called], index: usize) -> Result<Option<ItemId>, Error> {
        let fits = |one: &&Called| {
            one.system == key.system
                && one.key == key.key
                && key.r#type.as_ref().is_none_or(|class| *class == one.class)
        };
        let own = self.viewer()?.organization;
        let mut fitting: Vec<_> = called.iter().filter(fits).collect();
        if fitting.iter().any(|one| Some(one.by) == own) {
            fitting.retain(|one| Some(one.by) == own);
        }
        let mut ids: Vec<ItemId> = fitting.into_iter().map(|one| one.asked_for.item.id).collect();
        ids.sort_unstable();
        ids.dedup();
        match ids[..] {
            [] => Ok(None),
            [id] => Ok(Some(id)),
            _ => Err(Error::BadRequest(format!(
                "the external key at {index} names several items: give its type too, or the id"
            ))),
        }
    }

    /// The impact if all these items fail.
    pub async fn impact_of(self, failed: &ImpactKeys) -> Result<ImpactFound, Error> {
        let ids: Vec<ItemId> = failed.items.iter().map(|item| item.row.id).collect();
        match failed.version {
            Some(version) => self.impact_on(&*self.graph_at(version, &ids).await?, &ids).await,
            None => self.impact_on(&self.graph(&ids).await?, &ids).await,
        }
    }

    async fn impact_on(self, found: &ImpactGraph, failed: &[ItemId]) -> Result<ImpactFound, Error> {
        let services = match found.links.is_empty() {
            true => HashMap::new(),
            // A viewer that may not read services gets none.
            false => self
                .services()
                .asked_for(found.links.keys().copied())
                .await
                .or_else(|error| nothing_seen(error).map(|()| HashMap::new()))?,
        };
        let spread = found.graph.fail(failed.iter().copied());
        let mut hits: Vec<(ServiceRow, Hit<ElementId>)> = services
            .into_values()
            .filter_map(|service| {
                let links = found.links.get(&service.row.id)?;
                let of = |entity: Uuid| {
                    let linked = links.iter().filter(move |(of, ..)| *of == entity);
                    linked.map(|(_, _, item)| *item).collect::<Vec<_>>()
                };
                let outcomes = service.definition.terms.outcomes.iter();
                let runs_on = RunsOn {
                    service: of(service.row.id.0),
                    outcomes: outcomes.map(|outcome| (outcome.id, of(outcome.id.0))).collect(),
                };
                hit(&spread, &runs_on).map(|hit| (service, hit))
            })
            .collect();
        let order = |effect: ImpactEffect| ImpactEffect::ALL.iter().position(|other| *other == effect);
        hits.sort_by(|(one, hit), (other, other_hit)| {
            let (row, other) = (&one.row, &other.row);
            (order(hit.effect), &row.sort_name, row.id).cmp(&(order(other_hit.effect), &other.sort_name, other.id))
        });
        Ok(ImpactFound { session: (*self).clone(), services: hits })
    }
}

impl ItemRow {
    /// The impact if only this item fails.
    pub async fn impact(&self) -> Result<ImpactFound, Error> {
        let graph = self.graph().await?;
        self.session().items().impact_on(&graph, &[self.row.id]).await
    }
}

impl ImpactFound {
    /// The items of a path. The items of all paths of a query are read together.
    pub async fn items(&self, path: &[ItemId]) -> Result<Vec<ItemRow>, Error> {
        let items = try_join_all(path.iter().map(|id| self.session.load(Seen, *id))).await?;
        Ok(items.into_iter().flatten().collect())
    }
}

/// Items that the viewer sees, by their ids.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Seen;

impl Relation for Seen {
    type Key = ItemId;
    type Value = ItemRow;

    async fn read(&self, session: &Session, ids: Vec<ItemId>) -> Found<Self> {
        Ok(session.items().by_ids(ids).await?.into_iter().map(|item| (item.row.id, item)).collect())
    }
}
