//! Definitions: left out, null and a value; taking out; ids that last.

use serde_json::{Value, json};

use crate::{
    app::{App, problems},
    kit::{indicator, laundry, of_laundry},
};

async fn washed() -> App {
    let app = App::hospital().await;
    app.provider().applied(laundry()).await;
    app
}

/// The ids of the published elements by kind and key, and the indicators by parent and key.
async fn ids(app: &App) -> Value {
    let query = r#"{ service(by: {slug: "laundry"}) {
        journey { id key } outcomes { id key indicators { id key } } costs { id key } risks { id key }
        value { benefits { id key indicators { id key } } } expectations { id key } offerings { id key indicators { id key } } } }"#;
    app.provider().get(query).await["service"].take()
}

fn id_of<'v>(list: &'v Value, key: &str) -> &'v Value {
    let found = list.as_array().unwrap().iter().find(|one| one["key"] == key);
    &found.unwrap_or_else(|| panic!("{key} is not in {list:#}"))["id"]
}

#[tokio::test]
async fn left_out_keeps_null_clears_and_a_value_sets() {
    let app = washed().await;
    let provider = app.provider();
    let summary = r#"{ service(by: {slug: "laundry"}) { summary risks { likelihood impact } contacts { name } } }"#;
    provider.applied(of_laundry(json!({ "contacts": [{ "role": "OWNER", "name": "Ann" }] }))).await;
    let service = &provider.get(summary).await["service"];
    assert_eq!(service["summary"], "Clean linen");
    assert_eq!(service["contacts"], json!([{ "name": "Ann" }]));
    let risk = |likelihood: Value| {
        of_laundry(
            json!({ "summary": null, "risks": [{ "key": "shrinking", "likelihood": likelihood, "impact": "HIGH" }], "contacts": null }),
        )
    };
    provider.applied(risk(Value::Null)).await;
    let service = &provider.get(summary).await["service"];
    assert_eq!(service["summary"], Value::Null);
    assert_eq!(service["risks"], json!([{ "likelihood": null, "impact": "HIGH" }]));
    assert_eq!(service["contacts"], json!([]));
    // Written into the query, they mean the same.
    let literal = r#"mutation { definitionApply(input: { definition: { slug: "laundry", summary: "Back", risks: [{ key: "shrinking", impact: null }] } }) {
        changes { action path before after } userErrors { code } } }"#;
    let done = provider.get(literal).await;
    assert_eq!(
        done["definitionApply"]["changes"],
        json!([
            { "action": "CREATED", "path": "summary/en", "before": null, "after": "Back" },
            { "action": "DELETED", "path": "risks/shrinking/impact", "before": "HIGH", "after": null },
        ])
    );
}

