//! Configuration items: applying and reading them, and tying services to them.

use chrono::TimeDelta;
use entente::policy::Scope;
use serde_json::{Value, json};

use crate::app::{App, Asker, ITEMS, file, problems};

fn item(key: &str, more: Value) -> Value {
    let mut item = json!({ "ref": { "system": "cmdb", "key": key }, "name": key.to_uppercase(), "class": "server" });
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    item
}

fn on(keys: &[&str]) -> Value {
    let keys: Vec<_> = keys.iter().map(|key| json!({ "system": "cmdb", "key": key })).collect();
    json!({ "dependsOn": keys })
}

/// What was created, updated, unchanged, removed, and is unresolved.
fn counts(payload: &Value) -> [i64; 5] {
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    ["created", "updated", "unchanged", "removed", "unresolved"].map(|name| payload[name].as_i64().unwrap())
}

async fn apply(app: &App, items: Value) -> [i64; 5] {
    counts(&app.provider().items(items, json!({})).await)
}

async fn names(asker: &Asker<'_>, filter: Value) -> Vec<String> {
    let query =
        "query($filter: ConfigurationItemFilter) { configurationItems(filter: $filter) { totalCount nodes { name } } }";
    let data = asker.data(query, json!({ "filter": filter })).await;
    let nodes = data["configurationItems"]["nodes"].as_array().unwrap().clone();
    assert_eq!(data["configurationItems"]["totalCount"], nodes.len());
    nodes.iter().map(|node| node["name"].as_str().unwrap().to_owned()).collect()
}

async fn one(asker: &Asker<'_>, key: &str) -> Value {
    let query = "query($key: String!) { configurationItem(by: {ref: {system: \"cmdb\", key: $key}}) {
        id name class environment status dependenciesNeeded unresolvedDependencies seenAt updatedAt
        dependsOn { totalCount nodes { name } } dependents { totalCount nodes { name } } } }";
    asker.data(query, json!({ "key": key })).await["configurationItem"].take()
}

#[tokio::test]
async fn what_stands_already_writes_nothing_but_that_it_was_seen() {
    let app = App::hospital().await;
    let items = file(ITEMS)["items"].take();
    let query = "{ configurationItem(by: {ref: {system: \"servicenow\", key: \"san-a\"}}) { seenAt updatedAt } changes: __typename }";
    let before = app.provider().get(query).await["configurationItem"].take();
    app.pass(TimeDelta::hours(1));
    assert_eq!(apply(&app, items.clone()).await, [0, 0, 6, 0, 0]);
    let after = app.provider().get(query).await["configurationItem"].take();
    assert_eq!(before["updatedAt"], after["updatedAt"]);
    assert_ne!(before["seenAt"], after["seenAt"]);
    // In another order, with a dependency named twice: the same.
    let mut turned: Vec<Value> = items.as_array().unwrap().iter().rev().cloned().collect();
    for item in &mut turned {
        if let Some(keys) = item["dependsOn"].as_array_mut() {
            keys.reverse();
            keys.push(keys[0].clone());
        }
        if item["dependsOn"].is_null() {
            item.as_object_mut().unwrap().remove("dependsOn");
        }
    }
    assert_eq!(apply(&app, turned.into()).await, [0, 0, 6, 0, 0]);
}

