//! Configuration items from files: many of them, again after an interruption, and without those that are no longer sent.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use chrono::TimeDelta;
use serde_json::{Value, json};
use tempfile::tempdir;

use super::{Ran, SECRET, program, run, serve::Demo, write};
use crate::app::App;

/// So many portions that a run can be stopped between two of them.
const MANY: usize = 10_000;

fn document(keys: impl IntoIterator<Item = String>, depends_on: impl Fn(&str) -> Value) -> String {
    let item = |key: String| {
        let depends_on = depends_on(&key);
        json!({ "ref": { "system": "cmdb", "key": key }, "name": key, "class": "server", "dependsOn": depends_on })
    };
    let items: Vec<Value> = keys.into_iter().map(item).collect();
    json!({ "kind": "ConfigurationItems", "items": items }).to_string()
}

async fn count(app: &App, filter: &str) -> usize {
    let query = format!("{{ configurationItems(filter: {{system: \"cmdb\" {filter}}}) {{ totalCount }} }}");
    app.provider().get(&query).await["configurationItems"]["totalCount"].as_u64().unwrap() as usize
}

#[tokio::test]
async fn a_file_of_many_items_is_sent_again_after_it_was_interrupted() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    // Each depends on the next, and the last on the first.
    let next = |key: &str| json!([{ "system": "cmdb", "key": format!("n{}", (key[1..].parse::<usize>().unwrap() + 1) % MANY) }]);
    let file = write(folder.path(), "items.json", &document((0..MANY).map(|number| format!("n{number}")), next));
    let arguments = ["apply", &file, "--organization", "dsi", "--database-url", &app.url];
    let mut interrupted = program(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while count(&app, "").await == 0 {
        assert_eq!(interrupted.try_wait().unwrap(), None);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    interrupted.kill().unwrap();
    interrupted.wait().unwrap();
    let sent = count(&app, "").await;
    assert!(sent > 0 && sent < MANY && sent % 1_000 == 0, "whole portions, and not all of them: {sent}");

    let again = run(&arguments).ends(0);
    let numbers: Vec<usize> =
        again.summary().split(|c: char| !c.is_ascii_digit()).filter_map(|it| it.parse().ok()).collect();
    let [all, new, unchanged, ..] = numbers[..] else { panic!("{}", again.out) };
    assert!(all == MANY && new + unchanged == MANY && unchanged >= sent && new > 0, "{}", again.out);
    assert_eq!((count(&app, "").await, count(&app, "unresolved: true").await), (MANY, 0));
    assert_eq!(run(&arguments).ends(0).out, "10000 configuration items: 10000 unchanged.\n");
}

#[tokio::test]
async fn one_key_twice_in_a_run_stops_all() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    let twice = |keys: &[&str]| document(keys.iter().map(|key| (*key).to_owned()), |_| json!([]));
    let first = write(folder.path(), "first.json", &twice(&["a", "b"]));
    let second = write(folder.path(), "second.json", &twice(&["c", "a"]));
    let ran = app.run(&["apply", &first, &second, "--organization", "dsi"]).ends(1);
    let said = format!("the configuration item \"a\" of cmdb is in {first}:1 already (INVALID)\n");
    assert!(
        ran.out.starts_with(&format!("{second}:1:")) && ran.out.ends_with(&(said + "1 problem: nothing was sent.\n")),
        "{}",
        ran.out
    );
    // Without a type, the key matches the item of every type.
    let typed = |r#type: Option<&str>| {
        let mut key = json!({ "system": "cmdb", "key": "a" });
        if let Some(r#type) = r#type {
            key["type"] = r#type.into();
        }
        json!({ "kind": "ConfigurationItems", "items": [{ "ref": key, "name": "A", "class": "server" }] }).to_string()
    };
    let third = write(folder.path(), "third.json", &typed(Some("server")));
    for files in [[&first, &third], [&third, &first]] {
        let ran = app.run(&["apply", files[0], files[1], "--organization", "dsi"]).ends(1);
        let said = format!(
            "the configuration item \"a\" of cmdb is in {}:1 already: a key without a type is the same item, whatever its type (INVALID)\n",
            files[0]
        );
        assert!(
            ran.out.starts_with(&format!("{}:1:", files[1]))
                && ran.out.ends_with(&(said + "1 problem: nothing was sent.\n")),
            "{}",
            ran.out
        );
    }
    assert_eq!(count(&app, "").await, 0);
    let fourth = write(folder.path(), "fourth.json", &typed(Some("switch")));
    app.run(&["apply", &third, &fourth, "--organization", "dsi"]).ends(0);
    assert_eq!(count(&app, "").await, 2);
}

