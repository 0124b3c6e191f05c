//! Configuration items: applying and finding them, and tying services to them.

mod applying;
mod counting;
mod finding;
mod orders;
mod tying;

use serde_json::{Value, json};

use crate::app::{App, Asker};

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
