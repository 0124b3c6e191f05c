//! The options of `serve` are checked before anything is used, and all problems are reported.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{
    Ran, SECRET, program, run,
    serve::{Demo, refused_start, tokens},
    server::{Server, admin},
    write,
};
use crate::app::App;

/// A server that must not start, with these variables, in a folder; it must leave nothing there.
fn refused_with(variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
    let ran = Ran::from(command.envs(variables.iter().copied()).current_dir(&folder).output().unwrap()).ends(2);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "{}", ran.err);
    ran
}

#[test]
fn nothing_is_touched_before_the_options_are_in_order() {
    let secret = ("ENTENTE_JWT_SECRET", SECRET);
    for (variables, said) in [
        (&[("ENTENTE_JWKS_FILE", "/nowhere/keys.json")][..], "/nowhere/keys.json"),
        (&[secret, ("ENTENTE_CORS_ORIGINS", "app.example")], "an origin is a scheme and a whole host"),
        (&[secret, ("ENTENTE_CORS_ORIGINS", "https://app.example/path")], "an origin is a scheme and a whole host"),
        (&[secret, ("ENTENTE_MAX_CONNECTIONS", "0")], "a whole number from 1 to 1000000"),
        (&[secret, ("ENTENTE_MAX_REQUESTS", "0")], "a whole number from 1 to 1000000"),
        (&[secret, ("ENTENTE_LOG", "loud")], "\"loud\" is not a level"),
        (&[secret, ("ENTENTE_JWT_PREVIOUS_SECRET", "short")], "too short"),
        (&[secret, ("ENTENTE_JWT_PREVIOUS_SECRET", SECRET)], "are the same"),
        (&[("ENTENTE_JWT_SECRET_FILE", "/nowhere/secret")], "/nowhere/secret"),
        (&[secret, ("ENTENTE_DATABASE_URL", "postgres://u:12/hunter2@host/db")], "percent-encoded"),
    ] {
        let ran = refused_with(variables, &[]);
        assert!(ran.err.contains(said) && !ran.err.contains("hunter2"), "{variables:?}: {}", ran.err);
    }
}

#[test]
fn a_file_of_keys_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "keys.json", "{}");
    let ran = refused_with(&[], &["--jwks-file", &file]);
    assert!(ran.err.contains(&file), "{}", ran.err);
}

#[tokio::test]
async fn an_empty_variable_is_one_that_is_not_given() {
    let app = App::hospital().await;
    let help = run(&["serve", "--help"]).ends(0).out;
    let names: std::collections::BTreeSet<&str> =
        help.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next()).collect();
    assert!(names.len() > 20 && names.contains("ENTENTE_DEMO"), "{names:?}");
    let mut command =
        program(&["serve", "--listen", "127.0.0.1:0", "--database-url", &app.url, "--jwt-secret", SECRET]);
    command.envs(names.iter().map(|name| (*name, "")));
    let server = Server::spawn(command);
    assert_eq!(server.ready().await.0, 200);
}

#[tokio::test]
async fn secrets_stand_in_files_and_one_takes_the_place_of_another_without_refusing_anybody() {
    const NEXT: &str = "the next secret of some forty characters";
    let app = App::hospital().await;
    let folder = tempfile::tempdir().unwrap();
    let files =
        [("ENTENTE_JWT_SECRET", NEXT), ("ENTENTE_JWT_PREVIOUS_SECRET", SECRET), ("ENTENTE_DATABASE_URL", &app.url)];
    let files = files.map(|(name, text)| (format!("{name}_FILE"), write(folder.path(), name, &format!("{text}\n"))));
    let mut command = program(&["serve", "--listen", "127.0.0.1:0"]);
    command.envs(files.clone());
    let server = Server::spawn(command);
    let minted = program(&["token", "--scope", "admin"]).envs(files).output().unwrap();
    let minted = Ran::from(minted).ends(0).out;
    let stranger =
        run(&["token", "--jwt-secret", "a third secret of some forty characters", "--scope", "admin"]).ends(0).out;
    for (token, status) in [(admin(), 200), (minted, 200), (stranger, 401)] {
        let body = json!({ "query": "{ services { totalCount } }" });
        let request = server.client.post(format!("{}/graphql", server.url)).bearer_auth(token.trim()).json(&body);
        assert_eq!(request.send().await.unwrap().status(), status);
    }
}

