//! Expectations: what one party expects the other party to do.

use async_graphql::Context;
use entente_entity::{enums::Party, scalar::Locale, text::Str};

use crate::{
    api::{service::element::element, shared::reader::read},
    store::Error,
};

element! {
    /// An expectation: what one party expects the other party to do.
    Expectation = expectations: Expectation, Expectation {
        /// The party that must do it: the provider or the consumer.
        async fn of(&self) -> Party {
            self.terms().of
        }

        /// What that party must do.
        async fn statement(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
            read(ctx, &self.terms().statement, locale)
        }
    }
}
