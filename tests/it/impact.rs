//! Impact: what the failure of configuration items means to customers.

use entente::policy::Scope;
use serde_json::{Value, json};

use crate::{
    app::{App, Asker},
    threads::{act, desk, open, thread, ward},
};

const IMPACT: &str = "query($of: [ConfigurationItemKey!]!) { impact(of: $of) {
    configurationItems { name } notFound
    services { service { slug } effect openEscalations path { name }
        outcomes { outcome { key statement } effect path { name } }
        consumers { organization { slug } contacts { name } } } } }";

fn key(key: &str) -> Value {
    json!({ "ref": { "system": "servicenow", "key": key } })
}

async fn impact(asker: &Asker<'_>, of: Value) -> Value {
    asker.data(IMPACT, json!({ "of": of })).await["impact"].take()
}

fn names(path: &Value) -> Vec<&str> {
    path.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

/// The slug and the effect of each service that is hit.
fn effects(impact: &Value) -> Vec<(&str, &str)> {
    let services = impact["services"].as_array().unwrap().iter();
    services.map(|it| (it["service"]["slug"].as_str().unwrap(), it["effect"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn the_storage_takes_the_whole_service_with_it() {
    let app = App::hospital().await;
    let found = impact(&app.provider().reading("fr"), json!([key("san-a")])).await;
    assert_eq!(effects(&found), [("patient-management", "OUTAGE")]);
    let service = &found["services"][0];
    assert_eq!(names(&service["path"]), ["SAN-A", "ORA-PMS-01", "PMS application server"]);
    assert_eq!(service["outcomes"].as_array().unwrap().len(), 7);
    assert_eq!(
        service["outcomes"][4]["outcome"]["statement"],
        "Le rendez-vous de suivi est pris avant que le patient ne parte."
    );
    assert!(service["outcomes"].as_array().unwrap().iter().all(|it| it["effect"] == "OUTAGE"));
    let consumers: Vec<_> = service["consumers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["organization"]["slug"].as_str().unwrap())
        .collect();
    assert_eq!(consumers, ["emergency", "outpatients", "pharmacy"]);
    assert_eq!(service["consumers"][0]["contacts"][0]["name"], "Dr Samir Haddad");
    assert_eq!(service["openEscalations"], 0);
    assert_eq!(found["notFound"], json!([]));
}

#[tokio::test]
async fn the_escalations_of_a_service_that_is_hit_are_counted() {
    let app = App::hospital().await;
    let (emergency, pharmacy, desk) = (ward(&app, "emergency"), ward(&app, "pharmacy"), desk(&app));
    let all = app.someone("dsi", &[Scope::Read, Scope::CmdbRead]);
    let count =
        async |asker: &Asker<'_>| impact(asker, json!([key("san-a")])).await["services"][0]["openEscalations"].clone();
    for asker in [&emergency, &pharmacy, &pharmacy] {
        thread(&open(asker, json!({})).await);
    }
    thread(&open(&pharmacy, json!({ "kind": "FEEDBACK" })).await);
    assert_eq!(count(&all).await, 3);
    let solved = open(&emergency, json!({})).await;
    assert_eq!(count(&all).await, 4);
    act(&desk, "threadResolve", &thread(&solved)["number"], json!({})).await;
    assert_eq!(count(&all).await, 3, "what is resolved is open no more");
    act(&emergency, "threadReopen", &thread(&solved)["number"], json!({})).await;
    assert_eq!(count(&all).await, 4);
    // Who reads definitions to write them, and no threads, knows of none.
    assert_eq!(count(&app.someone("dsi", &[Scope::DefinitionsWrite, Scope::CmdbRead])).await, 0);
}

#[tokio::test]
async fn the_robot_takes_one_outcome_with_it() {
    let app = App::hospital().await;
    let found = impact(&app.provider(), json!([key("nothing"), key("robot-pharma"), key("robot-pharma")])).await;
    assert_eq!(effects(&found), [("patient-management", "DEGRADED")]);
    let service = &found["services"][0];
    assert_eq!(names(&service["path"]), ["Dispensing robot controller"]);
    let outcomes = service["outcomes"].as_array().unwrap();
    assert_eq!(outcomes.len(), 1);
    assert_eq!(outcomes[0]["outcome"]["key"], "safe-prescription");
    assert_eq!(outcomes[0]["effect"], "OUTAGE");
    assert_eq!(names(&outcomes[0]["path"]), ["Dispensing robot controller"]);
    assert_eq!(found["notFound"], json!([0]));
    assert_eq!(found["configurationItems"], json!([{ "name": "Dispensing robot controller" }]));
}

/// Two nodes of which the cluster needs one, and a service on the cluster.
async fn cluster(app: &App) {
    let provider = app.provider();
    let item = |key: &str| json!({ "ref": { "system": "servicenow", "key": key }, "name": key, "class": "node" });
    let on = |key: &str| json!({ "system": "servicenow", "key": key });
    let mut cluster = item("cluster");
    cluster["dependsOn"] = json!([on("node-a"), on("node-b")]);
    cluster["dependenciesNeeded"] = json!(1);
    let payload = provider.items(json!([cluster, item("node-a"), item("node-b")]), json!({})).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    let service = json!({ "slug": "reports", "name": "Reports", "configurationItems": [key("cluster")],
        "outcomes": [{ "key": "told", "statement": "All is told" }] });
    provider.applied(service).await;
}

#[tokio::test]
async fn one_of_two_nodes_loses_redundancy_and_both_are_an_outage() {
    let app = App::hospital().await;
    cluster(&app).await;
    let provider = app.provider();
    let one = impact(&provider, json!([key("node-b")])).await;
    assert_eq!(effects(&one), [("reports", "REDUNDANCY_LOST")]);
    assert_eq!(names(&one["services"][0]["path"]), ["node-b", "cluster"]);
    assert_eq!(one["services"][0]["outcomes"][0]["effect"], "REDUNDANCY_LOST");
    let both = impact(&provider, json!([key("node-b"), key("node-a")])).await;
    assert_eq!(effects(&both), [("reports", "OUTAGE")]);
    let worst_first = impact(&provider, json!([key("node-b"), key("robot-pharma")])).await;
    assert_eq!(effects(&worst_first), [("patient-management", "DEGRADED"), ("reports", "REDUNDANCY_LOST")]);
}

#[tokio::test]
async fn each_item_of_a_list_tells_its_own_impact_in_as_many_statements_as_one() {
    let app = App::hospital().await;
    cluster(&app).await;
    let query = |first: usize| {
        format!(
            "{{ configurationItems(first: {first}) {{ nodes {{ name impactIfFailed {{ configurationItems {{ name }} services {{ effect path {{ name }} consumers {{ id }} }} }} }} }} }}"
        )
    };
    let provider = app.provider();
    let data = provider.get(&query(50)).await;
    let nodes = data["configurationItems"]["nodes"].as_array().unwrap();
    let of = |name: &str| &nodes.iter().find(|node| node["name"] == name).unwrap()["impactIfFailed"]["services"];
    assert_eq!(of("node-a")[0]["effect"], "REDUNDANCY_LOST");
    assert_eq!(of("cluster")[0]["effect"], "OUTAGE");
    assert_eq!(of("HL7 interface engine")[0]["effect"], "OUTAGE");
    assert_eq!(of("Dispensing robot controller")[0]["effect"], "DEGRADED");
    assert_eq!(nodes[0]["impactIfFailed"]["configurationItems"][0]["name"], nodes[0]["name"]);
}

#[tokio::test]
async fn a_circle_of_five_ends() {
    let app = App::hospital().await;
    let provider = app.provider();
    let item = |number: usize| {
        json!({ "ref": { "system": "servicenow", "key": format!("ring-{number}") }, "name": format!("Ring {number}"), "class": "x",
            "dependsOn": [{ "system": "servicenow", "key": format!("ring-{}", (number + 1) % 5) }] })
    };
    let payload = provider.items((0..5).map(item).collect(), json!({})).await;
    assert_eq!((&payload["created"], &payload["unresolved"]), (&json!(5), &json!(0)), "{payload}");
    provider.applied(json!({ "slug": "ring", "name": "Ring", "configurationItems": [key("ring-3")] })).await;
    let found = impact(&provider, json!([key("ring-2")])).await;
    assert_eq!(names(&found["services"][0]["path"]), ["Ring 2", "Ring 1", "Ring 0", "Ring 4", "Ring 3"]);
}

#[tokio::test]
async fn nobody_but_the_provider_learns_anything() {
    let app = App::hospital().await;
    let of = json!({ "of": [key("san-a")] });
    let query = "query($of: [ConfigurationItemKey!]!) { impact(of: $of) { notFound } }";
    for asker in [app.ward("emergency"), app.someone("dsi", &[Scope::Read])] {
        let answer = asker.ask(query, of.clone()).await;
        assert_eq!(answer["data"]["impact"], Value::Null);
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }
    // With the scope, an organization only sees its own items: it has none.
    let found =
        impact(&app.someone("emergency", &[Scope::Read, Scope::CmdbRead]), json!([key("san-a"), key("x")])).await;
    assert_eq!((&found["notFound"], &found["services"]), (&json!([0, 1]), &json!([])));
    let too_many: Vec<_> = (0..201).map(|number| key(&number.to_string())).collect();
    let answer = app.provider().ask(IMPACT, json!({ "of": too_many })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST");
}

#[tokio::test]
async fn who_reads_items_but_no_services_learns_of_none() {
    let app = App::hospital().await;
    let found = impact(&app.someone("dsi", &[Scope::CmdbRead]), json!([key("san-a")])).await;
    assert_eq!(found["configurationItems"], json!([{ "name": "SAN-A" }]));
    assert_eq!(found["services"], json!([]));
}
