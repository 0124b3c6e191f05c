//! Definitions: applying documents whole or not at all, dry runs, expected revisions.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    app::{App, ORGANIZATIONS, SERVICE, file, problems},
    kit::{indicator, laundry, of_laundry, reference},
};

#[tokio::test]
async fn the_sample_is_applied_and_read_in_both_languages() {
    let app = App::hospital().await;
    let query = r#"{ service(by: {slug: "patient-management"}) { name outcomes { key statement french: statement(locale: "fr") } } }"#;
    let data = app.provider().get(query).await;
    let outcome = &data["service"]["outcomes"][2];
    assert_eq!(outcome["key"], "one-record");
    assert_eq!(outcome["statement"], "Doctors and nurses read the same, current record at the bedside.");
    assert_eq!(outcome["french"], "Médecins et infirmières lisent le même dossier, à jour, au lit du patient.");
}

fn sample() -> Value {
    let mut document = file(SERVICE);
    document.as_object_mut().unwrap().remove("kind");
    document
}

#[tokio::test]
async fn applying_what_stands_writes_nothing() {
    let app = App::hospital().await;
    let before = app.rows().await;
    app.pass(TimeDelta::hours(1));
    for asker in [app.provider(), app.admin()] {
        for mode in ["MERGE", "REPLACE"] {
            let again = asker.apply(sample(), json!({ "mode": mode })).await;
            assert_eq!(problems(&again), []);
            assert_eq!(again["changes"], json!([]));
            assert_eq!(again["applied"], false);
            assert_eq!(again["service"]["revision"], 1);
        }
    }
    let again = app.admin().apply_file(ORGANIZATIONS).await;
    assert_eq!((&again["created"], &again["updated"], &again["unchanged"]), (&json!(0), &json!(0), &json!(6)));
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn a_new_service_says_all_that_it_says() {
    let app = App::hospital().await;
    let payload = app.provider().applied(laundry()).await;
    assert_eq!(payload["applied"], true);
    assert_eq!(payload["service"]["revision"], 1);
    let query = r#"{ service(by: {slug: "laundry"}) {
        lifecycle provider { slug } outcomes { key stage { key } indicators { key target } } costs { amount { amount currency } }
        consumers { organization { slug } offering { key } } createdAt updatedAt definition { state revision author { subject } } } }"#;
    let service = &app.provider().get(query).await["service"];
    assert_eq!(service["provider"]["slug"], "dsi");
    assert_eq!(service["outcomes"][0]["indicators"], json!([{ "key": "stains", "target": 5.0 }]));
    assert_eq!(service["costs"][0]["amount"], json!({ "amount": "12.50", "currency": "EUR" }));
    assert_eq!(
        service["consumers"],
        json!([{ "organization": { "slug": "emergency" }, "offering": { "key": "daily" } }])
    );
    assert_eq!(service["createdAt"], service["updatedAt"]);
    assert_eq!(
        service["definition"],
        json!({ "state": "PUBLISHED", "revision": 1, "author": { "subject": "somebody-of-dsi" } })
    );
}

/// Applies with a dry run, then really: both return the same, and only the second one writes.
async fn dry_then_really(app: &App, document: Value, mode: &str) -> Value {
    let before = app.rows().await;
    let provider = app.provider();
    let dry = provider.apply(document.clone(), json!({ "mode": mode, "dryRun": true })).await;
    assert_eq!(problems(&dry), []);
    assert_eq!(dry["applied"], false);
    app.assert_unchanged(&before).await;
    let done = provider.apply(document, json!({ "mode": mode })).await;
    assert_eq!(problems(&done), []);
    assert_eq!(dry["changes"], done["changes"]);
    assert_ne!(done["changes"], json!([]));
    assert_eq!(done["applied"], true);
    dry
}

