//! The attacks. Each runs until it is dropped.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::Bytes;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
    task::JoinSet,
};

use crate::{
    Form, data,
    issuer::Issuer,
    support::client::graphql,
    wire::{Answer, Connection},
};

/// A kind of attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    HalfRequests,
    IdleConnections,
    Drips,
    UnknownKey,
    Abandoned,
    OneService,
    FanOut,
    DryRuns,
    LargeVariables,
}

/// The server that is attacked, and the tokens of the attackers.
pub struct Target {
    address: SocketAddr,
    is_short: bool,
    /// A token of the attacker's organization.
    attacker: String,
    /// A token that may read all services.
    reader: String,
    strangers: Vec<String>,
}

impl Target {
    pub fn new(address: SocketAddr, issuer: &Issuer, form: &Form) -> Self {
        Self {
            address,
            is_short: form.is_short,
            attacker: issuer.token("attacker", "attacker", "read definitions:write"),
            reader: issuer.token("provider", "reader", "read"),
            strangers: (0..256).map(|number| issuer.with_unknown_key(number)).collect(),
        }
    }
}

/// A running attack. It ends when it is dropped.
pub struct Running {
    _tasks: JoinSet<()>,
    /// How often the attack was effective: its request was accepted, and answered as expected for this attack.
    pub count: Arc<AtomicUsize>,
}

const WRITE: &str =
    "mutation($input: DefinitionApplyInput!) { definitionApply(input: $input) { applied userErrors { code } } }";
const FAN_OUT: &str =
    "services(first: 100) { nodes { consumers { organization { consumedServices(first: 1) { totalCount } } } } }";
const LARGE: &str = "{ services(first: 100) { nodes { id slug name summary outcomes { id key statement
    indicators { id key name unit baseline target } } costs { statement } risks { statement mitigation } } } }";

impl Attack {
    pub const ALL: [Self; 9] = [
        Self::HalfRequests,
        Self::IdleConnections,
        Self::Drips,
        Self::UnknownKey,
        Self::Abandoned,
        Self::OneService,
        Self::FanOut,
        Self::DryRuns,
        Self::LargeVariables,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::HalfRequests => "300 halves of POSTs without a token",
            Self::IdleConnections => "more idle connections than there may be",
            Self::Drips => "128 large answers, read in drips",
            Self::UnknownKey => "256 with tokens of unknown keys, the issuer hangs",
            Self::Abandoned => "1,000 mutations a second, abandoned",
            Self::OneService => "240 write to one service",
            Self::FanOut => "8 ask for fan-out below lists",
            Self::DryRuns => "4 dry runs with 20,000 references",
            Self::LargeVariables => "8 send 1.4 MB of variables without a token",
        }
    }

    pub fn begin(self, target: &Target) -> Running {
        let (mut tasks, count) = (JoinSet::new(), Arc::<AtomicUsize>::default());
        let address = target.address;
        match self {
            Self::HalfRequests => {
                let half = post(100, "{");
                spawn(&mut tasks, 300, || hold(address, half.clone(), false, count.clone()));
            }
            Self::IdleConnections => {
                let get = Bytes::from_static(b"GET /healthz HTTP/1.1\r\nHost: siege\r\n\r\n");
                let many = if target.is_short { 600 } else { 4_300 };
                spawn(&mut tasks, many, || hold(address, get.clone(), true, count.clone()));
            }
            Self::Drips => {
                let large = graphql(&target.reader, LARGE, &json!({}));
                spawn(&mut tasks, 128, || drip(address, large.clone(), count.clone()));
            }
            Self::UnknownKey => {
                for token in &target.strangers {
                    let request = graphql(token, "{ __typename }", &json!({}));
                    tasks.spawn(ask(address, vec![request], &[401, 503], Duration::from_millis(100), count.clone()));
                }
            }
            Self::Abandoned => {
                let write = change(&target.attacker, 0);
                spawn(&mut tasks, 4, || abandon(address, write.clone(), count.clone()));
            }
            Self::OneService => {
                let writes: Vec<_> = (0..100).map(|version| change(&target.attacker, version)).collect();
                spawn(&mut tasks, 240, || ask(address, writes.clone(), &[429], Duration::ZERO, count.clone()));
            }
            Self::FanOut => {
                let aliases: String = (0..25).map(|number| format!("a{number}: {FAN_OUT} ")).collect();
                let both = [FAN_OUT.to_owned(), aliases]
                    .map(|text| graphql(&target.reader, &format!("{{ {text} }}"), &json!({})));
                spawn(&mut tasks, 8, || ask(address, both.to_vec(), &[429], Duration::ZERO, count.clone()));
            }
            Self::DryRuns => {
                let dry = dry_run(&target.attacker);
                spawn(&mut tasks, 4, || ask(address, vec![dry.clone()], &[429], Duration::ZERO, count.clone()));
            }
            Self::LargeVariables => {
                let body = json!({ "query": WRITE, "variables": { "input": "x".repeat(1_400_000) } }).to_string();
                let large = post(body.len(), &body);
                spawn(&mut tasks, 8, || {
                    ask(address, vec![large.clone()], &[401, 413], Duration::from_millis(5), count.clone())
                });
            }
        }
        Running { _tasks: tasks, count }
    }
}