#[tokio::test]
async fn null_for_what_must_be_there_is_required_and_changes_nothing() {
    let app = washed().await;
    let before = app.rows().await;
    let payload = app
        .provider()
        .apply(
            of_laundry(json!({
                "name": null,
                "provider": null,
                "lifecycle": null,
                "outcomes": [{ "key": "clean", "statement": null }, { "key": "new" }],
                "costs": [{ "key": "soap", "effect": null, "amount": null }],
            })),
            json!({}),
        )
        .await;
    let mut paths = problems(&payload);
    paths.sort();
    let required = |path: &str| ("REQUIRED".to_owned(), format!("definition/{path}"));
    assert_eq!(
        paths,
        [
            "costs/0/amount",
            "costs/0/effect",
            "lifecycle",
            "name",
            "outcomes/0/statement",
            "outcomes/1/statement",
            "provider"
        ]
        .map(required)
    );
    assert_eq!(payload["userErrors"][0]["message"], "must be given");
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn what_is_still_used_is_not_removed() {
    let app = washed().await;
    let before = app.rows().await;
    let removing = async |document: Value, mode: &str| {
        let payload = app.provider().apply(of_laundry(document), json!({ "mode": mode })).await;
        assert_eq!(payload["changes"], json!([]));
        problems(&payload)
    };
    let invalid = |path: &str| [("INVALID".to_owned(), format!("definition/{path}"))];
    let stage = json!({ "journey": [{ "key": "collect", "name": "C" }, { "key": "deliver", "remove": true }] });
    assert_eq!(removing(stage, "MERGE").await, invalid("journey/1/remove"));
    let offering = json!({ "offerings": [{ "key": "daily", "remove": true }] });
    assert_eq!(removing(offering, "MERGE").await, invalid("offerings/0/remove"));
    assert_eq!(removing(json!({ "offerings": null }), "MERGE").await, invalid("offerings"));
    // Replacing leaves the consumers, and so what they chose must stay.
    assert_eq!(removing(json!({ "name": "Laundry" }), "REPLACE").await, invalid("offerings"));
    let mark = json!({ "name": "Laundry", "offerings": [{ "key": "daily", "name": "D" }], "costs": [{ "key": "soap", "remove": true, "statement": "S", "effect": "IMPOSED" }] });
    assert_eq!(removing(mark, "REPLACE").await, invalid("costs/0/remove"));
    app.assert_unchanged(&before).await;
    // With their users, they go; what is not there is no matter.
    app.provider()
        .applied(of_laundry(json!({
            "journey": [{ "key": "deliver", "remove": true }, { "key": "nowhere", "remove": true }],
            "outcomes": [{ "key": "clean", "stage": null }],
            "offerings": [{ "key": "daily", "remove": true }],
            "consumers": [{ "organization": { "slug": "emergency" }, "offering": "weekly" }, { "organization": { "slug": "finance" }, "remove": true }],
        })))
        .await;
}

#[tokio::test]
async fn an_indicator_moves_with_its_id() {
    let app = washed().await;
    let at_first = ids(&app).await;
    let stains = &at_first["outcomes"][0]["indicators"][0]["id"];
    app.provider()
        .applied(of_laundry(json!({ "offerings": [{ "key": "daily", "indicators": [{ "key": "stains" }] }] })))
        .await;
    let then = ids(&app).await;
    assert_eq!(then["outcomes"][0]["indicators"], json!([]));
    assert_eq!(then["offerings"][0]["indicators"], json!([{ "id": stains, "key": "stains" }]));
    let node = r#"query($id: ID!) { node(id: $id) { ... on Indicator { key name target } } }"#;
    let data = app.provider().data(node, json!({ "id": stains })).await;
    assert_eq!(data["node"], json!({ "key": "stains", "name": "stains", "target": 5.0 }));
}

#[tokio::test]
async fn ids_survive_edits_and_come_back_with_their_keys() {
    let app = washed().await;
    let provider = app.provider();
    let at_first = ids(&app).await;
    let mut edited = laundry();
    edited["outcomes"][0]["statement"] = json!("Other words");
    edited["outcomes"].as_array_mut().unwrap().reverse();
    for mode in ["MERGE", "REPLACE"] {
        provider.apply(edited.clone(), json!({ "mode": mode })).await;
        let now = ids(&app).await;
        for key in ["clean", "there"] {
            assert_eq!(id_of(&now["outcomes"], key), id_of(&at_first["outcomes"], key));
        }
        assert_eq!(now["costs"], at_first["costs"]);
        assert_eq!(id_of(&now["outcomes"], "clean"), id_of(&at_first["outcomes"], "clean"));
    }
    // After its deletion the key is free; then it is created again, as another kind and as the same kind.
    let soap = id_of(&at_first["costs"], "soap");
    let node = "query($id: ID!) { node(id: $id) { id } }";
    provider.applied(of_laundry(json!({ "costs": [{ "key": "soap", "remove": true }] }))).await;
    assert_eq!(provider.data(node, json!({ "id": soap })).await["node"], Value::Null);
    provider
        .applied(of_laundry(json!({ "risks": [{ "key": "soap", "statement": "Slipping", "effect": "IMPOSED" }] })))
        .await;
    let as_risk = ids(&app).await;
    assert_ne!(id_of(&as_risk["risks"], "soap"), soap);
    assert!(id_of(&as_risk["risks"], "soap").as_str().unwrap().starts_with("risk_"));
    let back = json!({ "risks": [{ "key": "soap", "remove": true }], "costs": [{ "key": "soap", "statement": "Soap", "effect": "REMOVED" }] });
    provider.applied(of_laundry(back)).await;
    assert_eq!(id_of(&ids(&app).await["costs"], "soap"), soap);
    assert_eq!(provider.data(node, json!({ "id": soap })).await["node"]["id"], *soap);
    // An indicator is deleted with its parent, and gets its id back under another parent.
    let stains = &at_first["outcomes"][0]["indicators"][0]["id"];
    provider.applied(of_laundry(json!({ "outcomes": [{ "key": "clean", "remove": true }] }))).await;
    assert_eq!(provider.data(node, json!({ "id": stains })).await["node"], Value::Null);
    provider
        .applied(of_laundry(json!({ "benefits": [{ "key": "comfort", "indicators": [indicator("stains")] }] })))
        .await;
    assert_eq!(id_of(&ids(&app).await["value"]["benefits"][0]["indicators"], "stains"), stains);
}