#[tokio::test]
async fn dependencies_hold_in_the_call_on_what_stands_and_on_what_comes() {
    let app = App::hospital().await;
    let provider = app.provider();
    assert_eq!(apply(&app, json!([item("a", on(&["b", "c", "d"])), item("b", json!({}))])).await, [2, 0, 0, 0, 2]);
    assert_eq!(names(&provider, json!({ "unresolved": true })).await, ["A"]);
    assert_eq!(apply(&app, json!([item("c", on(&["b"]))])).await, [1, 0, 0, 0, 0]);
    let a = one(&provider, "a").await;
    assert_eq!(a["unresolvedDependencies"], 1);
    assert_eq!(a["dependsOn"], json!({ "totalCount": 2, "nodes": [{ "name": "B" }, { "name": "C" }] }));
    assert_eq!(apply(&app, json!([item("d", json!({})), item("a", json!({}))])).await, [1, 0, 1, 0, 0]);
    assert_eq!(one(&provider, "a").await["unresolvedDependencies"], 0);
    assert_eq!(names(&provider, json!({ "unresolved": true })).await, [""; 0]);
    assert_eq!(one(&provider, "b").await["dependents"]["nodes"], json!([{ "name": "A" }, { "name": "C" }]));
    // What goes is waited for again, and what comes back is known again.
    assert_eq!(apply(&app, json!([item("b", json!({ "remove": true })), item("a", json!({}))])).await, [0, 0, 1, 1, 1]);
    assert_eq!(one(&provider, "b").await, Value::Null);
    assert_eq!(names(&provider, json!({ "unresolved": true })).await, ["A", "C"]);
    assert_eq!(apply(&app, json!([item("b", json!({ "remove": true }))])).await, [0, 0, 1, 0, 0]);
    assert_eq!(apply(&app, json!([item("b", json!({}))])).await, [1, 0, 0, 0, 0]);
    assert_eq!(names(&provider, json!({ "unresolved": true })).await, [""; 0]);
}

#[tokio::test]
async fn left_out_keeps_and_null_clears() {
    let app = App::hospital().await;
    let more =
        json!({ "environment": "test", "status": "up", "dependenciesNeeded": 1, "dependsOn": on(&["b"])["dependsOn"] });
    apply(&app, json!([item("a", more), item("b", json!({}))])).await;
    let key = |more: Value| {
        let mut item = json!({ "ref": { "system": "cmdb", "key": "a" } });
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([item])
    };
    assert_eq!(apply(&app, key(json!({}))).await, [0, 0, 1, 0, 0]);
    assert_eq!(apply(&app, key(json!({ "status": "down" }))).await, [0, 1, 0, 0, 0]);
    let a = one(&app.provider(), "a").await;
    assert_eq!(
        (&a["status"], &a["environment"], &a["dependenciesNeeded"]),
        (&json!("down"), &json!("test"), &json!(1))
    );
    let cleared = json!({ "status": null, "environment": null, "dependenciesNeeded": null, "dependsOn": null });
    assert_eq!(apply(&app, key(cleared)).await, [0, 1, 0, 0, 0]);
    let a = one(&app.provider(), "a").await;
    assert_eq!(
        (&a["status"], &a["environment"], &a["dependsOn"]["totalCount"]),
        (&Value::Null, &Value::Null, &json!(0))
    );
    let refused = app.provider().items(key(json!({ "name": null })), json!({})).await;
    assert_eq!(problems(&refused), [("REQUIRED".into(), "items/0/name".into())]);
    // The key has a type now: it is the same item still, and not another.
    let typed = json!([{ "ref": { "system": "cmdb", "type": "t", "key": "z" }, "name": "Z", "class": "x" }]);
    assert_eq!(apply(&app, typed).await, [1, 0, 0, 0, 0]);
    assert_eq!(
        apply(&app, json!([{ "ref": { "system": "cmdb", "key": "z" }, "remove": true }])).await,
        [0, 0, 0, 1, 0]
    );
}

