//! How many statements a query costs: as many for a page of 50 as for one entry.

use serde_json::{Value, json};

use crate::app::{App, Asker};

/// So many services, each with elements, two consumers, references and offerings.
async fn services(app: &App, count: usize) {
    for index in 0..count {
        let key = |what: &str| json!([{ "system": "tool", "key": format!("{what}-{index}") }]);
        let indicator = |key: &str| json!([{ "key": key, "name": "Time", "unit": "min", "direction": "LOWER_IS_BETTER", "target": 5 }]);
        app.provider()
            .applied(json!({
                "slug": format!("service-{index}"), "name": format!("Service {index}"),
                "outcomes": [{ "key": "admission", "statement": "Admitted", "indicators": indicator("time"), "externalReferences": key("outcome") }],
                "costs": [{ "key": "hosting", "statement": "Hosting", "effect": "REMOVED" }],
                "risks": [{ "key": "loss", "statement": "Loss", "effect": "REMOVED" }],
                "benefits": [{ "key": "peace", "statement": "Peace", "stakeholder": "Staff", "indicators": indicator("calm") }],
                "offerings": [{ "key": "day", "name": "Day", "externalReferences": key("offering") }],
                "consumers": [{ "organization": { "slug": "emergency" }, "offering": "day" }, { "organization": { "slug": "pharmacy" } }],
                "externalReferences": key("service"),
            }))
            .await;
    }
}

/// What a query costs for a page of 1, of 10 and of 50.
async fn costs(app: &App, asker: &Asker<'_>, entry: &str, cold: bool) -> Vec<u64> {
    let query = format!(
        "query($first: Int) {{ services(filter: {{text: \"service-\"}}, first: $first) {{ nodes {{ {entry} }} }} }}"
    );
    // The organization of the token is read once.
    asker.get("{ viewer { locale } }").await;
    let mut costs = Vec::new();
    for first in [1, 10, 50] {
        if cold {
            app.store.forget_definitions();
        } else {
            asker.data(&query, json!({ "first": first })).await;
        }
        let (data, cost) = asker.counted(&query, json!({ "first": first })).await;
        assert_eq!(data["services"]["nodes"].as_array().unwrap().len(), first);
        costs.push(cost);
    }
    costs
}

const PAGE: &str =
    "outcomes { indicators { key } } costs { key } risks { key } value { benefits { key } } offerings { key }
    consumers { organization { slug } } provider { slug }";

#[tokio::test]
async fn a_page_of_services_costs_six_statements_at_most_however_many_there_are() {
    let app = App::hospital().await;
    services(&app, 50).await;
    for asker in [app.provider(), app.ward("emergency"), app.admin()] {
        for (cold, most) in [(true, 6), (false, 5)] {
            let costs = costs(&app, &asker, PAGE, cold).await;
            assert!(costs.iter().all(|cost| *cost == costs[0] && *cost <= most), "{costs:?} for 1, 10 and 50");
        }
    }
}

#[tokio::test]
async fn each_further_kind_of_link_costs_a_few_statements_for_the_whole_page() {
    let app = App::hospital().await;
    services(&app, 50).await;
    for (entry, most) in [
        ("slug", 1),
        ("slug externalReferences { key organization { slug } }", 3),
        ("outcomes { externalReferences { key } } offerings { externalReferences { key } consumers { since } }", 3),
        ("definition { state }", 2),
        ("definition { state author { organization { slug } } outcomes { key } provider { slug } }", 4),
        ("document", 7),
        ("definition { document }", 3),
        ("provider { slug parent { slug } externalReferences { key } }", 4),
        ("consumers { organization { slug parent { slug } externalReferences { key } document } }", 5),
    ] {
        for asker in [app.provider(), app.ward("emergency")] {
            let costs = costs(&app, &asker, entry, false).await;
            // The first one was written by somebody of no organization.
            let alike = costs[0] <= costs[1] && costs[1] == costs[2] && costs[2] <= most;
            assert!(alike, "{costs:?} for 1, 10 and 50 of {{ {entry} }}");
        }
    }
}

#[tokio::test]
async fn a_total_is_counted_only_when_it_is_asked_for() {
    let app = App::hospital().await;
    let asker = app.provider();
    asker.get("{ viewer { locale } services { nodes { slug } } }").await;
    for list in ["services", "organizations"] {
        let (_, without) =
            asker.counted(&format!("{{ {list} {{ nodes {{ slug }} pageInfo {{ hasNextPage }} }} }}"), json!({})).await;
        let (_, with) = asker.counted(&format!("{{ {list} {{ nodes {{ slug }} totalCount }} }}"), json!({})).await;
        assert_eq!((without, with), (1, 2), "{list}");
    }
}

#[tokio::test]
async fn many_nodes_cost_as_many_statements_as_few_of_the_same_kinds() {
    let app = App::hospital().await;
    services(&app, 30).await;
    let query =
        "{ organizations { nodes { id } } services { nodes { id outcomes { id indicators { id } } consumers { id }
        externalReferences { id } definition { id outcomes { id } offerings { id } } } } }";
    let data = app.provider().get(query).await;
    let mut ids = Vec::new();
    let mut add = |value: &Value| ids.push(value["id"].clone());
    for service in data["services"]["nodes"].as_array().unwrap() {
        let first = |list: &Value| list[0].clone();
        add(service);
        add(&first(&service["outcomes"]));
        add(&first(&service["consumers"]));
        add(&first(&service["externalReferences"]));
        add(&service["definition"]);
        add(&first(&service["definition"]["outcomes"]));
        add(&data["organizations"]["nodes"][0]);
    }
    let asker = app.ward("emergency");
    asker.get("{ viewer { locale } }").await;
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let mut costs = Vec::new();
    for count in [7, 50, 200] {
        app.store.forget_definitions();
        let (data, cost) = asker.counted(query, json!({ "ids": ids[..count] })).await;
        assert_eq!(data["nodes"].as_array().unwrap().len(), count);
        costs.push(cost);
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]) && costs[0] <= 8, "{costs:?}");
    let (_, one) = asker.counted("query($id: ID!) { node(id: $id) { id } }", json!({ "id": ids[0] })).await;
    assert!(one <= 2, "{one}");
}
