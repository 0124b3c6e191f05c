//! What a list of configuration items needs besides its rows: loaded for all of them at once, when one first asks.

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
    /// The row itself.
    pub row: Arc<configuration_item::Model>,
    batch: Arc<Batch<configuration_item::Model>>,
}

/// Which way along dependencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To what an item depends on.
    DependsOn,
    /// To what depends on an item.
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
    /// The session through which the item was read.
    pub fn session(&self) -> &Session {
        self.batch.session()
    }

    async fn related<R: Relation<Key = ItemId>>(&self, relation: R) -> Result<Option<R::Value>, Error> {
        self.batch.related(&self.row, relation, |row| row.id).await
    }

    /// Other systems' keys for it.
    pub async fn references(&self) -> Result<Arc<[ReferenceRow]>, Error> {
        Ok(self.batch.related(&self.row, KeysOf::Items, |row| row.id.0).await?.unwrap_or_default())
    }

    /// What it depends on, as its source named it, known or not.
    pub async fn dependencies(&self) -> Result<Arc<[item_dependency::Model]>, Error> {
        Ok(self.related(Dependencies).await?.unwrap_or_default())
    }

    /// The services that run on it themselves, or of which an outcome does, by name.
    pub async fn services(&self) -> Result<Arc<[ServiceRow]>, Error> {
        Ok(self.related(RunOn).await?.unwrap_or_default())
    }

    /// What the failure of it would reach: read for all items of the list at once.
    pub(in crate::store) async fn graph(&self) -> Result<Arc<ImpactGraph>, Error> {
        self.related(Reached).await?.ok_or_else(|| Error::Corrupt(format!("{} has no graph", self.row.id)))
    }

    /// A page of what it depends on, or of what depends on it, by name.
    pub async fn neighbours(&self, direction: Direction, window: &Window) -> Result<Page<ItemRow>, Error> {
        let page = self.related(Neighbours { direction, window: window.clone() }).await?;
        Ok(page.unwrap_or_else(|| window.page(Vec::new())))
    }

    /// How many items it depends on, or depend on it.
    pub async fn neighbour_count(&self, direction: Direction) -> Result<u64, Error> {
        Ok(self.related(NeighbourCounts(direction)).await?.unwrap_or_default())
    }
}

impl Direction {
    /// The column of the item itself, and that of the others.
    fn columns(self) -> (item_dependency::Column, item_dependency::Column) {
        match self {
            Self::DependsOn => (item_dependency::Column::ItemId, item_dependency::Column::DependencyId),
            Self::Dependents => (item_dependency::Column::DependencyId, item_dependency::Column::ItemId),
        }
    }
}

/// What items depend on, in the order of their sources.
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

/// The services that run on items.
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

/// What the failure of items would reach: one graph for all of them.
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

/// How many neighbours items have.
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

/// A page of the neighbours of each item, in one statement: the rows of each are numbered, and cut there.
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
        // One batch of all of them, so that what they ask for is read at once too.
        let items = session.items().rows(items.into_values().collect());
        let items: HashMap<ItemId, ItemRow> = items.into_iter().map(|item| (item.row.id, item)).collect();
        let pages = lists
            .into_iter()
            .map(|(of, ids)| (of, window.page(ids.iter().filter_map(|id| items.get(id).cloned()).collect())));
        Ok(pages.collect())
    }
}
