//! Definitions: which writes create a revision, and the content of each revision afterwards.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    app::App,
    kit::{laundry, of_laundry, reference, said, service_id},
};

const STATE: &str = r#"{ service(by: {slug: "laundry"}) { id revision updatedAt createdAt definition { id } } }"#;

#[tokio::test]
async fn a_change_of_links_makes_no_revision() {
    let app = App::hospital().await;
    let provider = app.provider();
    provider.applied(laundry()).await;
    let mut before = provider.get(STATE).await["service"].take();
    let links = [
        (json!({ "lifecycle": "RETIRED" }), "Updated Service"),
        (json!({ "contacts": [{ "role": "OWNER", "name": "Ann", "email": "ann@chu.example" }] }), "Updated Service"),
        (json!({ "consumers": [{ "organization": { "slug": "pharmacy" } }] }), "Created Consumer"),
        (
            json!({ "consumers": [{ "organization": { "slug": "pharmacy" }, "offering": "weekly" }] }),
            "Updated Consumer",
        ),
        (
            json!({ "consumers": [{ "organization": { "slug": "pharmacy" }, "contacts": [{ "role": "USER", "name": "Bo" }] }] }),
            "Updated Consumer",
        ),
        (json!({ "consumers": [{ "organization": { "slug": "pharmacy" }, "remove": true }] }), "Deleted Consumer"),
        (json!({ "externalReferences": [reference("l-1")] }), "Created ExternalReference"),
        (
            json!({ "outcomes": [{ "key": "clean", "externalReferences": [reference("c-1")] }] }),
            "Created ExternalReference",
        ),
    ];
    for (link, change) in links {
        let rows = app.rows().await;
        app.pass(TimeDelta::minutes(1));
        let payload = provider.applied(of_laundry(link.clone())).await;
        assert_eq!(payload["applied"], true, "{link}");
        let now = provider.get(STATE).await["service"].take();
        assert_eq!(now["revision"], 1, "{link}");
        assert_eq!(now["definition"], before["definition"]);
        assert_eq!(now["createdAt"], before["createdAt"]);
        assert!(now["updatedAt"].as_str() > before["updatedAt"].as_str(), "{link}: {now:#}");
        let logged: Vec<String> = app.logged(rows.count("change")).await.iter().map(said).collect();
        assert_eq!(logged, [change], "{link}");
        assert_eq!(app.rows().await.count("definition"), rows.count("definition"));
        before = now;
    }
}

