//! The escalation clock: several replicas on one database, and what keeps them from doing anything twice.

use std::time::Duration;

use chrono::TimeDelta;
use entente::{
    jobs::escalation,
    store::{LEASE, Store},
};
use sea_orm::{ConnectionTrait, Database, DatabaseBackend, Statement};
use serde_json::json;

use crate::{
    app::App,
    threads::{act, desk, kinds, open, read, thread, ward},
};

/// So many threads fall due at once.
const THREADS: i64 = 1_000;
/// What the timeline's guard is called in the database.
const GUARD: &str = "DROP INDEX thread_event_thread_id_once";

/// Asks the database itself for a number.
async fn count(app: &App, sql: &str) -> i64 {
    let database = Database::connect(&app.url).await.unwrap();
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let counted = database.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    database.close().await.unwrap();
    counted
}

async fn run(app: &App, sql: &str) {
    let database = Database::connect(&app.url).await.unwrap();
    database.execute_unprepared(sql).await.unwrap();
    database.close().await.unwrap();
}

/// A thread, and as many copies of it as are wanted, that all fall due together.
async fn many(app: &App) {
    let opened = open(&ward(app, "emergency"), json!({ "severity": "LOW" })).await;
    thread(&opened);
    let database = Database::connect(&app.url).await.unwrap();
    let (series, uuid) = match database.get_database_backend() {
        DatabaseBackend::Postgres => ("generate_series(2, 1000) AS copies(n)", "gen_random_uuid()"),
        _ => (
            "(WITH RECURSIVE copies(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM copies WHERE n < 1000) SELECT n FROM copies)",
            "randomblob(16)",
        ),
    };
    let columns =
        "service_id, consumer_id, kind, status, severity, title, opened_by, policy, deadlines_from, levels_from,
        acknowledge_by, resolve_by, acknowledge_breached, resolve_breached, opened_at, updated_at, last_at";
    for sql in [
        format!("INSERT INTO thread (id, {columns}) SELECT {uuid}, {columns} FROM thread, {series}"),
        "INSERT INTO thread_due (thread_id, due_at) SELECT id, (SELECT due_at FROM thread_due) FROM thread
            WHERE id NOT IN (SELECT thread_id FROM thread_due)"
            .to_owned(),
    ] {
        database.execute_unprepared(&sql).await.unwrap();
    }
    database.close().await.unwrap();
    assert_eq!(count(app, "SELECT count(*) FROM thread_due").await, THREADS);
}

async fn replicas(app: &App) -> Vec<Store> {
    vec![app.replica().await, app.replica().await, app.replica().await]
}

const RAISED: &str = "SELECT count(*) FROM thread_event WHERE kind = 'RAISED'";
const DIFFERENT: &str =
    "SELECT count(*) FROM (SELECT DISTINCT thread_id FROM thread_event WHERE kind = 'RAISED') AS each_once";

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_thousand_threads_are_raised_once_each_by_three_replicas() {
    let app = App::hospital().await;
    many(&app).await;
    app.pass(TimeDelta::hours(2));
    let replicas = replicas(&app).await;
    let ticks = replicas.iter().map(async |store| store.tick().await.unwrap());
    let recorded: u64 = futures_util::future::join_all(ticks).await.into_iter().sum();
    assert_eq!(recorded, 1_000);
    assert_eq!((count(&app, RAISED).await, count(&app, DIFFERENT).await), (THREADS, THREADS));
    let changes = "SELECT count(*) FROM change WHERE entity_type = 'THREAD' AND action = 'UPDATED'";
    assert_eq!(count(&app, changes).await, THREADS, "each raise is one change");
    assert_eq!(count(&app, "SELECT count(*) FROM thread WHERE level = 1").await, THREADS);
    assert_eq!(app.store.tick().await.unwrap(), 0);
}

