use axum::{body::Body, extract::State};

use super::*;
use crate::http::health::readyz;

#[tokio::test]
async fn a_server_is_ready_when_its_database_is() {
    let server = Server::start().await;
    let get = async |path: &str| server.client.get(server.url(path)).send().await.unwrap();
    assert_eq!(get("/readyz").await.status(), 200);
    server.inside.broken.store(true, Ordering::SeqCst);
    // The result of the database is used for half a second.
    assert_eq!(get("/readyz").await.status(), 200);
}

#[tokio::test]
async fn a_server_that_is_not_ready_is_alive_and_does_not_return_the_reason() {
    let server = Server::start().await;
    server.inside.broken.store(true, Ordering::SeqCst);
    let get = async |path: &str| server.client.get(server.url(path)).send().await.unwrap();
    assert_eq!(get("/healthz").await.status(), 200);
    let response = get("/readyz").await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.text().await.unwrap(), "not ready\n");
}

#[tokio::test]
async fn a_server_that_can_only_read_says_so() {
    for (access, status, body) in [
        (Access::Full, 200, "ready\n"),
        (Access::OnlyRead, 200, "ready: read-only\n"),
        (Access::CannotWrite, 503, "read-only: no database that can be written to is reached\n"),
        (Access::NoSpace, 503, "read-only: the database has no space left on its disk\n"),
    ] {
        let server = Server::start().await;
        *server.inside.access.lock().unwrap() = access;
        let response = server.client.get(server.url("/readyz")).send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.text().await.unwrap().as_str()), (status, body));
    }
}

#[tokio::test]
async fn a_server_that_drains_is_not_ready() {
    let server = Server::start().await;
    server.app.begin_draining();
    let response = readyz(State(server.app.clone())).await;
    assert_eq!(response.status(), 503);
    let body = axum::body::to_bytes(Body::new(response.into_body()), 100).await.unwrap();
    assert_eq!(body, "draining\n");
}
