//! `apply` and `export` through a server.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{
    SAMPLE, SECRET, program, run,
    serve::{Demo, tokens},
    server::{Server, answering},
};

const CHANGED: &str = "kind: ServiceDefinition\nslug: patient-management\nname: { en: Patient flow }\n";

#[test]
fn documents_go_through_a_server_as_its_token_may() {
    let demo = Demo::start(&[]);
    let printed = demo.printed.clone();
    let [provider, ward, _] = tokens(&printed)[..] else { panic!("{printed}") };
    let through =
        |arguments: &[&str], token: &str| run(&[arguments, &["--server", demo.url(), "--token", token]].concat());
    let folder = tempfile::tempdir().unwrap();
    let file = super::write(folder.path(), "changed.yaml", CHANGED);
    let dry = through(&["apply", "--dry-run", &file], provider).ends(0);
    let real = through(&["apply", &file], provider).ends(0);
    assert_eq!(dry.lines(), real.lines());
    assert_eq!(
        real.out,
        // The demo has a proposal, which is revision 2 and is withdrawn by the change.
        "patient-management: revision 1 -> 3\n  ~ name/en \"Patient journey management\" -> \"Patient flow\"\n1 service: 1 changed.\n"
    );
    // A token that may not write may apply unchanged content, and nothing else.
    through(&["apply", &file], ward).ends(0);
    let other = super::write(folder.path(), "other.yaml", &CHANGED.replace("flow", "way"));
    let refused = through(&["apply", &other], ward).ends(1);
    assert!(refused.out.contains(" (FORBIDDEN)\n"), "{}", refused.out);
    assert_eq!(refused.on, Some(format!("server: {}/", demo.url())));

    let exported = through(&["export"], provider).ends(0).out;
    let file = super::write(folder.path(), "exported.yaml", &exported);
    // The department may not write the hospital itself: unchanged content is accepted.
    let again = through(&["apply", "--replace", &file], provider).ends(0);
    assert!(again.summary().starts_with("6 organizations: 6 unchanged."), "{}", again.out);
    let other = super::write(folder.path(), "other.yaml", &exported.replace("Finance", "Money"));
    let refused = through(&["apply", &other], provider).ends(1);
    assert!(refused.out.contains("(FORBIDDEN)"), "{}", refused.out);
    let service = through(&["export", "--service", "patient-management"], provider).ends(0).out;
    let file = super::write(folder.path(), "service.yaml", &service);
    let again = through(&["apply", "--replace", &file], provider).ends(0);
    assert_eq!(again.out, "patient-management: unchanged\n1 service: 1 unchanged.\n");
    let seen = through(&["export", "--format", "json"], ward).ends(0).out;
    assert!(seen.contains("\"emergency\"") && !seen.contains("\"pharmacy\"") && !seen.contains("Nguyen"), "{seen}");

    let stranger = through(&["apply", &file], "not.a.token").ends(2);
    assert!(stranger.err.contains("UNAUTHENTICATED") && stranger.out.is_empty(), "{}", stranger.err);
    let (_, log) = demo.end();
    assert!(!log.contains(provider), "{log}");
}

#[test]
fn whoever_may_do_everything_fills_a_server_without_saying_whose_the_items_are() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["organizations.yaml", "configuration-items.yaml", "patient-management.yaml"] {
        let text = std::fs::read_to_string(format!("{SAMPLE}/{name}")).unwrap();
        // The sample names the organization of its items; without that, it is the provider of the service in the same
        // run.
        super::write(folder.path(), name, &text.replace("\norganization: { slug: dsi }\n", "\n"));
    }
    let silent = folder.path().to_str().unwrap();
    for (source, organization) in [(SAMPLE, None), (silent, None), (silent, Some("chu"))] {
        let server = Server::start(&["--database-url", "sqlite::memory:"]);
        let grant = ["token", "--jwt-secret", SECRET, "--scope", "admin"];
        let of: Vec<&str> = organization.into_iter().flat_map(|slug| ["--org", slug]).collect();
        let token = run(&[&grant[..], &of].concat()).ends(0).out;
        let through =
            |arguments: &[&str]| run(&[arguments, &["--server", &server.url, "--token", token.trim()]].concat());
        let dry = through(&["apply", "--dry-run", source]).ends(0);
        let done = through(&["apply", source]).ends(0);
        assert_eq!(
            done.summary(),
            "6 organizations: 6 new. 6 configuration items: 6 new. 1 service: 1 new.",
            "{}",
            dry.out
        );
        assert!(dry.summary().starts_with(done.summary()), "{}", dry.out);
        let exported = through(&["export"]).ends(0).out;
        assert!(exported.contains("kind: ConfigurationItems\norganization:\n  slug: dsi\n"), "{exported}");
        assert!(through(&["apply", source]).ends(0).summary().ends_with("1 service: 1 unchanged."));
    }
}

#[test]
fn a_server_that_cannot_be_reached_is_a_failure() {
    let ran = run(&["apply", SAMPLE, "--server", "http://127.0.0.1:1", "--token", "hunter2"]).ends(2);
    assert!(
        ran.err.contains("http://127.0.0.1:1/graphql cannot be reached: nothing listens there (connection refused)"),
        "{}",
        ran.err
    );
    assert!(!ran.err.contains("hunter2"));
    let ran = run(&["export", "--server", "http://127.0.0.1:1"]).ends(2);
    assert!(ran.err.contains("ENTENTE_TOKEN"), "{}", ran.err);
    let both = ["--server", "http://127.0.0.1:1", "--token", "t", "--database-url", "sqlite::memory:"];
    let ran = run(&[&["export"], &both[..]].concat()).ends(2);
    assert!(ran.err.contains("exclude each other"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_server_is_asked_again_with_the_same_key() {
    let (tries, keys) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let seen = keys.clone();
    let answer = async move |headers: HeaderMap, body: String| {
        let at_once = [(header::RETRY_AFTER, "0")];
        let body: Value = serde_json::from_str(&body).unwrap();
        if body["query"].as_str().unwrap().starts_with("query Revision") {
            return (StatusCode::OK, at_once, json!({ "data": { "service": { "revision": 1 } } }).to_string());
        }
        seen.lock().unwrap().push(headers["idempotency-key"].clone());
        if tries.fetch_add(1, Ordering::SeqCst) < 2 {
            return (StatusCode::SERVICE_UNAVAILABLE, at_once, String::new());
        }
        let payload = json!({ "service": { "revision": 2 }, "changes": [], "userErrors": [] });
        (StatusCode::OK, at_once, json!({ "data": { "definitionApply": payload } }).to_string())
    };
    let uri = answering(answer).await;
    let ran = tokio::task::spawn_blocking(move || {
        super::run_reading(&["apply", "-", "--server", &uri, "--token", "t"], CHANGED)
    });
    assert_eq!(ran.await.unwrap().ends(0).summary(), "1 service: 1 unchanged.");
    let keys = keys.lock().unwrap();
    assert_eq!(keys.len(), 3);
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_answer_as_entente_does_is_a_failure() {
    let moved = (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, "http://elsewhere.example/graphql")]);
    let uri = answering(async move || moved).await;
    let ran = tokio::task::spawn_blocking(move || {
        let output = program(&["export", "--token", "t"]).env("ENTENTE_SERVER", uri).output().unwrap();
        super::Ran::from(output).ends(2)
    });
    let ran = ran.await.unwrap();
    assert!(ran.err.contains("308") && ran.err.contains("is the address correct?"), "{}", ran.err);
}
