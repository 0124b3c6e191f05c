//! Reads under load, compared with hand-written SQL for the same answers: `cargo bench --bench load`.
//!
//! Entente and the limit serve the same content in separate processes. They are measured in turns, so that other load of the machine
//! affects both. `TEST_DATABASE_URL` is a PostgreSQL server, on which databases are created and dropped. `ENTENTE_BENCH_SERVICES`,
//! `ENTENTE_BENCH_ROUNDS` and `ENTENTE_BENCH_SECONDS` (of one measurement) change the duration. `ENTENTE_BENCH_BEFORE` is another build
//! of this program, whose Entente is then measured too. Results: `docs/performance.md`.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

mod limit;
mod queries;
mod report;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the other benchmarks use the rest")]
mod support;

use std::{env, rc::Rc, time::Duration};

use axum::body::Bytes;
use entente::{api::Api, policy::Scope};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::{Value, json};
use support::{
    client::{self, Measured},
    data,
    database::{Database, Kind},
    median,
    process::{Process, time_of},
    serve, size,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The beginning of every successful answer. PostgreSQL writes spaces after it.
const DATA: &str = r#"{"data""#;
const MANY: usize = 32;
/// The index of the limit in the list of servers: after Entente, before the previous build of Entente.
const LIMIT: usize = 1;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve-entente", url, address] => serve::entente(url, address.parse().unwrap()),
        ["serve-limit", url, address] => limit::serve(url, address.parse().unwrap()),
        _ => Kind::available().into_iter().for_each(measure),
    }
}

/// Databases of one kind with the same content.
struct Bench {
    entente: Database,
    limit: Database,
    services: Vec<Value>,
    /// The cursors of the pages of Entente.
    cursors: Vec<Option<String>>,
    token: String,
}

/// A query for both servers.
pub struct Question {
    name: &'static str,
    entente: Rc<[Bytes]>,
    /// Empty if the query has no limit.
    limit: Rc<[Bytes]>,
}

/// The measurements of one query on one server.
#[derive(Default)]
pub struct Figures {
    per_second: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    /// The CPU time of the server and the database for each request, in ms.
    cpu: Vec<f64>,
    p50_alone: Vec<f64>,
}

fn measure(kind: Kind) {
    let (rounds, seconds) = (size("ENTENTE_BENCH_ROUNDS", 5), size("ENTENTE_BENCH_SECONDS", 2.0));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let bench = runtime.block_on(Bench::new(kind, size("ENTENTE_BENCH_SERVICES", 2_000)));
    println!("{}, {} services, {rounds} rounds of {seconds} s", kind.name(), bench.services.len());
    let questions = bench.questions();
    report::cold(&bench.cold(&questions));

    let entente = Process::start(&["serve-entente", &bench.entente.url]);
    let limit = Process::start(&["serve-limit", &bench.limit.url]);
    let before = env::var_os("ENTENTE_BENCH_BEFORE");
    let before = before.map(|program| Process::start_other(&program, &["serve-entente", &bench.entente.url]));
    let servers = || [Some(&entente), Some(&limit), before.as_ref()].into_iter().enumerate();
    for question in &questions {
        for (at, server) in servers() {
            if let (Some(server), Some(requests)) = (server, question.requests(at)) {
                client::ask_each(server.address, requests, DATA);
                client::ask_for(Duration::from_millis(500), server.address, MANY, DATA, any_of(requests));
            }
        }
        question.compare(&entente, &limit);
    }
    let mut figures: Vec<[Figures; 3]> = questions.iter().map(|_| Default::default()).collect();
    for _ in 0..rounds {
        for (question, figures) in questions.iter().zip(&mut figures) {
            for (at, server) in servers() {
                let (Some(server), Some(requests)) = (server, question.requests(at)) else { continue };
                let database = if at == LIMIT { &bench.limit } else { &bench.entente };
                // The previous build uses the same processes of the database; a server that is not measured uses no time.
                let mut processes = runtime.block_on(database.processes());
                processes.push(server.id());
                figures[at].add(server, &processes, requests, seconds);
            }
        }
    }
    report::warm(kind, &questions, &figures);
    report::memory(entente.memory(), limit.memory());
    drop((entente, limit, before));
    runtime.block_on(async {
        bench.entente.remove().await;
        bench.limit.remove().await;
    });
}

