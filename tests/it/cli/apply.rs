//! `entente apply` on a database.

use std::fs;

use serde_json::json;
use tempfile::tempdir;

use super::{Ran, SAMPLE, run, write};
use crate::app::{App, ORGANIZATIONS, SERVICE};

/// The sample with another text of one outcome, without one outcome, and with other links.
const CHANGED: &str = "kind: ServiceDefinition
slug: patient-management
outcomes:
  - { key: one-record, statement: { en: 'The same record for all.' } }
  - { key: paper-habits, remove: true }
lifecycle: RETIRED
";

#[tokio::test]
async fn the_sample_applied_twice_writes_nothing_the_second_time() {
    let app = App::unmigrated().await;
    let first = app.run(&["apply", SAMPLE]).ends(0);
    assert_eq!(
        first.lines(),
        ["patient-management: new, revision 1 (6 stages, 7 outcomes, 3 costs, 3 risks, 3 benefits, 4 expectations, \
             2 offerings, 3 consumers)"]
    );
    assert!(first.on.is_some());
    assert_eq!(first.summary(), "6 organizations: 6 new. 6 configuration items: 6 new. 1 service: 1 new.");
    assert_eq!(first.err, "");
    let stands = "{ service(by: {slug: \"patient-management\"}) { revision updatedAt } }";
    let before = app.admin().get(stands).await;
    let again = app.run(&["apply", SAMPLE]).ends(0);
    assert_eq!(
        again.out,
        "patient-management: unchanged\n6 organizations: 6 unchanged. 6 configuration items: 6 unchanged. 1 service: 1 unchanged.\n"
    );
    assert_eq!(app.admin().get(stands).await, before);
    assert_eq!(app.run(&["apply", "--replace", SAMPLE]).ends(0).out, again.out);
}

#[tokio::test]
async fn a_dry_run_prints_the_lines_of_the_run_and_writes_nothing() {
    let app = App::unmigrated().await;
    let refused = app.run(&["apply", "--dry-run", SAMPLE]).ends(2);
    assert!(refused.err.contains("run `entente migrate` first"), "{}", refused.err);
    app.run(&["migrate"]).ends(0);

    // The definition names organizations and items that only the same run makes.
    let dry = app.run(&["apply", "--dry-run", SAMPLE]).ends(0);
    assert_eq!(
        dry.summary(),
        "6 organizations: 6 new. 6 configuration items: 6 new. 1 service: 1 new. Dry run: nothing was written."
    );
    let note = "note: compared without the database, because they name organizations and configuration items that this run would create: patient-management";
    assert_eq!((dry.lines().pop(), &*dry.err), (Some(note), ""));
    assert_eq!(
        app.admin().get("{ organizations { totalCount } }").await,
        json!({ "organizations": { "totalCount": 0 } })
    );
    let real = app.run(&["apply", SAMPLE]).ends(0);
    assert_eq!(dry.lines()[..1], real.lines());

    for extra in [&[][..], &["--replace"]] {
        let document =
            if extra.is_empty() { CHANGED.to_owned() } else { SERVICE.replace("at the bedside", "anywhere") };
        let dry = app.run_reading(&[&["apply", "-", "--dry-run"], extra].concat(), &document).ends(0);
        let real = app.run_reading(&[&["apply", "-"], extra].concat(), &document).ends(0);
        assert_eq!(dry.lines(), real.lines());
        assert!(dry.lines().len() > 2 && dry.err.is_empty(), "{} {}", dry.out, dry.err);
    }
}

#[tokio::test]
async fn a_dry_run_of_organizations_that_come_with_a_known_service_is_told_as_it_will_be() {
    let app = App::hospital().await;
    let document = format!(
        "{CHANGED}consumers:\n  - {{ organization: {{ slug: icu }}, offering: office-hours }}\n---\nkind: Organizations\norganizations:\n  - \
         {{ slug: icu, name: {{ en: Intensive care }}, parent: {{ slug: chu }} }}\n  - {{ slug: chu, name: {{ de: Klinik }} }}\n"
    );
    let dry = app.run_reading(&["apply", "-", "--dry-run"], &document).ends(0);
    let real = app.run_reading(&["apply", "-"], &document).ends(0);
    let (note, lines) = dry.lines().split_last().map(|(note, lines)| ((*note).to_owned(), lines.to_vec())).unwrap();
    assert_eq!(lines, real.lines());
    assert!(real.out.contains("patient-management: revision 1 -> 2"), "{}", real.out);
    assert!(real.out.contains("  + consumers/icu/offering \"office-hours\""), "{}", real.out);
    assert_eq!(dry.summary(), format!("{} Dry run: nothing was written.", real.summary()));
    assert!(note.starts_with("note: compared without the database"), "{note}");
}

