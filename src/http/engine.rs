//! The interface between the server and the API.

use async_graphql::Response;
use futures_util::future::BoxFuture;
use graphql_strict::{Documents, Prepared};

use crate::{
    api::{Access, Api, Caller},
    words::Speech,
};

/// Executes operations: the API, or a small schema in tests.
pub trait Engine: Send + Sync + 'static {
    /// Executes an operation.
    fn execute(&self, operation: Prepared, caller: Caller) -> BoxFuture<'_, Response>;

    /// The language of the messages to a client that sent this `Accept-Language`.
    fn speech(&self, _accept_language: Option<&str>) -> Speech {
        Speech::English
    }

    /// The documents of its schema.
    fn documents(&self) -> &Documents;

    /// What can be done with the database at the moment. The error is the reason why nothing can be done.
    fn ready(&self) -> BoxFuture<'_, Result<Access, String>>;
}

impl Engine for Api {
    fn execute(&self, operation: Prepared, caller: Caller) -> BoxFuture<'_, Response> {
        Box::pin(Api::execute(self, operation, caller))
    }

    fn speech(&self, accept_language: Option<&str>) -> Speech {
        Api::speech(self, accept_language)
    }

    fn documents(&self) -> &Documents {
        Api::documents()
    }

    fn ready(&self) -> BoxFuture<'_, Result<Access, String>> {
        Box::pin(Api::ready(self))
    }
}