#[tokio::test]
async fn one_bad_item_refuses_the_call_and_is_named() {
    let app = App::hospital().await;
    let provider = app.provider();
    let good = || item("good", json!({}));
    let cases = [
        (json!([good(), item("a", on(&["b", "a"]))]), "INVALID", "items/1/dependsOn/1"),
        (json!([good(), good()]), "INVALID", "items/1/ref"),
        (json!([good(), item("a", json!({ "dependenciesNeeded": -1 }))]), "INVALID", "items/1/dependenciesNeeded"),
        (
            json!([
                good(),
                item("a", json!({ "dependenciesNeeded": 2, "dependsOn": [{ "system": "cmdb", "key": "b" }] }))
            ]),
            "INVALID",
            "items/1/dependenciesNeeded",
        ),
        (json!([good(), item("a", json!({ "name": "x".repeat(256) }))]), "TOO_LONG", "items/1/name"),
        (json!([good(), item("a", json!({ "class": null }))]), "REQUIRED", "items/1/class"),
        (json!([good(), item("a", on(&[""]))]), "INVALID", "items/1/dependsOn/0/key"),
        (
            json!([good(), { "ref": { "system": "CMDB", "key": "x" }, "name": "x", "class": "x" }]),
            "INVALID",
            "items/1/ref/system",
        ),
        // A service has the key.
        (
            json!([good(), { "ref": { "system": "jira", "type": "service", "key": "PMS" }, "name": "x", "class": "x" }]),
            "TAKEN",
            "items/1/ref",
        ),
        ((0..1001).map(|number| item(&number.to_string(), json!({}))).collect(), "LIMIT_EXCEEDED", "items"),
    ];
    for (items, code, path) in cases {
        let payload = provider.items(items, json!({})).await;
        assert_eq!(problems(&payload), [(code.into(), path.into())], "{payload}");
        assert_eq!(payload["created"], 0);
    }
    assert_eq!(one(&provider, "good").await, Value::Null);
    // Itself, under another key.
    apply(&app, json!([item("a", json!({}))])).await;
    let id = one(&provider, "a").await["id"].take();
    let link = "mutation($input: ReferenceLinkInput!) { referenceLink(input: $input) { userErrors { message } } }";
    provider.data(link, json!({ "input": { "entity": id, "reference": { "system": "cmdb", "key": "alias" } } })).await;
    let payload = provider.items(json!([item("a", on(&["alias"]))]), json!({})).await;
    assert_eq!(problems(&payload), [("INVALID".into(), "items/0/dependsOn/0".into())]);
    // One item under two keys is named twice.
    let payload = provider.items(json!([item("a", json!({})), item("alias", json!({}))]), json!({})).await;
    assert_eq!(problems(&payload), [("INVALID".into(), "items/1/ref".into())]);
}

