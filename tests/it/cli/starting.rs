//! What a server needs before it starts, and the error if something is missing: the cause, once, without secrets.

use std::{
    net::{TcpListener, TcpStream},
    time::{Duration, Instant},
};

use proptest::prelude::{ProptestConfig, proptest};
use serde_json::json;

use super::{
    Ran, SECRET,
    cluster::{Cluster, programs},
    program, run,
    serve::refused_start,
    server::Server,
};
use crate::app::App;

const NO_ADDRESS: [&str; 4] = ["--listen", "127.0.0.1:0", "--jwt-secret", SECRET];

fn check(url: &str) -> Ran {
    run(&[&["check", "--database-url", url], &NO_ADDRESS[..]].concat())
}

/// A server that waits for no database, and does not start.
fn refused(url: &str) -> Ran {
    refused_start(&[&["--database-wait", "0", "--database-url", url], &NO_ADDRESS[..]].concat())
}

#[test]
fn no_part_of_a_password_that_is_not_encoded_is_told() {
    let is_told = |password: &str, ran: &Ran| {
        let all: Vec<char> = password.chars().collect();
        let said = format!("{}{}", ran.out, ran.err);
        // Only signs and digits are in the output.
        let parts = all.windows(3).filter(|part| part.iter().any(|c| "QXZJKWV".contains(*c)));
        parts.map(String::from_iter).find(|part: &String| said.contains(part)).map(|part| format!("{part}: {said}"))
    };
    for (scheme, password) in [
        ("postgres", "55/XQZ?KVW="),
        ("postgres", "7/XQZ?KVW&sslmode=QQZZXX"),
        ("postgres", "8?password=XQZ&VVKKJJ=8"),
        ("sqlite", "XQZKVWpw"),
    ] {
        let url = format!("{scheme}://entente:{password}@127.0.0.1:1/e");
        assert_eq!(is_told(password, &check(&url).ends(1)), None, "{url}");
        assert_eq!(is_told(password, &refused(&url)), None, "{url}");
    }
    proptest!(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() }, |(
        scheme in "postgres|sqlite",
        password in r"[QXZJKWV68/?#@%&=:,;+\[\] ]{4,16}",
    )| {
        let url = format!("{scheme}://entente:{password}@127.0.0.1:1/e");
        assert_eq!(is_told(&password, &check(&url).ends(1)), None, "{url}");
    });
}

#[test]
fn a_file_that_cannot_be_made_is_found_out_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display();
    for (url, cause) in [
        (format!("sqlite://{place}/none/entente.db?mode=rwc"), "No such file or directory"),
        (format!("sqlite://{place}/entente.db"), "?mode=rwc, which creates it, is not in the URL"),
        ("sqlite:///proc/entente.db?mode=rwc".to_owned(), "No such file or directory"),
    ] {
        let checked = check(&url).ends(1);
        assert!(checked.out.contains("FAILED  database") && checked.out.contains(cause), "{}", checked.out);
        let start = Instant::now();
        let refused = refused_start(&[&["--database-url", &url], &NO_ADDRESS[..]].concat());
        assert!(refused.err.contains(cause) && start.elapsed() < Duration::from_secs(20), "{}", refused.err);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let good = check(&format!("sqlite://{place}/entente.db?mode=rwc")).ends(0);
    assert!(good.out.contains("which does not exist yet"), "{}", good.out);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// As far as the process can tell: no file may grow beyond 10 KiB.
#[test]
fn a_disk_that_is_full_at_the_start_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("entente.db").display());
    // The first finds no file, the second what the first could make.
    for _ in 0..2 {
        let mut command = std::process::Command::new("sh");
        command.args([
            "-c",
            "trap '' XFSZ; ulimit -S -f 20; exec \"$0\" \"$@\"",
            env!("CARGO_BIN_EXE_entente"),
            "serve",
        ]);
        command.args(NO_ADDRESS).args(["--database-url", &url]);
        let start = Instant::now();
        let ran = Ran::from(command.env("LANG", "C").output().unwrap()).ends(2);
        assert!(ran.err.contains("the database has no space left, or its disk fails: "), "{}", ran.err);
        assert!(start.elapsed() < Duration::from_secs(30), "{}", ran.err);
    }
}