#[tokio::test]
async fn a_dry_run_says_what_the_real_run_does_and_writes_nothing() {
    let app = App::hospital().await;
    let mut new = laundry();
    new["externalReferences"] = json!([reference("laundry-1")]);
    new["outcomes"][0]["externalReferences"] = json!([reference("clean-1")]);
    let dry = dry_then_really(&app, new, "MERGE").await;
    assert_eq!(dry["service"], Value::Null);
    let edit = of_laundry(json!({
        "name": { "fr": null, "de": "Wäscherei" },
        "outcomes": [{ "key": "clean", "remove": true }, { "key": "soft", "statement": "Soft", "indicators": [indicator("tears")] }],
        "costs": null,
        "lifecycle": "RETIRED",
        "consumers": [{ "organization": { "slug": "pharmacy" }, "offering": "weekly" }],
        "externalReferences": [reference("laundry-1"), reference("laundry-2")],
    }));
    let dry = dry_then_really(&app, edit, "MERGE").await;
    assert_eq!(dry["service"]["revision"], 1);
    dry_then_really(&app, of_laundry(json!({ "name": "Laundry", "consumers": [] })), "REPLACE").await;
    let mut linked = of_laundry(json!({}));
    linked["externalReferences"] = json!([{ "system": "servicenow", "type": "cmdb_ci_service", "key": "laundry-1", "url": "https://example.org/1" }]);
    let dry = dry_then_really(&app, linked, "MERGE").await;
    assert_eq!(dry["changes"][0]["path"], "externalReferences/servicenow/laundry-1/url");
}

#[tokio::test]
async fn replacing_makes_the_terms_exactly_the_document() {
    let app = App::hospital().await;
    let provider = app.provider();
    let query = r#"{ service(by: {slug: "patient-management"}) { document(format: JSON) } }"#;
    let at_first = provider.get(query).await;
    provider.applied(json!({
        "slug": "patient-management",
        "name": { "de": "Patienten" },
        "outcomes": [{ "key": "more", "statement": "More" }, { "key": "one-record", "remove": true }, { "key": "paper-habits", "supported": true, "stage": null }],
        "benefits": null,
        "escalation": { "levels": [] },
        "consumers": [{ "organization": { "slug": "pharmacy" }, "remove": true }, { "organization": { "slug": "finance" } }],
        "contacts": [],
    })).await;
    assert_ne!(provider.get(query).await, at_first);
    let payload = provider.apply(sample(), json!({ "mode": "REPLACE" })).await;
    assert_eq!(problems(&payload), []);
    let text = |data: &Value| -> Value {
        let mut document: Value = serde_json::from_str(data["service"]["document"].as_str().unwrap()).unwrap();
        // A consumer that is added again is last.
        document["consumers"].as_array_mut().unwrap().sort_by_key(|one| one["organization"].to_string());
        document
    };
    assert_eq!(text(&provider.get(query).await), text(&at_first));
}

#[tokio::test]
async fn another_revision_than_expected_is_a_conflict_and_changes_nothing() {
    let app = App::hospital().await;
    let provider = app.provider();
    let conflict = [("CONFLICT".to_owned(), "expectedRevision".to_owned())];
    let expecting =
        async |document: Value, revision: i32| provider.apply(document, json!({ "expectedRevision": revision })).await;
    let before = app.rows().await;
    let refused = expecting(laundry(), 1).await;
    assert_eq!(problems(&refused), conflict);
    assert_eq!((&refused["service"], &refused["applied"]), (&Value::Null, &json!(false)));
    assert_eq!(refused["userErrors"][0]["message"], "the service does not exist yet; revision 1 was expected");
    app.assert_unchanged(&before).await;
    assert_eq!(problems(&expecting(laundry(), 0).await), []);
    let before = app.rows().await;
    let edit = of_laundry(json!({ "name": "Linen" }));
    for wrong in [0, 2] {
        assert_eq!(problems(&expecting(edit.clone(), wrong).await), conflict);
    }
    let none = [("INVALID".to_owned(), "expectedRevision".to_owned())];
    assert_eq!(problems(&expecting(edit.clone(), -1).await), none);
    // Also where nothing would change, and in a dry run.
    assert_eq!(problems(&expecting(laundry(), 2).await), conflict);
    let dry = provider.apply(edit.clone(), json!({ "expectedRevision": 2, "dryRun": true })).await;
    assert_eq!(problems(&dry), conflict);
    app.assert_unchanged(&before).await;
    let done = expecting(edit, 1).await;
    assert_eq!(done["service"]["revision"], 2);
    assert_eq!(problems(&expecting(of_laundry(json!({ "name": "Wash" })), 1).await), conflict);
}