#[tokio::test]
async fn a_dry_run_names_items_by_their_types_and_makes_none_that_is_removed() {
    let app = App::hospital().await;
    let document = |keys: &str, more: &str| {
        format!(
            "kind: Organizations\norganizations: [{{ slug: new, name: New }}]\n---\n\
             kind: ConfigurationItems\norganization: {{ slug: dsi }}\nitems:\n\
             - {{ ref: {{ system: cmdb, type: server, key: a }}, name: A, class: server }}\n\
             - {{ ref: {{ system: cmdb, type: switch, key: a }}, name: B, class: switch }}\n\
             - {{ ref: {{ system: cmdb, type: server, key: b }}, name: C, class: server }}\n{more}---\n\
             kind: ServiceDefinition\nslug: typed\nname: Typed\nprovider: {{ slug: dsi }}\nlocale: en\n\
             consumers: [{{ organization: {{ slug: new }} }}]\nconfigurationItems:\n{keys}"
        )
    };
    let keys = "- { ref: { system: cmdb, type: server, key: a } }\n- { ref: { system: cmdb, type: switch, key: a } }\n\
                - { ref: { system: cmdb, key: b } }\n";
    let more = "- { ref: { system: cmdb, type: server, key: c }, remove: true }\n";
    for other in ["type: server, key: c", "type: router, key: b"] {
        let keys = format!("{keys}- {{ ref: {{ system: cmdb, {other} }} }}\n");
        let dry = app.run_reading(&["apply", "-", "--dry-run"], &document(&keys, more)).ends(1);
        let key = &other[other.len() - 1..];
        let said = format!("configurationItems/3: \"{key}\" names no configuration item that you may see (NOT_FOUND)");
        assert!(dry.out.contains(&said) && dry.out.matches("NOT_FOUND").count() == 1, "{}", dry.out);
    }
    let document = document(keys, more);
    let dry = app.run_reading(&["apply", "-", "--dry-run"], &document).ends(0);
    let real = app.run_reading(&["apply", "-"], &document).ends(0);
    assert_eq!(dry.lines()[..real.lines().len() - 1], real.lines()[..real.lines().len() - 1]);
    assert_eq!(dry.summary(), format!("{} Dry run: nothing was written.", real.summary()));
}

