//! `/healthz`: the process runs. `/readyz`: the server can answer requests and is not shutting down.

use std::time::Duration;

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::app::App;
use crate::api::Access;

/// How long a probe waits for the database: less than the 2 s timeout of load balancers.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Whether the process runs.
pub(super) async fn healthz() -> Response {
    plain(StatusCode::OK, "ok\n")
}

/// Whether the server can receive requests. Only the log contains the reason if it cannot: everyone may read this answer.
pub(super) async fn readyz(State(app): State<App>) -> Response {
    if app.is_draining() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    // A separate task, which continues after the timeout, so that the reason gets into the log.
    let asked = tokio::spawn(async move { app.access().await });
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

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}
