//! Which configuration items the texts of services name. The names of the items of an organization are kept in memory, by the version
//! that changes when an item is created, renamed or removed.

use std::{collections::HashMap, sync::Arc, time::Duration};

use entente_entity::{
    configuration_item,
    id::{DefinitionId, ElementId, OrganizationId},
    organization,
};
use moka::{policy::EvictionPolicy, sync::Cache};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{ItemWrites, Items, ReadItems};
use crate::{
    alignment::{Named, Names, texts},
    store::{
        db::error::Error,
        read::{
            batch::{Found, Relation},
            session::Session,
        },
        service::related::ServiceRow,
    },
};

/// Maximum size of the cache of names, in bytes.
const NAMES_KEPT: u64 = 64 * 1024 * 1024;
/// Maximum size of the cache of the names in definitions, in bytes.
const NAMED_KEPT: u64 = 8 * 1024 * 1024;
/// Maximum age of an entry: other tools that write to the tables, and the previous release of Entente, do not change the version.
const LIFETIME: Duration = Duration::from_mins(10);

/// An organization, and the version of the names of its items.
type Version = (OrganizationId, Uuid);

/// What is kept in memory.
#[derive(Clone)]
pub(in crate::store) struct Kept {
    names: Cache<Version, Arc<Names>>,
    named: Cache<(Version, DefinitionId), Arc<Named>>,
}

impl Default for Kept {
    fn default() -> Self {
        let of_names = |_: &Version, names: &Arc<Names>| u32::try_from(names.size()).unwrap_or(u32::MAX);
        let of_named = |_: &(Version, DefinitionId), named: &Arc<Named>| {
            let size =
                |names: &Vec<String>| size_of::<ElementId>() + names.iter().map(|name| name.len() + 48).sum::<usize>();
            u32::try_from(named.values().map(size).sum::<usize>() + 128).unwrap_or(u32::MAX)
        };
        let lru = EvictionPolicy::lru;
        Self {
            names: Cache::builder()
                .max_capacity(NAMES_KEPT)
                .weigher(of_names)
                .eviction_policy(lru())
                .time_to_live(LIFETIME)
                .build(),
            named: Cache::builder()
                .max_capacity(NAMED_KEPT)
                .weigher(of_named)
                .eviction_policy(lru())
                .time_to_live(LIFETIME)
                .build(),
        }
    }
}

impl Items<'_> {
    /// The configuration items of the provider that the published texts of a service name. `None` if the viewer sees no items of the
    /// provider.
    pub(in crate::store) async fn named_in(self, service: &ServiceRow) -> Result<Option<Arc<Named>>, Error> {
        let provider = service.row.provider_id;
        if self.viewer()?.sees_items_of(provider).is_err() {
            return Ok(None);
        }
        let version = (provider, service.provider().await?.items_version.unwrap_or_default());
        // Also if they are in memory, so that all services of a list continue in the same round.
        let names = self.load(NamesOf, version).await?.unwrap_or_default();
        let key = (version, service.definition.id);
        let kept = &self.store().item_names.named;
        let named = kept.get_with(key, || Arc::new(names.named_in(&texts(&service.definition.terms))));
        Ok(Some(named))
    }

    /// The names of the items of these organizations that the viewer sees.
    async fn names(self, of: &[OrganizationId]) -> Result<HashMap<OrganizationId, Vec<String>>, Error> {
        use configuration_item::Column::{Name, OrganizationId as Owner};
        let rows: Vec<(OrganizationId, String)> = configuration_item::Entity::find()
            .select_only()
            .columns([Owner, Name])
            .filter(Owner.is_in(of.iter().copied()))
            .filter(self.viewer()?.sees_items()?)
            .into_tuple()
            .all(self.read())
            .await?;
        let mut names: HashMap<OrganizationId, Vec<String>> = HashMap::new();
        rows.into_iter().for_each(|(organization, name)| names.entry(organization).or_default().push(name));
        Ok(names)
    }
}

/// The names of the items of organizations, whose items the viewer sees. Those in memory are not read.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct NamesOf;

impl Relation for NamesOf {
    type Key = Version;
    type Value = Arc<Names>;

    async fn read(&self, session: &Session, versions: Vec<Version>) -> Found<Self> {
        let kept = &session.store().item_names.names;
        let mut found = HashMap::with_capacity(versions.len());
        let mut missing = Vec::new();
        for version in versions {
            match kept.get(&version) {
                Some(names) => drop(found.insert(version, names)),
                None => missing.push(version),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let of: Vec<OrganizationId> = missing.iter().map(|(organization, _)| *organization).collect();
        let mut read = session.items().names(&of).await?;
        for version in missing {
            // The version was read before the names: if the names change in between, the next version does not find this entry.
            let names = Arc::new(Names::new(read.remove(&version.0).unwrap_or_default()));
            kept.insert(version, names.clone());
            found.insert(version, names);
        }
        Ok(found)
    }
}

impl ItemWrites<'_> {
    /// Marks the names of the items of an organization as changed.
    pub(super) async fn changes_names_of(self, organization: OrganizationId) -> Result<(), Error> {
        organization::Entity::update_many()
            .col_expr(organization::Column::ItemsVersion, Expr::val(Uuid::now_v7()))
            .filter(organization::Column::Id.into_expr().eq(Expr::val(organization)))
            .exec(&self.transaction)
            .await?;
        Ok(())
    }
}
