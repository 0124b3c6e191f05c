//! The server: requests in, answers out. Who asks, how much may be asked, how it is answered over HTTP.

mod asker;
mod connections;
mod etag;
pub mod files;
mod framing;
mod graphql;
mod health;
mod ide;
mod listen;
pub mod log;
mod memory;
mod metadata;
mod named;
mod observe;
mod server;
mod stream;
#[cfg(test)]
mod tests;
pub mod token;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_graphql::Response;
use axum::{
    Router,
    http::{HeaderName, HeaderValue, Method, header},
    middleware,
    routing::{any, get},
};
use chrono::{DateTime, Utc};
use entente_entity::problem::Speech;
use futures_util::future::BoxFuture;
use graphql_strict::{Documents, Prepared};
use tokio::sync::Semaphore;
use tower_http::{
    compression::{
        CompressionLayer, CompressionLevel,
        predicate::{DefaultPredicate, Predicate, SizeAbove},
    },
    cors::{AllowOrigin, CorsLayer},
    set_header::SetResponseHeaderLayer,
};

use self::{graphql::persisted::PersistedQueries, health::Readiness, memory::Memory, token::Verifier};
pub use self::{
    listen::bind,
    server::{serve, shutdown_signal},
};
use crate::{
    api::{Access, Api, Caller, Place},
    clock::Clock,
    config::{Network, ServeOptions},
    turns::{Shares, Turns},
};

/// Answers below this many bytes are not worth compressing.
const COMPRESS_ABOVE: u64 = 1024;
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// Which part of the places for large requests one principal holds at most.
const LARGE_SHARE: f64 = 0.25;
/// How many large requests of one principal wait at most.
const LARGE_QUEUE: usize = 16;

/// How many large requests are answered at a time: on half of the processors, so that the other half is there for
/// what is little.
pub fn large_places() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| (processors.get() / 2).max(1))
}

/// What answers operations: the API, or a stand-in for it.
pub trait Engine: Send + Sync + 'static {
    /// Executes an operation.
    fn execute(&self, operation: Prepared, caller: Caller) -> BoxFuture<'_, Response>;

    /// The language of the messages to a client that sent this `Accept-Language`.
    fn speech(&self, _accept_language: Option<&str>) -> Speech {
        Speech::English
    }

    /// The documents of its schema.
    fn documents(&self) -> &Documents;

    /// What it can do now; else why nothing.
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

/// Limits of time and number, and who may call from a browser.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For the head of a request, from its first byte.
    pub header_timeout: Duration,
    /// For the body of a request.
    pub body_timeout: Duration,
    /// For a request to be answered.
    pub request_timeout: Duration,
    /// For a connection without a request.
    pub idle_timeout: Duration,
    /// For a client to read a part of its answer.
    pub write_timeout: Duration,
    /// For a balancer to see that the server is told to end, while it still serves.
    pub drain: Duration,
    /// For a client to read all of its answer.
    pub answer_timeout: Duration,
    /// For requests to finish once the server is told to end.
    pub shutdown_grace: Duration,
    /// Connections at a time.
    pub max_connections: usize,
    /// The same from one address.
    pub max_connections_per_address: Option<usize>,
    /// Requests to the API at a time.
    pub max_requests: usize,
    /// Large requests at a time.
    pub max_large_requests: usize,
    /// The address at which clients reach the server.
    pub public_url: Option<HeaderValue>,
    /// Proxies that are believed when they say whose request it is.
    pub trusted_proxies: Vec<Network>,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<HeaderValue>,
}

impl From<&ServeOptions> for Settings {
    fn from(options: &ServeOptions) -> Self {
        Self {
            header_timeout: options.header_timeout,
            body_timeout: options.body_timeout,
            request_timeout: options.request_timeout,
            idle_timeout: options.idle_timeout,
            write_timeout: WRITE_TIMEOUT,
            drain: if options.demo { Duration::ZERO } else { options.drain },
            answer_timeout: options.answer_timeout,
            shutdown_grace: options.shutdown_grace,
            public_url: options.public_url.clone(),
            trusted_proxies: options.trusted_proxies.clone(),
            max_connections: options.max_connections as usize,
            max_connections_per_address: options.max_connections_per_address.map(|count| count as usize),
            max_requests: options.max_requests as usize,
            max_large_requests: large_places(),
            cors_origins: options.cors_origins.clone(),
        }
    }
}

