//! Applying configuration items: what is written, what is not, and what is refused.

use chrono::TimeDelta;
use entente::policy::Scope;
use serde_json::{Value, json};

use super::{apply, counts, item, names, on, one};
use crate::app::{App, ITEMS, file, problems};

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
    // A dependency on a deleted item is unresolved, and resolved again when the item is created again.
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
    let before = app.rows().await;
    for (items, code, path) in cases {
        let payload = provider.items(items, json!({})).await;
        assert_eq!(problems(&payload), [(code.into(), path.into())], "{payload}");
        assert_eq!(payload["created"], 0);
        app.assert_unchanged(&before).await;
    }
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
async fn a_key_without_a_type_that_names_several_is_refused_and_as_a_dependency_waits() {
    let app = App::hospital().await;
    let typed =
        |class: &str| json!({ "ref": { "system": "cmdb", "type": class, "key": "1" }, "name": class, "class": "x" });
    apply(&app, json!([typed("server"), typed("database")])).await;
    let provider = app.provider();
    assert_eq!(apply(&app, json!([item("a", on(&["1"]))])).await, [1, 0, 0, 0, 1]);
    let payload = provider.items(json!([{ "ref": { "system": "cmdb", "key": "1" }, "remove": true }]), json!({})).await;
    assert_eq!(problems(&payload), [("INVALID".into(), "items/0/ref".into())]);
    let answer =
        provider.ask("{ configurationItem(by: {ref: {system: \"cmdb\", key: \"1\"}}) { id } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    let typed = json!([item("a", json!({ "dependsOn": [{ "system": "cmdb", "type": "server", "key": "1" }] }))]);
    assert_eq!(apply(&app, typed).await, [0, 1, 0, 0, 0]);
    // In one call, the key with and without its type is one key given twice.
    let typed = || json!({ "ref": { "system": "cmdb", "type": "t", "key": "b" }, "name": "B", "class": "x" });
    for (items, index) in [(json!([typed(), item("b", json!({}))]), 1), (json!([item("b", json!({})), typed()]), 1)] {
        let payload = provider.items(items, json!({})).await;
        assert_eq!(problems(&payload), [("INVALID".into(), format!("items/{index}/ref"))]);
    }
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
