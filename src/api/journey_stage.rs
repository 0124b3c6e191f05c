//! Stages of the customer's journey.

use async_graphql::Context;
use entente_entity::{scalar::Locale, text::Str};

use crate::api::shared::in_place::{AtHand, Elements, Selected};
use crate::{
    api::{element::element, outcome::Outcome, shared::reader::read},
    store::Error,
};

element! {
    /// A stage of the journey that the customer goes through with the service.
    JourneyStage = journey: Stage, JourneyStage {
        /// What people call the stage.
        async fn name(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
            read(ctx, &self.terms().name, locale)
        }

        /// Its place in the journey, from 1.
        async fn position(&self) -> i32 {
            self.index as i32 + 1
        }

        /// The outcomes that are lived in this stage, in order.
        async fn outcomes(&self) -> Elements<Outcome> {
            let key = Some(&self.terms().key);
            let outcomes = self.source.terms().outcomes.iter().enumerate();
            outcomes
                .filter(|(_, outcome)| outcome.stage.as_ref() == key)
                .map(|(index, _)| Outcome { source: self.source.clone(), index })
                .collect()
        }
    }
}

impl AtHand for JourneyStage {
    fn at_hand(field: Selected<'_>) -> bool {
        match field.name {
            "id" | "key" | "name" | "position" => true,
            "outcomes" => field.of::<Outcome>(),
            _ => false,
        }
    }
}
