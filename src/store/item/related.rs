//! The related data of configuration items. It is read for all items of a list when one of them first asks for it.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    configuration_item,
    id::{ItemId, ServiceId},
    item_dependency, item_link,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Iterable, JoinType, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, Func, Order, Query, WindowStatement},
};

use super::{
    Items, ReadItems,
    graph::ImpactGraph,
    read::{BY_NAME, nothing_seen},
};
use crate::store::{
    db::error::Error,
    read::{
        batch::{Batch, Found, Relation, counts, lists},
        page::{Page, Window},
        session::Session,
    },
    reference::read::{KeysOf, ReferenceRow},
    service::{ReadServices, related::ServiceRow},
};

/// A configuration item that the viewer sees.
#[derive(Clone)]
pub struct ItemRow {
    /// The row.
    pub row: Arc<configuration_item::Model>,
    batch: Arc<Batch<configuration_item::Model>>,
}

/// A direction along dependencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To the items that an item depends on.
    DependsOn,
    /// To the items that depend on an item.
    Dependents,
}

impl Items<'_> {
    /// Makes a batch of rows that the viewer sees.
    pub(in crate::store) fn rows(self, rows: Vec<configuration_item::Model>) -> Vec<ItemRow> {
        let batch = Batch::of(&self, rows.into_iter().map(Arc::new).collect());
        batch.rows().iter().map(|row| ItemRow { row: row.clone(), batch: batch.clone() }).collect()
    }
}

impl ItemRow {
    /// The session.
    pub fn session(&self) -> &Session {
        self.batch.session()
    }

    async fn related<R: Relation<Key = ItemId>>(&self, relation: R) -> Result<Option<R::Value>, Error> {
        self.batch.related(&self.row, relation, |row| row.id).await
    }

    /// Its keys in other systems.
    pub async fn references(&self) -> Result<Arc<[ReferenceRow]>, Error> {
        Ok(self.batch.related(&self.row, KeysOf::Items, |row| row.id.0).await?.unwrap_or_default())
    }

    /// Its dependencies as its source named them, resolved or not.
    pub async fn dependencies(&self) -> Result<Arc<[item_dependency::Model]>, Error> {
        Ok(self.related(Dependencies).await?.unwrap_or_default())
    }

    /// The services that are linked to it, or that have an outcome that is, by name.
    pub async fn services(&self) -> Result<Arc<[ServiceRow]>, Error> {
        Ok(self.related(RunOn).await?.unwrap_or_default())
    }

    /// The graph that its failure can reach; one graph for all items of the list.
    pub(in crate::store) async fn graph(&self) -> Result<Arc<ImpactGraph>, Error> {
        self.related(Reached).await?.ok_or_else(|| Error::Corrupt(format!("{} has no graph", self.row.id)))
    }

    /// A page of the items that it depends on, or that depend on it, by name.
    pub async fn neighbours(&self, direction: Direction, window: &Window) -> Result<Page<ItemRow>, Error> {
        let page = self.related(Neighbours { direction, window: window.clone() }).await?;
        Ok(page.unwrap_or_else(|| window.page(Vec::new())))
    }

    /// The number of items that it depends on, or that depend on it.
    pub async fn neighbour_count(&self, direction: Direction) -> Result<u64, Error> {
        Ok(self.related(NeighbourCounts(direction)).await?.unwrap_or_default())
    }
}

impl Direction {
    /// The column of the item, and that of its neighbours.
    fn columns(self) -> (item_dependency::Column, item_dependency::Column) {
        match self {
            Self::DependsOn => (item_dependency::Column::ItemId, item_dependency::Column::DependencyId),
            Self::Dependents => (item_dependency::Column::DependencyId, item_dependency::Column::ItemId),
        }
    }
}

/// The dependencies of items, in the order of their sources.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Dependencies;

impl Relation for Dependencies {
    type Key = ItemId;
    type Value = Arc<[item_dependency::Model]>;

    async fn read(&self, session: &Session, items: Vec<ItemId>) -> Found<Self> {
        let rows = item_dependency::Entity::find()
            .filter(item_dependency::Column::ItemId.is_in(items))
            .order_by_asc(item_dependency::Column::ItemId)
            .order_by_asc(item_dependency::Column::Position)
            .all(session.read())
            .await?;
        Ok(lists(rows.into_iter().map(|row| (row.item_id, row))))
    }
}

/// The services that are linked to items.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct RunOn;

impl Relation for RunOn {
    type Key = ItemId;
    type Value = Arc<[ServiceRow]>;

