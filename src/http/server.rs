//! Accepts connections, limits them, and closes them in order at the end.

use std::{
    io,
    net::{IpAddr, Ipv4Addr},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    http::{HeaderValue, Request, Response, StatusCode, Version, header, uri::Authority},
};
use hyper::{
    body::{Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use super::{
    app::App,
    asker::Peer,
    connections::{Connection, Connections, HandedOver, Open},
    router::router,
    settings::Settings,
    stream::Timed,
};

/// The most bytes of a head, with the address of a GET, which contains the document.
const HEAD_BYTES: usize = 128 * 1024;
const HEADERS: usize = 64;
/// The pause after `accept` failed. Without file descriptors or memory it would fail again immediately.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown` completes. Then `/readyz` fails, and for `drain` requests are still answered, but each answer closes its
/// connection, so that a load balancer changes to other servers. Then the listener and idle connections close, and requests in flight
/// have `shutdown_grace` to finish. After that, all connections are closed.
///
/// Only HTTP/1.1: a proxy in front provides TLS and HTTP/2.
///
/// # Errors
///
/// None at the moment: a failed connection concerns only its client.
pub async fn serve(listener: TcpListener, app: App, shutdown: impl Future<Output = ()> + Send) -> io::Result<()> {
    let routes = router(app.clone());
    let Settings { max_connections, max_connections_per_address, .. } = *app.settings();
    let open = Connections::new(max_connections, max_connections_per_address);
    let (drain, cut, connections) = (CancellationToken::new(), CancellationToken::new(), TaskTracker::new());
    let over = async {
        shutdown.await;
        app.begin_draining();
        tracing::info!(connections = connections.len(), "draining");
        tokio::time::sleep(app.settings().drain).await;
    };
    tokio::pin!(over);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut over => break,
            accepted = accept(&listener, &open) => accepted,
        };
        let Some((stream, open)) = accepted else { continue };
        let connection = connection(stream, Arc::clone(open.connection()), routes.clone(), app.clone(), drain.clone());
        let cut = cut.clone();
        connections.spawn(async move {
            tokio::select! {
                () = connection => {}
                () = open.connection().closed() => {}
                () = cut.cancelled() => {}
            }
            drop(open);
        });
    }
    drop(listener);
    tracing::info!(connections = connections.len(), "no new connections are accepted");
    drain.cancel();
    connections.close();
    if tokio::time::timeout(app.settings().shutdown_grace, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "closing the remaining connections");
        cut.cancel();
        connections.wait().await;
    }
    Ok(())
}

async fn accept(listener: &TcpListener, open: &Arc<Connections>) -> Option<(TcpStream, Open)> {
    match listener.accept().await {
        Ok((stream, address)) => Some((stream, open.admit(address.ip().to_canonical()).await?)),
        // The client disconnected before it was accepted.
        Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) => None,
        Err(error) => {
            tracing::error!(%error, "a connection could not be accepted");
            open.close_slowest();
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

async fn connection(
    stream: TcpStream,
    connection: Arc<Connection>,
    routes: Router,
    app: App,
    drain: CancellationToken,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection was gone at once");
        return;
    }
    let peer = stream.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
    let stream = Timed::new(stream, Arc::clone(&connection), app.settings());
    let idle_timeout = app.settings().idle_timeout;
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let (routes, connection) = (routes.clone(), Arc::clone(&connection));
        // Immediately, because this ends the time limit of the head.
        let is_open = connection.begin(!request.body().is_end_stream());
        async move {
            if !is_open {
                return Err(io::Error::from(io::ErrorKind::ConnectionAborted));
            }
            let response = if names_its_host(&request) {
                request.extensions_mut().insert(Arc::clone(&connection));
                routes.oneshot(request.map(Body::new)).await.unwrap_or_else(|never| match never {})
            } else {
                without_host()
            };
            let upgraded = response.status() == StatusCode::SWITCHING_PROTOCOLS;
            if upgraded {
                connection.upgrade();
            }
            let handed_over = (!upgraded).then(|| connection.send());
            Ok(response.map(|body| Answer { body, _handed_over: handed_over }))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(idle_timeout)
        .max_header_size(HEAD_BYTES)
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

/// Whether the request has a `Host` header as RFC 9112, 3.2 demands: not more than one, and in HTTP/1.1 exactly one.
fn names_its_host(request: &Request<Incoming>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => request.version() < Version::HTTP_11,
        (Some(host), None) => {
            let authority = Authority::try_from(host.as_bytes());
            host.is_empty() || authority.is_ok_and(|authority| !authority.as_str().contains('@'))
        }
        (Some(_), Some(_)) => false,
    }
}

fn without_host() -> Response<Body> {
    let mut response = Response::new(Body::from("A request names its host, and one: Host: NAME (RFC 9112, 3.2).\n"));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The body of an answer. When it is dropped, hyper has all of it.
struct Answer {
    body: Body,
    _handed_over: Option<HandedOver>,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Completes with SIGTERM or SIGINT.
///
/// # Errors
///
/// If the signals cannot be handled.
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