#[test]
fn why_a_url_is_not_taken_is_told_once_with_the_options_name_in_both_languages() {
    for (url, english, french) in [
        ("mysql://u:hunter2@h/db", "must begin with postgres:// or sqlite://", "doit commencer par postgres://"),
        ("postgres://u:hunter2@h:port/db", "invalid port number", "le numéro de port n'est pas bon"),
        ("postgres://u:50%ff@h/db", "is not UTF-8 (% itself is %25)", "n'est pas de l'UTF-8"),
        ("postgres://u:hunter2@h/db?sslmode=on", "is not one of disable, allow", "n'est pas l'un de disable, allow"),
        ("postgres://u:hun/ter2@h/db", "must be percent-encoded", "doivent y être encodés"),
        ("sqlite://u:hunter2@h/db", "sqlite:// names a file", "sqlite:// désigne un fichier"),
        ("sqlite://x.db?mode=fast", "\"fast\"", "est illisible"),
    ] {
        for (language, rule) in [("en", english), ("fr", french)] {
            let arguments = ["serve", "--lang", language, "--database-url", url];
            let said = run(&[&arguments[..], &NO_ADDRESS[..]].concat()).ends(2).err;
            assert_eq!(said.matches(rule).count(), 1, "{said}");
            assert_eq!(said.matches("--database-url (ENTENTE_DATABASE_URL)").count(), 1, "{said}");
            for noise in ["error with configuration", "Custom Error", "Connection Error", "hunter2"] {
                assert!(!said.contains(noise), "{said}");
            }
        }
    }
}

#[test]
fn check_speaks_french() {
    let french =
        run(&[&["check", "--lang", "fr", "--database-url", "postgres://u@127.0.0.1:1/e"], &NO_ADDRESS[..]].concat());
    let french = french.ends(1).out;
    for said in [
        "ok      adresse : 127.0.0.1:0",
        "ok      clés : un secret (HS256) ; jetons de l'émetteur entente pour entente",
        "ÉCHEC   base de données : PostgreSQL 127.0.0.1:1/e n'est pas utilisable : la base de données n'est pas disponible : la connexion est refusée (erreur système 111)",
    ] {
        assert!(french.contains(said), "{french}");
    }
}

#[tokio::test]
async fn check_beside_a_server_that_runs_does_not_fail_for_its_address() {
    let app = App::hospital().await;
    let server = Server::start(&["--database-url", &app.url]);
    let address = server.url.strip_prefix("http://").unwrap();
    let arguments = ["check", "--jwt-secret", SECRET, "--database-url", &app.url, "--listen"];
    let checked = run(&[&arguments[..], &[address]].concat()).ends(0);
    let note = format!("note    address: {address}, where a server of Entente listens already");
    assert!(checked.out.contains(&note), "{}", checked.out);
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let checked = run(&[&arguments[..], &[&*address]].concat()).ends(1);
    assert!(checked.out.contains("FAILED  address") && checked.out.contains("in use"), "{}", checked.out);
}

#[test]
fn who_connects_while_the_database_is_waited_for_is_refused() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let arguments =
        ["serve", "--jwt-secret", SECRET, "--database-url", "postgres://u@127.0.0.1:1/e", "--database-wait", "3"];
    let mut command = program(&[&arguments[..], &["--listen", &address.to_string()]].concat());
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    assert!(child.try_wait().unwrap().is_none(), "it waits");
    assert_eq!(TcpStream::connect(address).unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
    // The address is taken all the same.
    assert!(TcpListener::bind(address).is_err() || child.try_wait().unwrap().is_none());
    let ran = Ran::from(child.wait_with_output().unwrap()).ends(2);
    assert!(ran.err.contains("waiting for it") && ran.err.contains("Connection refused"), "{}", ran.err);
}

#[tokio::test]
async fn a_second_server_on_one_file_of_sqlite_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("entente.db").display());
    let first = Server::start(&["--database-url", &url]);
    let second = Server::start(&["--database-url", &url]);
    assert!(second.log().contains("WARN") && second.log().contains("ANOTHER SERVER"), "{}", second.log());
    assert!(!first.log().contains("ANOTHER SERVER"), "{}", first.log());
    drop((first, second));
    let alone = Server::start(&["--database-url", &url]);
    assert!(!alone.log().contains("ANOTHER SERVER"), "{}", alone.log());
    // A command beside a server is none.
    assert!(!run(&["migrate", "--database-url", &url]).ends(0).err.contains("ANOTHER"));
}

