//! Several servers on one database, of which one dies at once, again and again, while threads fall due.
//!
//! 1,000 threads within ten seconds; with `ENTENTE_TEST_REPLICAS=long` 10,000 within a minute.

#![expect(clippy::disallowed_methods, reason = "what the servers wrote is looked at behind their backs")]

use std::{
    env,
    process::{Child, Stdio},
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use entente_entity::{enums::ThreadEventKind, id::ThreadId, scalar::DateTime, thread, thread_due, thread_event};
use sea_orm::{ActiveValue::NotSet, ColumnTrait, DatabaseConnection, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use super::{SECRET, program};
use crate::{
    app::App,
    threads::{open, thread as written, ward},
};

/// A separate server, whose clock raises threads; it is stopped when this value is dropped.
struct Server(Child);

impl Server {
    fn start(app: &App) -> Self {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--database-url", &app.url, "--jwt-secret", SECRET];
        Self(program(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Server {
    /// Like `kill -9`: the server gets no signal that it can handle.
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Escalations that are each to be raised to the first level and no further, evenly over a time.
async fn many(app: &App, own: &DatabaseConnection, count: i32, first: DateTime, within: TimeDelta) {
    written(&open(&ward(app, "emergency"), json!({ "severity": "LOW" })).await);
    let pattern = thread::Entity::find().one(own).await.unwrap().unwrap();
    thread_due::Entity::delete_many().exec(own).await.unwrap();
    let rows = (0..count).map(|index| {
        let due_at = DateTime(first.0 + within * index / count);
        let levels_from = Some(DateTime(due_at.0 - TimeDelta::hours(2)));
        let id = ThreadId::new();
        let row = thread::Model { id, levels_from, acknowledge_by: None, resolve_by: None, ..pattern.clone() };
        let due = thread_due::Model { thread_id: id, due_at, claimed_until: None };
        (thread::ActiveModel { number: NotSet, ..row.into_active_model() }, due.into_active_model())
    });
    let (threads, due): (Vec<_>, Vec<_>) = rows.unzip();
    for some in threads.chunks(500) {
        thread::Entity::insert_many(some.to_vec()).exec_without_returning(own).await.unwrap();
    }
    for some in due.chunks(500) {
        thread_due::Entity::insert_many(some.to_vec()).exec_without_returning(own).await.unwrap();
    }
}

async fn raised(own: &DatabaseConnection) -> Vec<thread_event::Model> {
    let is_raise = thread_event::Column::Kind.eq(ThreadEventKind::Raised);
    thread_event::Entity::find().filter(is_raise).all(own).await.unwrap()
}

#[tokio::test]
async fn threads_are_raised_once_each_while_one_server_of_three_is_killed_every_two_seconds() {
    let long = env::var("ENTENTE_TEST_REPLICAS").is_ok_and(|form| form == "long");
    let (count, seconds) = if long { (10_000, 60) } else { (1_000, 10) };
    let app = App::hospital().await;
    let own = app.connection().await;
    let mut servers: Vec<Server> = (0..3).map(|_| Server::start(&app)).collect();
    let begins = Instant::now() + Duration::from_secs(2);
    many(&app, &own, count, DateTime::new(Utc::now() + TimeDelta::seconds(2)), TimeDelta::seconds(seconds)).await;
    for kill in 0..seconds as usize / 2 {
        sleep_until(begins + Duration::from_secs(2 * kill as u64)).await;
        // The one that was there is dropped, and so killed.
        servers[kill % 3] = Server::start(&app);
    }
    // What a dead one had claimed is another's once its claim has lapsed.
    let end = Instant::now() + Duration::from_secs(60);
    while raised(&own).await.len() < count as usize && Instant::now() < end {
        sleep(Duration::from_millis(500)).await;
    }
    let events = raised(&own).await;
    let threads: std::collections::HashSet<ThreadId> = events.iter().map(|event| event.thread_id).collect();
    assert_eq!((events.len(), threads.len()), (count as usize, count as usize), "each is raised, and once");
    let at_level = thread::Entity::find().filter(thread::Column::Level.eq(1)).all(&own).await.unwrap();
    assert_eq!(at_level.len(), count as usize);
    let late = |event: &thread_event::Model| {
        let due: DateTime = serde_json::from_value(event.detail["dueAt"].clone()).unwrap();
        event.at.0 - due.0
    };
    let mut late: Vec<TimeDelta> = events.iter().map(late).collect();
    late.sort();
    eprintln!(
        "{count} threads, raised {} ms late in the middle, {} ms at most",
        late[late.len() / 2].num_milliseconds(),
        late[late.len() - 1].num_milliseconds()
    );
}
