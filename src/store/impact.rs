//! Reading what the failure of configuration items reaches: never more than a few statements, however far it goes.

use std::collections::{HashMap, HashSet};

use entente_entity::{
    configuration_item,
    enums::{ImpactEffect, ReferencedKind},
    external_reference,
    id::{ElementId, ItemId, ServiceId},
    item_dependency, item_link,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Alias, CommonTableExpression, Expr, ExprTrait, Query, SelectStatement, UnionType, WithClause},
};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{
    Error, ItemRow, ServiceRow, Session,
    database::{is_one_of_few, unindexed},
    items::nothing_seen,
};
use crate::{
    definition::document::{ConfigurationItemKey, ExternalKey},
    impact::{Graph, Hit, RunsOn, hit},
};

/// What the failure of some items can reach, and what runs on that.
pub(super) struct ImpactGraph {
    graph: Graph,
    links: HashMap<ServiceId, Vec<(Uuid, i32, ItemId)>>,
}

/// Items that are said to have failed, as they were named.
pub struct ImpactKeys {
    /// Those that there are, each once, in the order in which they were named.
    pub items: Vec<ItemRow>,
    /// The places of the keys that name nothing that the viewer may see.
    pub not_found: Vec<i32>,
}

/// What the failure of items means.
pub struct ImpactFound {
    session: Session,
    /// The services that are hit: the worst first, then by name.
    pub services: Vec<(ServiceRow, Hit<ElementId>)>,
    items: OnceCell<HashMap<ItemId, ItemRow>>,
}

impl Session {
    /// The items that keys name: two statements, however many there are.
    pub async fn impact_keys(&self, keys: &[ConfigurationItemKey]) -> Result<ImpactKeys, Error> {
        let seen = self.items_seen()?;
        let (mut ids, mut named) = (HashSet::new(), Vec::new());
        for key in keys {
            match key {
                ConfigurationItemKey::Id(id) => ids.extend(ItemId::parse(id)),
                ConfigurationItemKey::Ref(key) if key.can_be_kept() => named.push(key),
                ConfigurationItemKey::Ref(_) => {}
            }
        }
        let references = self.items_called(&named).await?;
        ids.extend(references.iter().map(|row| ItemId(row.entity_id)));
        let rows = match ids.is_empty() {
            true => Vec::new(),
            false => seen.filter(configuration_item::Column::Id.is_in(ids)).all(self.read()).await?,
        };
        let items: HashMap<ItemId, ItemRow> =
            self.item_rows(rows).into_iter().map(|item| (item.row.id, item)).collect();
        let (mut found, mut not_found, mut once) = (Vec::new(), Vec::new(), HashSet::new());
        for (index, key) in keys.iter().enumerate() {
            let id = match key {
                ConfigurationItemKey::Id(id) => ItemId::parse(id),
                ConfigurationItemKey::Ref(key) => self.item_called(key, &references, &items, index)?,
            };
            match id.and_then(|id| items.get(&id)) {
                None => not_found.push(index as i32),
                Some(item) if once.insert(item.row.id) => found.push(item.clone()),
                Some(_) => {}
            }
        }
        Ok(ImpactKeys { items: found, not_found })
    }