/// What the handlers share.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    engine: Box<dyn Engine>,
    persisted_queries: PersistedQueries,
    verifier: Verifier,
    settings: Settings,
    clock: Clock,
    in_flight: Arc<Semaphore>,
    /// Of large requests.
    large: Arc<Turns>,
    memory: Arc<Memory>,
    readiness: Readiness,
    draining: AtomicBool,
}

impl App {
    /// Brings together what answers, what checks tokens, the limits and the clock.
    pub fn new(engine: impl Engine, verifier: Verifier, settings: Settings, clock: Clock) -> Self {
        let in_flight = Arc::new(Semaphore::new(settings.max_requests));
        let large = Turns::new(settings.max_large_requests, Shares { part: LARGE_SHARE, queue: LARGE_QUEUE });
        Self(Arc::new(Shared {
            persisted_queries: PersistedQueries::default(),
            engine: Box::new(engine),
            verifier,
            settings,
            clock,
            in_flight,
            large,
            memory: Arc::default(),
            readiness: Readiness::default(),
            draining: AtomicBool::new(false),
        }))
    }

    fn engine(&self) -> &dyn Engine {
        &*self.0.engine
    }

    fn persisted_queries(&self) -> &PersistedQueries {
        &self.0.persisted_queries
    }

    fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    fn settings(&self) -> &Settings {
        &self.0.settings
    }

    fn readiness(&self) -> &Readiness {
        &self.0.readiness
    }

    fn now(&self) -> DateTime<Utc> {
        self.0.clock.now().0
    }

    /// A place among the requests in flight, if there is one. It is free again when nothing works on the request any more.
    fn take_place(&self) -> Option<Place> {
        Arc::clone(&self.0.in_flight).try_acquire_owned().ok().map(Arc::new)
    }

    fn large(&self) -> &Arc<Turns> {
        &self.0.large
    }

    fn memory(&self) -> &Arc<Memory> {
        &self.0.memory
    }

    fn begin_draining(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }
}

/// Every route, with what goes around them: from the inside out, compression, what is done for each request, headers.
fn router(app: App) -> Router {
    let worthwhile = DefaultPredicate::new().and(SizeAbove::new(COMPRESS_ABOVE));
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worthwhile);
    let set = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let routes = Router::new()
        .route("/graphql", any(graphql::handle))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route(metadata::WELL_KNOWN, get(metadata::metadata))
        .route("/.well-known/oauth-protected-resource/graphql", get(metadata::metadata))
        .route("/", get(ide::file))
        .route("/assets/{*path}", get(ide::file))
        .route("/LICENSES.txt", get(ide::file))
        .fallback(observe::not_found)
        .layer(compression)
        .layer(middleware::from_fn(etag::mark_compressed))
        .layer(middleware::from_fn_with_state(app.clone(), observe::observe));
    let origins = &app.settings().cors_origins;
    // A browser takes from the absence of the headers that no other origin may call.
    let routes = if origins.is_empty() { routes } else { routes.layer(cors(origins)) };
    routes
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
        .with_state(app)
}

/// What pages of other origins may send, besides what browsers always let through: what the API reads, and what Apollo's and urql's
/// clients, tracing and caching add of their own.
const CORS_HEADERS: [HeaderName; 14] = [
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::AUTHORIZATION,
    header::CACHE_CONTROL,
    header::CONTENT_TYPE,
    header::IF_NONE_MATCH,
    HeaderName::from_static("idempotency-key"),
    named::REQUEST_ID,
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("apollographql-client-name"),
    HeaderName::from_static("apollographql-client-version"),
    HeaderName::from_static("x-apollo-operation-name"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

fn cors(origins: &[HeaderValue]) -> CorsLayer {
    let origins = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(origins.iter().cloned())
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(CORS_HEADERS)
        .expose_headers([header::ETAG, header::RETRY_AFTER, named::REQUEST_ID])
        .max_age(Duration::from_secs(600))
}
