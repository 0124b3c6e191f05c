//! Expectations: what one party counts on the other to do.

use async_graphql::Context;
use entente_entity::{enums::Party, scalar::Locale, text::Str};

use crate::{
    api::{service::element::element, shared::reader::read},
    store::Error,
};

element! {
    /// What one party counts on the other to do.
    Expectation = expectations: Expectation, Expectation {
        /// Who is to do it.
        async fn of(&self) -> Party {
            self.terms().of
        }

        /// What is to be done.
        async fn statement(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
            read(ctx, &self.terms().statement, locale)
        }
    }
}
