//! How many statements decisions and their lists take.

use serde_json::{Value, json};

use super::kit::{decide, dsi, propose, ward};
use crate::{
    app::{App, problems},
    kit::laundry,
};

const PAGE: &str =
    "agreements { state } proposedDefinition { revision state agreements { state } } agreedDefinition { revision }
    consumers { agreement { state } }";

/// So many services with two consumers: both agree to the first revision, and one decides on a proposal.
async fn agreed(app: &App, count: usize) {
    let it = dsi(app);
    for number in 0..count {
        let slug = format!("laundry-{number}");
        let mut document = laundry();
        document["slug"] = json!(slug);
        document["name"] = json!(format!("Unit {number}"));
        document["consumers"] =
            json!([{ "organization": { "slug": "emergency" } }, { "organization": { "slug": "pharmacy" } }]);
        it.applied(document).await;
        let of = json!({ "service": { "slug": slug }, "comment": "Words" });
        for consumer in ["emergency", "pharmacy"] {
            assert_eq!(problems(&decide(&ward(app, consumer), 1, "AGREE", of.clone()).await), []);
        }
        let better = json!({ "slug": slug, "summary": { "en": "Cleaner linen" } });
        assert_eq!(problems(&propose(&it, better, json!({})).await), []);
        let decision = if number % 2 == 0 { "AGREE" } else { "OBJECT" };
        assert_eq!(problems(&decide(&ward(app, "emergency"), 2, decision, of).await), []);
    }
}

#[tokio::test]
async fn a_page_of_services_with_their_agreements_costs_as_much_as_one() {
    let app = App::hospital().await;
    agreed(&app, 20).await;
    for (asker, agreements) in [(dsi(&app), 2), (ward(&app, "emergency"), 1), (app.admin(), 2)] {
        asker.get("{ viewer { locale } }").await;
        for (selected, most) in [
            (PAGE, 7),
            ("agreements { state organization { slug } decidedBy { organization { slug } } }", 4),
            ("agreements { thread { number suggestion { adopted } } }", 4),
            ("agreedDefinition { digest reviewEvery agreements { definition { revision digest } } }", 7),
        ] {
            let mut costs = Vec::new();
            for first in [1, 5, 20] {
                let query =
                    format!("{{ services(first: {first}, filter: {{text: \"unit\"}}) {{ nodes {{ {selected} }} }} }}");
                asker.get(&query).await;
                let (data, cost) = asker.counted(&query, json!({})).await;
                let nodes = data["services"]["nodes"].as_array().unwrap();
                assert_eq!(nodes.len(), first);
                if selected == PAGE {
                    assert!(nodes.iter().all(|node| node["agreements"].as_array().unwrap().len() == agreements));
                    assert!(nodes.iter().all(|node| node["agreedDefinition"]["revision"] == 1));
                }
                costs.push(cost);
            }
            assert!(costs.iter().all(|cost| *cost == costs[0] && *cost <= most), "{selected}: {costs:?}");
        }
        let mut costs = Vec::new();
        for first in [1, 20] {
            let query = format!(
                "{{ services(first: {first}, filter: {{awaitingDecision: false, alignment: [ALIGNED, DISPUTED], text: \"unit\"}}) {{ nodes {{ slug }} }} }}"
            );
            asker.get(&query).await;
            let (_, cost) = asker.counted(&query, json!({})).await;
            costs.push(cost);
        }
        assert_eq!(costs, [1, 1]);
    }
}

#[tokio::test]
async fn ids_of_agreements_are_read_together() {
    let app = App::hospital().await;
    agreed(&app, 6).await;
    let it = dsi(&app);
    let data = it.get("{ services(filter: {text: \"unit\"}) { nodes { agreements { id } proposedDefinition { agreements { id } } } } }").await;
    let mut ids: Vec<Value> = Vec::new();
    for node in data["services"]["nodes"].as_array().unwrap() {
        for list in [&node["agreements"], &node["proposedDefinition"]["agreements"]] {
            ids.extend(list.as_array().unwrap().iter().map(|one| one["id"].clone()));
        }
    }
    assert_eq!(ids.len(), 24);
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Agreement { state } } }";
    let mut costs = Vec::new();
    for count in [1, 24] {
        let some = json!({ "ids": ids[..count] });
        it.data(query, some.clone()).await;
        let (data, cost) = it.counted(query, some).await;
        assert!(data["nodes"].as_array().unwrap().iter().all(|node| node["state"].is_string()));
        costs.push(cost);
    }
    assert_eq!(costs[0], costs[1], "{costs:?}");
}

#[tokio::test]
async fn a_decision_takes_as_many_statements_however_many_consumers_there_are() {
    let mut costs = Vec::new();
    for count in [3, 40] {
        let app = App::hospital().await;
        let organizations: Value = (0..count)
            .map(|n| json!({ "slug": format!("unit-{n}"), "name": format!("Unit {n}"), "parent": { "slug": "chu" } }))
            .collect();
        assert_eq!(problems(&app.admin().organizations(organizations, false).await), []);
        let consumers: Vec<Value> =
            (0..count).map(|n| json!({ "organization": { "slug": format!("unit-{n}") } })).collect();
        dsi(&app).applied(json!({ "slug": "shared", "name": "Shared", "consumers": consumers })).await;
        let asker = ward(&app, "unit-0");
        asker.get("{ viewer { locale } }").await;
        let query =
            "mutation($input: AgreementDecideInput!) { agreementDecide(input: $input) { userErrors { message } } }";
        let input = json!({ "input": { "service": { "slug": "shared" }, "revision": 1, "decision": "AGREE" } });
        let (_, cost) = asker.counted(query, input).await;
        costs.push(cost);
    }
    assert_eq!(costs[0], costs[1], "{costs:?}");
}
