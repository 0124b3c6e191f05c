//! The server with a small schema on its own port. The tests use real sockets.

mod answers;
mod connections;
mod health;
mod large;
mod limits;
mod page;
mod persisted;
mod places;
mod protocol;
mod tokens;

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_graphql::{Context, EmptySubscription, Error, ErrorExtensions, Object, Response, Schema};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use graphql_strict::{Documents, Prepared};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::JoinHandle,
};

use super::{
    app::App,
    engine::Engine,
    serve,
    settings::Settings,
    token::{Grant, Rules, Verifier, mint},
};
use crate::{
    api::{self, Access, Caller, documents::documents},
    clock::Clock,
    config::{KeySource, Secret},
    policy::Scope,
    turns::apart::Gate,
    words::Speech,
};

pub(super) const SECRET: &str = "a secret of forty characters for the tests";

/// The state that the test and the schema share.
#[derive(Clone, Default)]
struct Inside {
    /// Lets `gate` answer.
    open: Arc<Notify>,
    /// The number of requests that wait in `gate`.
    waiting: Arc<AtomicUsize>,
    /// How often `touch` was executed.
    touched: Arc<AtomicUsize>,
    broken: Arc<AtomicBool>,
    access: Arc<Mutex<Access>>,
    last_caller: Arc<Mutex<Option<Caller>>>,
}

struct Query;
struct Mutation;

fn coded(message: &str, code: &'static str) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

struct Pair;

#[Object]
impl Pair {
    async fn a(&self) -> i32 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        1
    }

    async fn b(&self) -> i32 {
        2
    }

    async fn pair(&self) -> Pair {
        Pair
    }
}

#[Object]
impl Query {
    async fn ok(&self) -> bool {
        true
    }

    async fn pair(&self) -> Pair {
        Pair
    }

    async fn number(&self, of: i32) -> i32 {
        of
    }

    async fn text(&self, length: usize) -> String {
        "entente ".repeat(length / 8)
    }

    async fn echo(&self, text: String) -> String {
        text
    }

    async fn viewer(&self, ctx: &Context<'_>) -> Option<Result<String, Error>> {
        let claims = ctx.data_unchecked::<Caller>().claims.as_ref();
        Some(claims.map(|claims| claims.subject.clone()).ok_or_else(|| coded("A token is needed.", "UNAUTHENTICATED")))
    }

    async fn gate(&self, ctx: &Context<'_>) -> bool {
        let inside = ctx.data_unchecked::<Inside>();
        let opened = inside.open.notified();
        inside.waiting.fetch_add(1, Ordering::SeqCst);
        opened.await;
        true
    }

    /// A large request, which then waits in `gate`.
    async fn large(&self, ctx: &Context<'_>) -> bool {
        if let Some(gate) = &ctx.data_unchecked::<Caller>().gate {
            gate.pass().await;
        }
        self.gate(ctx).await.is_ok()
    }

    async fn crowded(&self, ctx: &Context<'_>) -> bool {
        ctx.data_unchecked::<Caller>().gate.as_ref().is_some_and(Gate::is_crowded)
    }

    async fn panics(&self) -> bool {
        let wires = std::hint::black_box(None::<bool>);
        wires.expect("the wrong wire was cut")
    }

    async fn fails(&self) -> Option<Result<bool, Error>> {
        Some(Err(std::io::Error::other("password hunter2 refused by 10.0.0.7").into()))
    }

    async fn internal(&self) -> Option<Result<bool, Error>> {
        Some(Err(coded("password hunter2 refused by 10.0.0.7", "INTERNAL")))
    }

    async fn unavailable(&self) -> Option<Result<bool, Error>> {
        Some(Err(coded("the database can only be read at the moment", "UNAVAILABLE")))
    }

    async fn limited(&self) -> Option<Result<bool, Error>> {
        Some(Err(coded("Too many of yours.", "RATE_LIMITED")))
    }
}

#[Object]
impl Mutation {
    async fn touch(&self, ctx: &Context<'_>) -> usize {
        ctx.data_unchecked::<Inside>().touched.fetch_add(1, Ordering::SeqCst) + 1
    }

    async fn shout(&self, ctx: &Context<'_>, length: usize) -> String {
        ctx.data_unchecked::<Inside>().touched.fetch_add(1, Ordering::SeqCst);
        "entente ".repeat(length / 8)
    }

    /// Continues to wait after its client has disconnected, as writes do.
    async fn outlive(&self, ctx: &Context<'_>) -> bool {
        let (inside, caller) = (ctx.data_unchecked::<Inside>().clone(), ctx.data_unchecked::<Caller>().clone());
        let task = tokio::spawn(async move {
            let opened = inside.open.notified();
            inside.waiting.fetch_add(1, Ordering::SeqCst);
            opened.await;
            drop(caller);
        });
        task.await.is_ok()
    }
}

struct TestEngine {
    schema: Schema<Query, Mutation, EmptySubscription>,
    documents: Documents,
    inside: Inside,
}

