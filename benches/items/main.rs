//! Loads a CMDB through the API, and queries the impact of failed items: `cargo bench --bench items`.
//!
//! 100,000 items in stacks, 1,000 shared items and 300,000 dependencies are sent over HTTP in batches of 1,000, one batch after another,
//! and then the same again. The server is the complete program. Then impact is measured in turns with a limit: one hand-written statement
//! that follows the same graph. `TEST_DATABASE_URL` is a PostgreSQL server, on which databases are created and dropped.
//! `ENTENTE_BENCH_ITEMS` (a multiple of 1,000), `ENTENTE_BENCH_SERVICES`, `ENTENTE_BENCH_ROUNDS` and `ENTENTE_BENCH_SECONDS` (of one
//! measurement) change the duration.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

mod cmdb;
mod limit;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the other benchmarks use the rest")]
mod support;

use std::{env, fs};

use cmdb::{Cmdb, DEPENDENTS, HIT, key};
use entente::{api::Api, policy::Scope};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, SqliteConnection};
use support::{
    client,
    compare::{self, Question},
    data,
    database::{Database, Kind},
    process::{Process, time_of},
    serve, size,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The second load must be at least this many times as fast.
const AGAIN: f64 = 3.0;
/// The beginning of every successful answer about impact.
const IMPACT: &str = r#"{"data":{"impact":{"services":["#;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve-limit", url, address] => support::limit::serve(url, address.parse().unwrap(), limit::STATEMENT),
        _ => Kind::available().into_iter().for_each(measure),
    }
}

fn measure(kind: Kind) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let services = size("ENTENTE_BENCH_SERVICES", 2_000).max(HIT);
    let cmdb = Cmdb::new(size("ENTENTE_BENCH_ITEMS", 100_000).max(DEPENDENTS + services * 10), services);
    let (entente, store) = runtime.block_on(async {
        let database = Database::create(kind).await;
        let store = serve::open(&database.url).await;
        data::fill(&store, services).await;
        (database, store)
    });
    println!("{}: {} items, {} dependencies\n", kind.name(), cmdb.depends_on.len(), cmdb.dependencies());
    let program = env!("CARGO_BIN_EXE_entente").as_ref();
    let options = ["serve", "--database-url", &entente.url, "--jwt-secret", serve::SECRET, "--listen"];
    let server = Process::start_other(program, &options);
    load(&runtime, &entente, &cmdb, &server);

    let limits = runtime.block_on(async {
        let api = Api::new(store);
        for service in 0..services {
            tie(&api, service).await;
        }
        entente.analyze().await;
        let limits = Database::create(kind).await;
        support::limit::fill(&limits, limit::TABLES, limit::rows(&cmdb, &read(&api).await)).await;
        limits
    });
    let limit = Process::start(&["serve-limit", &limits.url]);
    compare(&runtime, kind, &cmdb, [(&server, &entente), (&limit, &limits)]);
    drop((server, limit));
    runtime.block_on(async {
        entente.remove().await;
        limits.remove().await;
    });
}

/// Sends everything twice.
fn load(runtime: &tokio::runtime::Runtime, database: &Database, cmdb: &Cmdb, server: &Process) {
    let token = serve::token(&[Scope::CmdbWrite]);
    let batches = cmdb.batches(&token);
    let start = server.memory();
    println!(
        "| batches of 1,000 | items/s | p50 ms | p99 ms | CPU ms | memory, MiB | peak |\n|---|---:|---:|---:|---:|---:|---:|"
    );
    let send = |what: &str, expected: &'static str| {
        let mut processes = runtime.block_on(database.processes());
        processes.push(server.id());
        let before = time_of(&processes);
        let sent = client::ask_each(server.address, &batches, expected);
        let cpu = (time_of(&processes) - before) * 1000.0 / batches.len() as f64;
        let per_second = sent.per_second * 1000.0;
        let (p50, p99, memory, peak) = (sent.percentile(50), sent.percentile(99), server.memory(), peak(server));
        println!("| {what} | {per_second:.0} | {p50:.0} | {p99:.0} | {cpu:.0} | {memory:.0} | {peak:.0} |");
        per_second
    };
    let first =
        send("first", r#"{"data":{"configurationItemsApply":{"created":1000,"updated":0,"unchanged":0,"removed":0,"#);
    let current = || runtime.block_on(state(database));
    let before = current();
    let again = send(
        "again",
        r#"{"data":{"configurationItemsApply":{"created":0,"updated":0,"unchanged":1000,"removed":0,"unresolved":0,"userErrors":[]}"#,
    );
    assert_eq!(current(), before, "loading the same again wrote something");
    let held = if again / first >= AGAIN { "held" } else { "missed" };
    println!(
        "\nAgain is {:.1} times as fast (bar {AGAIN}: {held}); before the first batch: {start:.0} MiB.\n",
        again / first
    );
}

