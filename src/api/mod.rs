//! The GraphQL API: one file or folder for each noun.

use std::sync::LazyLock;

use async_graphql::{
    EmptySubscription, MergedObject, Response, Schema, SchemaBuilder, ServerError, ValidationMode, Value, Variables,
};
use graphql_strict::{Documents, Exceeded, Guarded, Limits, Prepared};

pub use crate::store::{Access, MIGRATOR};
use crate::{
    policy::Claims,
    store::{Error, Session, Store},
    turns::apart::Gate,
    words::Speech,
};

pub use crate::store::Place;

mod agreement;
mod alignment;
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
pub use shared::{error::encode, reader::LARGEST_ANSWER};

use json::AsText;
use shared::{
    error,
    large::Large,
    list::Budget,
    reader::Reader,
    size::{Counted, Size},
};

/// A request without its operation: who sent it, its headers and its resources.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The claims of the token. `None` without a token.
    pub claims: Option<Claims>,
    /// The `Accept-Language` header.
    pub accept_language: Option<String>,
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<String>,
    /// The place of the request among the requests in flight. All work on the request holds it, also a write that continues
    /// after its client has disconnected. `None` if the number of requests is not limited.
    pub place: Option<Place>,
    /// At which the request waits for its turn if it is large. `None` if large requests do not wait.
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
    service::proposal::ProposalMutation,
    agreement::AgreementMutation,
    organization::OrganizationMutation,
    thread::mutation::ThreadMutation,
    thread::message::MessageMutation,
    item::ConfigurationItemMutation,
    measurement::MeasurementMutation,
    reference::ReferenceMutation,
);

/// The API: executes prepared operations on a store.
#[derive(Clone)]
pub struct Api {
    schema: Schema<Query, Mutation, EmptySubscription>,
    /// The same schema for documents that are known to be valid. It computes only their depth and their price.
    trusting: Schema<Query, Mutation, EmptySubscription>,
    store: Store,
    /// Whether the schema can be read without a token.
    open: bool,
}

/// The description of the schema.
const DESCRIPTION: &str = "The shared definition of IT services: what a service means to the people who use it and to those who run it, \
                           agreed by both. Every request needs a token (`Authorization: Bearer …`). The viewer is the sender of the \
                           request, as the token identifies it; an answer contains only what the viewer may see. Texts are returned in \
                           the language of the argument `locale`, otherwise of the header `Accept-Language`. Mutations return errors in \
                           their input as `userErrors`. All other errors have a code in `extensions.code`: UNAUTHENTICATED, FORBIDDEN, \
                           BAD_REQUEST, LIMIT_EXCEEDED, RATE_LIMITED, PERSISTED_QUERY_NOT_FOUND, UNAVAILABLE or INTERNAL.";

/// The description that the library gives to every schema.
const LIBRARY_DESCRIPTION: &str = "A GraphQL Schema defines the capabilities of a GraphQL server. It exposes all available types and \
                                   directives on the server, as well as the entry points for query, mutation, and subscription operations.";

/// Replaces the library's description of the schema in the answer to an introspection query.
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

impl Api {
    /// The API over a store.
    pub fn new(store: Store) -> Self {
        let limited = || schema().disable_suggestions().extension(Size).extension(Large);
        let trusting = limited().validation_mode(ValidationMode::Fast).finish();
        // The first request must not wait for this.
        LazyLock::force(&documents::DOCUMENTS);
        Self { schema: limited().finish(), trusting, store, open: false }
    }

    /// The same API, whose schema can be read without a token.
    #[must_use]
    pub fn with_open_introspection(self) -> Self {
        Self { open: true, ..self }
    }

    /// The documents of this API's schema. The cache in them is shared by all APIs of the process.
    pub fn documents() -> &'static Documents {
        &documents::DOCUMENTS
    }

    /// The language of the messages to a client that sent this `Accept-Language`.
    pub fn speech(&self, accept_language: Option<&str>) -> Speech {
        Reader::new(accept_language, self.store.default_locale()).speech()
    }

    /// Guards, prepares and executes the only operation of a text, as the server does it. If the preparation refuses it, the
    /// response contains the error.
    ///
    /// # Errors
    ///
    /// [`Exceeded`] if the text exceeds a limit of the guard.
    pub async fn run(&self, text: &str, variables: Variables, caller: Caller) -> Result<Response, Exceeded> {
        let guarded = Guarded::new(text, &Limits::default())?;
        let prepared = Self::documents().choose(&guarded, None).and_then(|chosen| chosen.prepare(variables));
        Ok(match prepared {
            Ok(operation) => self.execute(operation, caller).await,
            Err(refusal) => refused(documents::refused(&refusal), self.speech(caller.accept_language.as_deref())),
        })
    }

    /// Executes one operation.
    pub async fn execute(&self, operation: Prepared, caller: Caller) -> Response {
        let Caller { claims, accept_language, idempotency_key, place, gate } = caller;
        let reader = Reader::new(accept_language.as_deref(), self.store.default_locale());
        let speech = reader.speech();
        match operation.introspection() {
            Some(_) if !self.open && claims.is_none() => return refused(error::introspection_needs_token(), speech),
            Some(Err(refusal)) => return refused(documents::refused(refusal), speech),
            _ => {}
        }
        let valid = operation.valid().clone();
        let schema = if valid.is_known() { &self.trusting } else { &self.schema };
        let lists_as_text = !operation.repeats_fields();
        let mut request = operation.into_request();
        let selects_settled_at = request.parsed_query().is_ok_and(settled::is_selected);
        let opened = async {
            let viewer = match claims {
                Some(claims) => Some(self.store.viewer(claims).await?),
                None => None,
            };
            let session = Session::open(&self.store, viewer, idempotency_key, place, gate.clone());
            // It must be read before all other data. Without a viewer the field itself returns the error.
            if selects_settled_at && session.viewer().is_ok() {
                session.settled_at().await?;
            }
            Ok::<_, Error>(session)
        };
        let session = match opened.await {
            Ok(session) => session,
            Err(failed) => return refused(error::of_request(failed), speech),
        };
        // What resolvers and extensions read from their context.
        let mut request = request.data(session.clone()).data(reader).data(Budget::default()).data(Counted::default());
        if let Some(gate) = gate {
            request = request.data(gate);
        }
        if lists_as_text {
            request = request.data(AsText);
        }
        let mut response = session.in_rounds(schema.execute(request)).await;
        if response.errors.is_empty() {
            valid.note();
        }
        error::refuse_too_large(&mut response);
        describe(&mut response.data);
        error::encode(&mut response, speech);
        response
    }

    /// What can be done with the database.
    ///
    /// # Errors
    ///
    /// The reason, if the database does not answer or lacks a migration.
    pub async fn ready(&self) -> Result<Access, String> {
        self.store.ready().await
    }

    /// The schema in the schema definition language, without its description, which the library's parser does not accept.
    pub fn sdl() -> String {
        schema().finish().sdl_with_options(async_graphql::SDLExportOptions::new().include_specified_by())
    }

    /// The schema in the schema definition language, with its description.
    pub fn described_sdl() -> String {
        let described = format!("\"\"\"\n{DESCRIPTION}\n\"\"\"\nschema {{\n");
        Self::sdl().replacen("schema {\n", &described, 1)
    }
}

/// A response with one error and no data.
pub fn refused(error: ServerError, speech: Speech) -> Response {
    let mut response = Response::from_errors(vec![error]);
    error::encode(&mut response, speech);
    response
}

/// The schema with all types, also those that no field returns.
fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .register_output_type::<service::element::DefinitionElement>()
}
