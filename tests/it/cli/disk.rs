//! The disk of the database: when it is full, and who may read its files.

use std::{
    os::unix::fs::PermissionsExt,
    process::Command,
    time::{Duration, Instant},
};

use super::{SECRET, program, server::Server};
use crate::app::App;

fn mode(file: &std::path::Path) -> u32 {
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_new_file_of_sqlite_is_its_owners_alone_and_one_that_exists_keeps_its_mode() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("entente.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    // With every umask.
    let start = || {
        let mut command = Command::new("sh");
        command.args(["-c", "umask 000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_entente"), "serve"]);
        command.args(["--listen", "127.0.0.1:0", "--jwt-secret", SECRET, "--database-url", &url]);
        Server::spawn(command)
    };
    let server = start();
    server.write("north", "North").await.unwrap();
    for end in ["", "-wal", "-shm"] {
        assert_eq!(mode(&folder.path().join(format!("entente.db{end}"))), 0o600, "entente.db{end}");
    }
    drop(server);
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
    start().write("south", "South").await.unwrap();
    assert_eq!(mode(&file), 0o640);
}

#[tokio::test]
async fn a_file_that_does_not_exist_is_created_only_where_the_url_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("entente.db");
    let url = format!("sqlite://{}", file.display());
    let ran = program(&["migrate", "--database-url", &url]).output().unwrap();
    assert_eq!(ran.status.code(), Some(2));
    assert!(!file.exists());
}

/// A disk without space, as far as the process can tell: no file may grow beyond a size.
#[tokio::test]
async fn a_full_disk_is_unavailable_and_writes_go_on_once_there_is_space() {
    if std::env::var_os("TEST_DATABASE_URL").is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("entente.db").display());
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -S -f 6000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_entente"), "serve"]);
    command.args(["--listen", "127.0.0.1:0", "--jwt-secret", SECRET, "--database-url", &url]);
    let server = Server::spawn(command);
    let mut written = 0;
    let refusal = loop {
        match write_much(&server, written).await {
            Ok(()) => written += 1,
            Err(code) => break code,
        }
        assert!(written < 200, "the disk does not get full");
    };
    assert_eq!(refusal, "UNAVAILABLE");
    assert!(written > 0);
    // The error is reported again; reads continue.
    assert_eq!(write_much(&server, written).await, Err("UNAVAILABLE".to_owned()));
    let count = async || server.ask("{ organizations { totalCount } }", serde_json::json!({})).await;
    assert_eq!(count().await["data"]["organizations"]["totalCount"], written * 500);
    // Until nothing can be written: then no load balancer may send requests here, and a write gets the reason.
    let start = Instant::now();
    let mut turn = 0;
    while server.ready().await != (503, "read-only: the database has no space left on its disk\n".to_owned()) {
        assert!(start.elapsed() < Duration::from_secs(60), "{}", server.log());
        let all = serde_json::json!({ "all": [{ "slug": format!("small-{turn}"), "name": "x".repeat(200) }] });
        let answer = server.ask(WRITE, all).await;
        if let Some(message) = answer["errors"][0]["message"].as_str() {
            assert_eq!(message, "the database has no space left on its disk: nothing was written; try again later");
        }
        turn += 1;
    }
    let freed = Command::new("prlimit").args(["--pid", &server.id(), "--fsize=unlimited"]).status().unwrap();
    assert!(freed.success());
    // It finds out by itself, for nobody sends it a write.
    let start = Instant::now();
    while server.ready().await.0 != 200 {
        assert!(start.elapsed() < Duration::from_secs(5), "{}", server.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let before = count().await["data"]["organizations"]["totalCount"].as_u64().unwrap() as usize;
    assert_eq!(write_much(&server, written).await, Ok(()));
    assert_eq!(count().await["data"]["organizations"]["totalCount"], before + 500);
}

const WRITE: &str = "mutation($all: [OrganizationInput!]!) { organizationsApply(input: { organizations: $all }) {
    created userErrors { code message } } }";

async fn write_much(server: &Server, turn: usize) -> Result<(), String> {
    let all: Vec<_> = (0..500)
        .map(|index| serde_json::json!({ "slug": format!("o-{turn}-{index}"), "name": "x".repeat(100) }))
        .collect();
    let answer = server.ask(WRITE, serde_json::json!({ "all": all })).await;
    match answer["errors"][0]["extensions"]["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => {
            assert_eq!(answer["data"]["organizationsApply"]["created"], 500, "{answer:#}");
            Ok(())
        }
    }
}

/// PostgreSQL's errors when it cannot write: raised by a trigger, because a test cannot fill the disk.
#[tokio::test]
async fn what_postgres_cannot_do_for_now_is_unavailable() {
    if std::env::var_os("TEST_DATABASE_URL").is_none() {
        return;
    }
    let app = App::hospital().await;
    let own = app.connection().await;
    let server = Server::start(&["--database-url", &app.url]);
    for code in ["53100", "53200", "53400", "25006", "57P01", "57P03", "08006", "58030"] {
        let sql = format!(
            "CREATE OR REPLACE FUNCTION fails() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$ \
             LANGUAGE plpgsql; \
             CREATE TRIGGER fails BEFORE INSERT ON organization EXECUTE FUNCTION fails()"
        );
        sea_orm::ConnectionTrait::execute_unprepared(&own, &sql).await.unwrap();
        assert_eq!(server.write("north", "North").await, Err("UNAVAILABLE".to_owned()), "{code}");
        sea_orm::ConnectionTrait::execute_unprepared(&own, "DROP TRIGGER fails ON organization").await.unwrap();
        assert_eq!(server.write(&format!("after-{}", code.to_lowercase()), "After").await, Ok(()), "{code}");
    }
}