#[tokio::test]
async fn a_change_of_terms_supersedes_the_revision_before() {
    let app = App::hospital().await;
    let provider = app.provider();
    provider.applied(laundry()).await;
    app.pass(TimeDelta::days(1));
    let other = app.admin();
    other.applied(of_laundry(json!({ "outcomes": [{ "key": "clean", "statement": { "en": "Spotless" } }] }))).await;
    app.pass(TimeDelta::days(1));
    provider.applied(of_laundry(json!({ "costs": null, "lifecycle": "RETIRED" }))).await;
    let query = r#"{ service(by: {slug: "laundry"}) {
        revision
        first: definition(revision: 1) { state author { subject } outcomes { statement } publishedAt createdAt }
        second: definition(revision: 2) { id state author { subject kind } outcomes { statement } costs { key } publishedAt createdAt }
        third: definition { id revision state costs { key } publishedAt }
        none: definition(revision: 4) { revision }
        zero: definition(revision: 0) { revision } } }"#;
    let service = provider.get(query).await["service"].take();
    assert_eq!(service["revision"], 3);
    assert_eq!(service["first"]["state"], "SUPERSEDED");
    assert_eq!(service["first"]["author"]["subject"], "somebody-of-dsi");
    assert_eq!(service["first"]["outcomes"][0]["statement"], "Linen is clean");
    assert_eq!(service["second"]["state"], "SUPERSEDED");
    assert_eq!(service["second"]["author"], json!({ "subject": "entente", "kind": "SYSTEM" }));
    assert_eq!(service["second"]["outcomes"][0]["statement"], "Spotless");
    assert_eq!(service["second"]["costs"], json!([{ "key": "soap" }]));
    assert_eq!(service["second"]["publishedAt"], service["second"]["createdAt"]);
    assert_eq!(service["third"]["state"], "PUBLISHED");
    assert_eq!(service["third"]["costs"], json!([]));
    assert_eq!((&service["none"], &service["zero"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn what_was_published_at_an_instant_is_told() {
    let app = App::hospital().await;
    let provider = app.provider();
    for name in ["One", "Two", "Three"] {
        provider.applied(of_laundry(json!({ "name": name }))).await;
        app.pass(TimeDelta::days(1));
    }
    let query = r#"{ service(by: {slug: "laundry"}) { revisions { nodes { revision publishedAt } } } }"#;
    let revisions = provider.get(query).await["service"]["revisions"]["nodes"].take();
    let as_of = async |at: chrono::DateTime<chrono::Utc>| {
        let query =
            r#"query($at: DateTime!) { service(by: {slug: "laundry"}) { definition(asOf: $at) { revision name } } }"#;
        provider.data(query, json!({ "at": at.to_rfc3339() })).await["service"]["definition"].take()
    };
    let published = |index: usize| -> chrono::DateTime<chrono::Utc> {
        revisions[index]["publishedAt"].as_str().unwrap().parse().unwrap()
    };
    assert_eq!(as_of(published(0) - TimeDelta::microseconds(1)).await, Value::Null);
    for (index, name) in ["One", "Two", "Three"].iter().enumerate() {
        let expected = json!({ "revision": index + 1, "name": name });
        assert_eq!(as_of(published(index)).await, expected);
        assert_eq!(as_of(published(index) + TimeDelta::hours(23)).await, expected);
    }
    assert_eq!(as_of(published(1) - TimeDelta::microseconds(1)).await["revision"], 1);
    let both =
        r#"{ service(by: {slug: "laundry"}) { definition(revision: 1, asOf: "2026-11-22T08:30:00Z") { revision } } }"#;
    let refused = provider.ask(both, json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    assert_eq!(refused["data"]["service"]["definition"], Value::Null);
}

#[tokio::test]
async fn revisions_are_paged_and_their_changes_told() {
    let app = App::hospital().await;
    let provider = app.provider();
    for (name, summary) in [("One", "A"), ("One", "B"), ("Two", "B"), ("Two", "C"), ("Three", "C")] {
        provider.applied(of_laundry(json!({ "name": name, "summary": summary }))).await;
    }
    let query = r#"query($first: Int, $after: String, $last: Int, $before: String) { service(by: {slug: "laundry"}) {
        revisions(first: $first, after: $after, last: $last, before: $before) {
            nodes { revision state } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"#;
    let page = async |window: Value| provider.data(query, window).await["service"]["revisions"].take();
    let numbers = |page: &Value| {
        page["nodes"].as_array().unwrap().iter().map(|one| one["revision"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let first = page(json!({ "first": 2 })).await;
    assert_eq!(numbers(&first), [1, 2]);
    assert_eq!(first["totalCount"], 5);
    let next = page(json!({ "first": 2, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(numbers(&next), [3, 4]);
    let last = page(json!({ "last": 2, "before": next["pageInfo"]["endCursor"] })).await;
    assert_eq!(numbers(&last), [2, 3]);
    let changes = r#"{ service(by: {slug: "laundry"}) { definition {
        one: changes { path before after } four: changes(since: 1) { action path before after } all: changes(since: 0) { path }
        none: changes(since: 5) { path } wrong: document } } }"#;
    let definition = &provider.get(changes).await["service"]["definition"];
    assert_eq!(definition["one"], json!([{ "path": "name/en", "before": "Two", "after": "Three" }]));
    assert_eq!(
        definition["four"],
        json!([
            { "action": "UPDATED", "path": "name/en", "before": "One", "after": "Three" },
            { "action": "UPDATED", "path": "summary/en", "before": "A", "after": "C" },
        ])
    );
    assert_eq!(definition["none"], json!([]));
    assert_eq!(definition["all"], json!([{ "path": "provider" }, { "path": "name/en" }, { "path": "summary/en" }]));
    let wrong = r#"{ service(by: {slug: "laundry"}) { definition { changes(since: 9) { path } } } }"#;
    let refused = provider.ask(wrong, json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    // The log names each revision and its service.
    let id = service_id(&provider.get(STATE).await["service"]["id"]);
    let logged = app.logged(0).await;
    let made = logged.iter().filter(|one| said(one) == "Created Definition" && one.service_id == Some(id)).count();
    assert_eq!(made, 5);
}