/// All replicas claim everything, as when the first ones have stalled for longer than they are trusted, and go on.
async fn all_do_everything(app: &App) {
    app.pass(TimeDelta::hours(2));
    let replicas = replicas(app).await;
    let mut now = app.store.time().await.unwrap();
    let mut claims = Vec::new();
    for store in &replicas {
        let mut all = Vec::new();
        loop {
            let some = store.claim_due(now, LEASE).await.unwrap();
            if some.is_empty() {
                break;
            }
            all.push(some);
        }
        assert_eq!(all.iter().map(Vec::len).sum::<usize>(), 1_000);
        claims.push(all);
        now.0 += LEASE;
    }
    let work = replicas.iter().zip(&claims).map(async |(store, all)| {
        for some in all {
            store.escalate(some.clone(), now).await.unwrap();
        }
    });
    futures_util::future::join_all(work).await;
    // And once more, one after another, where they left threads to each other.
    for (store, all) in replicas.iter().zip(&claims) {
        for some in all {
            store.escalate(some.clone(), now).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn replicas_that_all_believe_they_hold_the_claim_still_raise_once() {
    let app = App::hospital().await;
    many(&app).await;
    all_do_everything(&app).await;
    assert_eq!((count(&app, RAISED).await, count(&app, DIFFERENT).await), (THREADS, THREADS));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn without_the_unique_index_threads_are_raised_more_than_once() {
    let app = App::hospital().await;
    many(&app).await;
    run(&app, GUARD).await;
    all_do_everything(&app).await;
    assert!(count(&app, RAISED).await > THREADS, "the control shows doubles");
    assert_eq!(count(&app, DIFFERENT).await, THREADS);
}

#[tokio::test]
async fn a_claim_lapses_when_its_replica_dies() {
    let app = App::hospital().await;
    open(&ward(&app, "emergency"), json!({})).await;
    app.pass(TimeDelta::hours(1));
    let now = app.store.time().await.unwrap();
    assert_eq!(app.store.claim_due(now, LEASE).await.unwrap().len(), 1);
    assert_eq!(app.store.tick().await.unwrap(), 0, "another trusts the one that claimed it");
    app.pass(LEASE);
    assert_eq!(app.store.tick().await.unwrap(), 1);
}

#[tokio::test]
async fn what_was_missed_is_told_by_who_acts_before_the_clock_does() {
    let app = App::hospital().await;
    let opened = open(&ward(&app, "emergency"), json!({})).await;
    let number = thread(&opened)["number"].clone();
    app.pass(TimeDelta::hours(3));
    let now = app.store.time().await.unwrap();
    let claimed = app.store.claim_due(now, LEASE).await.unwrap();
    let resolved = act(&desk(&app), "threadResolve", &number, json!({})).await;
    let told = thread(&resolved);
    assert_eq!(kinds(told), ["OPENED", "ACKNOWLEDGE_BREACHED", "RAISED", "RESOLVED"]);
    assert_eq!((&told["level"]["level"], &told["deadlines"]["acknowledgeBreached"]), (&json!(1), &json!(true)));
    assert_eq!(told["timeline"]["nodes"][1]["actor"]["kind"], "SYSTEM");
    assert_eq!(app.store.escalate(claimed, now).await.unwrap(), 0, "the clock has nothing more to tell");
    assert_eq!(count(&app, "SELECT count(*) FROM thread_due").await, 0);
    // Deadlines that count anew do not undo one that was missed.
    let opened = open(&ward(&app, "emergency"), json!({})).await;
    app.pass(TimeDelta::hours(9));
    let changed = act(&desk(&app), "threadUpdate", &thread(&opened)["number"], json!({ "severity": "LOW" })).await;
    let told = thread(&changed);
    assert_eq!(
        kinds(told),
        ["OPENED", "ACKNOWLEDGE_BREACHED", "RAISED", "RAISED", "RESOLVE_BREACHED", "SEVERITY_CHANGED"]
    );
    assert_eq!(told["deadlines"]["resolveBreached"], true);
}

#[tokio::test]
async fn one_thread_that_cannot_be_read_holds_up_no_other() {
    let app = App::hospital().await;
    for _ in 0..3 {
        open(&ward(&app, "emergency"), json!({})).await;
    }
    run(&app, "UPDATE thread SET policy = 'broken' WHERE number = 2").await;
    app.pass(TimeDelta::hours(1));
    assert_eq!(app.store.tick().await.unwrap(), 2);
    assert_eq!(count(&app, "SELECT count(*) FROM thread WHERE acknowledge_breached").await, 2);
}

#[tokio::test]
async fn the_clock_runs_beside_the_server_until_it_is_stopped() {
    let app = App::hospital().await;
    let opened = open(&ward(&app, "emergency"), json!({})).await;
    app.pass(TimeDelta::hours(1));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let clock = tokio::spawn(escalation::run(app.store.clone(), async {
        let _ = stopped.await;
    }));
    let by = json!({ "id": thread(&opened)["id"] });
    for _ in 0..200 {
        if read(&desk(&app), by.clone()).await["deadlines"]["acknowledgeBreached"] == true {
            stop.send(()).unwrap();
            clock.await.unwrap();
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the breach was not recorded");
}