fn spawn<F: Future<Output = ()> + Send + 'static>(tasks: &mut JoinSet<()>, many: usize, one: impl Fn() -> F) {
    for _ in 0..many {
        tasks.spawn(one());
    }
}

/// A POST with this `Content-Length`.
fn post(length: usize, body: &str) -> Bytes {
    let head = "POST /graphql HTTP/1.1\r\nHost: siege\r\nContent-Type: application/json\r\n";
    format!("{head}Content-Length: {length}\r\n\r\n{body}").into()
}

/// A change of one text of the attacker's service.
fn change(token: &str, version: usize) -> Bytes {
    let definition = json!({ "slug": data::slug("attacker", 0), "summary": format!("Version {version}.") });
    graphql(token, WRITE, &json!({ "input": { "definition": definition } }))
}

fn dry_run(token: &str) -> Bytes {
    let consumers: Vec<_> = (0..20_000)
        .map(|number| json!({ "organization": { "ref": { "system": "s", "key": format!("k{number}") } } }))
        .collect();
    let definition = json!({ "slug": data::slug("attacker", 1), "consumers": consumers });
    graphql(token, WRITE, &json!({ "input": { "definition": definition, "dryRun": true } }))
}

/// Keeps a connection open on which these bytes were sent, and opens another when it is closed.
async fn hold(address: SocketAddr, sent: Bytes, is_answered: bool, count: Arc<AtomicUsize>) {
    loop {
        if let Ok(mut own) = Connection::open(address).await {
            let is_sent =
                if is_answered { own.ask(&sent).await.is_ok() } else { own.stream.write_all(&sent).await.is_ok() };
            if is_sent {
                count.fetch_add(1, Ordering::Relaxed);
                while own.stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Sends a request, and reads the answer slowly.
async fn drip(address: SocketAddr, request: Bytes, count: Arc<AtomicUsize>) {
    loop {
        let socket = TcpSocket::new_v4().unwrap();
        let _ = socket.set_recv_buffer_size(4096);
        if let Ok(mut stream) = socket.connect(address).await
            && stream.write_all(&request).await.is_ok()
        {
            count.fetch_add(1, Ordering::Relaxed);
            while stream.read(&mut [0; 512]).await.is_ok_and(|read| read > 0) {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Repeats a request. After an answer with `Retry-After` it waits a second. The attack was effective if the answer has no errors, or has
/// one of these statuses.
async fn ask(
    address: SocketAddr,
    requests: Vec<Bytes>,
    refused: &'static [u16],
    pause: Duration,
    count: Arc<AtomicUsize>,
) {
    let mut own = None;
    for turn in 0.. {
        let request = &requests[turn % requests.len()];
        let answer = match own.take() {
            Some(connection) => answered(connection, request).await,
            None => match Connection::open(address).await {
                Ok(connection) => answered(connection, request).await,
                Err(_) => None,
            },
        };
        let mut told_to_wait = false;
        if let Some((connection, answer)) = answer {
            own = Some(connection);
            told_to_wait = answer.status == 429;
            let is_answered = answer.status == 200 && !answer.body.contains(r#""errors":"#);
            if is_answered || refused.contains(&answer.status) {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
        tokio::time::sleep(if told_to_wait { Duration::from_secs(1) } else { pause }).await;
    }
}

async fn answered(mut connection: Connection, request: &Bytes) -> Option<(Connection, Answer)> {
    let answer = connection.ask(request).await.ok()?;
    Some((connection, answer))
}

/// Sends a request and closes the connection.
async fn abandon(address: SocketAddr, request: Bytes, count: Arc<AtomicUsize>) {
    let mut each = tokio::time::interval(Duration::from_millis(4));
    each.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        each.tick().await;
        if let Ok(mut own) = Connection::open(address).await {
            let _ = own.stream.write_all(&request).await;
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}
