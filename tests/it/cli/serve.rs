//! `entente serve`, and its demo.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};

use super::{Ran, SECRET, program, run};
use crate::app::App;

/// A demo that was started, and what it has printed.
pub struct Demo {
    child: Child,
    pub printed: String,
    log: Arc<Mutex<String>>,
    reading: Option<JoinHandle<()>>,
}

impl Demo {
    /// Starts a demo on a port of its own, and waits until it is ready.
    pub fn start(arguments: &[&str]) -> Self {
        let address: &[&str] = if arguments.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        let mut command = program(&[&["serve", "--demo"], address, arguments].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (lines, written) = (BufReader::new(child.stderr.take().unwrap()), log.clone());
        let reading = std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                *written.lock().unwrap() += &(line + "\n");
            }
        });
        let mut printed = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while !printed.contains("\ncurl ") && lines.read_line(&mut printed).unwrap() > 0 {}
        Self { child, printed, log, reading: Some(reading) }
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        self.curl().split(' ').find_map(|word| word.strip_suffix("/graphql")).unwrap()
    }

    pub fn curl(&self) -> &str {
        self.printed.lines().find(|line| line.starts_with("curl ")).unwrap()
    }

    /// Sends SIGTERM; how it ended, and its log.
    pub fn end(mut self) -> (Option<i32>, String) {
        self.terminate();
        let code = self.child.wait().unwrap().code();
        self.reading.take().unwrap().join().unwrap();
        (code, self.log())
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }
}

/// The tokens that a demo printed, in this order.
pub fn tokens(printed: &str) -> Vec<&str> {
    printed.lines().filter_map(|line| line.trim().strip_prefix("token")).map(str::trim).collect()
}

impl Drop for Demo {
    fn drop(&mut self) {
        // When it is stopped, its database is deleted.
        if let Ok(None) = self.child.try_wait() {
            self.terminate();
            self.child.wait().unwrap();
        }
    }
}

pub async fn ask(url: &str, token: &str, query: &str) -> Value {
    let request = Client::new().post(format!("{url}/graphql")).bearer_auth(token).json(&json!({ "query": query }));
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_demo_serves_the_sample_to_three_and_ends_when_told() {
    let demo = Demo::start(&[]);
    let who = "{ viewer { actor { kind } organization { slug } scopes } services { nodes { slug } } }";
    let seen = [
        (
            "PERSON",
            "dsi",
            json!([
                "read",
                "definitions:write",
                "organizations:write",
                "threads:write",
                "measurements:write",
                "cmdb:read",
                "cmdb:write"
            ]),
        ),
        ("PERSON", "emergency", json!(["read", "threads:write", "agreements:write"])),
        ("SERVICE_ACCOUNT", "dsi", json!(["read", "threads:write", "cmdb:read"])),
    ];
    let printed = demo.printed.clone();
    assert_eq!(tokens(&printed).len(), seen.len());
    for (token, (kind, slug, scopes)) in tokens(&printed).into_iter().zip(seen) {
        assert!(demo.printed.contains(&format!("{}/#token={token}\n", demo.url())));
        let viewer = json!({ "actor": { "kind": kind }, "organization": { "slug": slug }, "scopes": scopes });
        let services = json!({ "nodes": [{ "slug": "patient-management" }] });
        assert_eq!(ask(demo.url(), token, who).await["data"], json!({ "viewer": viewer, "services": services }));
    }
    let folder = std::env::temp_dir();
    let databases = || {
        std::fs::read_dir(&folder)
            .unwrap()
            .flatten()
            .map(|it| it.file_name())
            .filter(|name| name.to_string_lossy().starts_with("entente-demo-"))
            .collect::<Vec<_>>()
    };
    let during = databases();
    let told = Instant::now();
    let (code, log) = demo.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(told.elapsed() < Duration::from_secs(2));
    assert!(log.contains("ready") && log.contains("ended"), "{log}");
    assert!(tokens(&printed).iter().all(|token| !log.contains(token.rsplit('.').next().unwrap())), "{log}");
    let own = during.iter().find(|name| log.contains(&*name.to_string_lossy())).expect("the log names the database");
    assert!(!databases().contains(own));
}

#[tokio::test]
async fn the_curl_line_works_as_it_is_printed() {
    let demo = Demo::start(&[]);
    // What a shell makes of the line, wherever there is no curl.
    let words = format!("curl() {{ printf '%s\\n' \"$@\"; }}\n{}", demo.curl());
    let words = Command::new("sh").args(["-c", &words]).output().unwrap();
    let words = String::from_utf8(words.stdout).unwrap();
    let words: Vec<&str> = words.lines().collect();
    let [_, _, address, _, authorization, _, query] = words[..] else { panic!("{words:?}") };
    let (name, value) = authorization.split_once(": ").unwrap();
    let address = url::Url::parse_with_params(address, [query.split_once('=').unwrap()]).unwrap();
    let request = Client::new().get(address).header(name, value);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    let outcome = &answer["data"]["service"]["outcomes"][2];
    assert_eq!(outcome["en"], "Doctors and nurses read the same, current record at the bedside.", "{answer:#}");
    assert_eq!(outcome["fr"], "Médecins et infirmières lisent le même dossier, à jour, au lit du patient.");
    if Command::new("curl").arg("--version").output().is_ok_and(|it| it.status.success()) {
        let ran = Command::new("sh").args(["-c", demo.curl()]).output().unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&ran.stdout).unwrap(), answer);
    }
}

