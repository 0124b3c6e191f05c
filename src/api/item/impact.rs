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

/// What the failure of items means.
pub struct Impact {
    pub(in crate::api) items: Vec<ItemRow>,
    pub(in crate::api) not_found: Vec<i32>,
    pub(in crate::api) found: Arc<ImpactFound>,
}

/// Which outcomes, of which services, for which customers, depend on these items, directly or through others.
///
/// An item fails when fewer than `dependenciesNeeded` of what it depends on are left. It has lost redundancy when it still
/// works while something that it depends on has failed, or has lost redundancy itself. What is not known counts as
/// working, and `status` is not looked at.
#[Object]
impl Impact {
    /// The items that are taken to have failed, each once, in the order in which they were named.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    async fn configuration_items(&self) -> List<ConfigurationItem> {
        self.items.iter().cloned().map(ConfigurationItem).collect()
    }

    /// Indexes into `of` of the keys that name nothing the viewer may see.
    async fn not_found(&self) -> &[i32] {
        &self.not_found
    }

    /// The services that are hit: the worst first, then by name.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn services(&self) -> List<ImpactedService> {
        (0..self.found.services.len()).map(|index| ImpactedService { found: self.found.clone(), index }).collect()
    }
}

/// A service that is hit.
pub struct ImpactedService {
    found: Arc<ImpactFound>,
    index: usize,
}

/// A service that is hit, how, why, and who must be told.
#[Object]
impl ImpactedService {
    /// The service.
    async fn service(&self) -> Service {
        Service(self.found.services[self.index].0.clone())
    }

    /// What happens to it as a whole.
    async fn effect(&self) -> ImpactEffect {
        self.found.services[self.index].1.effect
    }

    /// Why: a shortest chain of dependency from an item that failed to one that the service, or the outcome that is hit
    /// worst, runs on. Each item of it depends on the one before.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn path(&self) -> Result<List<ConfigurationItem>, Error> {
        path(&self.found, &self.found.services[self.index].1.path).await
    }

    /// The outcomes at stake: every one when an item of the service itself is hit; else those tied to the items that
    /// are.
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

    /// Who consumes the service, oldest first, with their contacts.
    #[graphql(complexity = "price::each(price::CONSUMERS, child_complexity)")]
    async fn consumers(&self) -> Result<List<ServiceConsumer>, Error> {
        let service = Service(self.found.services[self.index].0.clone());
        let rows = service.0.consumers().await?;
        Ok(rows.iter().map(|row| ServiceConsumer { service: service.clone(), row: row.clone() }).collect())
    }

    /// How many escalations of the service that the viewer may see are neither resolved nor closed; 0 for a token that
    /// may not read threads (with neither `read` nor `threads:write`).
    async fn open_escalations(&self) -> Result<i32, Error> {
        let open = self.found.services[self.index].0.open_escalations().await?;
        Ok(i32::try_from(open).unwrap_or(i32::MAX))
    }
}

/// An outcome that is at stake.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ImpactedOutcome {
    /// The outcome.
    outcome: Outcome,
    /// OUTAGE where an item that it, or the whole service, runs on has failed.
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
    /// Why: a shortest chain of dependency from an item that failed to one that the outcome, or the whole service, runs
    /// on. Each item of it depends on the one before.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn path(&self) -> Result<List<ConfigurationItem>, Error> {
        let Why { found, service, place } = &self.why;
        path(found, &found.services[*service].1.outcomes[*place].2).await
    }
}

async fn path(found: &ImpactFound, ids: &[entente_entity::id::ItemId]) -> Result<List<ConfigurationItem>, Error> {
    Ok(found.items(ids).await?.into_iter().map(ConfigurationItem).collect())
}

/// Questions about impact.
#[derive(Default)]
pub struct ImpactQuery;

#[Object]
impl ImpactQuery {
    /// What it means that these items, 200 at most, have failed, all at once: which outcomes, of which services, for
    /// which customers are at stake. Needs the scope `cmdb:read`; null without it.
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
