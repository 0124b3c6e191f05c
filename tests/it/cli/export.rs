//! `entente export`.

use std::fs;

use serde_json::{Value, json};
use tempfile::tempdir;

use super::{SAMPLE, run, write};
use crate::app::{App, ORGANIZATIONS, SERVICE};

const UNCHANGED: &str = "6 organizations: 6 unchanged. 6 configuration items: 6 unchanged. 2 services: 2 unchanged.";

#[tokio::test]
async fn what_was_exported_is_applied_without_a_change() {
    let app = App::hospital().await;
    let twin = SERVICE
        .replace("slug: patient-management", "slug: organizations")
        .replace("externalReferences:\n  - { system: s", "x:\n  - { system: s");
    let twin = twin.split("\nx:").next().unwrap().to_owned();
    app.run_reading(&["apply", "-"], &twin).ends(0);
    for format in ["yaml", "json"] {
        let folder = tempdir().unwrap();
        let path = folder.path().join("new/folder");
        let path = path.to_str().unwrap();
        let ran = app.run(&["export", "--output", path, "--format", format]).ends(0);
        assert_eq!(ran.out, format!("4 files in {path}\n"));
        let mut files: Vec<_> =
            fs::read_dir(path).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        files.retain(|name| name != ".entente-export");
        files.sort();
        let named = ["configuration-items", "organizations", "organizations.service", "patient-management"];
        let mut named = named.map(|name| format!("{name}.{format}"));
        named.sort();
        assert_eq!(files, named);
        for extra in [&[][..], &["--replace"]] {
            let ran = app.run(&[&["apply", path], extra].concat()).ends(0);
            assert_eq!(ran.summary(), UNCHANGED);
        }
        let stream = app.run(&["export", "--format", format]).ends(0).out;
        let ran = app.run_reading(&["apply", "-"], &stream).ends(0);
        assert_eq!(ran.summary(), UNCHANGED);
    }
}

#[tokio::test]
async fn replacing_makes_a_service_what_its_file_says() {
    let app = App::hospital().await;
    let exported = || app.run(&["export", "--service", "patient-management"]).ends(0).out;
    let before = exported();
    let more = "kind: ServiceDefinition\nslug: patient-management\nsummary: { de: Alles }\ncosts:\n  - { key: ink, effect: IMPOSED, statement: Ink }\noutcomes:\n  - { key: one-record, stage: null }\n";
    app.run_reading(&["apply", "-"], more).ends(0);
    assert_ne!(exported(), before);
    let ran = app.run(&["apply", "--replace", &format!("{SAMPLE}/patient-management.yaml")]).ends(0);
    assert!(ran.out.starts_with("patient-management: revision 2 -> 3"), "{}", ran.out);
    assert_eq!(exported(), before);
}

#[tokio::test]
async fn parents_come_before_those_below_them() {
    let app = App::new().await;
    let folder = tempdir().unwrap();
    let renamed = ORGANIZATIONS.replace("slug: chu", "slug: zzz");
    let file = write(folder.path(), "o.yaml", &renamed);
    app.run(&["apply", &file]).ends(0);
    let out = app.run(&["export"]).ends(0).out;
    assert!(out.starts_with("kind: Organizations\norganizations:\n  - slug: zzz\n"), "{out}");
}

#[tokio::test]
async fn a_service_that_is_not_there_is_refused() {
    let app = App::hospital().await;
    let ran = app.run(&["export", "--service", "nothing", "--service", "patient-management"]).ends(1);
    assert_eq!(ran.err, "nothing: names no service that you may see\n");
    assert!(ran.out.starts_with("kind: ServiceDefinition\nslug: patient-management\n"), "{}", ran.out);
}

#[test]
fn reading_makes_no_database() {
    let folder = tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("e.db").display());
    let ran = run(&["export", "--database-url", &url]).ends(2);
    assert!(ran.err.ends_with("e.db does not exist\n"), "{}", ran.err);
    run(&["migrate", "--check", "--database-url", &url]).ends(1);
    let ran = run(&["apply", "--dry-run", SAMPLE, "--database-url", &url]).ends(0);
    assert_eq!(
        ran.summary(),
        "6 organizations: 6 new. 6 configuration items: 6 new. 1 service: 1 new. Dry run: nothing was written."
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let real = run(&["apply", "--create", SAMPLE, "--database-url", &url]).ends(0);
    assert_eq!(ran.lines()[..1], real.lines());
}

#[tokio::test]
async fn what_is_long_as_yaml_and_short_as_it_says_is_applied_again() {
    let app = App::hospital().await;
    // Short lines, each of which YAML sets in.
    let costs: Vec<Value> = (0..60)
        .map(|n| json!({ "key": format!("c-{n}"), "effect": "IMPOSED", "statement": { "en": "a\n".repeat(4_900) } }))
        .collect();
    app.provider().applied(json!({ "slug": "laundry", "name": "Laundry", "costs": costs })).await;
    let json = app.run(&["export", "--service", "laundry", "--format", "json"]).ends(0).out;
    let yaml = app.run(&["export", "--service", "laundry"]).ends(0).out;
    assert!(json.len() < 1024 * 1024 && yaml.len() > 3 * json.len() / 2, "{} {}", json.len(), yaml.len());
    for text in [json, yaml] {
        let ran = app.run_reading(&["apply", "-"], &text).ends(0);
        assert!(ran.summary().ends_with("1 service: 1 unchanged."), "{}", ran.summary());
    }
}
