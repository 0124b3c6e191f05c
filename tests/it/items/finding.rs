//! Finding configuration items: by filters, and by viewers who may not see them.

use chrono::TimeDelta;
use entente::policy::Scope;
use entente_entity::item_words;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{apply, item, names};
use crate::app::App;

#[tokio::test]
async fn filters_narrow_the_list() {
    let app = App::hospital().await;
    let provider = app.provider();
    let before = app.store.clock().now().to_string();
    app.pass(TimeDelta::hours(1));
    apply(&app, json!([item("é-web", json!({ "environment": "test", "status": "down" }))])).await;
    let first = |names: Vec<String>| names.first().cloned().unwrap_or_default();
    assert_eq!(names(&provider, json!({})).await.len(), 7);
    assert_eq!(names(&provider, json!({ "class": ["cmdb_ci_appl", "server"] })).await.len(), 4);
    assert_eq!(names(&provider, json!({ "environment": ["test"] })).await, ["É-WEB"]);
    assert_eq!(names(&provider, json!({ "status": ["down", "gone"] })).await, ["É-WEB"]);
    assert_eq!(names(&provider, json!({ "system": "cmdb" })).await, ["É-WEB"]);
    assert_eq!(names(&provider, json!({ "text": "E web server" })).await, ["É-WEB"]);
    assert_eq!(first(names(&provider, json!({ "text": "robot-pharma" })).await), "Dispensing robot controller");
    let service = json!({ "service": { "slug": "patient-management" } });
    assert_eq!(
        names(&provider, service).await,
        ["Dispensing robot controller", "PMS application server", "PMS web front end"]
    );
    assert_eq!(names(&provider, json!({ "service": { "slug": "nothing" } })).await, [""; 0]);
    assert_eq!(names(&provider, json!({ "updatedSince": before })).await, ["É-WEB"]);
    app.pass(TimeDelta::hours(1));
    let run = app.store.clock().now().to_string();
    apply(&app, json!([item("é-web", json!({ "environment": "test", "status": "down" }))])).await;
    let stale = names(&provider, json!({ "notSeenSince": run, "system": "servicenow" })).await;
    assert_eq!(stale.len(), 6);
    assert_eq!(names(&provider, json!({ "notSeenSince": run, "system": "cmdb" })).await, [""; 0]);
}

#[tokio::test]
async fn words_find_items_by_name_class_and_key_as_they_stand() {
    let app = App::hospital().await;
    let provider = app.provider();
    let found = async |text: &str| names(&provider, json!({ "text": text })).await;
    let street = |more: Value| {
        let mut street = item("web-2", json!({ "name": "Straße front end" }));
        street.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([street])
    };
    apply(&app, json!([item("é-web", json!({}))])).await;
    apply(&app, street(json!({}))).await;
    assert_eq!(found("STRASSE fro").await, ["Straße front end"]);
    assert_eq!(found("web").await, ["É-WEB", "PMS web front end", "Straße front end"]);
    assert_eq!(found("ci_appl FRONT").await, ["PMS web front end"]);
    // The middle of a word is no beginning, and operators are text.
    for text in ["eb", "web OR front", "\"pms front\"*x", "web-3"] {
        assert_eq!(found(text).await, [""; 0], "{text}");
    }
    assert_eq!(found("\"*'&").await.len(), 8);
    assert_eq!(apply(&app, street(json!({ "status": "down" }))).await, [0, 1, 0, 0, 0]);
    assert_eq!(found("strasse").await, ["Straße front end"]);
    assert_eq!(apply(&app, street(json!({ "name": "Other", "class": "proxy" }))).await, [0, 1, 0, 0, 0]);
    assert_eq!(found("strasse").await, [""; 0]);
    assert_eq!(found("proxy web 2").await, ["Other"]);
    let own = app.someone("emergency", &[Scope::Read, Scope::CmdbRead, Scope::CmdbWrite]);
    own.items(street(json!({ "name": "Of the ward" })), json!({})).await;
    assert_eq!(names(&own, json!({ "text": "web" })).await, ["Of the ward"]);
    assert_eq!(found("web 2").await, ["Other"]);
    assert_eq!(apply(&app, street(json!({ "remove": true }))).await, [0, 0, 0, 1, 0]);
    assert_eq!(found("web").await, ["É-WEB", "PMS web front end"]);
    let query = "query($text: String!) { configurationItems(filter: {text: $text}) { totalCount } }";
    let (code, message) = provider.refusal(query, json!({ "text": "a".repeat(201) })).await;
    assert_eq!(code, "BAD_REQUEST");
    assert!(message.contains("200 at most"), "{message}");
    // If no words are stored, as in older versions, they are created from the stored items.
    let connection = app.connection().await;
    let before = app.rows().await;
    item_words::Entity::delete_many().exec(&connection).await.unwrap();
    assert_eq!(found("web").await, [""; 0]);
    app.store.migrate().await.unwrap();
    assert_eq!(found("web").await, ["É-WEB", "PMS web front end"]);
    assert_eq!(app.rows().await.count("item_words"), before.count("item_words"));
}