#[tokio::test]
async fn a_difference_is_readable() {
    let app = App::hospital().await;
    let ran = app.run_reading(&["apply", "-"], CHANGED).ends(0);
    assert_eq!(
        ran.lines()[..3],
        [
            "patient-management: revision 1 -> 2",
            "  ~ outcomes/one-record/statement/en \"Doctors and nurses read the same, current record at the bedside.\" \
             -> \"The same record for all.\"",
            "  - outcomes/paper-habits/statement/en \"Reception can no longer admit a patient on a sheet of paper alone.\"",
        ]
    );
    assert!(ran.lines().contains(&"  ~ lifecycle \"LIVE\" -> \"RETIRED\""), "{}", ran.out);
    let links = "kind: ServiceDefinition\nslug: patient-management\nlifecycle: LIVE\n";
    let ran = app.run_reading(&["apply", "-", "--color", "always"], links).ends(0);
    assert_eq!(
        ran.lines(),
        [
            "\x1b[1mpatient-management\x1b[0m: \x1b[1mrevision 2, changed in its links only\x1b[0m",
            "  \x1b[33m~ lifecycle \"RETIRED\" -> \"LIVE\"\x1b[0m",
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_read_stops_all() {
    let app = App::new().await;
    let folder = tempdir().unwrap();
    let good = write(folder.path(), "a/organizations.yaml", ORGANIZATIONS);
    write(folder.path(), "b/unknown-key.yml", "kind: ServiceDefinition\nslug: a-service\nsumary: x\n");
    write(folder.path(), "b/items.json", r#"{ "kind": "ConfigurationItems", "configurationItems": [] }"#);
    write(folder.path(), "b/latin-1.yaml", "");
    fs::write(folder.path().join("b/latin-1.yaml"), b"kind: \xe9").unwrap();
    write(folder.path(), "b/empty.yaml", "# nothing\n");
    write(folder.path(), ".hidden/bomb.yaml", "not: read");
    write(folder.path(), "notes.txt", "not: read");
    write(folder.path(), "c.yaml", &format!("---\n{ORGANIZATIONS}---\nkind: ServiceDefinition\nslug: [\n"));
    let path = folder.path().to_str().unwrap();
    let missing =
        app.run(&["apply", path, "/no/such/file.yaml", folder.path().join(".none").to_str().unwrap()]).ends(2);
    assert!(missing.err.starts_with("error: /no/such/file.yaml: there is no such file"), "{}", missing.err);
    assert!(
        missing.out.ends_with("problems: nothing was sent.\n") && missing.err.contains(".none: there is no such file"),
        "{}",
        missing.err
    );
    fs::create_dir(folder.path().join(".none")).unwrap();
    let empty = app.run(&["apply", folder.path().join(".none").to_str().unwrap()]).ends(2);
    assert!(empty.err.contains("no .yaml, .yml or .json in it"), "{}", empty.err);
    let ran = app.run(&["apply", path]).ends(1);
    assert_eq!(ran.err, "");
    let lines: Vec<&str> = ran.out.lines().map(|line| line.strip_prefix(path).unwrap_or(line)).collect();
    let begins = |line: &str, beginning: &str| assert!(line.starts_with(beginning), "{line}\n{}", ran.out);
    // The six organizations of c.yaml are in a/organizations.yaml too.
    assert_eq!(lines.len(), 15, "{}", ran.out);
    begins(lines[0], "/b/empty.yaml: there is no document in it");
    begins(lines[1], "/b/items.json:1:1: items: must be given");
    begins(
        lines[2],
        "/b/items.json:1:33: configurationItems: there is no such field here; there are: organization, items",
    );
    begins(lines[3], "/b/latin-1.yaml:1:7: the file is not UTF-8 from here on: save it as UTF-8, or convert it");
    begins(lines[4], "/b/unknown-key.yml:1:1: provider: must be given: the service \"a-service\" does not exist yet");
    begins(lines[5], "/b/unknown-key.yml:1:1: name: must be given for a new service");
    begins(lines[6], "/b/unknown-key.yml:3:1: sumary: there is no such field; did you mean `summary`? (INVALID)");
    begins(lines[7], "/c.yaml:");
    assert_eq!(ran.summary(), "14 problems: nothing was sent.");
    let none = json!({ "organizations": { "totalCount": 0 } });
    assert_eq!(app.admin().get("{ organizations { totalCount } }").await, none);

    // A file with two paths is read once.
    let (same, copy) = (folder.path().join("a"), write(folder.path(), "d.yaml", ORGANIZATIONS));
    let once = app.run(&["apply", "--dry-run", &good, &good, same.to_str().unwrap()]).ends(0);
    assert!(once.summary().starts_with("6 organizations: 6 new."), "{}", once.out);
    let twice = app.run(&["apply", &good, &copy]).ends(1);
    assert!(twice.out.contains("the organization \"chu\" is in"), "{}", twice.out);
    let two = format!("{}---\n{}", "kind: ServiceDefinition\nslug: a\n", "kind: ServiceDefinition\nslug: b\n");
    let of_one = app.run_reading(&["apply", "-", "--expected-revision", "1"], &two).ends(2);
    assert!(of_one.err.contains("--expected-revision is for one service"), "{}", of_one.err);
    let nothing = app.run(&["apply", folder.path().join(".hidden").join("..").join("b").to_str().unwrap()]).ends(1);
    assert!(!nothing.out.is_empty());
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_whole_with_its_place_and_stops_no_other() {
    let app = App::hospital().await;
    let folder = tempdir().unwrap();
    let bad = SERVICE.replace("stage: triage", "stage: triag");
    let line = bad.lines().position(|line| line == "    stage: triag").unwrap() + 1;
    let bad = write(folder.path(), "bad.yaml", &bad.replace("at the bedside", "anywhere"));
    let other = "kind: ServiceDefinition\nslug: other\nprovider: { slug: dsi }\nname: Other\n---\nkind: ServiceDefinition\nslug: third\nprovider: { slug: nobody }\nname: Third\n";
    let other = write(folder.path(), "other.yaml", other);
    for (arguments, applied) in [(&["--dry-run"][..], false), (&[], true)] {
        let ran = app.run(&[&["apply", bad.as_str(), &other], arguments].concat()).ends(1);
        let headings: Vec<_> =
            ran.out.lines().filter(|line| !line.starts_with(' ') && !line.starts_with('/')).collect();
        assert_eq!(headings[..3], ["patient-management: refused", "other: new, revision 1", "third: refused"]);
        assert!(ran.summary().starts_with("3 services: 1 new, 2 refused."), "{}", ran.summary());
        let is_said = |line: &str| assert!(ran.out.lines().any(|it| it == line), "{line}\n{}", ran.out);
        is_said(&format!(
            "{bad}:{line}:12: outcomes/right-priority/stage: no stage of the journey has the key \"triag\"; did you mean \
             \"triage\"? (INVALID)"
        ));
        is_said(&format!(
            "{other}:8:11: provider: \"nobody\" names no organization that you may see; there are: chu, dsi, emergency, finance, outpatients, pharmacy (NOT_FOUND)"
        ));
        let stands = app.admin().get("{ patients: service(by: {slug: \"patient-management\"}) { revision } other: service(by: {slug: \"other\"}) { revision } }").await;
        let revision = if applied { json!({ "revision": 1 }) } else { json!(null) };
        assert_eq!(stands, json!({ "patients": { "revision": 1 }, "other": revision }));
    }
}

#[tokio::test]
async fn organizations_that_are_refused_stop_the_definitions() {
    let app = App::new().await;
    let circle = "kind: Organizations\norganizations:\n  - { slug: a, name: A, parent: { slug: b } }\n  - { slug: b, name: B, parent: { slug: a } }\n";
    let ran = app.run_reading(&["apply", "-"], &format!("{circle}---\n{SERVICE}")).ends(1);
    assert_eq!(ran.summary(), "2 organizations: 2 refused. 1 service: 1 not sent.");
    assert!(
        ran.out.contains("stdin:3:33: organizations/a/parent: an organization cannot be its own parent, directly or indirectly (INVALID)"),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn more_organizations_than_go_at_once_are_sent_in_portions() {
    let app = App::new().await;
    // Parents are last.
    let below = (0..1_204).map(|number| {
        let above = if number < 1_200 { 1_200 + number % 4 } else { 1_204 };
        format!("  - {{ slug: o{number}, name: N, parent: {{ slug: o{above} }} }}\n")
    });
    let below = below.collect::<String>();
    let text = format!("kind: Organizations\norganizations:\n{below}  - {{ slug: o1204, name: Top }}\n");
    let dry = app.run_reading(&["apply", "-", "--dry-run"], &text).ends(0);
    assert_eq!(dry.out, "1205 organizations: 1205 new. Dry run: nothing was written.\n");
    assert_eq!(app.run_reading(&["apply", "-"], &text).ends(0).out, "1205 organizations: 1205 new.\n");
    assert_eq!(app.run_reading(&["apply", "-"], &text).ends(0).out, "1205 organizations: 1205 unchanged.\n");
}

#[test]
fn a_database_that_cannot_be_used_is_a_failure_and_named_without_its_password() {
    let ends = |url: &str| -> Ran { run(&["apply", SAMPLE, "--database-url", url]).ends(2) };
    let ran = ends("postgres://somebody:hunter2@127.0.0.1:1/entente");
    assert!(ran.err.contains("PostgreSQL 127.0.0.1:1/entente cannot be used"), "{}", ran.err);
    let others = [
        "postgres://u:hunter2@127.0.0.1:port/x",
        "mysql://u:hunter2@h/x",
        "hunter2",
        "sqlite:///no/such/hunter3/e.db?mode=rwc",
    ];
    for url in others {
        assert!(!ends(url).err.contains("hunter2"), "{url}");
    }
    assert!(!ran.err.contains("hunter2"));
}