    async fn read(&self, session: &Session, items: Vec<ItemId>) -> Found<Self> {
        let mut links: Vec<(ItemId, ServiceId)> = item_link::Entity::find()
            .select_only()
            .columns([item_link::Column::ItemId, item_link::Column::ServiceId])
            .filter(item_link::Column::ItemId.is_in(items))
            .distinct()
            .into_tuple()
            .all(session.read())
            .await?;
        let services = match links.is_empty() {
            true => HashMap::new(),
            false => session
                .services()
                .by_ids(links.iter().map(|(_, id)| *id).collect())
                .await
                .or_else(|error| nothing_seen(error).map(|()| HashMap::new()))?,
        };
        links.sort_by_key(|(_, id)| services.get(id).map(|service| (&service.row.sort_name, *id)));
        Ok(lists(links.into_iter().filter_map(|(item, id)| Some((item, services.get(&id)?.clone())))))
    }
}

/// The graph that the failure of items can reach: one graph for all of them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Reached;

impl Relation for Reached {
    type Key = ItemId;
    type Value = Arc<ImpactGraph>;

    async fn read(&self, session: &Session, items: Vec<ItemId>) -> Found<Self> {
        let graph = Arc::new(session.items().graph(&items).await?);
        Ok(items.into_iter().map(|item| (item, graph.clone())).collect())
    }
}

/// The number of neighbours of items.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct NeighbourCounts(Direction);

impl Relation for NeighbourCounts {
    type Key = ItemId;
    type Value = u64;

    async fn read(&self, session: &Session, items: Vec<ItemId>) -> Found<Self> {
        let (own, other) = self.0.columns();
        let known = item_dependency::Entity::find().filter(item_dependency::Column::DependencyId.is_not_null());
        let count = Func::count_distinct(Expr::col((item_dependency::Entity, other)));
        counts(session, known, count, own, items).await
    }
}

/// A page of the neighbours of each item, in one statement that numbers the rows of each item.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Neighbours {
    direction: Direction,
    window: Window,
}

impl Relation for Neighbours {
    type Key = ItemId;
    type Value = Page<ItemRow>;

    async fn read(&self, session: &Session, items: Vec<ItemId>) -> Found<Self> {
        use configuration_item::{
            Column::{Id, SortName},
            Entity as Item,
        };
        let Self { direction, window } = self;
        let (own, other) = direction.columns();
        let (of, beside) = (Alias::new("of"), Alias::new("beside"));
        let pairs = Query::select()
            .distinct()
            .expr_as(Expr::col(own), of.clone())
            .expr_as(Expr::col(other), beside.clone())
            .from(item_dependency::Entity)
            .and_where(own.is_in(items))
            .and_where(Expr::col(other).is_not_null())
            .take();
        let (pair, place, numbered) = (Alias::new("pair"), Alias::new("place"), Alias::new("numbered"));
        let order = window.direction(&BY_NAME);
        let partition = WindowStatement::partition_by((pair.clone(), of.clone()))
            .order_by((Item, SortName), order.clone())
            .order_by((Item, Id), order)
            .take();
        let within = window.within(&BY_NAME, &SortName.into_expr(), &Id.into_expr())?;
        let rows = Query::select()
            .column((pair.clone(), of.clone()))
            .column((Item, Id))
            .expr_window_as(Func::cust("ROW_NUMBER"), partition, place.clone())
            .from_subquery(pairs, pair.clone())
            .inner_join(Item, Expr::col((Item, Id)).equals((pair, beside)))
            .cond_where(session.viewer()?.sees_items()?)
            .cond_where(within)
            .take();
        let query = Query::select()
            .columns(configuration_item::Column::iter().map(|column| (Item, column)))
            .column((numbered.clone(), of.clone()))
            .from(Item)
            .join_subquery(
                JoinType::InnerJoin,
                rows,
                numbered.clone(),
                Expr::col((Item, Id)).equals((numbered.clone(), Id)),
            )
            .and_where(Expr::col((numbered.clone(), place.clone())).lte(window.limit() + 1))
            .order_by((numbered.clone(), of), Order::Asc)
            .order_by((numbered, place), Order::Asc)
            .take();
        let mut lists: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
        let mut items = HashMap::new();
        for row in session.read().query_all(&query).await? {
            let item = configuration_item::Model::from_query_result(&row, "")?;
            lists.entry(row.try_get("", "of")?).or_default().push(item.id);
            items.insert(item.id, item);
        }
        // One batch of all items, so that their related data is read together.
        let items = session.items().rows(items.into_values().collect());
        let items: HashMap<ItemId, ItemRow> = items.into_iter().map(|item| (item.row.id, item)).collect();
        let pages = lists
            .into_iter()
            .map(|(of, ids)| (of, window.page(ids.iter().filter_map(|id| items.get(id).cloned()).collect())));
        Ok(pages.collect())
    }
}
