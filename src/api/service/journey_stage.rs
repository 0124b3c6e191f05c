//! Stages of the customer's journey.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entente_entity::{enums::ElementKind, scalar::Locale, text::Str};

use crate::{
    api::{
        service::{Service, element::Source, outcome::Outcome},
        shared::{list::List, price, reader::read},
    },
    definition::terms,
    store::Error,
};

/// A stage of the journey that the customer goes through with the service.
#[derive(Clone)]
pub struct JourneyStage {
    pub(in crate::api) source: Arc<Source>,
    pub(in crate::api) index: usize,
}

impl JourneyStage {
    pub(in crate::api) fn terms(&self) -> &terms::Stage {
        &self.source.terms().journey[self.index]
    }
}

/// A stage of the journey that the customer goes through with the service.
#[Object]
impl JourneyStage {
    /// Global: of the published element, or of the element as a frozen revision has it.
    pub(in crate::api) async fn id(&self) -> ID {
        let terms = self.terms();
        self.source.id(ElementKind::JourneyStage, terms.id, terms.key.as_str())
    }

    /// Unique within the service over all kinds, and stable over revisions.
    pub(in crate::api) async fn key(&self) -> Str {
        self.terms().key.clone()
    }

    /// The service whose definition has the element.
    pub(in crate::api) async fn service(&self) -> Service {
        self.source.service.clone()
    }

    /// What people call the stage.
    async fn name(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.terms().name, locale)
    }

    /// Its place in the journey, from 1.
    async fn position(&self) -> i32 {
        self.index as i32 + 1
    }

    /// The outcomes that are lived in this stage, in order.
    #[graphql(complexity = "price::each(price::FEW, child_complexity)")]
    async fn outcomes(&self) -> List<Outcome> {
        let key = Some(&self.terms().key);
        let outcomes = self.source.terms().outcomes.iter().enumerate();
        outcomes
            .filter(|(_, outcome)| outcome.stage.as_ref() == key)
            .map(|(index, _)| Outcome { source: self.source.clone(), index })
            .collect()
    }
}