impl Bench {
    async fn new(kind: Kind, count: usize) -> Self {
        let (entente, limit) = (Database::create(kind).await, Database::create(kind).await);
        let store = serve::open(&entente.url).await;
        data::fill(&store, count).await;
        entente.analyze().await;
        let api = Api::new(store);
        let (mut services, mut cursors, mut after) = (Vec::new(), Vec::new(), None);
        loop {
            let mut data = data::execute(&api, queries::ALL, json!({ "after": after })).await;
            cursors.push(after);
            let page = &mut data["services"];
            services.append(page["nodes"].as_array_mut().unwrap());
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            after = Some(page["pageInfo"]["endCursor"].as_str().unwrap().to_owned());
        }
        limit::fill(&limit, &services).await;
        Self { entente, limit, services, cursors, token: serve::token(&[Scope::Read]) }
    }

    fn questions(&self) -> Vec<Question> {
        let ask = |query, variables: Value| client::graphql(&self.token, query, &variables);
        let keys = (0..self.services.len()).map(data::key);
        let page = |query| self.cursors.iter().map(|after| ask(query, json!({ "after": after }))).collect::<Vec<_>>();
        // A page of the limit begins after the name of the last service of the previous page.
        let starts = (0..self.cursors.len()).map(|page| match page {
            0 => client::get("/page/-"),
            _ => client::get(&format!("/page/{}", name(&self.services[page * 50 - 1]).replace(' ', "%20"))),
        });
        let mut questions = vec![
            Question {
                name: "Q1",
                entente: keys.clone().map(|key| ask(queries::ONE, json!({ "key": key }))).collect(),
                limit: keys.map(|key| client::get(&format!("/one/{key}"))).collect(),
            },
            Question { name: "Q2", entente: page(queries::PAGE).into(), limit: starts.collect() },
            Question { name: "wide page", entente: page(queries::WIDE_PAGE).into(), limit: Rc::new([]) },
        ];
        for question in &mut questions {
            question.shuffle();
        }
        questions
    }

    /// Sends each query to a server that was just started.
    fn cold(&self, questions: &[Question]) -> Vec<(&'static str, Duration, Measured)> {
        let cold = |question: &Question| {
            let server = Process::start(&["serve-entente", &self.entente.url]);
            let some = &question.entente[..question.entente.len().min(200)];
            (question.name, server.ready_in, client::ask_each(server.address, some, DATA))
        };
        questions.iter().map(cold).collect()
    }
}

impl Question {
    /// The requests for a server. `None` if the query has none for it.
    fn requests(&self, at: usize) -> Option<&Rc<[Bytes]>> {
        Some(if at == LIMIT { &self.limit } else { &self.entente }).filter(|requests| !requests.is_empty())
    }

    /// Changes the order of the requests, in the same way in every run and for both servers.
    fn shuffle(&mut self) {
        for requests in [&mut self.entente, &mut self.limit] {
            let mut shuffled = requests.to_vec();
            shuffled.shuffle(&mut StdRng::seed_from_u64(17));
            *requests = shuffled.into();
        }
    }

    /// Checks that both servers return the same answers.
    fn compare(&self, entente: &Process, limit: &Process) {
        let parsed = |server: &Process, request| -> Value {
            serde_json::from_str(&client::answer(server.address, request)).unwrap()
        };
        for (ours, limits) in self.entente.iter().zip(self.limit.iter()).take(20) {
            assert_eq!(parsed(entente, ours), parsed(limit, limits), "{} is answered differently", self.name);
        }
        if let Some(request) = self.entente.first() {
            println!("{}: answers of {} bytes", self.name, client::answer(entente.address, request).len());
        }
    }
}

impl Figures {
    fn add(&mut self, server: &Process, processes: &[u32], requests: &Rc<[Bytes]>, seconds: f64) {
        let time = Duration::from_secs_f64(seconds);
        let before = time_of(processes);
        let many = client::ask_for(time, server.address, MANY, DATA, any_of(requests));
        self.cpu.push((time_of(processes) - before) * 1000.0 / many.count as f64);
        self.per_second.push(many.per_second);
        self.p50.push(many.percentile(50));
        self.p99.push(many.percentile(99));
        let alone = client::ask_for(time / 2, server.address, 1, DATA, any_of(requests));
        self.p50_alone.push(alone.percentile(50));
    }

    fn median(&self, of: impl Fn(&Self) -> &Vec<f64>) -> f64 {
        median(of(self).clone())
    }
}

/// Each connection begins at another position in the requests.
fn any_of(requests: &Rc<[Bytes]>) -> impl Fn(usize, usize) -> Bytes + Clone + 'static {
    let requests = requests.clone();
    let start: usize = StdRng::seed_from_u64(requests.len() as u64).random_range(0..1000);
    move |connection, turn| requests[(start + connection * 61 + turn) % requests.len()].clone()
}

fn name(service: &Value) -> &str {
    service["name"].as_str().unwrap()
}
