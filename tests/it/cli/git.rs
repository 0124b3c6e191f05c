//! A folder under git as the source: replaced, pruned, renamed, exported again.

use std::fs;

use serde_json::json;
use tempfile::tempdir;

use super::{
    server::{Server, admin},
    write,
};
use crate::app::{App, ORGANIZATIONS, SERVICE};

fn small(slug: &str) -> String {
    format!(
        "kind: ServiceDefinition\nslug: {slug}\nprovider: {{ slug: dsi }}\nname: {{ en: {slug} }}\nlifecycle: LIVE\n"
    )
}

async fn lifecycles(app: &App) -> Vec<(String, String)> {
    let data = app.admin().get("{ services(first: 200) { nodes { slug lifecycle } } }").await;
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    data["services"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| (text(&node["slug"]), text(&node["lifecycle"])))
        .collect()
}

#[tokio::test]
async fn what_is_not_in_the_folder_is_retired_with_a_dry_run_and_a_guard() {
    let app = App::new().await;
    let folder = tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    write(folder.path(), "organizations.yaml", ORGANIZATIONS);
    for number in 0..12 {
        write(folder.path(), &format!("s{number}.yaml"), &small(&format!("s{number}")));
    }
    let prune = |extra: &[&str]| app.run(&[&["apply", "--replace", "--prune", path], extra].concat());
    prune(&[]).ends(0);
    // Of another provider, which is not in the folder.
    let other = "kind: Organizations\norganizations: [{ slug: lab, name: Lab }]\n---\n".to_owned()
        + &small("other").replace("slug: dsi", "slug: lab");
    app.run_reading(&["apply", "-"], &other).ends(0);

    fs::remove_file(folder.path().join("s11.yaml")).unwrap();
    // A file that cannot be read is not one that was deleted.
    std::os::unix::fs::symlink("nowhere.yaml", folder.path().join("s11.yaml")).unwrap();
    let unreadable = prune(&["--dry-run"]).ends(2);
    assert!(unreadable.err.contains("s11.yaml: there is no such file"), "{}", unreadable.err);
    fs::remove_file(folder.path().join("s11.yaml")).unwrap();
    write(folder.path(), "s11.YAML", &small("s11"));
    assert!(prune(&["--dry-run"]).ends(0).summary().contains("12 services: 12 unchanged."));
    fs::remove_file(folder.path().join("s11.YAML")).unwrap();
    let dry = prune(&["--dry-run"]).ends(0);
    assert!(dry.lines().contains(&"s11: not in these files: retired"), "{}", dry.out);
    assert!(
        dry.summary().contains("12 services: 11 unchanged, 1 retired. Dry run: nothing was written."),
        "{}",
        dry.out
    );
    let stand = lifecycles(&app).await;
    assert!(stand.iter().all(|(_, lifecycle)| lifecycle == "LIVE"), "{stand:?}");
    let done = prune(&["--comment", "No longer offered"]).ends(0);
    assert_eq!(done.lines(), dry.lines());
    let retired: Vec<String> =
        lifecycles(&app).await.into_iter().filter(|(_, it)| it == "RETIRED").map(|(slug, _)| slug).collect();
    assert_eq!(retired, ["s11"]);
    assert!(prune(&[]).ends(0).summary().contains("11 services: 11 unchanged."));

    // More than a tenth.
    fs::remove_file(folder.path().join("s1.yaml")).unwrap();
    fs::remove_file(folder.path().join("s2.yaml")).unwrap();
    let before = app.rows().await;
    // A dry run prints everything, and has the exit code of the run.
    let dry = prune(&["--dry-run"]).ends(1);
    assert!(
        dry.out.contains(
            "s1: not in these files: retired only with --yes\ns2: not in these files: retired only with --yes\n"
        ),
        "{}",
        dry.out
    );
    assert!(dry.out.contains("2 of 11 services would be retired, more than a tenth"), "{}", dry.out);
    assert!(dry.summary().contains("11 services: 9 unchanged, 2 refused. Dry run"), "{}", dry.out);
    assert!(prune(&["--dry-run", "--yes"]).ends(0).summary().contains("9 unchanged, 2 retired."));
    let refused = prune(&[]).ends(1);
    assert!(refused.out.starts_with("2 of 11 services would be retired, more than a tenth"), "{}", refused.out);
    assert!(refused.out.ends_with("  s1\n  s2\n"), "{}", refused.out);
    app.assert_unchanged(&before).await;
    // What is refused keeps the rest from being retired.
    write(folder.path(), "bad.yaml", &small("bad").replace("slug: dsi", "slug: nobody"));
    let refused = prune(&["--yes"]).ends(1);
    assert!(refused.out.contains("something was refused: nothing was retired"), "{}", refused.out);
    fs::remove_file(folder.path().join("bad.yaml")).unwrap();
    assert!(prune(&["--yes"]).ends(0).summary().contains("2 retired"));
    // It is live again.
    write(folder.path(), "s1.yaml", &small("s1"));
    assert!(prune(&[]).ends(0).out.contains("~ lifecycle \"RETIRED\" -> \"LIVE\""));
    assert!(app.run(&["apply", "--prune", path]).ends(2).err.contains("--prune requires --replace"));
    assert!(
        app.run(&["apply", "--replace", "--prune", path, path])
            .ends(2)
            .err
            .contains("--prune requires exactly one folder")
    );
    // One, of few.
    fs::remove_file(folder.path().join("s1.yaml")).unwrap();
    for number in 3..9 {
        fs::remove_file(folder.path().join(format!("s{number}.yaml"))).unwrap();
    }
    prune(&["--yes"]).ends(0);
    fs::remove_file(folder.path().join("s9.yaml")).unwrap();
    assert!(prune(&["--lang", "fr"]).ends(1).out.starts_with("1 service sur 3 serait retiré"));
}

