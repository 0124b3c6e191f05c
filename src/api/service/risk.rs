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
    /// A risk that the service removes from the customer, or imposes on the customer.
    Risk = risks: Risk, Risk {
        /// The risk, in the words of the customer.
        async fn statement(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
            read(ctx, &self.terms().statement, locale)
        }

        /// Whether the service removes the risk from the customer, or imposes it on the customer.
        async fn effect(&self) -> Effect {
            self.terms().effect
        }

        /// How likely the risk is. Null if not given.
        async fn likelihood(&self) -> Option<Level> {
            self.terms().likelihood
        }

        /// How serious the consequences would be. Null if not given.
        async fn impact(&self) -> Option<Level> {
            self.terms().impact
        }

        /// What is done to reduce the risk. Null if not given.
        async fn mitigation(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Nullable<Str> {
            read_option(ctx, self.terms().mitigation.as_ref(), locale)
        }
    }
}
