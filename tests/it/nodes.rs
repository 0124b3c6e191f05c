//! Anything by its global id: one id, one content.

use serde_json::{Value, json};

use crate::app::{App, SERVICE, file};

const ALL: &str = r#"{ service(by: {slug: "patient-management"}) {
    id provider { id } consumers { id } externalReferences { id }
    journey { id } outcomes { id indicators { id } } costs { id } risks { id } value { benefits { id indicators { id } } }
    expectations { id } offerings { id indicators { id } }
    definition { id journey { id } outcomes { id indicators { id } } costs { id } risks { id }
        benefits { id indicators { id } } expectations { id } offerings { id indicators { id } } } } }"#;

fn ids(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(entries) => entries.iter().for_each(|entry| ids(entry, found)),
        Value::Object(fields) => {
            found.extend(fields.get("id").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| ids(value, found));
        }
        _ => {}
    }
}

async fn all_ids(app: &App) -> Vec<String> {
    let mut found = Vec::new();
    ids(&app.provider().get(ALL).await, &mut found);
    found
}

#[tokio::test]
async fn every_id_that_is_given_out_is_taken_back() {
    let app = App::hospital().await;
    let all = all_ids(&app).await;
    let mut unique = all.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), all.len(), "an id stands for two things");
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }";
    let data = app.provider().data(query, json!({ "ids": all })).await;
    for (id, node) in all.iter().zip(data["nodes"].as_array().unwrap()) {
        assert_eq!(node["id"], **id);
        let (prefix, _) = id.split_once('_').unwrap();
        let name = node["__typename"].as_str().unwrap().to_lowercase();
        let prefix = match prefix {
            "stage" => "journeystage",
            "offering" => "serviceoffering",
            "consumer" => "serviceconsumer",
            "reference" => "externalreference",
            other => other,
        };
        assert_eq!(name, prefix.replace('_', ""), "{id}");
        let alone =
            app.provider().data("query($id: ID!) { node(id: $id) { id __typename } }", json!({ "id": id })).await;
        assert_eq!(alone["node"], *node);
    }
}