#[tokio::test]
async fn a_rename_of_nothing_is_told_before_an_identity_is_lost() {
    let app = App::hospital().await;
    let renamed =
        |from: &str| SERVICE.replace("key: right-priority", &format!("key: right-order\n    renamedFrom: {from}"));
    let folder = tempdir().unwrap();
    let file = write(folder.path(), "s.yaml", &renamed("right-prioritty"));
    let line = renamed("").lines().position(|line| line.contains("renamedFrom")).unwrap() + 1;
    let said = format!(
        "{file}:{line}:18: outcomes/right-order/renamedFrom: \"right-order\" becomes a new element: no element of this kind has the key \"right-prioritty\", so its id and history are not kept; did you mean \"right-priority\"? (NOTE)\n"
    );
    let server = Server::start(&["--database-url", &app.url]);
    let checked = super::run(&["validate", "--server", &server.url, "--token", &admin(), &file]).ends(0);
    assert!(checked.out.contains(&said), "{said}{}", checked.out);
    for extra in [&["--dry-run"][..], &["--dry-run", "--quiet"], &["--dry-run", "--json"], &[]] {
        let ran = app.run(&[&["apply", "--replace", &file], extra].concat()).ends(0);
        let expected = if extra.contains(&"--json") { "so its id and history are not kept" } else { &said };
        assert!(ran.out.contains(expected), "{}", ran.out);
    }
    // There is no note if the rename is already done, or for a new service.
    let again = app.run(&["apply", "--replace", &file]).ends(0);
    assert!(again.out.starts_with("patient-management: unchanged\n1 service"), "{}", again.out);
    let new = renamed("right-prioritty").replace("slug: patient-management", "slug: new");
    let new = new.split("externalReferences:\n  - { system: s").next().unwrap();
    assert!(!app.run_reading(&["apply", "--dry-run", "-"], new).out.contains("NOTE"));
}

#[tokio::test]
async fn a_service_that_comes_back_without_a_lifecycle_is_said_to_stay_retired() {
    let app = App::new().await;
    app.run_reading(&["apply", "-"], ORGANIZATIONS).ends(0);
    app.run_reading(&["apply", "-"], &small("s")).ends(0);
    let silent = small("s").replace("lifecycle: LIVE\n", "");
    let is_said = |ran: super::Ran| ran.ends(0).out.contains("stdin:2:7: slug: s stays RETIRED: `lifecycle: LIVE`");
    assert!(!is_said(app.run_reading(&["apply", "-"], &silent)));
    app.run_reading(&["apply", "-"], &small("s").replace("LIVE", "RETIRED")).ends(0);
    assert!(is_said(app.run_reading(&["apply", "-", "--dry-run"], &silent)));
    assert!(is_said(app.run_reading(&["apply", "-"], &silent)));
    assert!(!is_said(app.run_reading(&["apply", "-"], &small("s"))));
}

