//! Impact: what the failure of configuration items means to customers.

use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use entente_entity::enums::ImpactEffect;

use crate::{
    api::{
        item::ConfigurationItem,
        service::{Service, consumer::ServiceConsumer, outcome::Outcome},
        shared::{
            error::{Nullable, nullable},
            list::List,
            price,
        },
    },
    definition::document::ConfigurationItemKey,
    store::{Error, ImpactFound, ImpactKeys, ItemRow, ReadItems, Session},
};

/// The impact of a failure of configuration items.
pub struct Impact {
    pub(in crate::api) items: Vec<ItemRow>,
    pub(in crate::api) not_found: Vec<i32>,
    pub(in crate::api) found: Arc<ImpactFound>,
}

/// The impact of a failure of configuration items: which outcomes, of which services, for which customers depend on
/// these items, directly or through other items.
///
/// An item fails if fewer than `dependenciesNeeded` of its dependencies still work. An item has lost redundancy if it
/// still works, but one of its dependencies has failed or has lost redundancy. Unknown dependencies count as working.
/// The field `status` is not used.
#[Object]
impl Impact {
    /// The items that are assumed to have failed, each once, in the order of the argument.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    async fn configuration_items(&self) -> List<ConfigurationItem> {
        self.items.iter().cloned().map(ConfigurationItem).collect()
    }

    /// Indexes into `of` of the keys for which no item exists, or none that the viewer may see.
    async fn not_found(&self) -> &[i32] {
        &self.not_found
    }

    /// The affected services: most severe effect first, then by name.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn services(&self) -> List<ImpactedService> {
        (0..self.found.services.len()).map(|index| ImpactedService { found: self.found.clone(), index }).collect()
    }
}

/// An affected service: how it is affected, why, and whom to inform.
pub struct ImpactedService {
    found: Arc<ImpactFound>,
    index: usize,
}

/// An affected service: how it is affected, why, and whom to inform.
#[Object]
impl ImpactedService {
    /// The affected service.
    async fn service(&self) -> Service {
        Service(self.found.services[self.index].0.clone())
    }

    /// The effect on the service as a whole.
    async fn effect(&self) -> ImpactEffect {
        self.found.services[self.index].1.effect
    }

    /// The reason: a shortest chain of dependencies from a failed item to an item that the service, or its most
    /// affected outcome, depends on. Each item in the chain depends on the item before it.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn path(&self) -> Result<List<ConfigurationItem>, Error> {
        path(&self.found, &self.found.services[self.index].1.path).await
    }

    /// The affected outcomes. If an item of the whole service is affected: all outcomes. Otherwise: the outcomes that
    /// depend on affected items.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn outcomes(&self) -> List<ImpactedOutcome> {
        let (service, hit) = &self.found.services[self.index];
        let source = Service(service.clone()).source();
        let places = hit.outcomes.iter().enumerate().filter_map(|(place, (id, effect, _))| {
            let index = source.terms().outcomes.iter().position(|outcome| outcome.id == *id)?;
            Some(ImpactedOutcome {
                outcome: Outcome { source: source.clone(), index },
                effect: *effect,
                why: Why { found: self.found.clone(), service: self.index, place },
            })
        });
        places.collect()
    }

    /// The consumers of the service, oldest first, with their contacts.
    #[graphql(complexity = "price::each(price::CONSUMERS, child_complexity)")]
    async fn consumers(&self) -> Result<List<ServiceConsumer>, Error> {
        let service = Service(self.found.services[self.index].0.clone());
        let rows = service.0.consumers().await?;
        Ok(rows.iter().map(|row| ServiceConsumer { service: service.clone(), row: row.clone() }).collect())
    }

    /// The number of escalations of the service that are neither resolved nor closed and that the viewer may see. 0 for
    /// a token that may not read threads (neither `read` nor `threads:write`).
    async fn open_escalations(&self) -> Result<i32, Error> {
        let open = self.found.services[self.index].0.open_escalations().await?;
        Ok(i32::try_from(open).unwrap_or(i32::MAX))
    }
}

/// An affected outcome.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ImpactedOutcome {
    /// The affected outcome.
    outcome: Outcome,
    /// The effect on the outcome: OUTAGE if an item has failed that it, or the whole service, depends on; otherwise
    /// REDUNDANCY_LOST.
    effect: ImpactEffect,
    #[graphql(skip)]
    why: Why,
}

struct Why {
    found: Arc<ImpactFound>,
    service: usize,
    place: usize,
}

#[async_graphql::ComplexObject]
impl ImpactedOutcome {
    /// The reason: a shortest chain of dependencies from a failed item to an item that the outcome, or the whole
    /// service, depends on. Each item in the chain depends on the item before it.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn path(&self) -> Result<List<ConfigurationItem>, Error> {
        let Why { found, service, place } = &self.why;
        path(found, &found.services[*service].1.outcomes[*place].2).await
    }
}

async fn path(found: &ImpactFound, ids: &[entente_entity::id::ItemId]) -> Result<List<ConfigurationItem>, Error> {
    Ok(found.items(ids).await?.into_iter().map(ConfigurationItem).collect())
}

/// Queries of impact.
#[derive(Default)]
pub struct ImpactQuery;

#[Object]
impl ImpactQuery {
    /// The impact if all these configuration items failed at the same time: the affected outcomes, services and
    /// customers. `of` has at most 200 items. Needs the scope `cmdb:read`; null and a FORBIDDEN error without it.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity) + price::IMPACT")]
    async fn impact(&self, ctx: &Context<'_>, of: Vec<ConfigurationItemKey>) -> Nullable<Impact> {
        nullable(impact(ctx.data_unchecked(), &of).await.map(Some))
    }
}

async fn impact(session: &Session, of: &[ConfigurationItemKey]) -> Result<Impact, Error> {
    session.viewer()?.sees_items()?;
    let keys = session.items().impact_keys(of).await?;
    let found = session.items().impact_of(&keys).await?;
    let ImpactKeys { items, not_found, .. } = keys;
    Ok(Impact { items, not_found, found: found.into() })
}
