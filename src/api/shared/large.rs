//! Large queries wait at the gate before they run, as soon as their price is known.

use std::sync::Arc;

use async_graphql::{
    ServerError, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};

use crate::turns::apart::Gate;

/// The price from which a query is large: about 50 ms of work.
const LARGE: usize = 10_000;
/// The price from which a query is large while the queue of its organization is full.
const CROWDED: usize = 200;

/// Passes the gate for each large query.
pub struct Large;

impl ExtensionFactory for Large {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Large {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let valid = next.run(ctx).await?;
        if let Some(gate) = ctx.data_opt::<Gate>()
            && (valid.complexity >= LARGE || (valid.complexity >= CROWDED && gate.is_crowded()))
        {
            gate.pass().await;
        }
        Ok(valid)
    }
}