#[tokio::test]
async fn a_key_that_is_renamed_keeps_its_id_and_what_is_said_of_it() {
    let app = App::hospital().await;
    let admin = app.admin();
    let ids = async || {
        let query = "{ service(by: {slug: \"patient-management\"}) { revision journey { id key } outcomes { id key stage { key } indicators { id key } } consumers { offering { id key } } offerings { id key } } }";
        admin.get(query).await["service"].clone()
    };
    let before = ids().await;
    let id = |value: &serde_json::Value, list: &str, key: &str| {
        value[list].as_array().unwrap().iter().find(|it| it["key"] == key).unwrap()["id"].clone()
    };
    let renamed = SERVICE
        .replace("key: triage,", "key: sorting, renamedFrom: triage,")
        .replace("stage: triage", "stage: sorting")
        .replace("key: right-priority", "key: right-order\n    renamedFrom: right-priority")
        .replace("key: triage-within-10,", "key: sorted-within-10, renamedFrom: triage-within-10,")
        .replace("  - key: round-the-clock", "  - key: day-and-night\n    renamedFrom: round-the-clock")
        .replace("offering: round-the-clock", "offering: day-and-night");
    let folder = tempdir().unwrap();
    let file = write(folder.path(), "s.yaml", &renamed);
    for replace in [&[][..], &["--replace"]] {
        let dry = app.run(&[&["apply", "--dry-run", &file], replace].concat()).ends(0);
        assert!(dry.out.contains("  ~ journey/sorting/key \"triage\" -> \"sorting\""), "{}", dry.out);
        assert!(!dry.out.contains("  - ") && !dry.out.contains("  + "), "{}", dry.out);
    }
    assert_eq!(ids().await, before);
    let done =
        app.run(&["apply", "--replace", &file, "--comment", "Words of the ward", "--expected-revision", "1"]).ends(0);
    assert!(done.out.contains("patient-management: revision 1 -> 2"), "{}", done.out);
    let after = ids().await;
    assert_eq!(id(&after, "journey", "sorting"), id(&before, "journey", "triage"));
    assert_eq!(id(&after, "outcomes", "right-order"), id(&before, "outcomes", "right-priority"));
    assert_eq!(id(&after, "offerings", "day-and-night"), id(&before, "offerings", "round-the-clock"));
    let outcome = after["outcomes"].as_array().unwrap().iter().find(|it| it["key"] == "right-order").unwrap();
    assert_eq!(outcome["stage"]["key"], "sorting");
    assert_eq!(outcome["indicators"][0]["key"], "sorted-within-10");
    assert_eq!(outcome["indicators"][0]["id"], before["outcomes"][1]["indicators"][0]["id"]);
    assert!(after["consumers"].as_array().unwrap().iter().any(|it| it["offering"]["key"] == "day-and-night"));

    // The same again, and the file without what is done.
    assert!(app.run(&["apply", "--replace", &file]).ends(0).out.starts_with("patient-management: unchanged\n"));
    assert!(app.run(&["apply", &file]).ends(0).out.starts_with("patient-management: unchanged\n"));
    let late = app.run(&["apply", &file, "--expected-revision", "1"]).ends(1);
    assert!(late.out.contains("the service has revision 2, not 1") && late.out.contains("(CONFLICT)"), "{}", late.out);
    let exported = app.run(&["export", "--service", "patient-management"]).ends(0).out;
    assert!(!exported.contains("renamedFrom"), "{exported}");
    let old = app.run(&["export", "--service", "patient-management", "--revision", "1"]).ends(0).out;
    assert!(old.contains("key: right-priority") && !exported.contains("key: right-priority"), "{old}");
    let comment = "{ service(by: {slug: \"patient-management\"}) { definition(revision: 2) { comment } } }";
    assert_eq!(app.admin().get(comment).await["service"]["definition"]["comment"], "Words of the ward");

    // Back again: the old key is free, and nothing else has it.
    let back = json!({ "slug": "patient-management", "outcomes": [{ "key": "right-priority", "renamedFrom": "right-order" }] });
    app.provider().applied(back).await;
    assert_eq!(id(&ids().await, "outcomes", "right-priority"), id(&before, "outcomes", "right-priority"));
}

#[tokio::test]
async fn a_key_that_another_element_once_had_can_be_given() {
    let app = App::hospital().await;
    let provider = app.provider();
    let apply = |document: serde_json::Value| provider.applied(document);
    let outcome = |key: &str, more: serde_json::Value| {
        let mut entry = json!({ "key": key });
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "slug": "patient-management", "outcomes": [entry] })
    };
    apply(outcome("fresh", json!({ "statement": { "en": "Fresh" } }))).await;
    apply(outcome("fresh", json!({ "remove": true }))).await;
    apply(outcome("fresh", json!({ "renamedFrom": "one-record" }))).await;
    let document = app.run(&["export", "--service", "patient-management"]).ends(0).out;
    assert!(document.contains("key: fresh") && !document.contains("key: one-record"), "{document}");
    // Applied to nothing, it is an element as any other.
    apply(outcome("newest", json!({ "renamedFrom": "never-was", "statement": { "en": "New" } }))).await;
}

#[tokio::test]
async fn an_export_removes_what_it_wrote_before_and_leaves_the_rest() {
    let app = App::hospital().await;
    app.run_reading(&["apply", "-"], &small("second")).ends(0);
    let folder = tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    app.run(&["export", "--output", path]).ends(0);
    write(folder.path(), "mine.yaml", "# mine\n");
    let there = |name: &str| folder.path().join(name).exists();
    assert!(there("second.yaml"));
    let json = app.run(&["export", "--output", path, "--format", "json"]).ends(0);
    let gone = "deleted 4 files of an earlier export that are no longer written: configuration-items.yaml, organizations.yaml,";
    assert!(json.out.starts_with(&format!("4 files in {path}; {gone}")), "{}", json.out);
    assert!(!there("second.yaml") && there("second.json") && there("mine.yaml"));
    app.run(&["export", "--output", path, "--service", "second"]).ends(0);
    assert!(there("second.json") && there("second.yaml") && there("organizations.json"));
    app.run(&["export", "--output", path]).ends(0);
    assert!(!there("second.json") && there("second.yaml") && there("mine.yaml"));
}