#[tokio::test]
async fn what_its_source_no_longer_sends_is_removed_by_the_script_unless_it_is_too_much() {
    if !Command::new("python3").arg("--version").output().is_ok_and(|it| it.status.success()) {
        return;
    }
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    app.pass(TimeDelta::hours(-2));
    let item = |key: &str| json!({ "ref": { "system": "cmdb", "key": key }, "name": key, "class": "server" });
    let all: Value = ["a", "b", "c", "d", "tied", "gone"].map(item).into_iter().collect();
    assert_eq!(app.provider().items(all, json!({})).await["created"], 6);
    app.pass(TimeDelta::hours(2));
    // It puts the sample in first.
    let demo = Demo::start(&["--database-url", &app.url, "--jwt-secret", SECRET]);
    let tied = json!([{ "ref": { "system": "cmdb", "key": "tied" } }]);
    app.provider().applied(json!({ "slug": "patient-management", "configurationItems": tied })).await;
    let token = |scopes: &[&str]| {
        let scopes: Vec<&str> = scopes.iter().flat_map(|scope| ["--scope", *scope]).collect();
        let ran = run(&[&["token", "--jwt-secret", SECRET, "--org", "dsi"][..], &scopes].concat()).ends(0);
        ran.out.trim_end().to_owned()
    };
    let own = token(&["read", "cmdb:read", "cmdb:write"]);
    let script = |token: &str, arguments: &[&str]| -> Ran {
        let mut command = Command::new("python3");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/cmdb/remove_unseen.py")).args(arguments);
        command.env("ENTENTE_URL", demo.url()).env("ENTENTE_TOKEN", token).output().unwrap().into()
    };
    let since = script(&own, &["--now"]).ends(0).out;
    let sent = document(["a", "b", "c", "d"].map(str::to_owned), |_| json!([]));
    let file = write(folder.path(), "items.json", &sent);
    let ran = run(&["apply", &file, "--server", demo.url(), "--token", &own]).ends(0);
    assert_eq!(ran.summary(), "4 configuration items: 4 unchanged.");

    let remove = |token: &str, more: &[&str], code: i32| {
        let arguments = [&["--system", "cmdb", "--since", since.trim_end()], more].concat();
        script(token, &arguments).ends(code)
    };
    let refused = remove(&own, &[], 1);
    assert!(
        refused.err.contains("2 of 6 items were not sent, which is more than 5 %: nothing was removed"),
        "{}",
        refused.err
    );
    let blind = remove(&token(&["cmdb:read", "cmdb:write"]), &["--most", "40"], 1);
    assert_eq!(blind.err, "the token lacks read\n");
    let dry = remove(&own, &["--most", "40", "--dry-run"], 1);
    assert!(dry.out.starts_with("unseen since ") && dry.out.ends_with(": gone\n"), "{}", dry.out);
    assert_eq!(count(&app, "").await, 6);
    let done = remove(&own, &["--most", "40"], 1);
    assert_eq!(done.err, "left: tied, which patient-management runs on\n");
    assert!(done.out.ends_with("1 of 6 items removed\n"), "{}", done.out);
    assert_eq!(count(&app, "").await, 5);
    let done = remove(&own, &["--most", "40", "--tied"], 0);
    assert!(done.out.ends_with("1 of 5 items removed\n"), "{}", done.out);
    assert_eq!(remove(&own, &[], 0).out, "0 of 4 items removed\n");
}
