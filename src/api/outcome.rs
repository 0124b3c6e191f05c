//! Outcomes: the results that the customer wants.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entente_entity::{
    enums::ElementKind,
    scalar::{Duration, Locale},
    text::Str,
};

use crate::api::shared::{
    in_place::{AtHand, Elements, Selected},
    list::List,
};
use crate::{
    api::{
        configuration_item::{self, ConfigurationItemConnection},
        element::Source,
        external_reference::{self, ExternalReference, Referenced},
        indicator::{self, Indicator},
        journey_stage::JourneyStage,
        perception::{self, Perception},
        service::Service,
        shared::{
            error::{Nullable, nullable},
            reader::read,
        },
    },
    definition::terms,
    store::{Error, page::Window},
};

/// A result that the customer wants to achieve, in the customer's words.
#[derive(Clone)]
pub struct Outcome {
    pub(super) source: Arc<Source>,
    pub(super) index: usize,
}

impl Outcome {
    pub(super) fn terms(&self) -> &terms::Outcome {
        &self.source.terms().outcomes[self.index]
    }
}

/// A result that the customer wants to achieve, in the customer's words.
#[Object]
impl Outcome {
    /// Global: of the published element, or of the element as a frozen revision has it.
    pub(super) async fn id(&self) -> ID {
        let terms = self.terms();
        self.source.id(ElementKind::Outcome, terms.id, terms.key.as_str())
    }

    /// Unique within the service over all kinds, and stable over revisions.
    pub(super) async fn key(&self) -> Str {
        self.terms().key.clone()
    }

    /// The service whose definition has the element.
    pub(super) async fn service(&self) -> Service {
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
    #[graphql(complexity = "super::each(super::FEW, child_complexity)")]
    async fn indicators(&self) -> Elements<Indicator> {
        indicator::all(&self.source, (ElementKind::Outcome, self.index), self.terms().indicators.len())
    }

    /// What was said of it in feedback, over the time until now: an exact ISO 8601 duration.
    #[graphql(complexity = "child_complexity + super::PERCEPTION")]
    async fn perception(
        &self,
        #[graphql(default_with = "perception::window()")] window: Duration,
    ) -> Result<Perception, Error> {
        perception::of(&self.source.service.0, Some(self.terms().id), window).await
    }

    /// What this outcome in particular depends on, in the order of the document: the provider's view. A consumer gets
    /// null and a FORBIDDEN error, as does a token without the scope `cmdb:read`.
    #[graphql(complexity = "super::price(first, last, child_complexity)")]
    async fn configuration_items(
        &self,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Nullable<ConfigurationItemConnection> {
        let window = Window::new(first, after, last, before);
        nullable(configuration_item::linked(&self.source.service.0, self.terms().id.0, window).await)
    }

    /// Other systems' keys for this outcome, as far as the viewer may see them.
    #[graphql(complexity = "super::each(super::FEW, child_complexity)")]
    pub(super) async fn external_references(&self) -> Result<List<ExternalReference>, Error> {
        let service = &self.source.service;
        let rows = service.0.element_references(self.terms().id).await?;
        Ok(external_reference::all(&rows, &Referenced::Outcome(self.clone())))
    }
}

impl AtHand for Outcome {
    fn at_hand(field: Selected<'_>) -> bool {
        match field.name {
            "id" | "key" | "statement" | "supported" | "position" => true,
            "stage" => field.of::<JourneyStage>(),
            "indicators" => field.of::<Indicator>(),
            _ => false,
        }
    }
}
