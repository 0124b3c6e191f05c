//! What lists of threads cost: as many statements however long they are.

use serde_json::json;

use crate::{
    app::App,
    threads::{desk, open, post, thread, ward},
};

#[tokio::test]
async fn a_list_costs_the_same_however_long_it_is() {
    let app = App::hospital().await;
    let (emergency, pharmacy, desk) = (ward(&app, "emergency"), ward(&app, "pharmacy"), desk(&app));
    for n in 0..50 {
        let asker = if n % 2 == 0 { &emergency } else { &pharmacy };
        let element = ["one-record", "hosting", "outage", "availability-24x7"].get(n % 5);
        let more = json!({ "title": format!("Thread {n}"), "element": element, "externalReferences": [{ "system": "zammad", "key": format!("HELP-{n}") }] });
        let opened = open(asker, more).await;
        for m in 0..3 {
            post(asker, &thread(&opened)["number"], json!({ "body": format!("Message {m}"), "externalReferences": [{ "system": "zammad", "key": format!("ART-{n}-{m}") }] })).await;
        }
    }
    let at_hand = "number title service { slug name } messages(last: 5) { nodes { body author { displayName } } }";
    let all = "number title service { slug name provider { slug } } consumer { slug }
        subject { __typename ... on Outcome { key } ... on Cost { key } }
        deadlines { acknowledgeBy resolveBy nextRaiseAt } level { level }
        externalReferences { system key organization { slug } }
        messages(last: 5) { nodes { body author { displayName } externalReferences { key } } }";
    for (selected, most) in [(at_hand, 3), (all, 8)] {
        let query = |first: i32| {
            let filter = "{kind: ESCALATION, status: [OPEN]}";
            format!("{{ threads(first: {first}, filter: {filter}) {{ nodes {{ {selected} }} }} }}")
        };
        desk.get(&query(1)).await;
        let mut costs = Vec::new();
        for first in [1, 10, 50] {
            let before = app.store.statements();
            let data = desk.get(&query(first)).await;
            costs.push(app.store.statements() - before);
            let nodes = data["threads"]["nodes"].as_array().unwrap();
            assert_eq!(nodes.len(), first as usize);
            assert!(nodes.iter().all(|node| node["messages"]["nodes"].as_array().unwrap().len() == 4));
            assert_eq!(nodes[0]["messages"]["nodes"][3]["body"], "Message 2");
        }
        assert!(costs.iter().all(|cost| *cost == costs[0] && *cost <= most), "{selected}: {costs:?}");
    }
}

#[tokio::test]
async fn the_threads_of_many_services_cost_as_many_statements_as_those_of_one() {
    let app = App::hospital().await;
    let provider = app.provider();
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    for n in 0..10 {
        let consumers =
            json!([{ "organization": { "slug": "emergency" } }, { "organization": { "slug": "pharmacy" } }]);
        let slug = format!("service-{n}");
        provider.applied(json!({ "slug": slug, "name": format!("Unit {n}"), "consumers": consumers })).await;
        for (who, kind) in
            [(&ward, "ESCALATION"), (&ward, "FEEDBACK"), (&crate::threads::ward(&app, "pharmacy"), "ESCALATION")]
        {
            let about = json!({ "service": { "slug": slug }, "kind": kind, "title": format!("{kind} {n}") });
            thread(&open(who, about).await);
        }
    }
    let query = |first: i32| {
        format!(
            "{{ services(first: {first}, filter: {{text: \"unit\"}}) {{ nodes {{ slug
                newest: threads(first: 2) {{ totalCount pageInfo {{ hasNextPage }} nodes {{ title service {{ slug }} messages(last: 1) {{ totalCount nodes {{ body }} }} timeline(first: 1) {{ totalCount }} }} }}
                open: threads(filter: {{kind: ESCALATION, status: [OPEN]}}, orderBy: {{field: SEVERITY}}, last: 1) {{ totalCount nodes {{ title }} }}
            }} }} }}"
        )
    };
    for (asker, threads, escalations) in [(&desk, 3, 2), (&ward, 2, 1)] {
        asker.get(&query(1)).await;
        let mut costs = Vec::new();
        for first in [1, 5, 10] {
            let (data, cost) = asker.counted(&query(first), json!({})).await;
            costs.push(cost);
            let nodes = data["services"]["nodes"].as_array().unwrap();
            assert_eq!(nodes.len(), first as usize);
            for node in nodes {
                assert_eq!(node["newest"]["totalCount"], threads);
                assert_eq!(node["newest"]["nodes"].as_array().unwrap().len(), 2);
                assert_eq!(node["newest"]["pageInfo"]["hasNextPage"], threads > 2);
                assert_eq!(node["newest"]["nodes"][0]["service"]["slug"], node["slug"]);
                assert_eq!(node["newest"]["nodes"][0]["messages"]["totalCount"], 1);
                assert_eq!(node["open"]["totalCount"], escalations);
                assert_eq!(node["open"]["nodes"].as_array().unwrap().len(), 1);
            }
        }
        assert!(costs.iter().all(|cost| *cost == costs[0] && *cost <= 12), "{costs:?}");
    }
    // A page in the middle is one service's own.
    let first =
        desk.get("{ service(by: {slug: \"service-3\"}) { threads(first: 1) { pageInfo { endCursor } } } }").await;
    let after = &first["service"]["threads"]["pageInfo"]["endCursor"];
    let rest = "query($after: String) { services(filter: {text: \"3\"}) { nodes { threads(after: $after) { nodes { title } } } } }";
    let rest = desk.data(rest, json!({ "after": after })).await;
    assert_eq!(rest["services"]["nodes"][0]["threads"]["nodes"].as_array().unwrap().len(), 2);
}
