//! Costs that a service removes from its customers, or imposes on them.

use async_graphql::{Context, SimpleObject};
use entente_entity::{
    enums::Effect,
    scalar::{Decimal, Duration, Locale},
    text::Str,
};

use crate::{
    api::{service::element::element, shared::reader::read},
    store::Error,
};

element! {
    /// A cost that the service removes from the customer, or imposes.
    Cost = costs: Cost, Cost {
        /// The cost, in the customer's words.
        async fn statement(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
            read(ctx, &self.terms().statement, locale)
        }

        /// Removed from the customer, or imposed.
        async fn effect(&self) -> Effect {
            self.terms().effect
        }

        /// How much; null where it is not put in figures.
        async fn amount(&self) -> Option<Money> {
            let money = self.terms().amount.as_ref()?;
            Some(Money { amount: Decimal(money.amount.to_string()), currency: money.currency.clone() })
        }

        /// How often it comes: `P1Y` is each year; null where it comes once, or it does not matter.
        async fn period(&self) -> Option<&Duration> {
            self.terms().period.as_ref()
        }
    }
}

/// An exact amount in a currency.
#[derive(SimpleObject)]
pub struct Money {
    /// The amount, with the decimals that it was given.
    amount: Decimal,
    /// ISO 4217 code.
    currency: Str,
}