/// The order of docs/operations.md: each replica accepts the tokens of the others while they are replaced one after the
/// other.
#[tokio::test]
async fn replicas_take_another_secret_one_after_the_other_without_refusing_anybody() {
    const NEXT: &str = "the next secret of some forty characters";
    let app = App::hospital().await;
    let start = |current: &str, other: Option<&str>| {
        let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--database-url", &app.url]);
        command.env("ENTENTE_JWT_SECRET", current).env("ENTENTE_JWT_PREVIOUS_SECRET", other.unwrap_or_default());
        Server::spawn(command)
    };
    let stages = [(SECRET, None), (SECRET, Some(NEXT)), (NEXT, Some(SECRET)), (NEXT, None)];
    for pair in stages.windows(2) {
        let servers = [start(pair[0].0, pair[0].1), start(pair[1].0, pair[1].1)];
        for (secret, _) in pair {
            let token = run(&["token", "--jwt-secret", secret, "--scope", "admin"]).ends(0).out;
            for server in &servers {
                let body = json!({ "query": "{ services { totalCount } }" });
                let request =
                    server.client.post(format!("{}/graphql", server.url)).bearer_auth(token.trim()).json(&body);
                assert_eq!(request.send().await.unwrap().status(), 200, "{pair:?} {secret}");
            }
        }
    }
}

#[tokio::test]
async fn check_tells_what_would_be_used_and_whether_it_works() {
    let app = App::unmigrated().await;
    let base = ["check", "--listen", "127.0.0.1:0"];
    let check = |more: &[&str]| run(&[&base[..], more].concat());
    let with = ["--database-url", &app.url, "--jwt-secret", SECRET];
    let before = check(&with).ends(0).out;
    assert!(before.contains("one secret (HS256)") && before.contains("are pending"), "{before}");
    // It has written nothing.
    assert!(app.store.migrations().await.unwrap().iter().all(|(_, has_run)| !has_run));
    app.store.migrate().await.unwrap();
    let after = check(&with).ends(0).out;
    assert!(after.contains("for reading and writing") && after.contains("have run"), "{after}");
    assert!(!after.contains(SECRET));
    let wrong =
        check(&["--database-url", "postgres://u:hunter2@127.0.0.1:1/entente", "--jwks-file", "/nowhere/keys.json"])
            .ends(1)
            .out;
    assert_eq!(wrong.lines().filter(|line| line.starts_with("FAILED")).count(), 2, "{wrong}");
    assert!(
        wrong.contains("Connection refused") && wrong.contains("/nowhere/keys.json") && !wrong.contains("hunter2"),
        "{wrong}"
    );
}

#[test]
fn why_a_server_does_not_start_is_told_once_and_as_json_where_the_log_is() {
    let url = "postgres://u:hunter2@127.0.0.1:1/entente";
    let arguments = ["--listen", "127.0.0.1:0", "--jwt-secret", SECRET, "--database-wait", "0", "--database-url", url];
    let text = refused_start(&arguments).err;
    assert_eq!(text.matches("Connection refused").count(), 1, "{text}");
    assert!(!text.contains("pool timed out"), "{text}");
    for arguments in [
        &[&arguments[..], &["--log-format", "json"]].concat()[..],
        &["--log-format=json"],
        &["--log-format", "json", "--nonsense"],
    ] {
        let said = refused_start(arguments).err;
        let lines: Vec<Value> =
            said.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{said}"))).collect();
        assert!(lines.iter().any(|line| line["level"] == "ERROR" && line["message"].is_string()), "{said}");
    }
}

#[tokio::test]
async fn the_log_says_who_asked_from_where_and_why_a_token_was_refused() {
    let app = App::hospital().await;
    let mut server = Server::start(&[
        "--database-url",
        &app.url,
        "--trusted-proxies",
        "127.0.0.0/8",
        "--log",
        "warning,entente=info",
    ]);
    let ask = async |id: &str, token: Option<&str>, query: &str| {
        let mut request = server.client.post(format!("{}/graphql", server.url)).json(&json!({ "query": query }));
        request = request.header("x-request-id", id).header("x-forwarded-for", "203.0.113.9, 198.51.100.1");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap();
    };
    let ward = run(&["token", "--jwt-secret", SECRET, "--org", "emergency", "--subject", "ines"]).ends(0).out;
    ask("good", Some(ward.trim()), "{ services { totalCount } }").await;
    ask("bad", Some("a.b.c"), "{ services { totalCount } }").await;
    ask("none", None, "mutation { organizationsApply(input: { organizations: [] }) { created } }").await;
    let within = Duration::from_secs(5);
    let good = server.logged("request_id=\"good\"", within);
    for said in ["subject=\"ines\"", "organization=\"emergency\"", "client=\"198.51.100.1\""] {
        assert!(good.contains(said), "{good}");
    }
    let bad = server.logged("request_id=\"bad\"", within);
    assert!(bad.contains("status=401") && bad.contains("refused=\"The token is not a signed JWT"), "{bad}");
    let none = server.logged("request_id=\"none\"", within);
    assert!(none.contains("status=401") && none.contains("refused="), "{none}");
}

