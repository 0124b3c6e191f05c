//! Offerings: the variants in which a service is offered. Each consumer can choose one.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entente_entity::{enums::ElementKind, scalar::Locale, text::Str};

use crate::{
    api::{
        reference::{self, ExternalReference, Referenced},
        service::{
            Service,
            consumer::ServiceConsumer,
            element::Source,
            escalation_policy::EscalationPolicy,
            indicator::{self, Indicator},
        },
        shared::{
            error::Nullable,
            list::List,
            price,
            reader::{read, read_option},
        },
    },
    definition::terms,
    store::Error,
};

/// A variant in which the service is offered. Each consumer can choose one.
#[derive(Clone)]
pub struct ServiceOffering {
    pub(in crate::api) source: Arc<Source>,
    pub(in crate::api) index: usize,
}

impl ServiceOffering {
    pub(in crate::api) fn terms(&self) -> &terms::Offering {
        &self.source.terms().offerings[self.index]
    }
}

/// A variant in which the service is offered. Each consumer can choose one.
#[Object]
impl ServiceOffering {
    /// The global id. A published element keeps its id through all revisions. An element read through a `Definition`
    /// has an id of that revision.
    pub(in crate::api) async fn id(&self) -> ID {
        let terms = self.terms();
        self.source.id(ElementKind::Offering, terms.id, terms.key.as_str())
    }

    /// The key of the element. It is unique within the service, for all kinds of element, and stays the same in all
    /// revisions.
    pub(in crate::api) async fn key(&self) -> Str {
        self.terms().key.clone()
    }

    /// The service that the element belongs to.
    pub(in crate::api) async fn service(&self) -> Service {
        self.source.service.clone()
    }

    /// The display name.
    async fn name(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.terms().name, locale)
    }

    /// What the offering includes. Null if not given.
    async fn description(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Nullable<Str> {
        read_option(ctx, self.terms().description.as_ref(), locale)
    }

    /// Warranty: the service level targets of this offering.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    async fn indicators(&self) -> List<Indicator> {
        indicator::all(&self.source, (ElementKind::Offering, self.index), self.terms().indicators.len())
    }

    /// The escalation policy of this offering. Null if the policy of the service applies.
    async fn escalation_policy(&self) -> Option<EscalationPolicy> {
        self.terms().escalation.clone().map(EscalationPolicy::from)
    }

    /// The consumers of this offering. A consumer sees only itself.
    #[graphql(complexity = "price::each(price::CONSUMERS, child_complexity)")]
    async fn consumers(&self) -> Result<List<ServiceConsumer>, Error> {
        let key = self.terms().key.as_str();
        let service = &self.source.service;
        let rows = service.0.consumers().await?;
        let rows = rows.iter().filter(|row| row.offering.as_deref() == Some(key));
        Ok(rows.map(|row| ServiceConsumer { service: service.clone(), row: row.clone() }).collect())
    }

    /// The keys of the offering in other systems that the viewer may see.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    pub(in crate::api) async fn external_references(&self) -> Result<List<ExternalReference>, Error> {
        let rows = self.source.service.0.element_references(self.terms().id).await?;
        Ok(reference::all(&rows, &Referenced::ServiceOffering(self.clone())))
    }
}
