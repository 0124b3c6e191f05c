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
    /// Global: of the published element, or of the element as a frozen revision has it.
    pub(in crate::api) async fn id(&self) -> ID {
        let terms = self.terms();
        self.source.id(ElementKind::Outcome, terms.id, terms.key.as_str())
    }

    /// Unique within the service over all kinds, and stable over revisions.
    pub(in crate::api) async fn key(&self) -> Str {
        self.terms().key.clone()
    }

    /// The service whose definition has the element.
    pub(in crate::api) async fn service(&self) -> Service {
        self.source.service.clone()
    }

    /// The result, in the customer's words.
    async fn statement(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.terms().statement, locale)
    }

    /// False where the service stands in this outcome's way (ITIL: affected).
    async fn supported(&self) -> bool {
        self.terms().supported
    }

    /// The stage of the journey in which it is lived; null where it belongs to none in particular.
    async fn stage(&self) -> Option<JourneyStage> {
        let key = self.terms().stage.as_ref()?;
        let index = self.source.terms().journey.iter().position(|stage| stage.key == *key)?;
        Some(JourneyStage { source: self.source.clone(), index })
    }

    /// Its place among the outcomes, from 1.
    async fn position(&self) -> i32 {
        self.index as i32 + 1
    }

    /// What tells whether it is achieved.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    async fn indicators(&self) -> List<Indicator> {
        indicator::all(&self.source, (ElementKind::Outcome, self.index), self.terms().indicators.len())
    }

    /// What was said of it in feedback, over the time until now: an exact ISO 8601 duration.
    #[graphql(complexity = "child_complexity + price::PERCEPTION")]
    async fn perception(
        &self,
        #[graphql(default_with = "perception::window()")] window: Duration,
    ) -> Result<Perception, Error> {
        perception::of(&self.source.service.0, Some(self.terms().id), window).await
    }

    /// What this outcome in particular depends on, in the order of the document: the provider's view. A consumer gets
    /// null and a FORBIDDEN error, as does a token without the scope `cmdb:read`.
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

    /// Other systems' keys for this outcome, as far as the viewer may see them.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    pub(in crate::api) async fn external_references(&self) -> Result<List<ExternalReference>, Error> {
        let service = &self.source.service;
        let rows = service.0.element_references(self.terms().id).await?;
        Ok(reference::all(&rows, &Referenced::Outcome(self.clone())))
    }
}