/// The number of changes, and the time of the last change of an item.
async fn state(database: &Database) -> (i64, String) {
    const SQL: &str = "SELECT (SELECT count(*) FROM change), CAST(max(updated_at) AS text) FROM configuration_item";
    match database.kind {
        Kind::Sqlite => {
            let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
            sqlx::query_as(SQL).fetch_one(&mut connection).await.unwrap()
        }
        Kind::Postgres => {
            let mut connection = PgConnection::connect(&database.url).await.unwrap();
            sqlx::query_as(SQL).fetch_one(&mut connection).await.unwrap()
        }
    }
}

/// The maximum memory of a process so far, in MiB.
fn peak(server: &Process) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib / 1024.0)
}

/// Links a service to its application.
async fn tie(api: &Api, service: usize) {
    let key = json!({ "ref": { "system": "servicenow", "key": key(Cmdb::application(service)) } });
    let definition = json!({ "slug": data::slug(service), "configurationItems": [key] });
    let mutation =
        "mutation($input: DefinitionApplyInput!) { definitionApply(input: $input) { userErrors { path message } } }";
    let data = data::execute(api, mutation, json!({ "input": { "definition": definition } })).await;
    assert_eq!(data["definitionApply"]["userErrors"], json!([]));
}

/// The services, for the tables of the limit.
async fn read(api: &Api) -> Vec<Value> {
    let query =
        "query($after: String) { services(first: 50, after: $after) { pageInfo { hasNextPage endCursor } nodes {
        id slug name provider { id slug name } outcomes { id key statement }
        consumers { organization { id slug name } } } } }";
    let (mut services, mut after) = (Vec::new(), Value::Null);
    loop {
        let mut page = data::execute(api, query, json!({ "after": after })).await["services"].take();
        services.append(page["nodes"].as_array_mut().unwrap());
        if page["pageInfo"]["hasNextPage"] == false {
            return services;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}

/// The affected services, with their affected outcomes and the contacts of their consumers; and the same with the reasons.
const ASK: &str = r#"query Impact($key: String!) {
  impact(of: [{ref: {system: "servicenow", key: $key}}]) {
    services {
      effect
      service { id slug name provider { id slug name } }
      outcomes { outcome { id key statement } }
      consumers { organization { id slug name } }
    }
  }
}"#;

fn compare(runtime: &tokio::runtime::Runtime, kind: Kind, cmdb: &Cmdb, servers: [(&Process, &Database); 2]) {
    let token = serve::token(&[Scope::Read, Scope::CmdbRead]);
    let ask = |key: &String| client::graphql(&token, ASK, &json!({ "key": key }));
    let limits = |key: &String| client::get(&format!("/{key}"));
    let parts: Vec<String> = cmdb.parts().map(key).collect();
    let hub = vec![key(cmdb.hub())];
    // The required time was set on another machine: it is relative to the time of the limit there.
    let alone = if kind == Kind::Postgres { 1.2 / 0.72 } else { 1.2 / 0.19 };
    let questions = [("Q4, a part of a stack", &parts, Some(alone)), ("10,000 dependents", &hub, None)];
    let questions = questions.map(|(what, keys, alone)| Question {
        what,
        requests: [keys.iter().map(ask).collect(), keys.iter().map(limits).collect()],
        begins: IMPACT,
        bar: 0.6,
        alone,
    });
    compare::compare(runtime, &questions, servers);
}
