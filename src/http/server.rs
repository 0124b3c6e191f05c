//! Connections: taking them, bounding them, and letting them go in good order.

use std::{io, sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::{
    App, Settings, router,
    stream::{Busy, Timed},
};

/// A head is at most so long, the address of a GET with its document included.
const HEAD_BYTES: usize = 128 * 1024;
const HEADERS: usize = 64;
/// For want of file descriptors or memory, `accept` fails again at once: wait a little.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown` comes. Then the listener closes, `/readyz` fails, idle connections close, and requests in flight finish
/// within the grace of the settings; what is left then is cut.
///
/// HTTP/1.1 alone: TLS and HTTP/2 are the business of the proxy in front.
///
/// # Errors
///
/// None for now: a connection that fails is its client's matter.
pub async fn serve(listener: TcpListener, app: App, shutdown: impl Future<Output = ()> + Send) -> io::Result<()> {
    let routes = router(app.clone());
    let places = Arc::new(Semaphore::new(app.settings().max_connections));
    let (drain, cut, connections) = (CancellationToken::new(), CancellationToken::new(), TaskTracker::new());
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, place)) = accepted else { continue };
        let connection = connection(stream, routes.clone(), app.clone(), drain.clone());
        let cut = cut.clone();
        connections.spawn(async move {
            tokio::select! {
                () = connection => {}
                () = cut.cancelled() => {}
            }
            drop(place);
        });
    }
    app.begin_draining();
    drop(listener);
    tracing::info!(connections = connections.len(), "draining");
    drain.cancel();
    connections.close();
    if tokio::time::timeout(app.settings().shutdown_grace, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "cutting what is left");
        cut.cancel();
        connections.wait().await;
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, place)),
        // The client went away before it was taken.
        Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) => None,
        Err(error) => {
            tracing::error!(%error, "a connection could not be taken");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn connection(stream: TcpStream, routes: Router, app: App, drain: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone at once");
        return;
    }
    let Settings { header_timeout, idle_timeout, write_timeout, .. } = *app.settings();
    let busy = Busy::default();
    let stream = Timed::new(stream, busy.clone(), header_timeout, write_timeout);
    let service = service_fn(move |request: Request<Incoming>| {
        busy.set(true);
        let (routes, busy) = (routes.clone(), busy.clone());
        async move {
            let response = routes.oneshot(request.map(Body::new)).await;
            busy.set(false);
            response
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle_timeout)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = drain.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Comes with SIGTERM or SIGINT.
///
/// # Errors
///
/// When the signals cannot be listened to.
pub fn shutdown_signal() -> io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
