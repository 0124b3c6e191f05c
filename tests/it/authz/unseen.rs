//! What a viewer may not see answers as what does not exist: in filters, counts and pages too.

use serde_json::{Value, json};

use crate::{
    app::App,
    world::{of, reader, slug, world},
};

const COUNT: &str = "query($filter: ServiceFilter) { services(filter: $filter) { totalCount nodes { slug } pageInfo { hasNextPage endCursor } } }";

async fn count(app: &App, viewer: &str, filter: Value) -> i64 {
    let data = reader(app, viewer).data(COUNT, json!({ "filter": filter })).await;
    assert_eq!(data["services"]["nodes"].as_array().unwrap().len() as i64, data["services"]["totalCount"]);
    data["services"]["totalCount"].as_i64().unwrap()
}

#[tokio::test]
async fn a_consumer_cannot_find_out_who_else_consumes_a_service() {
    let app = world().await;
    let by = |of: &str| json!({ "consumer": { "slug": slug(of) } });
    assert_eq!(count(&app, "ward-a", by("ward-a")).await, 1);
    for other in ["ward-b", "lab", "stranger", "nobody"] {
        assert_eq!(count(&app, "ward-a", by(other)).await, 0, "{other}");
    }
    assert_eq!(count(&app, "dsi", by("ward-b")).await, 1);
    assert_eq!(count(&app, "dsi", by("dsi")).await, 1);
    // That `ward-b` consumes another provider's service is not for `dsi` to know, nor that `ward-a` consumes `care` for `lab`.
    assert_eq!(count(&app, "elsewhere", by("ward-b")).await, 1);
    assert_eq!(count(&app, "lab", by("ward-a")).await, 0);
    assert_eq!(count(&app, "lab", by("lab")).await, 1);
}

#[tokio::test]
async fn a_text_finds_nothing_that_is_not_seen() {
    let app = world().await;
    for (viewer, text, found) in [
        ("ward-a", "canary-text-care", 1),
        ("ward-a", "canary-text-hosting", 0),
        ("ward-a", "canary", 1),
        ("ward-b", "canary", 2),
        ("dsi", "canary", 3),
        ("stranger", "canary", 0),
        // Neither contacts nor parties are texts of a service.
        ("ward-a", "canary-contact", 0),
        ("ward-a", "ward-b", 0),
    ] {
        assert_eq!(count(&app, viewer, json!({ "text": text })).await, found, "{viewer}: {text}");
    }
    let organizations = "query($text: String) { organizations(text: $text) { totalCount } }";
    for (viewer, text, found) in
        [("ward-a", "canary", 2), ("ward-a", "ward-b", 0), ("stranger", "canary", 1), ("dsi", "canary", 7)]
    {
        let data = reader(&app, viewer).data(organizations, json!({ "text": text })).await;
        assert_eq!(data["organizations"]["totalCount"], found, "{viewer}: {text}");
    }
}

#[tokio::test]
async fn an_invisible_organization_in_a_filter_answers_as_one_that_does_not_exist() {
    let app = world().await;
    for field in ["provider", "consumer"] {
        let ask = async |key: Value| {
            let answer = reader(&app, "ward-a").ask(COUNT, json!({ "filter": { field: key } })).await;
            answer.to_string()
        };
        let nothing = ask(json!({ "slug": "nobody" })).await;
        let id = of(&app, "dsi").get(&format!("{{ organization(by: {{slug: {:?}}}) {{ id }} }}", slug("ward-b"))).await;
        for key in [
            json!({ "slug": slug("ward-b") }),
            json!({ "slug": slug("elsewhere") }),
            json!({ "id": id["organization"]["id"] }),
            json!({ "ref": { "system": "tool", "key": "canary-ref-ward-b-on-ward-b" } }),
        ] {
            assert_eq!(ask(key.clone()).await, nothing, "{field}: {key}");
        }
    }
}

#[tokio::test]
async fn an_unseen_service_costs_as_many_statements_as_one_that_does_not_exist() {
    let app = world().await;
    let stranger = reader(&app, "stranger");
    stranger.get("{ viewer { locale } }").await;
    let seen = of(&app, "dsi")
        .get(&format!("{{ service(by: {{slug: {:?}}}) {{ id definition {{ id outcomes {{ id }} }} outcomes {{ id }} consumers {{ id }} externalReferences {{ id }} }} }}", slug("care")))
        .await;
    let service = &seen["service"];
    for id in [
        &service["id"],
        &service["definition"]["id"],
        &service["definition"]["outcomes"][0]["id"],
        &service["outcomes"][0]["id"],
        &service["consumers"][0]["id"],
        &service["externalReferences"][0]["id"],
    ] {
        let id = id.as_str().unwrap();
        let at = id.find('_').unwrap() + 2;
        let other = format!("{}7{}", &id[..at], &id[at + 1..]);
        let query = "query($id: ID!) { node(id: $id) { id } }";
        let (unseen, here) = stranger.counted(query, json!({ "id": id })).await;
        let (absent, there) = stranger.counted(query, json!({ "id": other })).await;
        assert_eq!((unseen, here), (absent, there), "{id}");
        assert_eq!(here, 1, "{id}");
    }
}

#[tokio::test]
async fn a_consumer_that_leaves_sees_the_service_no_more() {
    let app = world().await;
    let leave = json!([{ "organization": { "slug": slug("ward-a") }, "remove": true }]);
    let key = json!({ "by": { "ref": { "system": "tool", "key": "canary-ref-ward-a-care" } } });
    let query =
        "query($by: ServiceKey!) { service(by: $by) { id externalReferences { id key } } services { totalCount } }";
    let before = reader(&app, "ward-a").data(query, key.clone()).await;
    assert_eq!(before["services"]["totalCount"], 1);
    of(&app, "dsi").applied(json!({ "slug": slug("care"), "consumers": leave })).await;
    let after = reader(&app, "ward-a").data(query, key).await;
    assert_eq!(after, json!({ "service": null, "services": { "totalCount": 0 } }));
    for reference in before["service"]["externalReferences"].as_array().unwrap() {
        let node = reader(&app, "ward-a")
            .data("query($id: ID!) { node(id: $id) { id } }", json!({ "id": reference["id"] }))
            .await;
        assert_eq!(node, json!({ "node": null }), "{reference}");
    }
}
