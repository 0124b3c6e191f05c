//! The resolution of dependencies depends on the stored items, and not on the order in which they were sent.

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Value, json};

use super::{apply, item, names, on, one};
use crate::app::{App, problems};

fn typed(class: &str, key: &str, more: Value) -> Value {
    let mut item = item(key, more);
    item["ref"]["type"] = json!(class);
    item["name"] = json!(format!("{key} of {class}"));
    item
}

#[tokio::test]
async fn a_dependency_holds_again_when_its_key_comes_under_another_type_and_the_old_one_goes() {
    let app = App::hospital().await;
    let provider = app.provider();
    let dependent = || item("web", on(&["sys-42"]));
    assert_eq!(apply(&app, json!([typed("server", "sys-42", json!({})), dependent()])).await, [2, 0, 0, 0, 0]);
    provider
        .applied(json!({ "slug": "laundry", "name": "Laundry", "configurationItems": [{ "ref": { "system": "cmdb", "key": "web" } }] }))
        .await;
    let impact = async || {
        let query =
            r#"{ impact(of: [{ref: {system: "cmdb", type: "vm", key: "sys-42"}}]) { services { service { slug } } } }"#;
        provider.get(query).await["impact"]["services"].clone()
    };
    // The nightly procedure: everything is sent, then what was not is removed.
    assert_eq!(apply(&app, json!([typed("vm", "sys-42", json!({})), dependent()])).await, [1, 0, 1, 0, 1]);
    let old = json!([{ "ref": { "system": "cmdb", "type": "server", "key": "sys-42" }, "remove": true }]);
    assert_eq!(apply(&app, old).await, [0, 0, 0, 1, 0]);
    assert_eq!(one(&provider, "web").await["unresolvedDependencies"], 0);
    assert_eq!(impact().await, json!([{ "service": { "slug": "laundry" } }]));
    assert_eq!(apply(&app, json!([typed("vm", "sys-42", json!({})), dependent()])).await, [0, 0, 2, 0, 0]);
    // What was left waiting by a version before holds as soon as it is sent again, though it is unchanged.
    let own = app.connection().await;
    sea_orm::ConnectionTrait::execute_unprepared(
        &own,
        "UPDATE item_dependency SET dependency_id = NULL WHERE key = 'sys-42'",
    )
    .await
    .unwrap();
    assert_eq!(apply(&app, json!([dependent()])).await, [0, 0, 1, 0, 0]);
    assert_eq!(names(&provider, json!({ "unresolved": true, "text": "web" })).await, [""; 0]);
}

#[tokio::test]
async fn an_item_that_came_without_a_type_takes_the_one_with_which_it_comes_again() {
    let app = App::hospital().await;
    for turned in [false, true] {
        let key = format!("k{turned}");
        let mut calls =
            vec![json!([item(&key, json!({ "name": "A" }))]), json!([typed("vm", &key, json!({ "name": "A" }))])];
        if turned {
            calls.reverse();
        }
        apply(
            &app,
            json!([item(
                &format!("on-{turned}"),
                json!({ "dependsOn": [{ "system": "cmdb", "type": "vm", "key": key }] })
            )]),
        )
        .await;
        for call in calls {
            apply(&app, call).await;
        }
        let query = "query($key: String!) { configurationItems(filter: {text: $key}) { totalCount nodes { externalReferences { type key } } } }";
        let found = app.provider().data(query, json!({ "key": key })).await;
        let nodes = found["configurationItems"]["nodes"].as_array().unwrap();
        let of_it: Vec<_> = nodes.iter().filter(|node| node["externalReferences"][0]["key"] == *key).collect();
        assert_eq!(of_it, [&json!({ "externalReferences": [{ "type": "vm", "key": key }] })], "{turned}");
        assert_eq!(one(&app.provider(), &format!("on-{turned}")).await["unresolvedDependencies"], 0, "{turned}");
    }
}

/// The stored state: each item with its dependencies.
async fn graph(app: &App) -> Vec<String> {
    let query = "{ configurationItems(first: 100, filter: {system: \"cmdb\"}) { nodes { name unresolvedDependencies
        externalReferences { type key } dependsOn { nodes { name externalReferences { type key } } } } } }";
    let nodes = app.provider().get(query).await["configurationItems"]["nodes"].take();
    let mut nodes: Vec<String> = nodes.as_array().unwrap().iter().map(Value::to_string).collect();
    nodes.sort();
    nodes
}

#[tokio::test]
async fn the_state_after_messages_is_the_same_in_any_order() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..5 {
        // Items of two types under few keys, some removed again, and dependents with and without types.
        let dependency = (0..3_usize, 0..3_usize);
        let items = proptest::collection::vec((0..3_usize, 0..2_usize, any::<bool>()), 3..6);
        let dependents = proptest::collection::vec(proptest::collection::vec(dependency, 1..4), 2..4);
        let (items, dependents) = (items, dependents).new_tree(&mut runner).unwrap().current();
        let types = ["server", "vm"];
        let mut messages: Vec<Vec<Value>> = Vec::new();
        for (key, class, removed) in items {
            let mut own = vec![typed(types[class], &format!("k{key}"), json!({}))];
            if removed {
                own.push(json!({ "ref": own[0]["ref"], "remove": true }));
            }
            if !messages.iter().any(|other| other[0]["ref"] == own[0]["ref"]) {
                messages.push(own);
            }
        }
        for (number, keys) in dependents.iter().enumerate() {
            let keys: Vec<Value> = keys
                .iter()
                .map(|(key, class)| match types.get(*class) {
                    Some(class) => json!({ "system": "cmdb", "type": class, "key": format!("k{key}") }),
                    None => json!({ "system": "cmdb", "key": format!("k{key}") }),
                })
                .collect();
            messages.push(vec![item(&format!("d{number}"), json!({ "dependsOn": keys }))]);
        }
        let mut states = Vec::new();
        for turn in 0..3 {
            let app = App::hospital().await;
            // The changes of one item are in order.
            let order = match turn {
                0 => Just((0..messages.len()).collect::<Vec<_>>()).boxed(),
                _ => Just((0..messages.len()).collect::<Vec<_>>()).prop_shuffle().boxed(),
            };
            let order = order.new_tree(&mut runner).unwrap().current();
            let mut waiting: Vec<_> = order.iter().map(|at| messages[*at].iter()).collect();
            while !waiting.is_empty() {
                for own in &mut waiting {
                    if let Some(message) = own.next() {
                        let payload = app.provider().items(json!([message]), json!({})).await;
                        assert_eq!(problems(&payload), [], "{message}");
                    }
                }
                waiting.retain(|own| own.len() > 0);
            }
            states.push(graph(&app).await);
        }
        assert_eq!(states[0], states[1], "{messages:?}");
        assert_eq!(states[0], states[2], "{messages:?}");
    }
}
