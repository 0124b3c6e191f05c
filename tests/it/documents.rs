//! Documents: what is exported applies without a change.

use entente::{
    definition::{document::Document, read::read_documents},
    policy::Scope,
};
use serde_json::{Value, json};

use crate::{
    app::{App, problems},
    kit::{indicator, laundry, reference},
};

/// A service with texts and numbers that are hard to write in YAML.
fn awkward() -> Value {
    let mut document = laundry();
    document["slug"] = json!("awkward");
    document["name"] =
        json!({ "en": "yes: no # ~ {a} [b] \"c\" 'd' %", "fr": "null", "fr-CA": "0x10", "zh-Hant": "洗衣" });
    document["summary"] = json!({ "en": "Line one\n\n  indented\nlast\n", "fr": " leading and trailing ", "de": "tab\tand\r\nreturn", "ar": "مغسلة", "el": "---\n...\n- a" });
    document["outcomes"][0]["statement"] = json!({ "en": "2026-11-22", "fr": "1e3" });
    document["outcomes"][0]["indicators"] = json!([
        { "key": "y", "name": "on", "unit": "1000", "direction": "LOWER_IS_BETTER", "target": 0.1, "baseline": -0.000001 },
        { "key": "null", "name": "off", "unit": "~", "direction": "HIGHER_IS_BETTER", "target": 1e300, "baseline": 123456789012345680.0 },
        { "key": "1e3", "name": "1_000", "unit": "°C", "direction": "HIGHER_IS_BETTER", "target": -0.0 },
    ]);
    document["outcomes"][1]["supported"] = json!(false);
    document["costs"] = json!([{ "key": "007", "statement": "00123", "effect": "IMPOSED", "amount": "0.10", "currency": "JPY", "period": "P1M" }]);
    document["contacts"] =
        json!([{ "role": "SUPPORT", "name": "No", "email": "no@example.org" }, { "role": "OWNER", "name": "- dash" }]);
    document["escalation"] = json!({ "targets": [], "levels": [{ "level": 3, "kind": "FUNCTIONAL", "name": { "fr": "Oui" }, "after": "PT90S" }] });
    document["offerings"][0]["escalation"] = json!({ "levels": [] });
    document["offerings"][1]["indicators"] = json!([indicator("true")]);
    document["externalReferences"] = json!([{ "system": "0", "key": "null" }, { "system": "a-b", "type": "x: y", "key": "# not a comment", "url": "https://example.org/?a=b#c" }]);
    document["outcomes"][0]["externalReferences"] = json!([reference("0o17")]);
    document["offerings"][1]["externalReferences"] = json!([reference("~")]);
    document
}

/// The only document in a text, as the API takes it.
fn input(text: &Value) -> Value {
    match read_documents(text.as_str().unwrap()).unwrap().pop().unwrap() {
        Document::ServiceDefinition(document) => serde_json::to_value(document).unwrap(),
        Document::Organizations(organizations) => serde_json::to_value(organizations).unwrap(),
        Document::ConfigurationItems(items) => serde_json::to_value(items).unwrap(),
    }
}

#[tokio::test]
async fn an_exported_service_applies_without_a_change() {
    let app = App::hospital().await;
    app.provider().applied(awkward()).await;
    // Other parties' references on the service are not the provider's to write.
    let both = app.someone("finance", &[Scope::Admin]);
    both.applied(json!({ "slug": "awkward", "externalReferences": [reference("of-finance")] })).await;
    let query = "query($slug: String!) { service(by: {slug: $slug}) { yaml: document json: document(format: JSON)
        definition { yaml: document json: document(format: JSON) } } }";
    let before = app.rows().await;
    for asker in [app.provider(), app.admin()] {
        for slug in ["awkward", "patient-management"] {
            let service = asker.data(query, json!({ "slug": slug })).await["service"].take();
            let texts =
                [&service["yaml"], &service["json"], &service["definition"]["yaml"], &service["definition"]["json"]];
            for text in texts {
                for mode in ["MERGE", "REPLACE"] {
                    let payload = asker.apply(input(text), json!({ "mode": mode })).await;
                    assert_eq!(problems(&payload), [], "{mode} {text}");
                    assert_eq!(payload["changes"], json!([]), "{mode} {text}");
                }
            }
            assert_eq!(input(texts[0]), input(texts[1]));
            assert!(service["yaml"].as_str().unwrap().starts_with("kind: ServiceDefinition\n"));
        }
    }
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn an_exported_service_makes_the_same_elsewhere() {
    let (one, other) = (App::hospital().await, App::hospital().await);
    one.provider().applied(awkward()).await;
    let query = r#"{ service(by: {slug: "awkward"}) { document } }"#;
    let text = one.provider().get(query).await["service"]["document"].take();
    for mode in ["REPLACE", "MERGE"] {
        other.provider().apply(input(&text), json!({ "mode": mode })).await;
        assert_eq!(other.provider().get(query).await["service"]["document"], text);
    }
}

#[tokio::test]
async fn an_older_revision_is_put_back_by_its_document() {
    let app = App::hospital().await;
    let provider = app.provider();
    provider.applied(laundry()).await;
    provider.applied(json!({ "slug": "laundry", "name": "Other", "costs": null, "outcomes": [{ "key": "clean", "statement": "Other" }] })).await;
    let query = r#"{ service(by: {slug: "laundry"}) { definition(revision: 1) { document } } }"#;
    let text = provider.get(query).await["service"]["definition"]["document"].take();
    let payload = provider.apply(input(&text), json!({ "mode": "REPLACE" })).await;
    assert_eq!((problems(&payload), &payload["service"]["revision"]), (vec![], &json!(3)));
    let same = r#"{ service(by: {slug: "laundry"}) { definition { changes(since: 1) { path } } consumers { organization { slug } } } }"#;
    let service = provider.get(same).await["service"].take();
    assert_eq!(service["definition"]["changes"], json!([]));
    assert_eq!(service["consumers"], json!([{ "organization": { "slug": "emergency" } }]));
}

#[tokio::test]
async fn an_exported_organization_applies_without_a_change() {
    let app = App::hospital().await;
    let odd = json!([{ "slug": "odd", "name": { "en": "no", "fr": "Ligne\nDeux" }, "parent": { "slug": "dsi" }, "externalReferences": [reference("null")] }]);
    app.provider().organizations(odd, false).await;
    let before = app.rows().await;
    let query =
        "query($slug: String!) { organization(by: {slug: $slug}) { yaml: document json: document(format: JSON) } }";
    let ward = app.someone("emergency", &[Scope::Read, Scope::OrganizationsWrite]);
    for (asker, slug) in [
        (app.admin(), "chu"),
        (app.admin(), "odd"),
        (app.admin(), "dsi"),
        (app.provider(), "dsi"),
        (app.provider(), "odd"),
        (ward, "emergency"),
    ] {
        let organization = asker.data(query, json!({ "slug": slug })).await["organization"].take();
        for text in [&organization["yaml"], &organization["json"]] {
            let payload = asker.organizations(input(text), false).await;
            assert_eq!((problems(&payload), &payload["unchanged"]), (vec![], &json!(1)), "{text}");
        }
    }
    app.assert_unchanged(&before).await;
}
