//! A query that exceeds the limit for price or depth is refused before it runs, and a large query waits at the gate, as soon
//! as its price is known.

use std::sync::Arc;

use async_graphql::{
    ServerError, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};

use crate::turns::apart::Gate;

/// The maximum depth of a query.
const DEPTH: usize = 24;
/// The maximum price of a query: about 1 for each field of each entry of its pages.
const COMPLEXITY: usize = 200_000;
/// The price from which a query is large: about 50 ms of work.
const LARGE: usize = 10_000;
/// The price from which a query is large while the queue of its organization is full.
const CROWDED: usize = 200;

/// Refuses each query that exceeds a limit, and passes the gate for each large query.
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
        check(&valid).map_err(|error| vec![error])?;
        if let Some(gate) = ctx.data_opt::<Gate>()
            && (valid.complexity >= LARGE || (valid.complexity >= CROWDED && gate.is_crowded()))
        {
            gate.pass().await;
        }
        Ok(valid)
    }
}

/// Refuses a query whose price or depth exceeds the limit.
fn check(valid: &ValidationResult) -> Result<(), ServerError> {
    let ValidationResult { complexity: price, depth, .. } = *valid;
    if price > COMPLEXITY {
        let message = format!(
            "Limit exceeded: the price of the query is {price}; {COMPLEXITY} are allowed: ask for fewer entries a page, or for fewer fields."
        );
        return Err(exceeded(message, "price", price, COMPLEXITY));
    }
    if depth > DEPTH {
        let message = format!("Limit exceeded: the query nests fields {depth} deep; {DEPTH} are allowed.");
        return Err(exceeded(message, "depth", depth, DEPTH));
    }
    Ok(())
}

/// An error with the name of the limit, the allowed value and, under the name of the limit, the value of the query.
fn exceeded(message: String, limit: &str, found: usize, allowed: usize) -> ServerError {
    let mut error = ServerError::new(message, None);
    let extensions = error.extensions.get_or_insert_default();
    extensions.set("code", "LIMIT_EXCEEDED");
    extensions.set("limit", limit);
    extensions.set("allowed", allowed);
    extensions.set(limit, found);
    error
}