#[test]
fn check_finds_what_postgres_does_not_give() {
    let Some(bin) = programs() else { return };
    let cluster = Cluster::primary(&bin, "");
    for sql in [
        "create role few login connection limit 2",
        "create role mid login connection limit 20",
        "create role guest login",
        "create database few owner few",
        "create database mid owner mid",
        "revoke create on schema public from public",
    ] {
        cluster.sql("postgres", sql);
    }
    let url = |role: &str, database: &str| format!("postgres://{role}@127.0.0.1:{}/{database}", cluster.port);
    let few = check(&url("few", "few")).ends(1).out;
    assert!(few.contains("FAILED  connections: the role few has 2, and a server needs at least 3"), "{few}");
    let mid = check(&url("mid", "mid")).ends(0).out;
    assert!(mid.contains("note    connections: the role mid has 20, and up to 29 may be needed"), "{mid}");
    assert!(mid.contains("--database-readers (ENTENTE_DATABASE_READERS)"), "{mid}");
    let guest = check(&url("guest", "postgres")).ends(1).out;
    assert!(guest.contains("the role guest may not create tables in the schema"), "{guest}");
    // Of the 80 of the server, 3 are for superusers.
    assert!(guest.contains("ok      connections: up to 29, of the 77 of the role guest"), "{guest}");
    let nobody = check(&url("nobody", "postgres")).ends(1).out;
    let cause = "the database refuses the connection: role \"nobody\" does not exist\n";
    assert!(nobody.contains(cause), "{nobody}");
    let start = Instant::now();
    let nobody = refused_start(&[&["--database-url", &url("nobody", "postgres")], &NO_ADDRESS[..]].concat()).err;
    assert!(nobody.ends_with(cause) && start.elapsed() < Duration::from_secs(20), "{nobody}");
}

#[tokio::test]
async fn a_parameter_of_the_url_that_is_not_known_is_told_once() {
    let app = App::hospital().await;
    if !app.url.starts_with("postgres") {
        return;
    }
    let server = Server::start(&["--database-url", &format!("{}?channel=7", app.url)]);
    assert_eq!(server.log().matches("unknown parameters").count(), 1, "{}", server.log());
    assert!(server.log().contains("channel"), "{}", server.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_names_the_cause_while_the_database_is_away_and_says_when_it_is_over() {
    let Some(bin) = programs() else { return };
    let cluster = Cluster::primary(&bin, "");
    cluster.sql("postgres", "create role entente login");
    cluster.sql("postgres", "create database entente owner entente");
    let url = format!("postgres://entente@127.0.0.1:{}/entente", cluster.port);
    let mut server = Server::start(&["--database-url", &url]);
    server.write("north", "North").await.unwrap();
    let within = Duration::from_secs(20);

    // As many as it has, and no more.
    cluster.sql("postgres", "alter role entente connection limit 1");
    cluster.sql("postgres", "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'entente'");
    let cause = "too many connections for role";
    server.logged(&format!("the escalation clock cannot check threads; it tries again every second reason=\"the database is not available: {cause}"), within);
    let answer = server.ask("{ organizations { totalCount } }", json!({})).await;
    assert_eq!(answer["errors"][0]["message"], "the database is not available: try again", "{answer:#}");
    cluster.sql("postgres", "alter role entente connection limit -1");
    server.logged("the escalation clock works again", within);

    cluster.stop("fast");
    let gone = Instant::now();
    while gone.elapsed() < Duration::from_secs(8) {
        assert_eq!(server.ready().await.0, 503);
    }
    let log = server.log();
    assert!(log.contains("not ready reason=\"the database is not available: Connection refused"), "{log}");
    let clock: Vec<&str> =
        log.lines().filter(|line| line.contains("the escalation clock cannot check threads")).collect();
    // Once for each cause: connections that are cut, none that can be had.
    assert!((2..=5).contains(&clock.len()), "{clock:#?}");
    assert!(log.lines().filter(|line| line.contains("not ready")).count() <= 4, "{log}");
    for noise in ["pool timed out", "Connection pool", "SqlxError", "Conn(", "Connection Error", "at line"] {
        assert!(!log.contains(noise), "{noise}: {log}");
    }
    cluster.start();
    let start = Instant::now();
    while server.ready().await.0 != 200 {
        assert!(start.elapsed() < within, "{}", server.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.logged("ready again", within);
}
