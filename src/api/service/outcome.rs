//! Outcomes: the results that the customer wants.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entente_entity::{
    enums::ElementKind,
    scalar::{Duration, Locale},
    text::Str,
};

use crate::{
    api::{
        item::{self, ConfigurationItemConnection},
        reference::{self, ExternalReference, Referenced},
        service::{
            Service,
            element::Source,
            indicator::{self, Indicator},
            journey_stage::JourneyStage,
        },
        shared::{
            error::{Nullable, nullable},
            list::List,
            price,
            reader::read,
        },
        thread::perception::{self, Perception},
    },
    definition::terms,
    store::{Error, page::Window},
};

/// A result that the customer wants to achieve, in the customer's words.
#[derive(Clone)]
pub struct Outcome {
    pub(in crate::api) source: Arc<Source>,
    pub(in crate::api) index: usize,
}

impl Outcome {
    pub(in crate::api) fn terms(&self) -> &terms::Outcome {
        &self.source.terms().outcomes[self.index]
    }
}

/// A result that the customer wants to achieve, in the customer's words.
#[Object]
impl Outcome {
    /// The global id. A published element keeps its id through all revisions. An element read through a `Definition`
    /// has an id of that revision.
    pub(in crate::api) async fn id(&self) -> ID {
        let terms = self.terms();
        self.source.id(ElementKind::Outcome, terms.id, terms.key.as_str())
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

    /// The result, in the words of the customer.
    async fn statement(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.terms().statement, locale)
    }

    /// True if the service supports the outcome, false if it hinders it (ITIL: affected outcome).
    async fn supported(&self) -> bool {
        self.terms().supported
    }

    /// The stage of the journey to which the outcome belongs. Null if it belongs to no stage.
    async fn stage(&self) -> Option<JourneyStage> {
        let key = self.terms().stage.as_ref()?;
        let index = self.source.terms().journey.iter().position(|stage| stage.key == *key)?;
        Some(JourneyStage { source: self.source.clone(), index })
    }

    /// The position among the outcomes of the service; the first is 1.
    async fn position(&self) -> i32 {
        self.index as i32 + 1
    }

    /// The indicators that measure whether the outcome is achieved.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    async fn indicators(&self) -> List<Indicator> {
        indicator::all(&self.source, (ElementKind::Outcome, self.index), self.terms().indicators.len())
    }

    /// The ratings of this outcome in feedback, within the time `window` until now. `window` is an exact ISO 8601
    /// duration (weeks to seconds) of ten years at most; otherwise BAD_REQUEST.
    #[graphql(complexity = "child_complexity + price::PERCEPTION")]
    async fn perception(
        &self,
        #[graphql(default_with = "perception::window()")] window: Duration,
    ) -> Result<Perception, Error> {
        perception::of(&self.source.service.0, Some(self.terms().id), window).await
    }

    /// The configuration items that this outcome depends on, in addition to those of the whole service; in the order of
    /// the document. Only for the provider: a consumer, and a token without the scope `cmdb:read`, gets null and a
    /// FORBIDDEN error.
    #[graphql(complexity = "price::page(first, last, child_complexity)")]
    async fn configuration_items(
        &self,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Nullable<ConfigurationItemConnection> {
        let window = Window::new(first, after, last, before);
        nullable(item::linked(&self.source.service.0, self.terms().id.0, window).await)
    }

    /// The keys of the outcome in other systems that the viewer may see.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    pub(in crate::api) async fn external_references(&self) -> Result<List<ExternalReference>, Error> {
        let service = &self.source.service;
        let rows = service.0.element_references(self.terms().id).await?;
        Ok(reference::all(&rows, &Referenced::Outcome(self.clone())))
    }
}
