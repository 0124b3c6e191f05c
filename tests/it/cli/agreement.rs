//! `entente propose`, `agree`, `object`, `publish` and `withdraw`, on a database and through a server.

use serde_json::{Value, json};
use tempfile::tempdir;

use super::{Ran, SECRET, run, run_reading, server::Server, write};
use crate::app::App;

const CHANGE: &str = "kind: ServiceDefinition
slug: patient-management
outcomes:
  - key: right-priority
    indicators:
      - { key: triage-within-10, target: 97 }
";

const SUGGESTION: &str = "kind: ServiceDefinition
slug: patient-management
outcomes:
  - key: right-priority
    indicators:
      - { key: triage-within-10, target: 96 }
";

const HEAD: &str = "patient-management: ";

/// The published revision, the open proposal, and the decisions on it.
async fn standing(app: &App) -> (Value, Value, Value) {
    let query = r#"{ service(by: {slug: "patient-management"}) { revision proposedDefinition { revision agreements { state } } } }"#;
    let mut service = app.admin().get(query).await["service"].take();
    let mut proposed = service["proposedDefinition"].take();
    (service["revision"].take(), proposed["revision"].take(), proposed["agreements"].take())
}

#[tokio::test]
async fn a_proposal_is_decided_on_and_published_by_its_last_agreement() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    let file = write(folder.path(), "change.yaml", CHANGE);
    let before = app.rows().await;
    let dry = app.run(&["propose", &file, "--dry-run"]).ends(0);
    let change = "  ~ outcomes/right-priority/indicators/triage-within-10/target 95 -> 97";
    assert_eq!(
        dry.out.lines().collect::<Vec<_>>(),
        [
            "patient-management: these changes would be proposed; revision 1 stays published",
            change,
            "Dry run: nothing was written.",
        ]
    );
    app.assert_unchanged(&before).await;
    let made = app.run(&["propose", &file, "--comment", "Faster"]).ends(0);
    assert!(made.on.unwrap().starts_with("database: "));
    assert_eq!(
        made.out.lines().collect::<Vec<_>>(),
        [
            "patient-management: revision 2 is proposed; revision 1 stays published",
            change,
            "awaits the decision of: emergency, outpatients, pharmacy",
        ]
    );
    let agrees = |consumer: &str| app.run(&["agree", "patient-management", "--as", consumer]).ends(0).out;
    assert_eq!(agrees("emergency"), format!("{HEAD}emergency agrees to the proposal, revision 2\n"));
    let suggestion = write(folder.path(), "suggestion.yaml", SUGGESTION);
    let objected = ["object", "patient-management", "--as", "pharmacy", "--comment", "Too fast", "--suggestion"];
    let objected = app.run(&[&objected[..], &[&suggestion]].concat()).ends(0).out;
    assert_eq!(objected, format!("{HEAD}pharmacy objects to the proposal, revision 2\nthe objection is in thread 1\n"));
    let read = app.admin().get("{ thread(by: {number: 1}) { suggestion { changes { path after } } } }").await;
    let path = "outcomes/right-priority/indicators/triage-within-10/target";
    assert_eq!(read["thread"]["suggestion"]["changes"], json!([{ "path": path, "after": 96 }]));
    // The published revision can be named too.
    let own = app.run(&["agree", "patient-management", "--as", "outpatients", "--revision", "1"]).ends(0).out;
    assert_eq!(own, format!("{HEAD}outpatients agrees to the published revision 1\n"));
    agrees("outpatients");
    let back = app.run(&["agree", "patient-management", "--as", "outpatients", "--withdraw", "--lang", "fr"]).ends(0);
    assert_eq!(back.out, "patient-management : outpatients a retiré sa décision sur la proposition, révision 2\n");
    let states = json!(["AGREED", "WITHDRAWN", "OBJECTED"].map(|state| json!({ "state": state })));
    assert_eq!(standing(&app).await, (json!(1), json!(2), states));
    agrees("outpatients");
    let last = agrees("pharmacy");
    assert!(last.ends_with("every consumer agrees: revision 2 is published\n"), "{last}");
    assert_eq!(standing(&app).await, (json!(2), Value::Null, Value::Null));
    let none = app.run(&["publish", "patient-management"]).ends(1).out;
    assert!(none.starts_with(&format!("{HEAD}there is no open proposal")), "{none}");
}

#[tokio::test]
async fn the_provider_publishes_or_withdraws_a_proposal() {
    let app = App::hospital().await;
    let propose = |more: &[&str]| app.run_reading(&[&["propose", "-"][..], more].concat(), CHANGE);
    propose(&[]).ends(0);
    let gone = app.run(&["withdraw", "patient-management", "--comment", "Later"]).ends(0);
    assert_eq!(gone.out, format!("{HEAD}the proposal, revision 2, is withdrawn\n"));
    assert_eq!(standing(&app).await, (json!(1), Value::Null, Value::Null));
    let printed = propose(&["--json", "--no-publish-when-agreed", "--expected-revision", "1"]).ends(0).out;
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(
        (&printed["revision"], &printed["published"], &printed["state"], &printed["changes"][0]["after"]),
        (&json!(3), &json!(1), &json!("PROPOSED"), &json!(97))
    );
    assert_eq!(printed["awaits"], json!(["emergency", "outpatients", "pharmacy"]));
    for consumer in ["emergency", "outpatients", "pharmacy"] {
        let quiet = app.run(&["agree", "patient-management", "--as", consumer, "--quiet"]).ends(0);
        assert_eq!(quiet.out, "");
    }
    assert_eq!(standing(&app).await.0, 1);
    let wrong = app.run(&["publish", "patient-management", "--revision", "2"]).ends(1).out;
    assert!(wrong.starts_with(HEAD) && wrong.contains("(INVALID_STATE)"), "{wrong}");
    let done = app.run(&["publish", "patient-management", "--lang", "fr"]).ends(0).out;
    assert!(done.starts_with("patient-management : la révision 3 est publiée\n"), "{done}");
    assert!(done.contains("triage-within-10/target 95 -> 97"), "{done}");
    assert_eq!(standing(&app).await.0, 3);
}

