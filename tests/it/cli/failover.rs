//! A primary that becomes a standby, or dies, and a standby that takes its place: with real servers of PostgreSQL.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::time::sleep;

use super::{
    SECRET,
    cluster::{Cluster, Switch, programs},
    serve::refused_start,
    server::Server,
};
use crate::app::App;

/// The time until a write succeeds; only UNAVAILABLE is allowed before.
async fn until_written(server: &Server, name: &str) -> Duration {
    let start = Instant::now();
    loop {
        match server.write(name, "North").await {
            Ok(()) => return start.elapsed(),
            Err(code) => assert_eq!(code, "UNAVAILABLE", "{}", server.log()),
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{}", server.log());
        sleep(Duration::from_millis(50)).await;
    }
}

async fn count(server: &Server) -> serde_json::Value {
    server.ask("{ organizations { totalCount } }", json!({})).await["data"]["organizations"]["totalCount"].clone()
}

async fn ready_within(server: &Server, wanted: (u16, &str), within: Duration) {
    let start = Instant::now();
    loop {
        let (status, body) = server.ready().await;
        if status == wanted.0 && body.contains(wanted.1) {
            return;
        }
        assert!(start.elapsed() < within, "{status} {body}: {}", server.log());
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_becomes_read_only_behind_its_address_is_left_for_the_promoted_one() {
    let Some(bin) = programs() else { return };
    let old = Cluster::primary(&bin, "");
    let new = old.standby();
    let switch = Switch::to(old.port).await;
    let url = format!("postgres://postgres@{}/postgres", switch.address);
    let server = Server::start(&["--database-url", &url]);
    for index in 0..20 {
        server.write(&format!("before-{index}"), "Before").await.unwrap();
    }
    assert_eq!(server.ready().await, (200, "ready\n".to_owned()));
    // No write leaves a warning behind.
    assert!(!old.log().contains("no transaction in progress"), "{}", old.log());
    old.demote();
    ready_within(&server, (503, "read-only"), Duration::from_secs(5)).await;
    assert_eq!(server.write("during", "During").await, Err("UNAVAILABLE".to_owned()));
    let query = "mutation { organizationsApply(input: { organizations: [{ slug: \"during\", name: \"During\" }] }) { created } }";
    let told = server.ask(query, json!({})).await["errors"][0]["message"].clone();
    assert_eq!(told, "the database is read-only at the moment: nothing was written; try again");
    assert_eq!(count(&server).await, 20);
    new.promote();
    switch.turn(new.port);
    let took = until_written(&server, "after").await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    ready_within(&server, (200, "ready"), Duration::from_secs(2)).await;
    // What was written is read from where it was written, though connections to the old one are alive.
    for _ in 0..40 {
        assert_eq!(count(&server).await, 21);
    }
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[tokio::test]
async fn of_several_servers_the_one_that_can_write_is_found_again_under_load_and_nothing_acknowledged_is_lost() {
    let Some(bin) = programs() else { return };
    let one = Cluster::primary(&bin, "-c synchronous_standby_names=standby");
    let two = one.standby();
    let url = |target: &str| {
        let (one, two) = (one.port, two.port);
        format!("postgres://postgres@127.0.0.1:{two},127.0.0.1:{one}/postgres?target_session_attrs={target}")
    };
    let server = Arc::new(Server::start(&["--database-url", &url("read-write")]));
    server.write("first", "First").await.unwrap();
    let written = Arc::new(Mutex::new(vec!["first".to_owned()]));
    let stop = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..6)
        .map(|writer| {
            let (server, written, stop) = (server.clone(), written.clone(), stop.clone());
            tokio::spawn(async move {
                for index in 0.. {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let slug = format!("w-{writer}-{index}");
                    match server.write(&slug, "North").await {
                        Ok(()) => written.lock().unwrap().push(slug),
                        Err(code) => {
                            assert_eq!(code, "UNAVAILABLE");
                            sleep(Duration::from_millis(20)).await;
                        }
                    }
                }
            })
        })
        .collect();
    sleep(Duration::from_secs(2)).await;
    let before = written.lock().unwrap().len();
    assert!(before > 20, "{before}");
    one.stop("immediate");
    ready_within(&server, (503, ""), Duration::from_secs(5)).await;
    // What reads is served by the standby meanwhile.
    let seen = server.ask("{ organization(by: { slug: \"first\" }) { name } }", json!({})).await;
    assert_eq!(seen["data"]["organization"]["name"], "First", "{seen}");
    two.promote();
    let took = until_written(&server, "after").await;
    assert!(took < Duration::from_secs(5), "{took:?}");
    sleep(Duration::from_secs(1)).await;
    stop.store(true, Ordering::SeqCst);
    for one in load {
        one.await.unwrap();
    }
    let kept = two.sql("postgres", "SELECT slug FROM organization");
    let kept: std::collections::HashSet<&str> = kept.lines().collect();
    let written = written.lock().unwrap();
    assert!(written.len() > before);
    let lost: Vec<&String> = written.iter().filter(|slug| !kept.contains(slug.as_str())).collect();
    assert!(lost.is_empty(), "{lost:?}");
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[tokio::test]
async fn a_server_that_can_only_read_serves_reads_and_says_so() {
    let Some(bin) = programs() else { return };
    let primary = Cluster::primary(&bin, "-c synchronous_standby_names=standby -c synchronous_commit=remote_apply");
    let standby = primary.standby();
    let url = |port: u16, target: &str| {
        format!("postgres://postgres@127.0.0.1:{port}/postgres?target_session_attrs={target}")
    };
    // Before the migrations have run, there is nothing to serve.
    let early = refused_start(&[
        "--listen",
        "127.0.0.1:0",
        "--jwt-secret",
        SECRET,
        "--database-wait",
        "1",
        "--database-url",
        &url(standby.port, "any"),
    ]);
    assert!(early.err.contains("is read-only"), "{}", early.err);
    let writing = Server::start(&["--database-url", &url(primary.port, "any")]);
    writing.write("north", "North").await.unwrap();
    for (target, status, body) in [("any", 503, "read-only: "), ("standby", 200, "ready: read-only")] {
        let reading = Server::start(&["--database-url", &url(standby.port, target)]);
        let (answered, said) = reading.ready().await;
        assert!(answered == status && said.starts_with(body), "{answered} {said}");
        assert_eq!(count(&reading).await, 1);
        assert_eq!(reading.write("south", "South").await, Err("UNAVAILABLE".to_owned()));
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_waited_for_and_the_log_says_so() {
    let Some(bin) = programs() else { return };
    let cluster = Cluster::primary(&bin, "");
    cluster.stop("fast");
    let url = format!("postgres://postgres:hunter2@127.0.0.1:{}/postgres", cluster.port);
    let arguments = ["--listen", "127.0.0.1:0", "--jwt-secret", SECRET, "--database-url", &url];
    let given_up = refused_start(&[&arguments[..], &["--database-wait", "1"]].concat());
    assert!(given_up.err.contains("refused") && !given_up.err.contains("hunter2"), "{}", given_up.err);
    let starting = std::thread::spawn(move || Server::start(&["--database-url", &url]));
    sleep(Duration::from_secs(2)).await;
    cluster.start();
    let server = starting.join().unwrap();
    assert!(server.log().contains("waiting for it"), "{}", server.log());
    server.write("north", "North").await.unwrap();
}

#[tokio::test]
async fn a_database_that_is_not_utf8_is_refused_before_anything_is_written() {
    if std::env::var_os("TEST_DATABASE_URL").is_none() {
        return;
    }
    let app = App::unmigrated().await;
    let own = app.connection().await;
    let name = format!("latin_{}", uuid::Uuid::now_v7().simple());
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let sql = format!("CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0");
        sea_orm::ConnectionTrait::execute_unprepared(&own, &sql).await.unwrap();
        let mut url: url::Url = app.url.parse().unwrap();
        url.set_path(&name);
        let arguments = ["--listen", "127.0.0.1:0", "--jwt-secret", SECRET, "--database-url", url.as_str()];
        let refused = refused_start(&arguments);
        assert!(refused.err.contains(encoding) && refused.err.contains("UTF8"), "{}", refused.err);
        sea_orm::ConnectionTrait::execute_unprepared(&own, &format!("DROP DATABASE {name}")).await.unwrap();
    }
}
