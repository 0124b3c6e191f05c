//! Risks that a service removes from its customers, or imposes on them.

use async_graphql::Context;
use entente_entity::{
    enums::{Effect, Level},
    scalar::Locale,
    text::Str,
};

use crate::{
    api::{
        service::element::element,
        shared::{
            error::Nullable,
            reader::{read, read_option},
        },
    },
    store::Error,
};

element! {
    /// A risk that the service removes from the customer, or imposes.
    Risk = risks: Risk, Risk {
        /// The risk, in the customer's words.
        async fn statement(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
            read(ctx, &self.terms().statement, locale)
        }

        /// Removed from the customer, or imposed.
        async fn effect(&self) -> Effect {
            self.terms().effect
        }

        /// How likely it is; null where nobody has said.
        async fn likelihood(&self) -> Option<Level> {
            self.terms().likelihood
        }

        /// How grave it would be; null where nobody has said.
        async fn impact(&self) -> Option<Level> {
            self.terms().impact
        }

        /// What is done against it; null where nothing is said.
        async fn mitigation(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Nullable<Str> {
            read_option(ctx, self.terms().mitigation.as_ref(), locale)
        }
    }
}
