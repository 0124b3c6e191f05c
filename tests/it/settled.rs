//! Following by `updatedSince`: what is passed next is `settledAt`, and nothing is missed.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseBackend, TransactionTrait};
use serde_json::{Value, json};

use crate::app::App;

const POLL: &str = "query($since: DateTime) {
    services(first: 200, filter: {updatedSince: $since}) { nodes { slug name updatedAt } }
    ...Next
} fragment Next on Query { settledAt }";

/// What a client that follows by `updatedSince` knows.
#[derive(Default)]
struct Follower {
    since: Value,
    newest: String,
    names: BTreeMap<String, String>,
}

impl Follower {
    async fn poll(&mut self, app: &App) {
        let data = app.provider().data(POLL, json!({ "since": self.since })).await;
        for service in data["services"]["nodes"].as_array().unwrap() {
            let text = |field: &str| service[field].as_str().unwrap().to_owned();
            self.newest = self.newest.clone().max(text("updatedAt"));
            self.names.insert(text("slug"), text("name"));
        }
        self.since = data["settledAt"].clone();
    }
}

fn named(slug: &str, name: &str) -> Value {
    json!({ "slug": slug, "name": name })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_waited_is_not_missed() {
    let app = App::hospital().await;
    for slug in ["held", "free"] {
        app.provider().applied(named(slug, "Before")).await;
    }
    let own = app.connection().await;
    let held = own.begin().await.unwrap();
    let is_postgres = held.get_database_backend() == DatabaseBackend::Postgres;
    if is_postgres {
        held.execute_unprepared("SELECT 1 FROM service WHERE slug = 'held' FOR UPDATE").await.unwrap();
    }
    let (mut follower, mut careless) = (Follower::default(), Follower::default());
    let waiting = async {
        if is_postgres {
            app.provider().applied(named("held", "After")).await;
        }
    };
    let meanwhile = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        // Somebody else: an organization's writes may have to wait for its own.
        app.admin().applied(named("free", "After")).await;
        follower.poll(&app).await;
        careless.poll(&app).await;
        careless.since = json!(careless.newest);
        held.rollback().await.unwrap();
    };
    tokio::join!(waiting, meanwhile);
    if !is_postgres {
        // Here a writer has its instant once it is the only one.
        app.provider().applied(named("held", "After")).await;
    }
    follower.poll(&app).await;
    careless.poll(&app).await;
    assert_eq!(follower.names["held"], "After");
    assert_eq!(careless.names["held"] == "After", !is_postgres, "the control");
    // When all transactions have ended, nothing is returned twice.
    let data = app.provider().data(POLL, json!({ "since": follower.since })).await;
    assert_eq!(data["services"]["nodes"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_are_followed_without_a_gap() {
    let app = App::hospital().await;
    let slugs: Vec<String> = (0..3).map(|number| format!("s{number}")).collect();
    for slug in &slugs {
        app.provider().applied(named(slug, "0")).await;
    }
    let working = Arc::new(AtomicUsize::new(8));
    let writers = (0..8).map(|writer| {
        let (app, slugs, working) = (&app, &slugs, working.clone());
        async move {
            for turn in 0..10 {
                let slug = &slugs[(writer + turn) % slugs.len()];
                app.provider().applied(named(slug, &format!("{writer}.{turn}"))).await;
            }
            working.fetch_sub(1, Ordering::SeqCst);
        }
    });
    let following = async {
        let mut follower = Follower::default();
        while working.load(Ordering::SeqCst) > 0 {
            follower.poll(&app).await;
        }
        follower.poll(&app).await;
        follower
    };
    let (_, follower) = tokio::join!(join_all(writers), following);
    let mut all = Follower::default();
    all.poll(&app).await;
    assert_eq!(follower.names, all.names);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_that_writes_is_waited_for_or_seen() {
    let app = App::hospital().await;
    let other = app.replica().await;
    let held = app.other_writer().await;
    let is_postgres = held.get_database_backend() == DatabaseBackend::Postgres;
    let ask = || async { app.provider().get("{ settledAt }").await["settledAt"].as_str().unwrap().to_owned() };
    let answered = async {
        let asked = tokio::time::timeout(Duration::from_millis(300), ask()).await;
        assert_eq!(asked.is_ok(), is_postgres);
        held.rollback().await.unwrap();
    };
    answered.await;
    let first = ask().await;
    other.tick().await.unwrap();
    assert!(first < ask().await);
}

#[tokio::test]
async fn nobody_is_told() {
    let app = App::hospital().await;
    assert_eq!(app.nobody().refusal("{ settledAt }", json!({})).await.0, "UNAUTHENTICATED");
    let both = app.nobody().ask("{ settledAt services { totalCount } }", json!({})).await;
    assert_eq!(both["data"], Value::Null);
}