#[tokio::test]
async fn a_key_without_a_type_that_names_several_is_refused() {
    let app = App::hospital().await;
    let typed =
        |class: &str| json!({ "ref": { "system": "cmdb", "type": class, "key": "1" }, "name": class, "class": "x" });
    apply(&app, json!([typed("server"), typed("database")])).await;
    let provider = app.provider();
    let payload = provider.items(json!([item("a", on(&["1"]))]), json!({})).await;
    assert_eq!(problems(&payload), [("INVALID".into(), "items/0/dependsOn/0".into())]);
    let payload = provider.items(json!([{ "ref": { "system": "cmdb", "key": "1" }, "remove": true }]), json!({})).await;
    assert_eq!(problems(&payload), [("INVALID".into(), "items/0/ref".into())]);
    let answer =
        provider.ask("{ configurationItem(by: {ref: {system: \"cmdb\", key: \"1\"}}) { id } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    let typed = json!([item("a", json!({ "dependsOn": [{ "system": "cmdb", "type": "server", "key": "1" }] }))]);
    assert_eq!(apply(&app, typed).await, [1, 0, 0, 0, 0]);
}

#[tokio::test]
async fn a_dry_run_tells_and_does_nothing() {
    let app = App::hospital().await;
    let payload = app.provider().items(json!([item("a", on(&["b"]))]), json!({ "dryRun": true })).await;
    assert_eq!(counts(&payload), [1, 0, 0, 0, 1]);
    assert_eq!(one(&app.provider(), "a").await, Value::Null);
}

#[tokio::test]
async fn who_may_write_them() {
    let app = App::hospital().await;
    let items = json!([item("a", json!({}))]);
    let dsi = json!({ "organization": { "slug": "dsi" } });
    let refused = app.someone("dsi", &[Scope::Read, Scope::CmdbRead]).items(items.clone(), json!({})).await;
    assert_eq!(problems(&refused), [("FORBIDDEN".into(), "".into())]);
    let ward = app.someone("emergency", &[Scope::Read, Scope::CmdbWrite]);
    assert_eq!(problems(&ward.items(items.clone(), dsi.clone()).await)[0].1, "organization");
    assert_eq!(
        problems(&app.admin().items(items.clone(), json!({})).await),
        [("REQUIRED".into(), "organization".into())]
    );
    assert_eq!(counts(&app.admin().items(items.clone(), dsi).await), [1, 0, 0, 0, 0]);
    // Two organizations have each its own, under the same key.
    assert_eq!(counts(&ward.items(items.clone(), json!({})).await), [1, 0, 0, 0, 0]);
    assert_eq!(counts(&app.someone("dsi", &[Scope::CmdbWrite]).items(items, json!({})).await), [0, 0, 1, 0, 0]);
    let both = "{ configurationItem(by: {ref: {system: \"cmdb\", key: \"a\"}}) { organization { slug } } }";
    assert_eq!(app.provider().get(both).await["configurationItem"]["organization"]["slug"], "dsi");
    let payload = "mutation { configurationItemsApply(input: {items: [{ref: {system: \"cmdb\", key: \"b\"}, name: \"B\", class: \"x\"}]}) { items { name document } } }";
    let data = app.someone("dsi", &[Scope::CmdbWrite]).get(payload).await;
    let item = &data["configurationItemsApply"]["items"][0];
    assert_eq!(
        item["document"],
        "kind: ConfigurationItems\nitems:\n  - ref:\n      system: cmdb\n      key: b\n    name: B\n    class: x\n"
    );
}

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
    // Links make no revision, and are told.
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
    // An item that goes takes its links with it, and an outcome that goes its own.
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
    // Whether there is such an item or not, the answer is the same.
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
    // Who may not see items removes an outcome without learning of them.
    let removed = definer
        .applied(json!({ "slug": "patient-management", "outcomes": [{ "key": "safe-prescription", "remove": true }] }))
        .await;
    assert!(!removed["changes"].to_string().contains("robot"), "{removed}");
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

#[tokio::test]
async fn however_many_items_as_many_statements() {
    let app = App::hospital().await;
    let provider = app.provider();
    let batch = |from: usize, count: usize| -> Value {
        (from..from + count)
            .map(|number| item(&format!("n{number}"), on(&[&format!("n{}", number + 1), "san"])))
            .collect()
    };
    let mut written = Vec::new();
    for (from, count) in [(0, 10), (1_000, 400)] {
        let mut counted = Vec::new();
        for _ in 0..2 {
            let before = app.store.statements();
            provider.items(batch(from, count), json!({})).await;
            counted.push(app.store.statements() - before);
        }
        written.push(counted);
    }
    assert_eq!(written[0][1], written[1][1], "{written:?}");
    // More rows than go into one statement take one more for each table.
    assert!(written[1][0] <= written[0][0] + 3, "{written:?}");
    let query = |first: usize| {
        format!("{{ configurationItems(first: {first}, filter: {{system: \"cmdb\"}}) {{ nodes {{ externalReferences {{ key }} services {{ slug }}
            dependsOn(first: 2) {{ totalCount nodes {{ name dependents {{ nodes {{ name }} }} }} }} dependents {{ totalCount nodes {{ name }} }} }} }} }}")
    };
    let mut read = Vec::new();
    for first in [1, 10, 100] {
        let before = app.store.statements();
        provider.get(&query(first)).await;
        read.push(app.store.statements() - before);
    }
    assert_eq!(read[1], read[2], "{read:?}");
    assert!(read[0] <= read[1], "{read:?}");
}
