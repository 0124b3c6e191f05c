//! The value of a service: the benefits that it promises.

use std::sync::Arc;

use async_graphql::{Context, Object};
use entente_entity::{enums::ElementKind, scalar::Locale, text::Str};

use crate::api::shared::elements::{Element, Elements, Selected};
use crate::{
    api::{
        element::{Source, all, element},
        indicator::{self, Indicator},
        shared::reader::read,
    },
    store::Error,
};

/// The value that a service has for those who consume it.
pub struct Value(pub(super) Arc<Source>);

/// The value of a service: what was promised.
#[Object]
impl Value {
    /// The benefits promised.
    async fn benefits(&self) -> Elements<Benefit> {
        all!(&self.0, benefits => Benefit)
    }
}

element! {
    /// A benefit that the service promises to a stakeholder.
    Benefit = benefits: Benefit, Benefit {
        /// The benefit, in the stakeholder's words.
        async fn statement(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
            read(ctx, &self.terms().statement, locale)
        }

        /// Who benefits.
        async fn stakeholder(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
            read(ctx, &self.terms().stakeholder, locale)
        }

        /// What tells whether it comes true.
        async fn indicators(&self) -> Elements<Indicator> {
            indicator::all(&self.source, (ElementKind::Benefit, self.index), self.terms().indicators.len())
        }
    }
}

impl Element for Benefit {
    fn at_hand(field: Selected<'_>) -> bool {
        match field.name {
            "id" | "key" | "statement" | "stakeholder" => true,
            "indicators" => field.of::<Indicator>(),
            _ => false,
        }
    }
}
