//! The work around every request: its id, its time limit, panics, and its line in the log.

use std::{any::Any, net::IpAddr, panic::AssertUnwindSafe};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header},
    middleware::Next,
};
use futures_util::FutureExt;
use tokio::time::Instant;
use tracing::Instrument;

use super::{
    app::App,
    asker::{Asker, Who, client},
    graphql::{accept_language, failure::Failure, media::Media},
    named::{OperationName, REQUEST_ID, RequestId},
};
use crate::words::Speech;

const MAX_PATH: usize = 128;
const MAX_METHOD: usize = 64;
/// The status that proxies log if the client disconnected before the answer.
const CLIENT_GONE: u16 = 499;

/// The line in the log. It is written when it is dropped, in whatever way the request ends.
struct Line {
    id: String,
    method: String,
    path: String,
    start: Instant,
    status: u16,
    operation: Option<String>,
    client: Option<IpAddr>,
    asker: Asker,
}

impl Drop for Line {
    fn drop(&mut self) {
        let Self { id, method, path, start, status, operation, client, asker } = self;
        let Who { subject, organization, refused } = asker.who();
        // A request without a token that needs one.
        let refused = refused.or_else(|| (*status == 401).then(|| "There is no token.".to_owned()));
        let client = client.map(|address| address.to_string());
        let ms = start.elapsed().as_micros() as f64 / 1000.0;
        if matches!(path.as_str(), "/healthz" | "/readyz") {
            tracing::debug!(parent: None, method, path, status, ms, request_id = id, client, operation, "request");
        } else {
            tracing::info!(
                parent: None,
                method,
                path,
                status,
                ms,
                request_id = id,
                client,
                subject,
                organization,
                operation,
                refused,
                "request"
            );
        }
    }
}

/// Executes a request within its time limit, and logs it.
pub(super) async fn observe(State(app): State<App>, mut request: Request<Body>, next: Next) -> Response<Body> {
    let id = RequestId::of(request.headers());
    let mut line = Line {
        id: id.0.clone(),
        method: request.method().as_str().chars().take(MAX_METHOD).collect(),
        path: request.uri().path().chars().take(MAX_PATH).collect(),
        start: Instant::now(),
        status: CLIENT_GONE,
        operation: None,
        client: client(&request, &app.settings().trusted_proxies),
        asker: Asker::default(),
    };
    // If the client accepts neither media type, answers that are made here have this one.
    let media = Media::accepted(request.headers()).unwrap_or(Media::Json);
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(line.asker.clone());
    let span = tracing::info_span!("request", id = %id.0);
    let time = app.settings().request_timeout;
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().instrument(span);
    let mut response = match tokio::time::timeout(time, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            tracing::error!(request_id = %id.0, panic = message(&*panic), "a request panicked");
            Failure::internal(&id.0).into_response(media)
        }
        Err(_) => {
            let message =
                format!("The request took longer than {} s; a mutation may have been executed.", time.as_secs_f32());
            Failure::unavailable(message).into_response(media)
        }
    };
    if let Ok(id) = HeaderValue::try_from(&id.0) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    // The server will close its connections soon: a client must not keep this one.
    if app.is_draining() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    line.status = response.status().as_u16();
    line.operation =
        response.extensions_mut().remove().map(|OperationName(name)| name.chars().take(MAX_PATH).collect());
    response
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("a panic without a message")
}

/// The answer for unknown paths.
pub(super) async fn not_found(State(app): State<App>, headers: HeaderMap) -> (StatusCode, &'static str) {
    let message = match app.engine().speech(accept_language(&headers).as_deref()) {
        Speech::English => "Not found: the API is at /graphql\n",
        Speech::French => "Il n'y a rien à cette adresse : l'API est à /graphql\n",
    };
    (StatusCode::NOT_FOUND, message)
}
