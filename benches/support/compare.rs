//! Compares Entente with a limit: the same query is sent to both in turns. The ratio is about the same on other machines.

use std::{rc::Rc, time::Duration};

use axum::body::Bytes;
use serde_json::Value;

use super::{
    client::{self, Measured},
    database::Database,
    median,
    process::{Process, time_of},
    size,
};

/// The number of clients.
const MANY: usize = 32;

/// A query, with requests for different data.
pub struct Question {
    pub what: &'static str,
    /// The requests to Entente, and those to the limit.
    pub requests: [Rc<[Bytes]>; 2],
    /// The beginning of every successful answer.
    pub begins: &'static str,
    /// The required part of the limit's requests per second.
    pub bar: f64,
    /// The maximum time with one client, as a multiple of the limit's time. `None` if there is no maximum.
    pub alone: Option<f64>,
}

/// The measurements of one query on one server.
#[derive(Default)]
struct Figures {
    per_second: Vec<f64>,
    alone: Vec<f64>,
    p99: Vec<f64>,
    cpu: Vec<f64>,
}

/// Measures Entente and the limit in turns, and prints the results.
pub fn compare(runtime: &tokio::runtime::Runtime, questions: &[Question], servers: [(&Process, &Database); 2]) {
    let (rounds, seconds) = (size("ENTENTE_BENCH_ROUNDS", 5), size("ENTENTE_BENCH_SECONDS", 2.0));
    println!("| {rounds} rounds of {seconds} s | Entente | limit | ratio | bar | |\n|---|---:|---:|---:|---:|---|");
    for Question { what, requests, begins, bar, alone } in questions {
        for (ours, limits) in requests[0].iter().zip(requests[1].iter()).take(20) {
            let [ours, limits] =
                [(servers[0].0, ours), (servers[1].0, limits)].map(|(it, request)| client::answer(it.address, request));
            let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            assert_eq!(parsed(&ours), parsed(&limits), "{what} is answered differently");
        }
        let bytes = client::answer(servers[0].0.address, &requests[0][0]).len();
        let mut figures: [Figures; 2] = Default::default();
        for round in 0..=rounds {
            for (at, (server, database)) in servers.iter().enumerate() {
                let mut processes = runtime.block_on(database.processes());
                processes.push(server.id());
                let before = time_of(&processes);
                let begins = if at == 0 { begins } else { "{" };
                let many = ask_for(seconds, server, MANY, &requests[at], begins);
                let cpu = (time_of(&processes) - before) * 1000.0 / many.count as f64;
                let one = ask_for(seconds / 2.0, server, 1, &requests[at], begins);
                // The first round is not counted.
                if round > 0 {
                    figures[at].per_second.push(many.per_second);
                    figures[at].alone.push(one.percentile(50));
                    figures[at].p99.push(many.percentile(99));
                    figures[at].cpu.push(cpu);
                }
            }
        }
        let of = |values: fn(&Figures) -> &Vec<f64>| [0, 1].map(|at| median(values(&figures[at]).clone()));
        let held = |holds: bool| if holds { "held" } else { "missed" };
        let [ours, limit] = of(|it| &it.per_second);
        let ratio = ours / limit;
        println!(
            "| {what} ({bytes} bytes): requests/s at {MANY} | {ours:.0} | {limit:.0} | {ratio:.2} | {bar:.2} | {} |",
            held(ratio >= *bar)
        );
        let [ours, limit] = of(|it| &it.p99);
        println!("| {what}: p99 ms at {MANY} | {ours:.1} | {limit:.1} | {:.2} | | |", ours / limit);
        let [ours, limit] = of(|it| &it.alone);
        let alone =
            alone.map_or((String::new(), ""), |times| (format!("{:.2}", limit * times), held(ours <= limit * times)));
        println!("| {what}: p50 ms at 1 | {ours:.2} | {limit:.2} | {:.2} | {} | {} |", ours / limit, alone.0, alone.1);
        let [ours, limit] = of(|it| &it.cpu);
        println!("| {what}: CPU ms a request | {ours:.2} | {limit:.2} | {:.2} | | |", ours / limit);
    }
    println!("| memory, MiB | {:.0} | {:.0} | | | |\n", servers[0].0.memory(), servers[1].0.memory());
}

fn ask_for(
    seconds: f64,
    server: &Process,
    connections: usize,
    requests: &Rc<[Bytes]>,
    begins: &'static str,
) -> Measured {
    let requests = requests.clone();
    client::ask_for(Duration::from_secs_f64(seconds), server.address, connections, begins, move |connection, turn| {
        requests[(connection * 61 + turn) % requests.len()].clone()
    })
}