#[tokio::test]
async fn a_demo_on_a_named_database_may_find_the_sample_there_and_takes_the_secret_that_is_given() {
    let app = App::hospital().await;
    let demo = Demo::start(&["--database-url", &app.url, "--jwt-secret", SECRET, "--log-format", "json"]);
    let arguments =
        ["token", "--jwt-secret", SECRET, "--org", "dsi", "--scope", "read", "--name", "Nadia", "--lifetime", "1m"];
    let token = run(&arguments).ends(0).out;
    let query = "{ viewer { actor { displayName subject } } service(by: {slug: \"patient-management\"}) { revision } }";
    let answer = ask(demo.url(), token.trim_end(), query).await;
    let actor = json!({ "displayName": "Nadia", "subject": "developer" });
    assert_eq!(answer["data"], json!({ "viewer": { "actor": actor }, "service": { "revision": 1 } }), "{answer:#}");
    let (code, log) = demo.end();
    assert_eq!(code, Some(0));
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["message"] == "ready"), "{log}");
    assert!(!log.contains(SECRET) && !log.contains(token.trim_end()));
}

/// A server that must not start; one that does is ended.
pub fn refused_start(arguments: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(&[&["serve"], arguments].concat());
    let mut child = command.current_dir(&folder).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ran::from(child.wait_with_output().unwrap()).ends(2)
}

#[test]
fn a_demo_that_others_can_reach_is_wanted_and_warned_of() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let refused = refused_start(&["--demo", "--listen", address]);
        assert!(refused.err.contains("--demo-public") && !refused.out.contains("token"), "{}", refused.err);
    }
    let public = Demo::start(&["--listen", "0.0.0.0:0", "--demo-public"]);
    assert!(public.printed.contains("http://127.0.0.1:"), "{}", public.printed);
    let (_, log) = public.end();
    assert!(log.contains("WARN") && log.contains("THIS DEMO IS PUBLIC"), "{log}");
    let own = Demo::start(&[]);
    assert!(!own.end().1.contains("PUBLIC"));
}

#[test]
fn a_server_without_what_it_needs_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str]| -> Ran { refused_start(&[&["--listen", "127.0.0.1:0"], arguments].concat()) };
    assert!(refused(&[]).err.contains("no key to check tokens with"));
    assert!(refused(&["--jwt-secret", "hunter2"]).err.contains("too short"));
    assert!(!refused(&["--jwt-secret", "hunter2"]).err.contains("hunter2"));
    assert!(refused(&["--jwks-file", "nothing.json"]).err.contains("the file with the keys cannot be read"));
    let unread = refused(&[
        "--jwt-secret",
        SECRET,
        "--database-url",
        "postgres://u:hunter2@127.0.0.1:1/entente",
        "--database-wait",
        "0",
    ]);
    assert!(unread.err.contains("PostgreSQL 127.0.0.1:1/entente") && !unread.err.contains("hunter2"), "{}", unread.err);
    let plain = refused(&["--jwt-secret", &"x".repeat(64)]);
    assert!(plain.err.contains("can be guessed") && !plain.err.contains("xxxx"), "{}", plain.err);
    assert!(refused(&["--jwt-secret", &" ".repeat(64)]).err.contains("too short"));
    // Without a command, serving is meant.
    let none = Ran::from(program::<&str>(&[]).current_dir(&folder).output().unwrap()).ends(2);
    assert!(none.err.contains("no key to check tokens with"));
}
