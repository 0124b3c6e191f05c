//! `/healthz`: the process lives. `/readyz`: it can answer, and means to go on doing so.

use std::time::Duration;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::{sync::Mutex, time::Instant};

use super::App;

const PATIENCE: Duration = Duration::from_secs(2);
/// However many ask, the database is asked this often.
const FRESH: Duration = Duration::from_millis(500);

/// What the database last said.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Option<(Instant, bool)>>);

/// Whether the process lives.
pub(super) async fn healthz() -> Response {
    plain(StatusCode::OK, "ok\n")
}

/// Whether requests should be sent here. The reason why not stands in the log, not in the answer: anyone may ask.
pub(super) async fn readyz(State(app): State<App>) -> Response {
    if app.is_draining() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    match tokio::time::timeout(PATIENCE, is_ready(&app)).await {
        Ok(true) => plain(StatusCode::OK, "ready\n"),
        Ok(false) | Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    }
}

async fn is_ready(app: &App) -> bool {
    let mut last = app.readiness().0.lock().await;
    if let Some((at, ready)) = *last
        && at.elapsed() < FRESH
    {
        return ready;
    }
    let ready = app.engine().ready().await;
    if let Err(reason) = &ready {
        tracing::warn!(reason, "not ready");
    }
    *last = Some((Instant::now(), ready.is_ok()));
    ready.is_ok()
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}
