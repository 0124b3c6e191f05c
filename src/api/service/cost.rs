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
    /// A cost that the service removes from the customer, or imposes on the customer.
    Cost = costs: Cost, Cost {
        /// The cost, in the words of the customer.
        async fn statement(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
            read(ctx, &self.terms().statement, locale)
        }

        /// Whether the service removes the cost from the customer, or imposes it on the customer.
        async fn effect(&self) -> Effect {
            self.terms().effect
        }

        /// The amount of money. Null if the cost has no amount.
        async fn amount(&self) -> Option<Money> {
            let money = self.terms().amount.as_ref()?;
            Some(Money { amount: Decimal(money.amount.to_string()), currency: money.currency.clone() })
        }

        /// How often the cost occurs: an ISO 8601 duration, for example `P1Y` for once a year. Null if it occurs once,
        /// or if no period is given.
        async fn period(&self) -> Option<&Duration> {
            self.terms().period.as_ref()
        }
    }
}

/// An exact amount of money.
#[derive(SimpleObject)]
pub struct Money {
    /// The amount, with the decimals that were given.
    amount: Decimal,
    /// The currency as an ISO 4217 code, for example `EUR`.
    currency: Str,
}
