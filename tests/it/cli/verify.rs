//! `entente verify`: which revision a document is, or what differs.

use serde_json::{Value, json};
use tempfile::tempdir;

use super::{SAMPLE, SECRET, run, server::Server, write};
use crate::app::App;

const CHANGE: &str = "kind: ServiceDefinition
slug: patient-management
outcomes:
  - key: right-priority
    indicators:
      - { key: triage-within-10, target: 97 }
";

#[tokio::test]
async fn an_exported_file_is_the_revision_that_it_was_exported_from() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    for consumer in ["emergency", "pharmacy"] {
        app.run(&["agree", "patient-management", "--as", consumer]).ends(0);
    }
    let export = |format: &str, name: &str| {
        let text = app.run(&["export", "--service", "patient-management", "--format", format]).ends(0).out;
        write(folder.path(), name, &text)
    };
    let (yaml, json_file) = (export("yaml", "first.yaml"), export("json", "first.json"));
    for file in [&yaml, &json_file] {
        let out = app.run(&["verify", file]).ends(0).out;
        assert!(out.starts_with(&format!("{file} is revision 1 of patient-management, published on 20")), "{out}");
        assert!(out.ends_with("; agreed to by emergency, pharmacy\n"), "{out}");
    }
    // Links do not matter: the file in git has none of those that others added, and the service was retired since.
    app.run_reading(&["apply", "-"], "kind: ServiceDefinition\nslug: patient-management\nlifecycle: RETIRED\n").ends(0);
    app.run(&["verify", &yaml, &format!("{SAMPLE}/patient-management.yaml")]).ends(0);
    app.run_reading(&["apply", "-"], CHANGE).ends(0);
    let old = app.run(&["verify", &yaml]).ends(0).out;
    assert!(old.contains("; now revision 2 is published; agreed to by emergency, pharmacy\n"), "{old}");
    let french = app.run(&["verify", &json_file, "--lang", "fr"]).ends(0).out;
    assert!(french.contains(" est la révision 1 de patient-management, publiée le 20"), "{french}");
    let second = export("yaml", "second.yaml");
    let both = app.run(&["verify", &yaml, &second, "--json"]).ends(0).out;
    let both: Value = serde_json::from_str(&both).unwrap();
    let found: Vec<_> = both["documents"].as_array().unwrap().iter().map(|one| &one["matches"]["revision"]).collect();
    assert_eq!(found, [&json!(1), &json!(2)]);
    let query = r#"{ service(by: {slug: "patient-management"}) { definition { digest } } }"#;
    let digest = app.admin().get(query).await["service"]["definition"]["digest"].take();
    assert_eq!((&both["documents"][1]["digest"], digest.as_str().unwrap().len()), (&digest, 64));
}

#[tokio::test]
async fn a_document_that_differs_is_told_with_its_differences() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    let text = app.run(&["export", "--service", "patient-management"]).ends(0).out;
    let altered = write(folder.path(), "altered.yaml", &text.replace("target: 95", "target: 97"));
    let before = app.rows().await;
    let ran = app.run(&["verify", &altered]).ends(1);
    assert_eq!(
        ran.out.lines().collect::<Vec<_>>(),
        [
            format!("{altered} is no revision of patient-management; its differences from the published revision 1:"),
            "  ~ outcomes/right-priority/indicators/triage-within-10/target 95 -> 97".to_owned(),
        ]
    );
    let printed: Value = serde_json::from_str(&app.run(&["verify", &altered, "--json"]).ends(1).out).unwrap();
    let one = &printed["documents"][0];
    assert_eq!((&one["matches"], one["changes"].as_array().unwrap().len()), (&Value::Null, 1));
    let other = text.replace("slug: patient-management", "slug: patient-managment");
    let other = app.run_reading(&["verify", "-"], &other).ends(1).out;
    assert!(other.contains("did you mean \"patient-management\"?"), "{other}");
    app.assert_unchanged(&before).await;
    // A proposal is a revision, but not a published one.
    app.run_reading(&["propose", "-"], CHANGE).ends(0);
    let proposed = app.run(&["verify", &altered]).ends(1).out;
    assert!(
        proposed.contains(" is revision 2 of patient-management, which is proposed and not published"),
        "{proposed}"
    );
    let items = app.run(&["verify", &format!("{SAMPLE}/organizations.yaml")]).ends(2);
    assert!(items.err.contains("no definition of a service"), "{}", items.err);
}

#[tokio::test]
async fn a_document_in_another_form_is_the_same_revision_and_a_reader_may_verify_it() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    let plain = "kind: ServiceDefinition
slug: parking
provider: { slug: dsi }
name: Parking
reviewEvery: P1Y
outcomes:
  - { key: a-place, statement: A visitor finds a place. }
costs:
  - { key: barrier, statement: The barrier, effect: REMOVED, amount: \"12.5\", currency: EUR }
consumers:
  - { organization: { slug: emergency } }
";
    let file = write(folder.path(), "parking.yaml", plain);
    app.run(&["apply", &file]).ends(0);
    app.run(&["verify", &file]).ends(0);
    // As a consumer sees it, with the scope `read` alone.
    let server = Server::start(&["--database-url", &app.url]);
    let token = run(&["token", "--jwt-secret", SECRET, "--org", "emergency", "--scope", "read"]).ends(0).out;
    let through = |file: &str| run(&["verify", file, "--server", &server.url, "--token", token.trim()]);
    let out = through(&file).ends(0).out;
    assert!(out.ends_with("; nobody has agreed to it\n"), "{out}");
    let altered = write(folder.path(), "other.yaml", &plain.replace("A visitor", "Every visitor"));
    let out = through(&altered).ends(1).out;
    assert!(out.contains("~ outcomes/a-place/statement/en \"A visitor finds a place.\" -> \"Every visitor"), "{out}");
}
