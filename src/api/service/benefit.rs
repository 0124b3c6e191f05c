//! The value of a service: the promised benefits, and the realization that was measured.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entente_entity::{
    enums::ElementKind,
    scalar::{Duration, Locale},
    text::Str,
};

use crate::{
    api::{
        measurement::{self, Realization},
        service::{
            Service,
            element::{Source, all},
            indicator::{self, Indicator},
        },
        shared::{list::List, price, reader::read},
        thread::perception::{self, Perception},
    },
    definition::terms,
    store::Error,
};

/// The value of a service for its customers: promised benefits, realized value and perceived value.
pub struct Value(pub(in crate::api) Arc<Source>);

/// The value of a service for its customers: promised benefits, realized value and perceived value.
#[Object]
impl Value {
    /// The benefits that the service promises.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn benefits(&self) -> List<Benefit> {
        all!(&self.0, benefits => Benefit)
    }

    /// The realized value: how many indicators of the service (of its outcomes, benefits and offerings) have each
    /// attainment status. Every indicator counts once.
    #[graphql(complexity = "child_complexity + price::REALIZATION")]
    async fn realization(&self) -> Result<Realization, Error> {
        measurement::realization(&self.0).await
    }

    /// The ratings of the service and all its elements in feedback, within the time `window` until now. `window` is an
    /// exact ISO 8601 duration (weeks to seconds) of ten years at most; otherwise BAD_REQUEST.
    #[graphql(complexity = "child_complexity + price::PERCEPTION")]
    async fn perception(
        &self,
        #[graphql(default_with = "perception::window()")] window: Duration,
    ) -> Result<Perception, Error> {
        perception::of(&self.0.service.0, None, window).await
    }
}

/// A benefit that the service promises to a stakeholder.
#[derive(Clone)]
pub struct Benefit {
    pub(in crate::api) source: Arc<Source>,
    pub(in crate::api) index: usize,
}

impl Benefit {
    pub(in crate::api) fn terms(&self) -> &terms::Benefit {
        &self.source.terms().benefits[self.index]
    }
}

/// A benefit that the service promises to a stakeholder.
#[Object]
impl Benefit {
    /// The global id. A published element keeps its id through all revisions. An element read through a `Definition`
    /// has an id of that revision.
    pub(in crate::api) async fn id(&self) -> ID {
        let terms = self.terms();
        self.source.id(ElementKind::Benefit, terms.id, terms.key.as_str())
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

    /// The benefit, in the words of the stakeholder.
    async fn statement(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.terms().statement, locale)
    }

    /// Who has the benefit, for example patients or nurses.
    async fn stakeholder(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.terms().stakeholder, locale)
    }

    /// The indicators that measure whether the benefit is realized.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    async fn indicators(&self) -> List<Indicator> {
        indicator::all(&self.source, (ElementKind::Benefit, self.index), self.terms().indicators.len())
    }

    /// The ratings of this benefit in feedback, within the time `window` until now. `window` is an exact ISO 8601
    /// duration (weeks to seconds) of ten years at most; otherwise BAD_REQUEST.
    #[graphql(complexity = "child_complexity + price::PERCEPTION")]
    async fn perception(
        &self,
        #[graphql(default_with = "perception::window()")] window: Duration,
    ) -> Result<Perception, Error> {
        perception::of(&self.source.service.0, Some(self.terms().id), window).await
    }
}
