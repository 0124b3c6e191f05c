//! The GraphQL API: one file a noun, named as the noun in the schema.

use std::any::TypeId;

use async_graphql::{
    EmptySubscription, MergedObject, Request, Response, Schema, SchemaBuilder, ServerError, ValidationMode, Value,
};
use entente_entity::problem::Speech;
use graphql_strict::Valid;

pub use crate::store::{Access, MIGRATOR};
use crate::{
    policy::Claims,
    store::{Error, Session, Store, page::DEFAULT_PAGE},
    turns::apart::Gate,
};

pub use crate::store::Place;

mod benefit;
mod configuration_item;
mod contact;
mod cost;
mod definition;
pub mod documents;
mod element;
mod escalation_policy;
mod expectation;
mod external_reference;
mod impact;
mod indicator;
mod journey_stage;
pub mod json;
mod message;
mod node;
mod organization;
mod outcome;
mod perception;
mod risk;
mod search;
mod service;
mod service_consumer;
mod service_list;
mod service_offering;
mod settled;
mod shared;
mod thread;
mod thread_event;
mod thread_list;
mod thread_mutation;
mod viewer;

pub use shared::reader::TEXT as LARGEST_ANSWER;

use shared::{error, large::Large, list::Budget, reader::Reader, size::Size};

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

/// What can be read. Everything is filtered by what the viewer may see: what it may not answers as what does not exist.
#[derive(MergedObject, Default)]
pub struct Query(
    node::NodeQuery,
    viewer::ViewerQuery,
    service_list::ServiceQuery,
    organization::OrganizationQuery,
    thread_list::ThreadQuery,
    configuration_item::ConfigurationItemQuery,
    impact::ImpactQuery,
    external_reference::ReferenceQuery,
    search::SearchQuery,
    settled::SettledQuery,
);

/// What can be changed. Every mutation is whole or not at all, tells what is wrong with its input as `userErrors`, and
/// takes the `Idempotency-Key` header: the same key and the same body within 72 hours answer as the first time and
/// change nothing. In every input, a field left out keeps what stands, and null clears it.
#[derive(MergedObject, Default)]
pub struct Mutation(
    definition::DefinitionMutation,
    organization::OrganizationMutation,
    thread_mutation::ThreadMutation,
    message::MessageMutation,
    configuration_item::ConfigurationItemMutation,
    external_reference::ReferenceMutation,
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
                           agreed by both. Every request needs a token (`Authorization: Bearer …`) and sees what its bearer may see. \
                           Texts come in the language of `Accept-Language`, or of the argument `locale`.";

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
            let session = Session::open(&self.store, claims, idempotency_key, place, gate).await?;
            // Before anything else is read. Nobody is told so by the field itself.
            if asks_up_to_when && session.viewer().is_ok() {
                session.settled_at().await?;
            }
            Ok::<_, Error>(session)
        };
        let mut response = match opened.await {
            Ok(session) => {
                let request = request.data(session.clone()).data(reader).data(Budget::default());
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
fn refused(error: ServerError, speech: Speech) -> Response {
    let mut response = Response::from_errors(vec![error]);
    error::encode(&mut response, speech);
    response
}

/// Every type that the API has, those that no field returns included.
fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .register_output_type::<element::DefinitionElement>()
}

/// What lists hold that are not paged, on average: those of the elements of a definition,
const ELEMENTS: usize = 5;
/// of consumers, and of services that run on an item or have a key,
const CONSUMERS: usize = 10;
/// of keys, contacts, and indicators,
const FEW: usize = 2;
/// and of what differs between revisions.
const CHANGES: usize = 10;
/// What a search costs besides its entries: so many are about a second's work.
const SEARCH: usize = 13_000;
/// What it costs to follow the failure of items through a graph in which much depends on much.
const IMPACT: usize = 28_000;
/// The same of each item of a list, for which the graph is read once.
const IMPACT_OF_ONE: usize = 400;
/// What it costs to render a document, or to compare two.
const DOCUMENT: usize = 250;
/// What it costs to count the ratings of one thing in one window of time.
const PERCEPTION: usize = 20;
/// No price is higher, so that sums and products of prices remain numbers.
const HIGHEST: usize = 1 << 40;

/// The price of a list that is not paged: what one entry costs, for as many as it holds on average.
fn each(entries: usize, entry: usize) -> usize {
    entries.saturating_mul(entry).saturating_add(1).min(HIGHEST)
}

/// The price of a page: what one entry costs, for as many as it may hold.
fn price(first: Option<i32>, last: Option<i32>, entry: usize) -> usize {
    each(first.or(last).map_or(DEFAULT_PAGE as usize, |wanted| usize::try_from(wanted).unwrap_or_default()), entry)
}
