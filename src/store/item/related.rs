//! What a list of configuration items needs besides its rows: loaded for all of them at once, when one first asks.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use entente_entity::{
    configuration_item, enums::ReferencedKind, external_reference, id::ItemId, item_dependency, item_link,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Iterable, JoinType, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Alias, Expr, ExprTrait, Func, Order, Query, WindowStatement},
};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{
    Items, ReadItems,
    graph::ImpactGraph,
    read::{LIST, nothing_seen},
};
use crate::store::{
    db::error::Error,
    read::{
        page::{self, Page, Window},
        session::Session,
    },
    reference::{ReadReferences, read::ReferenceRow},
    service::{ReadServices, related::ServiceRow},
};

/// A configuration item that the viewer sees.
#[derive(Clone)]
pub struct ItemRow {
    /// The row itself.
    pub row: Arc<configuration_item::Model>,
    batch: Arc<ItemBatch>,
}

/// Which way along dependencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// To what an item depends on.
    DependsOn,
    /// To what depends on an item.
    Dependents,
}

type Neighbours = Arc<OnceCell<HashMap<ItemId, Page<ItemRow>>>>;

/// The items that were read together.
struct ItemBatch {
    session: Session,
    items: Vec<Arc<configuration_item::Model>>,
    references: OnceCell<HashMap<Uuid, Vec<ReferenceRow>>>,
    dependencies: OnceCell<HashMap<ItemId, Vec<item_dependency::Model>>>,
    services: OnceCell<HashMap<ItemId, Vec<ServiceRow>>>,
    neighbours: Mutex<Vec<((Direction, Window), Neighbours)>>,
    counts: [OnceCell<HashMap<ItemId, u64>>; 2],
    graph: OnceCell<Arc<ImpactGraph>>,
}

impl Items<'_> {
    /// Makes a batch of rows that the viewer sees.
    pub(in crate::store) fn rows(self, rows: Vec<configuration_item::Model>) -> Vec<ItemRow> {
        let items: Vec<_> = rows.into_iter().map(Arc::new).collect();
        let batch = Arc::new(ItemBatch {
            session: (*self).clone(),
            items: items.clone(),
            references: OnceCell::new(),
            dependencies: OnceCell::new(),
            services: OnceCell::new(),
            neighbours: Mutex::default(),
            counts: [OnceCell::new(), OnceCell::new()],
            graph: OnceCell::new(),
        });
        items.into_iter().map(|row| ItemRow { row, batch: batch.clone() }).collect()
    }
}

impl ItemBatch {
    fn ids(&self) -> impl Iterator<Item = ItemId> {
        self.items.iter().map(|row| row.id)
    }
}

impl ItemRow {
    /// The session through which the item was read.
    pub fn session(&self) -> &Session {
        &self.batch.session
    }

    /// Other systems' keys for it.
    pub async fn references(&self) -> Result<&[ReferenceRow], Error> {
        let batch = &self.batch;
        let read = || {
            let of_them = external_reference::Column::EntityKind
                .eq(ReferencedKind::ConfigurationItem)
                .and(external_reference::Column::EntityId.is_in(batch.ids().map(|id| id.0)));
            batch.session.references().of(of_them)
        };
        let all = batch.references.get_or_try_init(read).await?;
        Ok(all.get(&self.row.id.0).map(Vec::as_slice).unwrap_or_default())
    }

    /// What it depends on, as its source named it, known or not.
    pub async fn dependencies(&self) -> Result<&[item_dependency::Model], Error> {
        let batch = &self.batch;
        let read = async || {
            let rows = item_dependency::Entity::find()
                .filter(item_dependency::Column::ItemId.is_in(batch.ids()))
                .order_by_asc(item_dependency::Column::ItemId)
                .order_by_asc(item_dependency::Column::Position)
                .all(batch.session.read())
                .await?;
            let mut by_item: HashMap<_, Vec<_>> = HashMap::new();
            for row in rows {
                by_item.entry(row.item_id).or_default().push(row);
            }
            Ok::<_, Error>(by_item)
        };
        let all = batch.dependencies.get_or_try_init(read).await?;
        Ok(all.get(&self.row.id).map(Vec::as_slice).unwrap_or_default())
    }

    /// The services that run on it themselves, or of which an outcome does, by name.
    pub async fn services(&self) -> Result<&[ServiceRow], Error> {
        let batch = &self.batch;
        let read = async || {
            let links: Vec<(ItemId, entente_entity::id::ServiceId)> = item_link::Entity::find()
                .select_only()
                .columns([item_link::Column::ItemId, item_link::Column::ServiceId])
                .filter(item_link::Column::ItemId.is_in(batch.ids()))
                .distinct()
                .into_tuple()
                .all(batch.session.read())
                .await?;
            let services = match links.is_empty() {
                true => HashMap::new(),
                false => batch
                    .session
                    .services()
                    .by_ids(links.iter().map(|(_, id)| *id).collect())
                    .await
                    .or_else(|error| nothing_seen(error).map(|()| HashMap::new()))?,
            };
            let mut by_item: HashMap<_, Vec<ServiceRow>> = HashMap::new();
            for (item, service) in links {
                by_item.entry(item).or_default().extend(services.get(&service).cloned());
            }
            for services in by_item.values_mut() {
                services
                    .sort_by(|one, other| (&one.row.sort_name, one.row.id).cmp(&(&other.row.sort_name, other.row.id)));
            }
            Ok::<_, Error>(by_item)
        };
        let all = batch.services.get_or_try_init(read).await?;
        Ok(all.get(&self.row.id).map(Vec::as_slice).unwrap_or_default())
    }

