//! The GraphQL API: one file or folder for each noun.

use std::any::TypeId;

use async_graphql::{
    EmptySubscription, MergedObject, Request, Response, Schema, SchemaBuilder, ServerError, ValidationMode, Value,
};
use entente_entity::problem::Speech;
use graphql_strict::Valid;

pub use crate::store::{Access, MIGRATOR};
use crate::{
    policy::Claims,
    store::{Error, Session, Store},
    turns::apart::Gate,
};

pub use crate::store::Place;

pub mod documents;
mod item;
pub mod json;
mod measurement;
mod node;
mod organization;
mod reference;
mod search;
mod service;
mod settled;
mod shared;
mod thread;
mod viewer;

pub use crate::definition::limits::OUT_OF_RANGE;
pub use shared::{error::encode, reader::TEXT as LARGEST_ANSWER};

use shared::{
    error,
    large::Large,
    list::Budget,
    reader::Reader,
    size::{Counted, Size},
};

/// What one request brings besides its document.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// What the token says; `None` without a token.
    pub claims: Option<Claims>,
    /// The `Accept-Language` header.
    pub accept_language: Option<String>,
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<String>,
    /// The request's place among those in flight. Whatever works on the request holds it, a write that goes on without its
    /// client too.
    pub place: Option<Place>,
    /// Where the request says that it asks for much. `None` where that makes no difference.
    pub gate: Option<Gate>,
}

/// Queries. An object that the viewer may not see is treated like an object that does not exist.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    viewer::ViewerQuery,
    service::list::ServiceQuery,
    organization::OrganizationQuery,
    thread::list::ThreadQuery,
    item::ConfigurationItemQuery,
    item::impact::ImpactQuery,
    reference::ReferenceQuery,
    search::SearchQuery,
    settled::SettledQuery,
);

/// Mutations. Each mutation is executed completely or not at all, and returns errors in its input as `userErrors`. With
/// the header `Idempotency-Key`, a repeated request with the same key and body within 72 hours returns the first answer
/// and changes nothing; the same key with another body is a CONFLICT. In every input, a field that is left out keeps
/// the stored value, and null deletes it.
#[derive(MergedObject, Default)]
pub struct Mutation(
    service::definition::DefinitionMutation,
    organization::OrganizationMutation,
    thread::mutation::ThreadMutation,
    thread::message::MessageMutation,
    item::ConfigurationItemMutation,
    measurement::MeasurementMutation,
    reference::ReferenceMutation,
);

/// The API, ready to answer.
#[derive(Clone)]
pub struct Api {
    schema: Schema<Query, Mutation, EmptySubscription>,
    /// The same, for documents that are known to be valid: their depth and their price are reckoned all the same.
    trusting: Schema<Query, Mutation, EmptySubscription>,
    store: Store,
    /// Whether the schema can be read without a token.
    open: bool,
}

/// What the schema says of itself.
const DESCRIPTION: &str = "The shared definition of IT services: what a service means to the people who use it and to those who run it, \
                           agreed by both. Every request needs a token (`Authorization: Bearer …`). The viewer is the sender of the \
                           request, as the token identifies it; an answer contains only what the viewer may see. Texts are returned in \
                           the language of the argument `locale`, otherwise of the header `Accept-Language`. Mutations return errors in \
                           their input as `userErrors`. All other errors have a code in `extensions.code`: UNAUTHENTICATED, FORBIDDEN, \
                           BAD_REQUEST, LIMIT_EXCEEDED, RATE_LIMITED, PERSISTED_QUERY_NOT_FOUND, UNAVAILABLE or INTERNAL.";

/// What the library says of every schema.
const LIBRARY_DESCRIPTION: &str = "A GraphQL Schema defines the capabilities of a GraphQL server. It exposes all available types and \
                                   directives on the server, as well as the entry points for query, mutation, and subscription operations.";

/// Puts the schema's own description where an answer to an introspection query has the library's.
fn describe(answer: &mut Value) {
    let Value::Object(fields) = answer else { return };
    for field in fields.values_mut() {
        let Value::Object(members) = field else { continue };
        let library = Value::String(LIBRARY_DESCRIPTION.to_owned());
        for member in members.values_mut().filter(|member| **member == library) {
            *member = Value::String(DESCRIPTION.to_owned());
        }
    }
}