#[tokio::test]
async fn nodes_come_in_the_order_asked_for_with_null_for_what_is_not_there() {
    let app = App::hospital().await;
    let all = all_ids(&app).await;
    let (first, last) = (&all[0], &all[all.len() - 1]);
    let strange = [
        "",
        "x",
        "service_",
        "service_0",
        "nothing_01h455vb4pex5vsknk084sn02q",
        ".",
        "outcome_.",
        "outcome_01h455vb4pex5vsknk084sn02q.",
        "service_01h455vb4pex5vsknk084sn02q",
        "outcome_01h455vb4pex5vsknk084sn02q.one-record",
        "é\u{1F600}",
    ];
    let asked: Vec<&str> = [last.as_str(), first].into_iter().chain(strange).chain([first.as_str()]).collect();
    let data = app.provider().data("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": asked })).await;
    let found: Vec<Option<&str>> = data["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str()).collect();
    let expected: Vec<Option<&str>> = asked.iter().map(|id| (all.iter().any(|one| one == id)).then_some(*id)).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn an_id_of_one_kind_is_not_taken_for_another() {
    let app = App::hospital().await;
    for id in all_ids(&app).await {
        let (_, rest) = id.split_once('_').unwrap();
        for prefix in ["service", "organization", "definition", "outcome", "cost", "indicator", "consumer", "reference"]
        {
            let other = format!("{prefix}_{rest}");
            if other != id {
                let data =
                    app.provider().data("query($id: ID!) { node(id: $id) { id } }", json!({ "id": other })).await;
                assert_eq!(data["node"], Value::Null, "{other} for {id}");
            }
        }
    }
}

#[tokio::test]
async fn more_than_200_ids_are_refused() {
    let app = App::hospital().await;
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let many = |count: usize| json!({ "ids": vec!["x"; count] });
    assert_eq!(app.provider().data(query, many(200)).await["nodes"].as_array().unwrap().len(), 200);
    let refusal = app.provider().refusal(query, many(201)).await;
    assert_eq!(
        refusal,
        ("BAD_REQUEST".into(), "Variable \"$ids\": `ids` has 201 entries; 200 at most are allowed.".into())
    );
}

const OUTCOME: &str =
    "fragment says on Outcome { id key statement supported position stage { id name } indicators { id name target } }";

#[tokio::test]
async fn a_frozen_id_says_the_same_whatever_comes_later_and_the_published_one_what_stands() {
    let app = App::hospital().await;
    let provider = app.provider();
    let both = format!(
        r#"{{ service(by: {{slug: "patient-management"}}) {{ outcomes {{ ...says }} definition {{ outcomes {{ ...says }} }} }} }} {OUTCOME}"#
    );
    let data = provider.get(&both).await;
    let (published, frozen) =
        (data["service"]["outcomes"][2].clone(), data["service"]["definition"]["outcomes"][2].clone());
    assert_eq!(published["key"], frozen["key"]);
    assert_ne!(published["id"], frozen["id"]);
    assert_ne!(published["stage"]["id"], frozen["stage"]["id"]);
    assert_ne!(published["indicators"][0]["id"], frozen["indicators"][0]["id"]);
    assert!(frozen["id"].as_str().unwrap().ends_with(".one-record"));

    let query = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...says }} }} {OUTCOME}");
    let ids = json!({ "ids": [published["id"], frozen["id"]] });
    assert_eq!(provider.data(&query, ids.clone()).await["nodes"], json!([published, frozen]));

    let edit = json!({ "slug": "patient-management", "outcomes": [{ "key": "one-record", "statement": { "en": "Said anew." },
        "stage": "triage", "indicators": [{ "key": "record-availability", "target": 100 }] }] });
    provider.applied(edit).await;
    let nodes = provider.data(&query, ids.clone()).await["nodes"].take();
    assert_eq!(nodes[1], frozen);
    assert_eq!(nodes[0]["id"], published["id"]);
    assert_eq!(nodes[0]["statement"], "Said anew.");
    assert_eq!(nodes[0]["indicators"][0]["target"], 100.0);

    provider
        .applied(json!({ "slug": "patient-management", "outcomes": [{ "key": "one-record", "remove": true }] }))
        .await;
    let nodes = provider.data(&query, ids.clone()).await["nodes"].take();
    assert_eq!(nodes, json!([null, frozen]));

    // When it is created again, it is the same.
    let mut document = file(SERVICE);
    let again = document["outcomes"][2].take();
    provider.applied(json!({ "slug": "patient-management", "outcomes": [again] })).await;
    let nodes = provider.data(&query, ids).await["nodes"].take();
    assert_eq!(nodes[0]["id"], published["id"]);
    assert_eq!(nodes[0]["statement"], published["statement"]);
    assert_eq!(nodes[1], frozen);
}

#[tokio::test]
async fn an_element_of_a_revision_in_which_it_is_not_does_not_exist() {
    let app = App::hospital().await;
    let provider = app.provider();
    let payload = provider
        .applied(json!({ "slug": "patient-management", "costs": [{ "key": "late", "statement": "Late", "effect": "IMPOSED" }] }))
        .await;
    assert_eq!(payload["service"]["revision"], 2);
    let data = provider.get(r#"{ service(by: {slug: "patient-management"}) { first: definition(revision: 1) { id } definition { costs { id key } } } }"#).await;
    let (_, first) = data["service"]["first"]["id"].as_str().unwrap().split_once('_').unwrap();
    let query = "query($id: ID!) { node(id: $id) { id ... on Cost { key statement } } }";
    let absent = provider.data(query, json!({ "id": format!("cost_{first}.late") })).await;
    assert_eq!(absent["node"], Value::Null);
    let other = provider.data(query, json!({ "id": format!("cost_{first}.hosting") })).await;
    assert_eq!(other["node"]["key"], "hosting");
    let wrong_kind = provider.data(query, json!({ "id": format!("risk_{first}.hosting") })).await;
    assert_eq!(wrong_kind["node"], Value::Null);
}