impl Engine for TestEngine {
    fn execute(&self, operation: Prepared, caller: Caller) -> BoxFuture<'_, Response> {
        *self.inside.last_caller.lock().unwrap() = Some(Caller { place: None, ..caller.clone() });
        Box::pin(async move {
            let mut response = self.schema.execute(operation.into_request().data(caller)).await;
            api::encode(&mut response, Speech::English);
            response
        })
    }

    fn documents(&self) -> &Documents {
        &self.documents
    }

    fn ready(&self) -> BoxFuture<'_, Result<Access, String>> {
        let broken = self.inside.broken.load(Ordering::SeqCst);
        let access = *self.inside.access.lock().unwrap();
        let ready = if broken { Err("db.internal: connection refused".to_owned()) } else { Ok(access) };
        Box::pin(async move { ready })
    }
}

fn rules() -> Rules {
    Rules {
        issuer: "entente".to_owned(),
        audiences: vec!["entente".to_owned()],
        organization: "org".to_owned(),
        scope: "scope".to_owned(),
        name: "name".to_owned(),
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-22T08:30:00Z".parse().unwrap()
}

pub(super) fn token(lifetime: TimeDelta) -> String {
    token_with(lifetime, vec![Scope::Read])
}

fn token_with(lifetime: TimeDelta, scopes: Vec<Scope>) -> String {
    let grant = Grant {
        subject: "u-17".to_owned(),
        name: Some("Alix Martin".to_owned()),
        organization: Some("it".to_owned()),
        scopes,
    };
    mint(&Secret::from(SECRET.to_owned()), &rules(), &grant, lifetime, now()).unwrap()
}

fn settings() -> Settings {
    Settings {
        header_timeout: Duration::from_secs(5),
        body_timeout: Duration::from_secs(5),
        request_timeout: Duration::from_secs(5),
        idle_timeout: Duration::from_secs(5),
        write_timeout: Duration::from_secs(5),
        answer_timeout: Duration::from_secs(20),
        drain: Duration::ZERO,
        shutdown_grace: Duration::from_secs(5),
        public_url: None,
        trusted_proxies: Vec::new(),
        max_connections: 100,
        max_connections_per_address: None,
        max_requests: 100,
        max_large_requests: 4,
        cors_origins: Vec::new(),
    }
}

/// A server that runs until it is stopped or dropped.
pub(super) struct Server {
    address: SocketAddr,
    inside: Inside,
    app: App,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
    pub(super) client: reqwest::Client,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(super) async fn start() -> Self {
        Self::with(|_| ()).await
    }

    async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = settings();
        change(&mut settings);
        let inside = Inside::default();
        let schema = Schema::build(Query, Mutation, EmptySubscription).data(inside.clone()).finish();
        let engine = TestEngine { documents: documents(&schema.sdl()), schema, inside: inside.clone() };
        let verifier = Verifier::new(KeySource::Secrets(vec![SECRET.to_owned().into()]), rules()).unwrap();
        let app = App::new(engine, verifier, settings, Clock::manual(now));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let task = tokio::spawn(serve(listener, app.clone(), shutdown));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { address, inside, app, stop: Some(stop), task, client }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn post(&self) -> reqwest::RequestBuilder {
        self.client
            .post(self.url("/graphql"))
            .header("content-type", "application/json")
            .header("accept", "application/graphql-response+json")
    }

    /// A POST of one document.
    fn ask(&self, query: &str) -> reqwest::RequestBuilder {
        self.post().body(json!({ "query": query }).to_string())
    }

    /// A POST of one document, with a token that may write.
    fn ask_as_writer(&self, query: &str) -> reqwest::RequestBuilder {
        self.ask(query).bearer_auth(token_with(TimeDelta::minutes(5), vec![Scope::ThreadsWrite]))
    }

    /// A GET of one document.
    fn get(&self, query: &str) -> reqwest::RequestBuilder {
        let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        self.client
            .get(self.url(&format!("/graphql?query={query}")))
            .header("accept", "application/graphql-response+json")
    }

    /// Sends these bytes on a new connection and reads until the server closes it, or for a second.
    async fn raw(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        let _ = stream.write_all(bytes.as_ref()).await;
        read_all(&mut stream).await
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Waits until so many requests wait in `gate`.
    async fn waiting(&self, count: usize) {
        until(|| self.inside.waiting.load(Ordering::SeqCst) >= count).await;
    }
}

async fn until(mut done: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("it did not come to pass within 2 s");
}

async fn read_all(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Checks that a request was refused: the status, one error with the code and a message, and no data. Returns the message.
async fn refused(response: reqwest::Response, status: u16, code: &str) -> String {
    let answered = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    assert_eq!(answered, status, "{body}");
    assert_eq!(body["errors"].as_array().unwrap().len(), 1, "{body}");
    assert_eq!(body["errors"][0]["extensions"]["code"], code, "{body}");
    assert!(body.get("data").is_none(), "{body}");
    body["errors"][0]["message"].as_str().unwrap().to_owned()
}