#[tokio::test]
async fn migrations_are_told_in_one_line() {
    let app = App::unmigrated().await;
    let server = Server::start(&["--database-url", &app.url]);
    let log = server.log();
    assert_eq!(log.lines().filter(|line| line.contains("migrat")).count(), 1, "{log}");
}

#[test]
fn the_demo_prints_its_block_last() {
    let demo = Demo::start(&[]);
    assert_eq!(tokens(&demo.printed).len(), 3);
    // The output comes after the line that it is ready, so that line exists by now.
    let start = Instant::now();
    while !demo.log().contains("ready address=") {
        assert!(start.elapsed() < Duration::from_millis(500), "{}", demo.log());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test]
async fn a_client_finds_out_where_tokens_come_from() {
    let app = App::hospital().await;
    let server = Server::start(&["--database-url", &app.url, "--jwt-issuer", "https://id.example/realms/hospital"]);
    let refused =
        server.client.post(format!("{}/graphql", server.url)).bearer_auth("a.b.c").json(&json!({ "query": "{ ok }" }));
    let refused = refused.send().await.unwrap();
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap().to_owned();
    let address = challenge.split("resource_metadata=\"").nth(1).unwrap().trim_end_matches('"');
    assert!(challenge.starts_with("Bearer error=\"invalid_token\", "), "{challenge}");
    // Without a token, with every status.
    for (accepted, status) in [("application/json", 200), ("application/graphql-response+json", 200)] {
        let body = json!({ "query": "{ services { totalCount } }" });
        let request = server.client.post(format!("{}/graphql", server.url)).header("accept", accepted).json(&body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["www-authenticate"], format!("Bearer resource_metadata=\"{address}\""));
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    }
    let needs_none = server.get("/graphql?query={__typename}").await;
    assert_eq!(needs_none.headers().get("www-authenticate"), None);
    let metadata: Value = server.client.get(address).send().await.unwrap().json().await.unwrap();
    assert_eq!(metadata["resource"], format!("{}/graphql", server.url));
    assert_eq!(metadata["authorization_servers"], json!(["https://id.example/realms/hospital"]));
    assert!(metadata["scopes_supported"].as_array().unwrap().contains(&json!("threads:write")));
    let root: Value = server.get("/.well-known/oauth-protected-resource").await.json().await.unwrap();
    assert_eq!(root["resource"], server.url);
    let named = Server::start(&["--database-url", &app.url, "--public-url", "https://entente.example"]);
    let metadata: Value = named.get("/.well-known/oauth-protected-resource/graphql").await.json().await.unwrap();
    assert_eq!(metadata["resource"], "https://entente.example/graphql");
    assert_eq!(metadata.get("authorization_servers"), None);
}

#[tokio::test]
async fn a_server_that_drains_says_so_and_still_serves() {
    let app = App::hospital().await;
    let mut server = Server::start(&["--database-url", &app.url, "--drain", "2"]);
    assert_eq!(server.ready().await.0, 200);
    server.terminate();
    let told = Instant::now();
    server.logged("draining", Duration::from_secs(2));
    let mut served = 0;
    while told.elapsed() < Duration::from_millis(1_500) {
        // Each over a connection of its own, for answers end theirs.
        let answer = server.get("/readyz").await;
        assert_eq!((answer.status().as_u16(), answer.headers()["connection"].to_str().unwrap()), (503, "close"));
        assert_eq!(answer.text().await.unwrap(), "draining\n");
        server.write(&format!("during-{served}"), "During").await.unwrap();
        served += 1;
    }
    assert!(served > 3);
    assert_eq!(server.ended(), Some(0));
    assert!(told.elapsed() >= Duration::from_secs(2) && told.elapsed() < Duration::from_secs(8));
    assert!(server.client.get(format!("{}/readyz", server.url)).send().await.is_err());
}

#[tokio::test]
async fn pages_of_any_origin_may_call_where_that_is_said() {
    let app = App::hospital().await;
    let server = Server::start(&["--database-url", &app.url, "--cors-origins", "*"]);
    let request = server
        .client
        .get(format!("{}/graphql?query={{__typename}}", server.url))
        .header("origin", "https://app.example");
    assert_eq!(request.send().await.unwrap().headers()["access-control-allow-origin"], "*");
}
