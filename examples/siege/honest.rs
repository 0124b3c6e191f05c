//! The normal load: eight clients that read and eight that write, of two providers. Each sends a request, waits for the answer, pauses, and
//! sends the next one.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use axum::body::Bytes;
use serde_json::json;
use tokio::{runtime::Builder, task::LocalSet};

use crate::{data, issuer::Issuer, support::client::graphql, wire::Connection};

const EACH: usize = 8;
const THINKS: Duration = Duration::from_millis(20);
/// A request without an answer after this time has failed.
const PATIENCE: Duration = Duration::from_secs(20);

const READ: &str = "query Read($slug: String!) { service(by: { slug: $slug }) { name summary lifecycle
    outcomes { key statement indicators { key name target } } } services(first: 10) { nodes { slug name } } }";
const WRITE: &str =
    "mutation Write($input: DefinitionApplyInput!) { definitionApply(input: $input) { applied userErrors { code } } }";
const WRITTEN: &str = r#"{"data":{"definitionApply":{"applied":true,"userErrors":[]}}}"#;

/// The results of the requests.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub reads: usize,
    pub writes: usize,
    pub internal: usize,
    others: BTreeMap<String, usize>,
    time: Duration,
}

impl Seen {
    /// The results since another point in time.
    pub fn since(mut self, before: &Self, time: Duration) -> Self {
        self.reads -= before.reads;
        self.writes -= before.writes;
        self.internal -= before.internal;
        for (what, count) in &before.others {
            self.others.entry(what.clone()).and_modify(|now| *now -= count);
        }
        self.others.retain(|_, count| *count > 0);
        Self { time, ..self }
    }

    pub fn reads_a_second(&self) -> f64 {
        self.reads as f64 / self.time.as_secs_f64()
    }

    pub fn writes_a_second(&self) -> f64 {
        self.writes as f64 / self.time.as_secs_f64()
    }

    /// The other answers, with their numbers.
    pub fn others(&self) -> String {
        self.others.iter().map(|(what, count)| format!("{what} {count}")).collect::<Vec<_>>().join(", ")
    }
}

/// The clients, on a separate thread. They send requests until they are stopped.
pub struct Honest {
    seen: Arc<Mutex<Seen>>,
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Honest {
    pub fn start(address: SocketAddr, issuer: &Issuer) -> Self {
        let (seen, is_over) = (Arc::<Mutex<Seen>>::default(), Arc::<AtomicBool>::default());
        let (ours, until) = (seen.clone(), is_over.clone());
        let tenants = ["provider", "second"].map(|organization| {
            (organization, issuer.token(organization, &format!("honest-{organization}"), "read definitions:write"))
        });
        let thread = std::thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            LocalSet::new().block_on(&runtime, async move {
                let mut all = Vec::new();
                for number in 0..2 * EACH {
                    let (organization, token) = tenants[number % 2].clone();
                    let client = Client { address, number, is_writer: number < EACH, organization, token };
                    all.push(tokio::task::spawn_local(client.run(ours.clone(), until.clone())));
                }
                for one in all {
                    one.await.unwrap();
                }
            });
        });
        Self { seen, is_over, thread }
    }

    /// The results so far.
    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    pub fn stop(self) {
        self.is_over.store(true, Ordering::SeqCst);
        self.thread.join().unwrap();
    }
}

struct Client {
    address: SocketAddr,
    number: usize,
    is_writer: bool,
    organization: &'static str,
    token: String,
}

impl Client {
    async fn run(self, seen: Arc<Mutex<Seen>>, is_over: Arc<AtomicBool>) {
        let mut own = None;
        for turn in 0.. {
            if is_over.load(Ordering::SeqCst) {
                break;
            }
            let asked = tokio::time::timeout(PATIENCE, self.ask(&mut own, turn)).await;
            let told = asked.unwrap_or_else(|_| {
                own = None;
                Err("no answer".to_owned())
            });
            self.note(&mut seen.lock().unwrap(), told);
            tokio::time::sleep(THINKS).await;
        }
    }

    fn note(&self, seen: &mut Seen, told: Result<(), String>) {
        match told {
            Ok(()) if self.is_writer => seen.writes += 1,
            Ok(()) => seen.reads += 1,
            Err(code) if code == "INTERNAL" => seen.internal += 1,
            Err(code) => *seen.others.entry(code).or_default() += 1,
        }
    }

    async fn ask(&self, own: &mut Option<Connection>, turn: usize) -> Result<(), String> {
        let request = if self.is_writer { self.write(turn) } else { self.read(turn) };
        let mut connection = match own.take() {
            Some(connection) => connection,
            None => Connection::open(self.address).await.map_err(|error| error.kind().to_string())?,
        };
        let answer = connection.ask(&request).await.map_err(|error| error.kind().to_string())?;
        let begins = if self.is_writer { WRITTEN } else { r#"{"data":{"service":{"name":"# };
        if answer.status == 200 && answer.body.starts_with(begins) && !answer.body.contains(r#""errors":"#) {
            *own = Some(connection);
            return Ok(());
        }
        Err(answer.code())
    }

    fn read(&self, turn: usize) -> Bytes {
        graphql(&self.token, READ, &json!({ "slug": data::slug(self.organization, self.number * 7 + turn) }))
    }

    /// A write to the client's own service.
    fn write(&self, turn: usize) -> Bytes {
        let from = Instant::now();
        let definition = json!({
            "slug": data::slug(self.organization, self.number),
            "summary": format!("Written by {} in turn {turn} at {from:?}.", self.number),
        });
        graphql(&self.token, WRITE, &json!({ "input": { "definition": definition } }))
    }
}
