//! External references: only ever added, each naming one thing for the organization that linked it.

use entente::policy::Scope;
use serde_json::{Value, json};

use crate::{
    app::{App, problems},
    kit::{laundry, of_laundry, reference},
};

async fn linked() -> App {
    let app = App::hospital().await;
    let mut document = laundry();
    document["externalReferences"] = json!([reference("laundry-1")]);
    document["outcomes"][0]["externalReferences"] = json!([reference("clean-1")]);
    document["offerings"][0]["externalReferences"] = json!([reference("daily-1")]);
    app.provider().applied(document).await;
    app
}

async fn keys(app: &App) -> Value {
    let query = r#"{ service(by: {slug: "laundry"}) { externalReferences { key url organization { slug } }
        outcomes { externalReferences { key } } offerings { externalReferences { key } } } }"#;
    app.provider().get(query).await["service"].take()
}

#[tokio::test]
async fn references_are_only_added() {
    let app = linked().await;
    let provider = app.provider();
    let at_first = keys(&app).await;
    assert_eq!(
        at_first["externalReferences"],
        json!([{ "key": "laundry-1", "url": null, "organization": { "slug": "dsi" } }])
    );
    assert_eq!(at_first["outcomes"][0]["externalReferences"], json!([{ "key": "clean-1" }]));
    assert_eq!(at_first["offerings"][0]["externalReferences"], json!([{ "key": "daily-1" }]));
    // Null, an empty list, the same again, and REPLACE: nothing is deleted, nothing is written.
    let before = app.rows().await;
    let mut same = laundry();
    same["externalReferences"] = json!([reference("laundry-1")]);
    for (document, mode) in [
        (of_laundry(json!({ "externalReferences": null })), "MERGE"),
        (
            of_laundry(
                json!({ "externalReferences": [], "outcomes": [{ "key": "clean", "externalReferences": null }] }),
            ),
            "MERGE",
        ),
        (same, "MERGE"),
        (laundry(), "REPLACE"),
    ] {
        let payload = provider.apply(document, json!({ "mode": mode })).await;
        assert_eq!(problems(&payload), []);
        assert_eq!(payload["changes"], json!([]));
    }
    app.assert_unchanged(&before).await;
    // A URL is added and changed, and not deleted if it is left out.
    let at = |url: &str| json!({ "externalReferences": [{ "system": "servicenow", "type": "cmdb_ci_service", "key": "laundry-1", "url": url }] });
    for url in ["https://example.org/a", "https://example.org/b"] {
        let payload = provider.applied(of_laundry(at(url))).await;
        assert_eq!(payload["changes"][0]["path"], "externalReferences/servicenow/laundry-1/url");
        assert_eq!(payload["changes"][0]["after"], url);
    }
    provider
        .applied(of_laundry(json!({ "externalReferences": [reference("laundry-1"), reference("laundry-2")] })))
        .await;
    let now = keys(&app).await;
    assert_eq!(now["externalReferences"][0]["url"], "https://example.org/b");
    assert_eq!(now["externalReferences"][1]["key"], "laundry-2");
}

#[tokio::test]
async fn a_key_that_names_another_thing_is_taken() {
    let app = linked().await;
    let provider = app.provider();
    let before = app.rows().await;
    let taken = |path: &str| [("TAKEN".to_owned(), format!("definition/{path}"))];
    let payload = provider
        .apply(
            json!({ "slug": "patient-management", "externalReferences": [reference("other"), reference("laundry-1")] }),
            json!({}),
        )
        .await;
    assert_eq!(problems(&payload), taken("externalReferences/1"));
    assert_eq!(payload["userErrors"][0]["message"], "this external key names service laundry already");
    let on_outcome =
        of_laundry(json!({ "outcomes": [{ "key": "there", "externalReferences": [reference("clean-1")] }] }));
    let payload = provider.apply(on_outcome.clone(), json!({})).await;
    assert_eq!(problems(&payload), taken("outcomes/0/externalReferences/0"));
    assert_eq!(payload["userErrors"][0]["message"], "this external key names an element of service laundry already");
    let payload = provider.reading("fr").apply(on_outcome, json!({ "dryRun": true })).await;
    assert_eq!(problems(&payload), taken("outcomes/0/externalReferences/0"));
    let french = "cette clé externe désigne déjà un élément du service « laundry »";
    assert_eq!(payload["userErrors"][0]["message"], french);
    app.assert_unchanged(&before).await;
    // Another class of the same key is another name.
    let other = json!({ "system": "servicenow", "type": "incident", "key": "laundry-1" });
    app.provider().applied(json!({ "slug": "patient-management", "externalReferences": [other] })).await;
}

