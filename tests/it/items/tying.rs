//! Tying services and outcomes to configuration items.

use chrono::TimeDelta;
use entente::policy::Scope;
use serde_json::{Value, json};

use super::{apply, counts, names};
use crate::app::{App, problems};

#[tokio::test]
async fn services_and_outcomes_are_tied_to_items() {
    let app = App::hospital().await;
    let query = "{ service(by: {slug: \"patient-management\"}) { revision
        configurationItems(first: 1) { totalCount nodes { name services { slug } } pageInfo { hasNextPage endCursor } }
        outcomes { key configurationItems { nodes { name } } } document } }";
    let provider = app.provider();
    let service = provider.get(query).await["service"].take();
    let items = &service["configurationItems"];
    assert_eq!(items["totalCount"], 2);
    assert_eq!(
        items["nodes"],
        json!([{ "name": "PMS web front end", "services": [{ "slug": "patient-management" }] }])
    );
    let next = format!(
        "{{ service(by: {{slug: \"patient-management\"}}) {{ configurationItems(after: {}) {{ nodes {{ name }} pageInfo {{ hasNextPage hasPreviousPage }} }} }} }}",
        items["pageInfo"]["endCursor"]
    );
    let next = provider.get(&next).await["service"]["configurationItems"].take();
    assert_eq!(next["nodes"], json!([{ "name": "PMS application server" }]));
    assert_eq!(next["pageInfo"], json!({ "hasNextPage": false, "hasPreviousPage": true }));
    assert_eq!(
        service["outcomes"][3]["configurationItems"]["nodes"],
        json!([{ "name": "Dispensing robot controller" }])
    );
    let document = service["document"].as_str().unwrap();
    assert!(document.contains("key: robot-pharma") && document.contains("key: pms-web"), "{document}");
    // Links create no revision, and are logged.
    let change = json!({ "slug": "patient-management", "configurationItems": [{ "ref": { "system": "servicenow", "type": "cmdb_ci", "key": "pms-app" } }],
        "outcomes": [{ "key": "safe-prescription", "configurationItems": null }, { "key": "one-record", "configurationItems": [{ "ref": { "system": "servicenow", "key": "san-a" } }] }] });
    let payload = provider.applied(change.clone()).await;
    let paths: Vec<_> = payload["changes"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
    assert_eq!(
        paths,
        [
            "outcomes/one-record/configurationItems",
            "outcomes/safe-prescription/configurationItems",
            "configurationItems"
        ]
    );
    assert_eq!(payload["service"]["revision"], 1);
    assert_eq!(provider.applied(change).await["changes"], json!([]));
    let refused = provider
        .apply(json!({ "slug": "patient-management", "configurationItems": [{ "ref": { "system": "servicenow", "key": "nothing" } }] }), json!({}))
        .await;
    assert_eq!(problems(&refused), [("NOT_FOUND".into(), "definition/configurationItems/0".into())]);
    // A deleted item loses its links, and so does a deleted outcome.
    app.pass(TimeDelta::minutes(1));
    let gone = json!([{ "ref": { "system": "servicenow", "key": "pms-app" }, "remove": true }]);
    assert_eq!(apply(&app, gone).await, [0, 0, 0, 1, 0]);
    let gone = json!({ "slug": "patient-management", "outcomes": [{ "key": "one-record", "remove": true }] });
    provider.applied(gone).await;
    let service = provider.get(query).await["service"].take();
    assert_eq!(service["configurationItems"]["totalCount"], 0);
    assert_eq!(names(&provider, json!({ "service": { "slug": "patient-management" } })).await, [""; 0]);
}

#[tokio::test]
async fn the_document_of_what_stands_applies_as_nothing() {
    let app = App::hospital().await;
    let query = "{ service(by: {slug: \"patient-management\"}) { document(format: JSON) } }";
    let reader = app.someone("dsi", &[Scope::Read, Scope::DefinitionsWrite, Scope::CmdbRead]);
    for asker in [app.provider(), reader, app.someone("dsi", &[Scope::Read, Scope::DefinitionsWrite]), app.admin()] {
        let data = asker.get(query).await;
        let document = data["service"]["document"].as_str().unwrap();
        for mode in ["MERGE", "REPLACE"] {
            let mut document: Value = serde_json::from_str(document).unwrap();
            document.as_object_mut().unwrap().remove("kind");
            let payload = asker.apply(document, json!({ "mode": mode })).await;
            assert_eq!((problems(&payload), &payload["changes"]), (vec![], &json!([])), "{payload}");
        }
    }
    let data = app.admin().get("{ configurationItems { nodes { document(format: JSON) } } }").await;
    for node in data["configurationItems"]["nodes"].as_array().unwrap() {
        let mut document: Value = serde_json::from_str(node["document"].as_str().unwrap()).unwrap();
        let more = json!({ "organization": document["organization"].take() });
        assert_eq!(counts(&app.admin().items(document["items"].take(), more).await), [0, 0, 1, 0, 0]);
    }
}

#[tokio::test]
async fn tying_takes_the_scope_of_items() {
    let app = App::hospital().await;
    let definer = app.someone("dsi", &[Scope::Read, Scope::DefinitionsWrite]);
    let with = |items: Value| json!({ "slug": "patient-management", "configurationItems": items });
    // The answer is the same whether the item exists or not.
    for key in ["san-a", "nothing"] {
        let refused = definer.apply(with(json!([{ "ref": { "system": "servicenow", "key": key } }])), json!({})).await;
        assert_eq!(problems(&refused), [("FORBIDDEN".into(), "definition/configurationItems".into())]);
    }
    let reader = app.someone("dsi", &[Scope::Read, Scope::DefinitionsWrite, Scope::CmdbRead]);
    let refused = reader.apply(with(json!([])), json!({})).await;
    assert_eq!(problems(&refused), [("FORBIDDEN".into(), "definition/configurationItems".into())]);
    let new = json!({ "slug": "patient-management", "outcomes": [{ "key": "new", "statement": "New", "configurationItems": [{ "ref": { "system": "servicenow", "key": "san-a" } }] }] });
    let refused = reader.apply(new, json!({})).await;
    assert_eq!(problems(&refused), [("FORBIDDEN".into(), "definition/outcomes/0/configurationItems".into())]);
    // A viewer who may not see items can delete an outcome without learning about them.
    let removed = definer
        .applied(json!({ "slug": "patient-management", "outcomes": [{ "key": "safe-prescription", "remove": true }] }))
        .await;
    assert!(!removed["changes"].to_string().contains("robot"), "{removed}");
}