#[tokio::test]
async fn what_is_refused_is_told_and_changes_nothing() {
    let (app, folder) = (App::hospital().await, tempdir().unwrap());
    let before = app.rows().await;
    let nobody = app.run(&["agree", "patient-management"]).ends(2);
    assert!(nobody.err.contains("give --as SLUG"), "{}", nobody.err);
    let unknown = app.run(&["agree", "patient-management", "--as", "laundry"]).ends(2);
    assert!(unknown.err.contains("laundry: there is no such organization"), "{}", unknown.err);
    let stranger = app.run(&["agree", "patient-management", "--as", "finance"]).ends(1).out;
    assert!(stranger.starts_with(HEAD) && stranger.ends_with(")\n"), "{stranger}");
    let missing = app.run(&["agree", "patient-managment", "--as", "emergency"]).ends(2);
    assert!(missing.err.contains("did you mean \"patient-management\"?"), "{}", missing.err);
    let undecided = app.run(&["agree", "patient-management", "--as", "emergency", "--withdraw"]).ends(1).out;
    assert!(undecided.starts_with(HEAD), "{undecided}");
    let same = CHANGE.replace("97", "95");
    let same = app.run_reading(&["propose", "-"], &same).ends(1).out;
    assert!(same.starts_with("stdin:1:1: ") && same.contains("(INVALID)"), "{same}");
    let links = app.run_reading(&["propose", "-"], &format!("{CHANGE}lifecycle: RETIRED\n")).ends(1).out;
    assert!(links.contains("stdin:7:") && links.contains("lifecycle: "), "{links}");
    let thread = app.run_reading(&["propose", "-", "--resolves", "77"], CHANGE).ends(1).out;
    assert!(thread.contains("(NOT_FOUND)"), "{thread}");
    let two = app.run_reading(
        &["propose", "-"],
        &format!("{CHANGE}---\nkind: Organizations\norganizations: [{{ slug: chu }}]\n"),
    );
    let two = two.ends(2).err;
    assert!(two.contains("stdin: the document of one service is needed; there are 2 documents"), "{two}");
    let file = write(folder.path(), "wanted.yaml", &format!("{CHANGE}contacts: []\n"));
    let asked = ["object", "patient-management", "--as", "emergency", "--comment", "No", "--suggestion", &file];
    let suggested = app.run(&asked).ends(1).out;
    assert!(suggested.starts_with(&format!("{file}:7:")), "{suggested}");
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn through_a_server_the_organization_of_the_token_decides() {
    let app = App::hospital().await;
    let server = Server::start(&["--database-url", &app.url]);
    let through = |organization: &str, scopes: &[&str], command: &[&str], input: &str| -> Ran {
        let scopes: Vec<&str> = scopes.iter().flat_map(|scope| ["--scope", *scope]).collect();
        let token = [&["token", "--jwt-secret", SECRET, "--org", organization][..], &scopes].concat();
        let token = run(&token).ends(0).out;
        run_reading(&[command, &["--server", &server.url, "--token", token.trim()]].concat(), input)
    };
    let provider = ["read", "definitions:write"];
    through("dsi", &provider, &["propose", "-"], CHANGE).ends(0);
    let ward = ["read", "agreements:write"];
    let agree = ["agree", "patient-management", "--comment", "Good", "--json"];
    let agreed: Value = serde_json::from_str(&through("emergency", &ward, &agree, "").ends(0).out).unwrap();
    assert_eq!(
        (&agreed["organization"], &agreed["revision"], &agreed["state"], &agreed["comment"], &agreed["published"]),
        (&json!("emergency"), &json!(2), &json!("AGREED"), &json!("Good"), &json!(false))
    );
    let before = app.rows().await;
    let reader = through("outpatients", &["read"], &["agree", "patient-management"], "").ends(1).out;
    assert!(reader.contains("agreements:write") && reader.contains("(FORBIDDEN)"), "{reader}");
    let provider = through("dsi", &["read", "agreements:write"], &["agree", "patient-management"], "").ends(1).out;
    assert!(provider.contains(HEAD), "{provider}");
    let other = through("emergency", &ward, &["propose", "-"], CHANGE).ends(1).out;
    assert!(other.starts_with("stdin:1:1: "), "{other}");
    let both = through("emergency", &ward, &["agree", "patient-management", "--as", "pharmacy"], "").ends(2);
    assert!(both.err.contains("--as is only for a database"), "{}", both.err);
    app.assert_unchanged(&before).await;
}