/// How deep a query may go.
const DEPTH: usize = 24;
/// How much a query may ask for: about a unit for each field of each entry of its pages.
const COMPLEXITY: usize = 200_000;

impl Api {
    /// The API over a store.
    pub fn new(store: Store) -> Self {
        let limited = || {
            schema()
                .limit_depth(DEPTH)
                .limit_complexity(COMPLEXITY)
                .disable_suggestions()
                .extension(Size)
                .extension(Large)
        };
        let trusting = limited().validation_mode(ValidationMode::Fast).finish();
        Self { schema: limited().finish(), trusting, store, open: false }
    }

    /// The same, whose schema can be read without a token.
    #[must_use]
    pub fn with_open_introspection(self) -> Self {
        Self { open: true, ..self }
    }

    /// The language in which a client that sent this `Accept-Language` is spoken to.
    pub fn speech(&self, accept_language: Option<&str>) -> Speech {
        Reader::new(accept_language, self.store.default_locale()).speech()
    }

    /// Answers one request, whose document has passed the guard and was prepared.
    pub async fn execute(&self, mut request: Request, caller: Caller) -> Response {
        let Caller { claims, accept_language, idempotency_key, place, gate } = caller;
        if let Some(gate) = &gate {
            request = request.data(gate.clone());
        }
        let reader = Reader::new(accept_language.as_deref(), self.store.default_locale());
        let speech = reader.speech();
        let valid = request.data.get(&TypeId::of::<Valid>()).and_then(|it| it.downcast_ref::<Valid>()).cloned();
        let schema = if valid.as_ref().is_some_and(Valid::is_known) { &self.trusting } else { &self.schema };
        let is_open = self.open || claims.is_some();
        match valid.as_ref().and_then(|valid| valid.introspection.as_ref()) {
            Some(_) if !is_open => return refused(error::without_token_no_schema(), speech),
            Some(Err(refusal)) => return refused(documents::refused(refusal), speech),
            // A fence, should some document come here that was not prepared.
            _ if !is_open => request = request.disable_introspection(),
            _ => {}
        }
        let asks_up_to_when = request.parsed_query().is_ok_and(settled::is_asked_for);
        let opened = async {
            let viewer = match claims {
                Some(claims) => Some(self.store.viewer(claims).await?),
                None => None,
            };
            let session = Session::open(&self.store, viewer, idempotency_key, place, gate);
            // Before anything else is read. Nobody is told so by the field itself.
            if asks_up_to_when && session.viewer().is_ok() {
                session.settled_at().await?;
            }
            Ok::<_, Error>(session)
        };
        let mut response = match opened.await {
            Ok(session) => {
                let request =
                    request.data(session.clone()).data(reader).data(Budget::default()).data(Counted::default());
                session.in_rounds(schema.execute(request)).await
            }
            Err(failed) => return refused(error::of_request(failed), speech),
        };
        if let Some(valid) = valid.filter(|_| response.errors.is_empty()) {
            valid.note();
        }
        error::refuse_too_long(&mut response);
        describe(&mut response.data);
        error::encode(&mut response, speech);
        response
    }

    /// What can be done with the database, if it answers and stands at the newest migration; else why not.
    pub async fn ready(&self) -> Result<Access, String> {
        self.store.ready().await
    }

    /// The schema in the schema definition language, as the library's own parser takes it: without a description of its own.
    pub fn sdl() -> String {
        schema().finish().sdl_with_options(async_graphql::SDLExportOptions::new().include_specified_by())
    }

    /// The schema in the schema definition language, with its description.
    pub fn described_sdl() -> String {
        let described = format!("\"\"\"\n{DESCRIPTION}\n\"\"\"\nschema {{\n");
        Self::sdl().replacen("schema {\n", &described, 1)
    }
}

/// An answer that is one error.
pub fn refused(error: ServerError, speech: Speech) -> Response {
    let mut response = Response::from_errors(vec![error]);
    error::encode(&mut response, speech);
    response
}

/// Every type that the API has, those that no field returns included.
fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .register_output_type::<service::element::DefinitionElement>()
}
