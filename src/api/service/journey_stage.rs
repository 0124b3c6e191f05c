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

/// A stage of the customer's journey with the service.
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

/// A stage of the customer's journey with the service.
#[Object]
impl JourneyStage {
    /// The global id. A published element keeps its id through all revisions. An element read through a `Definition`
    /// has an id of that revision.
    pub(in crate::api) async fn id(&self) -> ID {
        let terms = self.terms();
        self.source.id(ElementKind::JourneyStage, terms.id, terms.key.as_str())
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

    /// The display name of the stage.
    async fn name(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.terms().name, locale)
    }

    /// The position of the stage in the journey; the first is 1.
    async fn position(&self) -> i32 {
        self.index as i32 + 1
    }

    /// The outcomes that belong to this stage, in order.
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
