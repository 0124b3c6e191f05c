//! Checks GraphQL documents: their limits before they are parsed, and the specification before `async-graphql` executes them.
//!
//! A text must first become a [`Guarded`]: nothing here parses a text that has not passed the guard. Then [`Documents`] parses it, checks
//! it with the types of a schema and the [`Rules`] of its server, and caches the result: a [`Prepared`] operation for the library, or a
//! [`Refusal`]. The test at the end of this file shows all steps.

mod guard;
mod prepare;
mod refusal;

pub use guard::{Exceeded, Guarded, Limit, Limits, check_variables};
pub use prepare::{
    Chosen, Documents, Prepared, Valid,
    rules::{Bounds, Custom, Rules, Size},
};
pub use refusal::{Refusal, Why};

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, Variables, value};

    use super::*;

    struct Query;

    #[Object]
    impl Query {
        async fn double(&self, n: i32) -> i32 {
            2 * n
        }
    }

    #[tokio::test]
    async fn a_document_is_guarded_then_prepared_then_run() -> Result<(), Box<dyn std::error::Error>> {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let documents = Documents::new(&schema.sdl(), Rules::default());

        let guarded = Guarded::new("query Q($n: Int!) { double(n: $n) }", &Limits::default())?;
        let variables = Variables::from_value(value!({ "n": 4 }));
        let prepared = documents.choose(&guarded, Some("Q"))?.prepare(variables)?;

        let response = schema.execute(prepared.into_request()).await;
        assert_eq!(response.data, value!({ "double": 8 }));
        Ok(())
    }
}
