//! The part of the graph of dependencies that a failure of configuration items can reach. One recursive statement reads
//! it. It is cached with the version of the graph, and is valid until the version changes.

use std::{collections::HashMap, mem::size_of, sync::Arc, time::Duration};

use entente_entity::{
    id::{ItemId, OrganizationId, ServiceId},
    item_graph,
};
use moka::{policy::EvictionPolicy, sync::Cache};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseBackend, Statement};
use uuid::Uuid;

use super::{ItemWrites, Items};
use crate::{
    item::impact::Graph,
    store::{db::error::Error, write::writer::AtEnd},
};

/// The items that the failure of some items can reach, and the services that use them.
pub(in crate::store) struct ImpactGraph {
    /// The items and their dependencies.
    pub(in crate::store) graph: Graph,
    /// By service: the service itself or one of its outcomes, the place of the link, and the item that it runs on.
    pub(in crate::store) links: HashMap<ServiceId, Vec<(Uuid, i32, ItemId)>>,
}

/// Maximum size of the cache, in bytes.
const KEPT: u64 = 16 * 1024 * 1024;
/// Maximum age of an entry: other tools that write to the tables may not change the version.
const LIFETIME: Duration = Duration::from_secs(60);

/// The cache, by the version of the graph and the sorted ids of the failed items.
pub(in crate::store) type ImpactGraphs = Cache<(Uuid, Vec<ItemId>), Arc<ImpactGraph>>;

/// An empty cache.
pub(in crate::store) fn kept() -> ImpactGraphs {
    let weigh = |(_, failed): &(Uuid, Vec<ItemId>), found: &Arc<ImpactGraph>| {
        let links: usize = found.links.values().map(|links| 64 + links.len() * size_of::<(Uuid, i32, ItemId)>()).sum();
        u32::try_from(found.graph.size() + links + failed.len() * size_of::<ItemId>() + 256).unwrap_or(u32::MAX)
    };
    let lru = EvictionPolicy::lru();
    Cache::builder().max_capacity(KEPT).weigher(weigh).eviction_policy(lru).time_to_live(LIFETIME).build()
}

// Both statements work in the same way: first up to all reached items, then down again from the items with links to
// reached items. UNION visits each item once, so that cycles end. Items that are not reached only appear as
// dependencies; they work. The statements differ in how they avoid reading whole tables, because neither database can
// estimate how few rows a walk needs.

/// SQLite keeps the order of cross joins. Unreached items become null. A WHERE condition or a final join would make
/// SQLite scan all dependencies.
const ON_SQLITE: &str = "
    WITH RECURSIVE reach (id) AS (
        SELECT unhex(value) FROM json_each(?1)
        UNION
        SELECT up.item_id FROM reach CROSS JOIN item_dependency up WHERE up.dependency_id = reach.id
    ), leads (id) AS (
        SELECT link.item_id FROM reach CROSS JOIN item_link link WHERE link.item_id = reach.id
        UNION
        SELECT CASE WHEN down.dependency_id IN (SELECT id FROM reach) THEN down.dependency_id END
        FROM leads CROSS JOIN item_dependency down WHERE down.item_id = leads.id
    )
    SELECT 0, down.item_id, down.dependency_id, NULL, item.dependencies, item.dependencies_needed
    FROM item_dependency down CROSS JOIN configuration_item item
    WHERE down.item_id IN (SELECT id FROM leads) AND down.dependency_id IS NOT NULL AND item.id = down.item_id
    UNION ALL
    SELECT 1, link.item_id, link.service_id, link.entity_id, link.position, NULL
    FROM leads CROSS JOIN item_link link WHERE link.item_id = leads.id";

/// PostgreSQL does not rewrite a lateral query with an offset, and estimates ten rows for an array.
const ON_POSTGRES: &str = "
    WITH RECURSIVE reach (id) AS (
        SELECT id FROM configuration_item
        WHERE id = ANY (ARRAY(SELECT value::uuid FROM json_array_elements_text($1::json)))
        UNION
        SELECT up.item_id FROM reach CROSS JOIN LATERAL (
            SELECT item_id FROM item_dependency WHERE dependency_id = reach.id OFFSET 0) up
    ), leads (id) AS (
        SELECT unnest(ARRAY(SELECT link.item_id FROM reach CROSS JOIN LATERAL (
            SELECT item_id FROM item_link WHERE item_id = reach.id OFFSET 0) link))
        UNION
        SELECT down.dependency_id FROM leads CROSS JOIN LATERAL (
            SELECT dependency_id FROM item_dependency WHERE item_id = leads.id OFFSET 0) down
        JOIN reach ON reach.id = down.dependency_id
    )
    SELECT 0, down.* FROM leads CROSS JOIN LATERAL (
        SELECT down.item_id, down.dependency_id, NULL::uuid, item.dependencies, item.dependencies_needed
        FROM item_dependency down JOIN configuration_item item ON item.id = down.item_id
        WHERE down.item_id = leads.id AND down.dependency_id IS NOT NULL OFFSET 0) down
    UNION ALL
    SELECT 1, link.* FROM leads CROSS JOIN LATERAL (
        SELECT item_id, service_id, entity_id, position, NULL::integer
        FROM item_link WHERE item_id = leads.id OFFSET 0) link";

impl Items<'_> {
    /// As [`Items::graph`], with the cache. `version` is the version of their graph when the items were read.
    pub(in crate::store) async fn graph_at(self, version: Uuid, failed: &[ItemId]) -> Result<Arc<ImpactGraph>, Error> {
        let mut sorted = failed.to_vec();
        sorted.sort_unstable();
        let key = (version, sorted);
        if let Some(known) = self.store().impact_graphs.get(&key) {
            return Ok(known);
        }
        // A concurrent change of the graph has another version, which does not find this entry.
        let found = Arc::new(self.graph(failed).await?);
        self.store().impact_graphs.insert(key, found.clone());
        Ok(found)
    }

    /// The graph for a failure of these items, which the viewer must see. It only contains items that lead to a
    /// service. Items only depend on items of the same organization, and a viewer sees all items of an organization or
    /// none.
    pub(in crate::store) async fn graph(self, failed: &[ItemId]) -> Result<ImpactGraph, Error> {
        let mut found = ImpactGraph { graph: Graph::default(), links: HashMap::new() };
        for id in failed {
            found.graph.item(*id, None, 0);
        }
        if failed.is_empty() {
            return Ok(found);
        }
        let backend = self.read().backend();
        let walk = if backend == DatabaseBackend::Postgres { ON_POSTGRES } else { ON_SQLITE };
        let failed = serde_json::Value::from_iter(failed.iter().map(|id| id.0.simple().to_string())).to_string();
        for row in self.read().query_all_raw(Statement::from_sql_and_values(backend, walk, [failed.into()])).await? {
            let (kind, item): (i32, ItemId) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
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
}

impl ItemWrites<'_> {
    /// Marks the graph of this organization as changed: its dependencies or its links to services.
    pub(in crate::store) fn changes_graph_of(self, organization: OrganizationId) {
        self.at_end(AtEnd::Last, [organization.0], |writer, organizations| {
            Box::pin(async move {
                let version = |id| item_graph::ActiveModel {
                    organization_id: Set(OrganizationId(id)),
                    version: Set(Uuid::now_v7()),
                };
                let versions = organizations.into_iter().map(version).collect();
                writer.upsert(versions, item_graph::Column::OrganizationId, &[item_graph::Column::Version]).await
            })
        });
    }
}