    async fn items_called(&self, keys: &[&ExternalKey]) -> Result<Vec<external_reference::Model>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        Ok(external_reference::Entity::find()
            .filter(external_reference::Column::EntityKind.eq(ReferencedKind::ConfigurationItem))
            .filter(external_reference::Column::Key.is_in(keys.iter().map(|key| key.key.as_str())))
            .filter(self.viewer()?.sees_references())
            .all(self.read())
            .await?)
    }

    /// The one item that a key names, the viewer's own organization's first.
    fn item_called(
        &self,
        key: &ExternalKey,
        references: &[external_reference::Model],
        items: &HashMap<ItemId, ItemRow>,
        index: usize,
    ) -> Result<Option<ItemId>, Error> {
        let fits = |row: &&external_reference::Model| {
            row.system == key.system
                && row.key == key.key
                && key.r#type.as_ref().is_none_or(|class| *class == row.class)
                && items.contains_key(&ItemId(row.entity_id))
        };
        let own = self.viewer()?.organization;
        let mut fitting: Vec<_> = references.iter().filter(fits).collect();
        if fitting.iter().any(|row| Some(row.organization_id) == own) {
            fitting.retain(|row| Some(row.organization_id) == own);
        }
        let mut ids: Vec<ItemId> = fitting.into_iter().map(|row| ItemId(row.entity_id)).collect();
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

    /// What the failure of these items can reach, as far as it leads to something that runs on items. One statement,
    /// which walks in the database: up to all that is reached, then down again from what has links. Each item is come to
    /// once, so that circles end.
    pub(super) async fn impact_graph(&self, failed: Vec<ItemId>) -> Result<ImpactGraph, Error> {
        use configuration_item::Column as Item;
        use item_dependency::Column as Dependency;
        use item_link::Column as Link;
        let mut found = ImpactGraph { graph: Graph::default(), links: HashMap::new() };
        if failed.is_empty() {
            return Ok(found);
        }
        let (reach, leads, id) = (Alias::new("reach"), Alias::new("leads"), Alias::new("id"));
        let [item, dependency] = [Dependency::ItemId, Dependency::DependencyId].map(|it| (item_dependency::Entity, it));
        let link = |column| (item_link::Entity, column);
        let of = |table: &Alias| Expr::col((table.clone(), id.clone()));
        // Cross joins, which SQLite takes as they stand: it knows nothing of how few items a walk comes to, and would
        // rather begin with all there are. For the same reason an index on dependencies is kept out of the way down.
        let start = Query::select()
            .column((configuration_item::Entity, Item::Id))
            .from(configuration_item::Entity)
            .and_where(Item::Id.is_in(failed.iter().copied()))
            .cond_where(self.viewer()?.sees_items()?)
            .union(
                UnionType::Distinct,
                Query::select()
                    .column(item)
                    .from(reach.clone())
                    .cross_join(item_dependency::Entity)
                    .and_where(of(&reach).equals(dependency))
                    .take(),
            )
            .take();
        let reached = Query::select().column(id.clone()).from(reach.clone()).take();
        let linked = Query::select()
            .column(link(Link::ItemId))
            .from(reach.clone())
            .cross_join(item_link::Entity)
            .and_where(of(&reach).equals(link(Link::ItemId)))
            .union(
                UnionType::Distinct,
                Query::select()
                    .column(dependency)
                    .from(leads.clone())
                    .cross_join(item_dependency::Entity)
                    .and_where(of(&leads).equals(item))
                    .and_where(unindexed(dependency).in_subquery(reached))
                    .take(),
            )
            .take();
        let links: SelectStatement = Query::select()
            .expr(Expr::val(1))
            .columns([Link::ItemId, Link::ServiceId, Link::EntityId, Link::Position, Link::Position].map(link))
            .from(leads.clone())
            .cross_join(item_link::Entity)
            .and_where(of(&leads).equals(link(Link::ItemId)))
            .take();
        let table = |query, name: &Alias| {
            CommonTableExpression::new().query(query).column(id.clone()).table_name(name.clone()).to_owned()
        };
        let walk = WithClause::new().recursive(true).cte(table(start, &reach)).cte(table(linked, &leads)).to_owned();
        let leading = Query::select().column(id.clone()).from(leads.clone()).take();
        // What is not reached comes along among the dependencies, and works.
        let query = Query::select()
            .expr(Expr::val(0))
            .columns([item, dependency, item])
            .columns([Item::Dependencies, Item::DependenciesNeeded].map(|it| (configuration_item::Entity, it)))
            .from(item_dependency::Entity)
            .cross_join(configuration_item::Entity)
            .and_where(is_one_of_few(self.read().get_database_backend(), item, leading))
            .and_where(Expr::col(dependency).is_not_null())
            .and_where(Expr::col(item).equals((configuration_item::Entity, Item::Id)))
            .union(UnionType::All, links)
            .with_cte(walk)
            .take();
        for id in &failed {
            found.graph.item(*id, None, 0);
        }
        for row in self.read().query_all(&query).await? {
            let kind: i32 = row.try_get_by_index(0)?;
            let item: ItemId = row.try_get_by_index(1)?;
            if kind == 0 {
                found.graph.item(item, row.try_get_by_index(5)?, row.try_get_by_index(4)?);
                found.graph.depends(item, row.try_get_by_index(2)?);
            } else {
                let links = found.links.entry(row.try_get_by_index(2)?).or_default();
                links.push((row.try_get_by_index(3)?, row.try_get_by_index(4)?, item));
            }
        }
        Ok(found)
    }

    /// What the failure of items that the viewer sees means, all at once.
    pub async fn impact_of(&self, failed: &[ItemRow]) -> Result<ImpactFound, Error> {
        let ids: Vec<ItemId> = failed.iter().map(|item| item.row.id).collect();
        let graph = self.impact_graph(ids.clone()).await?;
        self.impact_on(&graph, &ids).await
    }

    async fn impact_on(&self, found: &ImpactGraph, failed: &[ItemId]) -> Result<ImpactFound, Error> {
        let services = match found.links.is_empty() {
            true => HashMap::new(),
            // Who reads items but no services learns of none.
            false => self
                .services_by_ids(found.links.keys().copied().collect())
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
        Ok(ImpactFound { session: self.clone(), services: hits, items: OnceCell::new() })
    }
}

impl ItemRow {
    /// What the failure of this item alone would mean.
    pub async fn impact(&self) -> Result<ImpactFound, Error> {
        let graph = self.graph().await?;
        self.session().impact_on(graph, &[self.row.id]).await
    }
}

impl ImpactFound {
    /// The items of a path: those of all paths are read at once.
    pub async fn items(&self, path: &[ItemId]) -> Result<Vec<ItemRow>, Error> {
        let read = async || {
            let hits = self.services.iter().map(|(_, hit)| hit);
            let paths = hits.flat_map(|hit| hit.outcomes.iter().map(|it| &it.2).chain([&hit.path])).flatten();
            let ids: HashSet<ItemId> = paths.copied().collect();
            let items = self.session.items_by_ids(ids.into_iter().collect()).await?;
            Ok::<_, Error>(items.into_iter().map(|item| (item.row.id, item)).collect())
        };
        let all: &HashMap<ItemId, ItemRow> = self.items.get_or_try_init(read).await?;
        Ok(path.iter().filter_map(|id| all.get(id).cloned()).collect())
    }
}
