//! Connections: taking them, bounding them, and letting them go in good order.

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
    App, Settings,
    asker::Peer,
    connections::{Connection, Connections, HandedOver, Open},
    router,
    stream::Timed,
};

/// A head is at most so long, the address of a GET with its document included.
const HEAD_BYTES: usize = 128 * 1024;
const HEADERS: usize = 64;
/// For want of file descriptors or memory, `accept` fails again at once: wait a little.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown` comes. Then `/readyz` fails, and for the drain of the settings all is served as before, but that each answer is
/// the last one of its connection: a balancer sees it and turns elsewhere. Then the listener closes, idle connections close, and
/// requests in flight finish within the grace of the settings; what is left then is cut.
///
/// HTTP/1.1 alone: TLS and HTTP/2 are the business of the proxy in front.
///
/// # Errors
///
/// None for now: a connection that fails is its client's matter.
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
        // The client went away before it was taken.
        Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) => None,
        Err(error) => {
            tracing::error!(%error, "a connection could not be accepted");
            open.make_room();
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
        // At once, so that the head's time is over.
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

/// Whether the request names its host as RFC 9112, 3.2 wants it: once, and in HTTP/1.1 always.
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

/// The body of an answer, which tells when hyper has all of it.
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
