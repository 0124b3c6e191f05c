//! `/healthz`: the process lives. `/readyz`: it can answer, and means to go on doing so.

use std::time::Duration;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use tokio::{sync::Mutex, time::Instant};

use super::App;
use crate::api::Access;

/// How long a probe waits for the database: less than the 2 s after which load balancers give up.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// However many ask, the database is asked this often.
const FRESH: Duration = Duration::from_millis(500);

/// What the database last said.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Last>);

#[derive(Default)]
struct Last {
    said: Option<(Instant, Option<Access>)>,
    /// Why it was not ready, if it was not.
    reason: Option<String>,
}

/// Whether the process lives.
pub(super) async fn healthz() -> Response {
    plain(StatusCode::OK, "ok\n")
}

/// Whether requests should be sent here. The reason why not stands in the log, not in the answer: anyone may ask.
pub(super) async fn readyz(State(app): State<App>) -> Response {
    if app.is_draining() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    // It goes on where nobody waits for it any more: the log shall have the reason.
    let asked = tokio::spawn(async move { access(&app).await });
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(Some(Access::Full))) => plain(StatusCode::OK, "ready\n"),
        Ok(Ok(Some(Access::OnlyRead))) => plain(StatusCode::OK, "ready: read-only\n"),
        Ok(Ok(Some(Access::CannotWrite))) => {
            plain(StatusCode::SERVICE_UNAVAILABLE, "read-only: no database that can be written to is reached\n")
        }
        Ok(Ok(Some(Access::NoSpace))) => {
            plain(StatusCode::SERVICE_UNAVAILABLE, "read-only: the database has no space left on its disk\n")
        }
        Ok(Ok(None) | Err(_)) | Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
    }
}

async fn access(app: &App) -> Option<Access> {
    let mut last = app.readiness().0.lock().await;
    if let Some((at, ready)) = last.said
        && at.elapsed() < FRESH
    {
        return ready;
    }
    let ready = app.engine().ready().await;
    let reason = ready.as_ref().err().cloned();
    // Once, however often it is asked for the same.
    match &reason {
        Some(reason) if last.reason.as_ref() != Some(reason) => tracing::warn!(reason, "not ready"),
        None if last.reason.is_some() => tracing::info!("ready again"),
        _ => {}
    }
    let ready = ready.ok();
    *last = Last { said: Some((Instant::now(), ready)), reason };
    ready
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}