    /// What the failure of it would reach: read for all items of the list at once.
    pub(in crate::store) async fn graph(&self) -> Result<&Arc<ImpactGraph>, Error> {
        let batch = &self.batch;
        batch
            .graph
            .get_or_try_init(async || batch.session.items().graph(&batch.ids().collect::<Vec<_>>()).await.map(Arc::new))
            .await
    }

    /// A page of what it depends on, or of what depends on it, by name.
    pub async fn neighbours(&self, direction: Direction, window: &Window) -> Result<Page<ItemRow>, Error> {
        let batch = &self.batch;
        let wanted = (direction, window.clone());
        let cell = {
            let mut pages = batch.neighbours.lock().unwrap_or_else(PoisonError::into_inner);
            match pages.iter().find(|(other, _)| *other == wanted) {
                Some((_, cell)) => cell.clone(),
                None => {
                    pages.push((wanted, Neighbours::default()));
                    pages.last().map(|(_, cell)| cell.clone()).unwrap_or_default()
                }
            }
        };
        let all = cell.get_or_try_init(|| batch.read_neighbours(direction, window)).await?;
        Ok(all.get(&self.row.id).cloned().unwrap_or_else(|| window.page(Vec::new())))
    }

    /// How many items it depends on, or depend on it.
    pub async fn neighbour_count(&self, direction: Direction) -> Result<u64, Error> {
        let batch = &self.batch;
        let read = async || {
            let (own, other) = direction.columns();
            let rows: Vec<(ItemId, i64)> = item_dependency::Entity::find()
                .select_only()
                .column(own)
                .expr(Func::count_distinct(Expr::col((item_dependency::Entity, other))))
                .filter(own.is_in(batch.ids()))
                .filter(item_dependency::Column::DependencyId.is_not_null())
                .group_by(own)
                .into_tuple()
                .all(batch.session.read())
                .await?;
            Ok::<_, Error>(rows.into_iter().map(|(id, count)| (id, count.unsigned_abs())).collect())
        };
        let all = batch.counts[direction as usize].get_or_try_init(read).await?;
        Ok(all.get(&self.row.id).copied().unwrap_or_default())
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

impl ItemBatch {
    /// The same window for every item of the batch, in one statement: the rows of each are numbered, and cut there.
    async fn read_neighbours(
        &self,
        direction: Direction,
        window: &Window,
    ) -> Result<HashMap<ItemId, Page<ItemRow>>, Error> {
        use configuration_item::{
            Column::{Id, SortName},
            Entity as Item,
        };
        let (own, other) = direction.columns();
        let (of, beside) = (Alias::new("of"), Alias::new("beside"));
        let pairs = Query::select()
            .distinct()
            .expr_as(Expr::col(own), of.clone())
            .expr_as(Expr::col(other), beside.clone())
            .from(item_dependency::Entity)
            .and_where(own.is_in(self.ids()))
            .and_where(Expr::col(other).is_not_null())
            .take();
        let (pair, place, numbered) = (Alias::new("pair"), Alias::new("place"), Alias::new("numbered"));
        let order = if window.is_backward() { Order::Desc } else { Order::Asc };
        let partition = WindowStatement::partition_by((pair.clone(), of.clone()))
            .order_by((Item, SortName), order.clone())
            .order_by((Item, Id), order)
            .take();
        let within = window.within(LIST, &SortName.into_expr(), &Id.into_expr(), false, page::text)?;
        let rows = Query::select()
            .column((pair.clone(), of.clone()))
            .column((Item, Id))
            .expr_window_as(Func::cust("ROW_NUMBER"), partition, place.clone())
            .from_subquery(pairs, pair.clone())
            .inner_join(Item, Expr::col((Item, Id)).equals((pair, beside)))
            .cond_where(self.session.viewer()?.sees_items()?)
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
        for row in self.session.read().query_all(&query).await? {
            let item = configuration_item::Model::from_query_result(&row, "")?;
            lists.entry(row.try_get("", "of")?).or_default().push(item.id);
            items.insert(item.id, item);
        }
        // One batch of all of them, so that what they ask for is read at once too.
        let items = self.session.items().rows(items.into_values().collect());
        let items: HashMap<ItemId, ItemRow> = items.into_iter().map(|item| (item.row.id, item)).collect();
        let pages = lists
            .into_iter()
            .map(|(of, ids)| (of, window.page(ids.iter().filter_map(|id| items.get(id).cloned()).collect())));
        Ok(pages.collect())
    }
}
