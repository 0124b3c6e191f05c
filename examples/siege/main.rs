//! Normal load, alone and then during one attack after another: `cargo run --release --example siege`.
//!
//! Eight readers and eight writers of two providers send requests, with a pause after each answer. During each attack the rate of reads must
//! be at least half, and that of writes at least a third; no answer may be INTERNAL; and the server must need less than 512 MiB. The program
//! prints one table, and exits with 1 if a condition is not met.
//!
//! With `--short` each attack takes about a second, and the rates are not checked. The database is SQLite, or PostgreSQL if
//! `TEST_DATABASE_URL` is a server. The server is a second process of this program (`siege serve`), so that its memory can be measured.

#![expect(clippy::unwrap_used, reason = "a siege that cannot go on has failed")]

#[path = "../../benches/support/mod.rs"]
#[expect(dead_code, reason = "the benchmarks use the rest")]
mod support;

mod attacks;
mod data;
mod honest;
mod issuer;
mod wire;

use std::{
    env,
    process::ExitCode,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use attacks::{Attack, Target};
use honest::{Honest, Seen};
use issuer::Issuer;
use support::{
    database::{Database, Kind},
    process::Process,
    serve, size,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The maximum memory of the server, in MiB.
const MEMORY: f64 = 512.0;
/// The required part of the rates of normal reads and writes.
const READS: f64 = 1.0 / 2.0;
const WRITES: f64 = 1.0 / 3.0;
/// How long the short form waits for a normal answer of each kind.
const PATIENCE: Duration = Duration::from_secs(10);

/// The duration and the size of a run.
pub struct Form {
    /// Whether each attack takes a second, and the rates are printed but not checked.
    pub is_short: bool,
    time: Duration,
    warm: Duration,
    services: usize,
}

impl Form {
    fn of(arguments: &[String]) -> Self {
        let is_short = arguments.iter().any(|argument| argument == "--short");
        let seconds = size("ENTENTE_SIEGE_SECONDS", if is_short { 1.0 } else { 8.0 });
        let warm = Duration::from_secs_f64(if is_short { 0.3 } else { 2.0 });
        let services = if is_short { 100 } else { 500 };
        Self { is_short, time: Duration::from_secs_f64(seconds), warm, services }
    }
}

/// One line of the table.
struct Row {
    what: &'static str,
    seen: Seen,
    /// The maximum memory, in MiB.
    memory: f64,
    /// How often the attack was effective. `None` without an attack.
    attacks: Option<usize>,
    is_alive: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "serve") {
        return entente::cli::main();
    }
    let form = Form::of(&arguments);
    let kind = if env::var_os("TEST_DATABASE_URL").is_some() { Kind::Postgres } else { Kind::Sqlite };
    // For the connections of this process.
    entente::http::files::make_room(10_000, 0).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (database, issuer) = runtime.block_on(async {
        let database = Database::create(kind).await;
        data::fill(&serve::open(&database.url).await, form.services).await;
        database.analyze().await;
        (database, Issuer::start().await)
    });
    let server = Process::start(&["serve", "--jwks-url", &issuer.url, "--database-url", &database.url, "--listen"]);
    let rows = besiege(&runtime, &form, &server, &issuer);
    let is_held = report(kind, &form, &rows);
    drop(server);
    runtime.block_on(database.remove());
    if is_held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn besiege(runtime: &tokio::runtime::Runtime, form: &Form, server: &Process, issuer: &Issuer) -> Vec<Row> {
    let honest = Honest::start(server.address, issuer);
    let target = Target::new(server.address, issuer, form);
    let watch = |what, attack: Option<&attacks::Running>| {
        std::thread::sleep(form.warm);
        let (before, from) = (honest.seen(), Instant::now());
        let attacks = || attack.map(|running| running.count.load(Ordering::Relaxed));
        let mut memory = 0.0_f64;
        let seen = loop {
            std::thread::sleep(Duration::from_millis(50));
            memory = memory.max(server.memory());
            let seen = honest.seen().since(&before, from.elapsed());
            let is_seen = seen.reads > 0 && seen.writes > 0 && attacks() != Some(0);
            let is_enough = !form.is_short || is_seen || from.elapsed() > PATIENCE;
            if from.elapsed() >= form.time && is_enough {
                break seen;
            }
        };
        Row { what, seen, memory, attacks: attacks(), is_alive: server.is_alive() }
    };
    let mut rows = vec![watch("nobody", None)];
    for attack in Attack::ALL {
        eprintln!("{} ...", attack.name());
        issuer.hang(attack == Attack::UnknownKey);
        let running = runtime.block_on(async { attack.begin(&target) });
        rows.push(watch(attack.name(), Some(&running)));
        drop(running);
        std::thread::sleep(form.warm);
    }
    issuer.hang(false);
    rows.push(watch("nobody, at the end", None));
    honest.stop();
    rows
}

/// Prints the table. Returns whether all conditions are met.
fn report(kind: Kind, form: &Form, rows: &[Row]) -> bool {
    let alone = |of: fn(&Seen) -> f64| (of(&rows[0].seen) + of(&rows[rows.len() - 1].seen)) / 2.0;
    let (reads, writes) = (alone(Seen::reads_a_second), alone(Seen::writes_a_second));
    println!("{}, {} s of each; alone means the mean of before and after\n", kind.name(), form.time.as_secs_f64());
    println!("| attack | attacks | reads/s | of alone | writes/s | of alone | INTERNAL | other errors | MiB | |");
    println!("|---|---:|---:|---:|---:|---:|---:|---|---:|---|");
    let mut is_held = true;
    for row in rows {
        let Row { what, seen, memory, attacks, is_alive } = row;
        let (of_reads, of_writes) = (seen.reads_a_second() / reads, seen.writes_a_second() / writes);
        let keeps =
            if form.is_short { seen.reads > 0 && seen.writes > 0 } else { of_reads >= READS && of_writes >= WRITES };
        // An attack without effect tests nothing.
        let holds = *attacks != Some(0) && keeps && seen.internal == 0 && *memory < MEMORY && *is_alive;
        is_held &= holds;
        println!(
            "| {what} | {} | {:.0} | {of_reads:.2} | {:.0} | {of_writes:.2} | {} | {} | {memory:.0} | {} |",
            attacks.map(|attacks| attacks.to_string()).unwrap_or_default(),
            seen.reads_a_second(),
            seen.writes_a_second(),
            seen.internal,
            seen.others(),
            match (is_alive, holds) {
                (false, _) => "DEAD",
                (true, false) => "MISSED",
                (true, true) => "held",
            }
        );
    }
    is_held
}
