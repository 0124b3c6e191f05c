//! Writes under load, compared with single-row commits on the same database: `cargo bench --bench writes`.
//!
//! 32 clients send `definitionApply` with one changed outcome over HTTP, each for its own services. The comparison is the number of
//! single-row inserts of the same database, each a transaction that is on disk: on PostgreSQL measured by `pgbench` (at `PGBENCH`, or in
//! `pg_config --bindir`), on SQLite by a loop in this process with `synchronous=FULL`. The PostgreSQL server must run with `fsync` on.
//! Results: `docs/performance.md`.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod support;

use std::{
    env,
    io::Write as _,
    process::Command,
    time::{Duration, Instant},
};

use axum::body::Bytes;
use entente::policy::Scope;
use serde_json::json;
use support::{
    client, data,
    database::{Database, Kind},
    median,
    process::{Process, time_of},
    serve, size,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WRITTEN: &str = r#"{"data":{"definitionApply":{"applied":true,"userErrors":[]}}}"#;
const MANY: usize = 32;
/// Services that each client writes in turn.
const OWN: usize = 8;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve-entente", url, address] => serve::entente(url, address.parse().unwrap()),
        _ => Kind::available().into_iter().for_each(measure),
    }
}

fn measure(kind: Kind) {
    let (rounds, seconds) = (size("ENTENTE_BENCH_ROUNDS", 5), size("ENTENTE_BENCH_SECONDS", 2.0));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let database = runtime.block_on(async {
        let database = Database::create(kind).await;
        let store = serve::open(&database.url).await;
        data::fill(&store, size("ENTENTE_BENCH_SERVICES", 2_000).max(MANY * OWN)).await;
        database.analyze().await;
        database
    });
    let inserts = Inserts::prepare(&database);
    let server = Process::start(&["serve-entente", &database.url]);
    let token = serve::token(&[Scope::Read, Scope::DefinitionsWrite]);
    let mut version = 0;
    let mut apply = |seconds: f64| {
        version += 1;
        let (token, version) = (token.clone(), version);
        client::ask_for(Duration::from_secs_f64(seconds), server.address, MANY, WRITTEN, move |client, turn| {
            change(&token, client * OWN + turn % OWN, version * 1_000_000 + turn)
        })
    };
    apply(0.5);
    let processes = runtime.block_on(database.processes());
    let (mut ours, mut p50, mut p99, mut cpu, mut limits) = (vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..rounds {
        let all: Vec<u32> = processes.iter().copied().chain([server.id()]).collect();
        let before = time_of(&all);
        let applied = apply(seconds);
        cpu.push((time_of(&all) - before) * 1000.0 / applied.count as f64);
        ours.push(applied.per_second);
        p50.push(applied.percentile(50));
        p99.push(applied.percentile(99));
        limits.push(inserts.count(seconds));
    }
    let (ours, limit) = (median(ours), median(limits));
    let held = if ours / limit >= 0.5 { "held" } else { "missed" };
    println!("{}, medians of {rounds} rounds of {seconds} s\n", kind.name());
    println!("| 32 clients | definitionApply | single-row inserts | ratio | bar | |\n|---|---:|---:|---:|---:|---|");
    println!("| a second | {ours:.0} | {limit:.0} | {:.2} | 0.50 | {held} |", ours / limit);
    println!("| p50 ms | {:.2} | | | | |\n| p99 ms | {:.2} | | | | |", median(p50), median(p99));
    println!("| CPU ms a write | {:.2} | | | | |", median(cpu));
    println!("| memory, MiB | {:.0} | | | | |\n", server.memory());
    drop(server);
    runtime.block_on(database.remove());
}

/// A definition with one outcome changed.
fn change(token: &str, service: usize, version: usize) -> Bytes {
    let mutation = "mutation Apply($input: DefinitionApplyInput!) { definitionApply(input: $input) { applied userErrors { code path message } } }";
    let outcome = json!({ "key": "outcome-2", "statement": data::statement(service, 2, version) });
    let definition = json!({ "slug": data::slug(service), "outcomes": [outcome] });
    client::graphql(token, mutation, &json!({ "input": { "definition": definition } }))
}

/// Single-row inserts into the same database, each a transaction.
enum Inserts {
    Sqlite(rusqlite::Connection),
    Postgres { program: String, url: String, script: tempfile::NamedTempFile },
}

const TABLE: &str = "CREATE TABLE single (id BIGINT NOT NULL, body TEXT NOT NULL)";
const ROW: &str =
    "INSERT INTO single VALUES (17, 'a text of about as many bytes as the row of a change has: some hundred')";

impl Inserts {
    fn prepare(database: &Database) -> Self {
        match database.kind {
            Kind::Sqlite => {
                let path = database.url.trim_start_matches("sqlite://").split('?').next().unwrap();
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000").unwrap();
                connection.execute_batch(TABLE).unwrap();
                Self::Sqlite(connection)
            }
            Kind::Postgres => {
                let mut script = tempfile::NamedTempFile::new().unwrap();
                writeln!(script, "{ROW};").unwrap();
                let program = env::var("PGBENCH").unwrap_or_else(|_| {
                    let found = Command::new("pg_config").arg("--bindir").output().unwrap();
                    format!("{}/pgbench", String::from_utf8(found.stdout).unwrap().trim())
                });
                let inserts = Self::Postgres { program, url: database.url.clone(), script };
                let url = database.url.clone();
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(support::database::run_on_postgres(&url, TABLE));
                inserts
            }
        }
    }

    /// The number of inserts per second.
    fn count(&self, seconds: f64) -> f64 {
        match self {
            Self::Sqlite(connection) => {
                let mut statement = connection.prepare_cached(ROW).unwrap();
                let (started, mut count) = (Instant::now(), 0);
                while started.elapsed().as_secs_f64() < seconds {
                    statement.execute([]).unwrap();
                    count += 1;
                }
                f64::from(count) / started.elapsed().as_secs_f64()
            }
            Self::Postgres { script, .. } => {
                let time = format!("{:.0}", seconds.max(1.0));
                let script = script.path().to_str().unwrap();
                let told = self.pgbench(&["-n", "-M", "prepared", "-c", "32", "-j", "2", "-T", &time, "-f", script]);
                let rate = told.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
                rate.unwrap_or_else(|| panic!("pgbench tells no rate: {told}"))
            }
        }
    }

    fn pgbench(&self, arguments: &[&str]) -> String {
        let Self::Postgres { program, url, .. } = self else { return String::new() };
        let run = Command::new(program).args(arguments).arg(url).output();
        let run = run.unwrap_or_else(|error| panic!("{program}: {error}; PGBENCH names another"));
        assert!(run.status.success(), "{program}: {}", String::from_utf8_lossy(&run.stderr));
        String::from_utf8(run.stdout).unwrap()
    }
}