#[tokio::test]
async fn one_key_names_things_of_several_organizations() {
    let app = linked().await;
    let ward = app.someone("pharmacy", &[Scope::Read, Scope::DefinitionsWrite, Scope::OrganizationsWrite]);
    let own = json!({ "slug": "drugs", "name": "Drugs", "externalReferences": [reference("laundry-1")], "outcomes": [{ "key": "clean", "statement": "Clean", "externalReferences": [reference("clean-1")] }] });
    ward.applied(own).await;
    let by = r#"{ service(by: {ref: { system: "servicenow", key: "laundry-1" }}) { slug } }"#;
    assert_eq!(ward.get(by).await["service"]["slug"], "drugs");
    assert_eq!(app.provider().get(by).await["service"]["slug"], "laundry");
}

#[tokio::test]
async fn one_key_twice_in_a_document_is_refused() {
    let app = App::hospital().await;
    let provider = app.provider();
    let before = app.rows().await;
    let with_url =
        json!({ "system": "servicenow", "type": "cmdb_ci_service", "key": "twice", "url": "https://example.org/" });
    for second in [reference("twice"), with_url] {
        let mut document = laundry();
        document["externalReferences"] = json!([reference("twice"), second]);
        let payload = provider.apply(document, json!({})).await;
        assert_eq!(problems(&payload), [("INVALID".to_owned(), "definition/externalReferences/1".to_owned())]);
        assert_eq!(payload["userErrors"][0]["message"], "\"twice\" is named twice in this list");
    }
    let mut document = laundry();
    document["externalReferences"] = json!([reference("twice")]);
    document["outcomes"][1]["externalReferences"] = json!([reference("twice")]);
    let payload = provider.apply(document, json!({})).await;
    assert_eq!(problems(&payload), [("TAKEN".to_owned(), "definition/outcomes/1/externalReferences/0".to_owned())]);
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn references_that_are_not_written_as_such_are_refused() {
    let app = linked().await;
    let before = app.rows().await;
    let references = json!([
        { "system": "Service Now", "key": "a" },
        { "system": "jira", "key": "" },
        { "system": "jira", "key": "a", "url": "not a url" },
        { "system": "jira", "type": "a\nb", "key": "a" },
        { "system": "jira", "key": "k".repeat(256) },
    ]);
    let payload = app.provider().apply(of_laundry(json!({ "externalReferences": references })), json!({})).await;
    let at = |code: &str, path: &str| (code.to_owned(), format!("definition/externalReferences/{path}"));
    assert_eq!(
        problems(&payload),
        [
            at("INVALID", "0/system"),
            at("INVALID", "1/key"),
            at("INVALID", "2/url"),
            at("INVALID", "3/type"),
            at("TOO_LONG", "4/key")
        ]
    );
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn thousands_of_references_are_one_document() {
    let app = App::hospital().await;
    let outcomes: Vec<Value> = (0..345)
        .map(|outcome| {
            let references: Vec<Value> =
                (0..100).map(|key| json!({ "system": "a", "key": format!("{outcome}.{key}") })).collect();
            json!({ "key": format!("k{outcome}"), "statement": "A", "externalReferences": references })
        })
        .collect();
    let document = json!({ "slug": "large", "name": "Large", "outcomes": outcomes });
    let dry = app.provider().apply(document, json!({ "dryRun": true })).await;
    assert_eq!(problems(&dry), []);
}
