//! The routes of the server.

use std::time::Duration;

use axum::{
    Router,
    http::{HeaderName, HeaderValue, Method, header},
    middleware,
    routing::{any, get},
};
use tower_http::{
    compression::{
        CompressionLayer, CompressionLevel,
        predicate::{DefaultPredicate, Predicate, SizeAbove},
    },
    cors::{AllowOrigin, CorsLayer},
    set_header::SetResponseHeaderLayer,
};

use super::{app::App, etag, graphql, health, ide, metadata, named, observe};

/// Answers of fewer bytes are not compressed.
const COMPRESS_ABOVE: u64 = 1024;

/// All routes, and around them from the inside to the outside: compression, the work for each request, headers.
pub(super) fn router(app: App) -> Router {
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
    // Without these headers, browsers let no other origin call the API.
    let routes = if origins.is_empty() { routes } else { routes.layer(cors(origins)) };
    routes
        .layer(set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(set(header::REFERRER_POLICY, "no-referrer"))
        .with_state(app)
}

/// The headers that pages of other origins may send, besides those that browsers always allow: those that the API reads, and those
/// that the clients of Apollo and urql, tracing and caching add.
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
