//! The value of a service: the benefits that it promises.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entente_entity::{
    enums::ElementKind,
    scalar::{Duration, Locale},
    text::Str,
};

use crate::{
    api::{
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

/// The value that a service has for those who consume it.
pub struct Value(pub(in crate::api) Arc<Source>);

/// The value of a service: what was promised, and what the customers say.
#[Object]
impl Value {
    /// The benefits promised.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn benefits(&self) -> List<Benefit> {
        all!(&self.0, benefits => Benefit)
    }

    /// What was said of the service, or of any of its elements, in feedback, over the time until now: an exact ISO 8601
    /// duration.
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
    /// Global: of the published element, or of the element as a frozen revision has it.
    pub(in crate::api) async fn id(&self) -> ID {
        let terms = self.terms();
        self.source.id(ElementKind::Benefit, terms.id, terms.key.as_str())
    }

    /// Unique within the service over all kinds, and stable over revisions.
    pub(in crate::api) async fn key(&self) -> Str {
        self.terms().key.clone()
    }

    /// The service whose definition has the element.
    pub(in crate::api) async fn service(&self) -> Service {
        self.source.service.clone()
    }

    /// The benefit, in the stakeholder's words.
    async fn statement(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.terms().statement, locale)
    }

    /// Who benefits.
    async fn stakeholder(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.terms().stakeholder, locale)
    }

    /// What tells whether it comes true.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    async fn indicators(&self) -> List<Indicator> {
        indicator::all(&self.source, (ElementKind::Benefit, self.index), self.terms().indicators.len())
    }

    /// What was said of it in feedback, over the time until now: an exact ISO 8601 duration.
    #[graphql(complexity = "child_complexity + price::PERCEPTION")]
    async fn perception(
        &self,
        #[graphql(default_with = "perception::window()")] window: Duration,
    ) -> Result<Perception, Error> {
        perception::of(&self.source.service.0, Some(self.terms().id), window).await
    }
}
