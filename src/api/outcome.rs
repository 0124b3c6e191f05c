//! Outcomes: the results that the customer wants.

use async_graphql::Context;
use entente_entity::{
    enums::ElementKind,
    scalar::{Duration, Locale},
    text::Str,
};

use crate::{
    api::{
        element::element,
        external_reference::{self, ExternalReference, Referenced},
        indicator::{self, Indicator},
        journey_stage::JourneyStage,
        perception::{self, Perception},
        shared::reader::read,
    },
    store::Error,
};

element! {
    /// A result that the customer wants to achieve, in the customer's words.
    Outcome = outcomes: Outcome, Outcome {
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
        async fn indicators(&self) -> Vec<Indicator> {
            indicator::all(&self.source, (ElementKind::Outcome, self.index), self.terms().indicators.len())
        }

        /// What was said of it in feedback, over the time until now: an exact ISO 8601 duration.
        async fn perception(
            &self,
            #[graphql(default_with = "perception::window()")] window: Duration,
        ) -> Result<Perception, Error> {
            perception::of(&self.source.service.0, Some(self.terms().id), window).await
        }

        /// Other systems' keys for this outcome, as far as the viewer may see them.
        pub(in crate::api) async fn external_references(&self) -> Result<Vec<ExternalReference>, Error> {
            let service = &self.source.service;
            let rows = service.0.element_references(self.terms().id).await?;
            Ok(external_reference::all(rows, &Referenced::Outcome(self.clone())))
        }
    }
}