#[tokio::test]
async fn a_consumer_finds_nothing_by_any_way() {
    let app = App::hospital().await;
    // A field that may not be seen is null; its neighbours are not.
    let mixed = app
        .ward("emergency")
        .ask(
            "{ viewer { organization { slug } } impact(of: []) { notFound } configurationItems { totalCount } }",
            json!({}),
        )
        .await;
    let viewer = json!({ "organization": { "slug": "emergency" } });
    assert_eq!(mixed["data"], json!({ "viewer": viewer, "impact": null, "configurationItems": null }));
    let find =
        "{ configurationItem(by: {ref: {system: \"servicenow\", key: \"san-a\"}}) { id externalReferences { id } } }";
    let found = app.provider().get(find).await["configurationItem"].take();
    let (id, reference) = (found["id"].as_str().unwrap(), found["externalReferences"][0]["id"].as_str().unwrap());
    let query = format!(
        "{{ configurationItem(by: {{ref: {{system: \"servicenow\", key: \"san-a\"}}}}) {{ id }}
            byId: configurationItem(by: {{id: \"{id}\"}}) {{ id }} node(id: \"{id}\") {{ id }} nodes(ids: [\"{id}\", \"{reference}\"]) {{ id }}
            reference: node(id: \"{reference}\") {{ id }} lookup(ref: {{system: \"servicenow\", key: \"san-a\"}}) {{ id }}
            service(by: {{slug: \"patient-management\"}}) {{ slug document externalReferences {{ key }}
                definition {{ document outcomes {{ key }} }} }} }}"
    );
    let read_only = app.someone("dsi", &[Scope::Read]);
    for asker in [
        app.ward("emergency"),
        app.someone("emergency", &[Scope::Read, Scope::CmdbRead, Scope::CmdbWrite]),
        read_only.clone(),
    ] {
        let data = asker.get(&query).await;
        for field in ["configurationItem", "byId", "node", "reference"] {
            assert_eq!(data[field], Value::Null, "{field}");
        }
        assert_eq!((&data["nodes"], &data["lookup"]), (&json!([null, null]), &json!([])));
        assert!(!data.to_string().contains("configurationItems"), "{data}");
        let search = asker.get("{ search(text: \"ora pms\") { totalCount nodes { node { id } } } }").await;
        assert_eq!(search["search"], json!({ "totalCount": 0, "nodes": [] }));
    }
    let fields = "{ configurationItems { totalCount } service(by: {slug: \"patient-management\"}) { slug
        configurationItems { totalCount } outcomes { key configurationItems { totalCount } } } }";
    for (asker, message) in [
        (app.ward("emergency"), "only the provider of the service may see this"),
        (read_only, "the token lacks the scope cmdb:read"),
    ] {
        let answer = asker.ask(fields, json!({})).await;
        assert_eq!(answer["data"]["configurationItems"], Value::Null);
        let service = &answer["data"]["service"];
        assert_eq!((&service["slug"], &service["configurationItems"]), (&json!("patient-management"), &Value::Null));
        assert_eq!(service["outcomes"].as_array().unwrap().len(), 7);
        assert_eq!(service["outcomes"][3]["configurationItems"], Value::Null);
        let errors = answer["errors"].as_array().unwrap();
        assert_eq!(errors.len(), 9);
        assert!(errors.iter().all(|error| error["extensions"]["code"] == "FORBIDDEN"));
        assert!(errors.iter().any(|error| error["message"] == message), "{errors:?}");
    }
    let own = app.someone("emergency", &[Scope::Read, Scope::CmdbRead]);
    assert_eq!(names(&own, json!({})).await, [""; 0]);
}
