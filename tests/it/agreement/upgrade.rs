//! A database of a version that had no agreements.

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::kit::{alignment, all_agree, dsi, ward};
use crate::{
    app::{App, SERVICE, file},
    kit::laundry,
};

/// Makes the database one of before, and migrates it.
async fn again(app: &App) {
    let own = app.connection().await;
    for sql in [
        "DROP TABLE agreement",
        "DROP INDEX service_alignment_sort_name_id",
        "DROP INDEX service_consumer_decisions",
        "ALTER TABLE organization DROP COLUMN items_version",
        "ALTER TABLE definition DROP COLUMN base",
        "ALTER TABLE definition DROP COLUMN publish_when_agreed",
        "ALTER TABLE definition DROP COLUMN resolves",
        "ALTER TABLE definition DROP COLUMN agreed_at",
        "ALTER TABLE service DROP COLUMN proposal_id",
        "ALTER TABLE service DROP COLUMN is_complete",
        "ALTER TABLE service DROP COLUMN alignment",
        "ALTER TABLE service_consumer DROP COLUMN agreed_revision",
        "ALTER TABLE service_consumer DROP COLUMN objects",
        "ALTER TABLE service_consumer DROP COLUMN decided_at",
        "ALTER TABLE thread DROP COLUMN suggestion",
        "DELETE FROM seaql_migrations WHERE version LIKE '%_agreement'",
    ] {
        own.execute_unprepared(sql).await.unwrap();
    }
    own.close().await.unwrap();
    assert_eq!(app.store.migrate().await.unwrap().len(), 1);
}

#[tokio::test]
async fn services_of_before_are_incomplete_or_nobody_has_agreed_to_them() {
    let app = App::hospital().await;
    let it = dsi(&app);
    // Without an expectation of the provider, and without consumers; each lacks one component.
    it.applied(laundry()).await;
    it.applied(json!({ "slug": "bare", "name": "Bare" })).await;
    let mut whole = file(SERVICE);
    whole.as_object_mut().unwrap().remove("kind");
    whole["externalReferences"] = json!([]);
    for (slug, list) in [("one", "outcomes"), ("two", "benefits"), ("three", "consumers"), ("four", "risks")] {
        let mut without = whole.clone();
        without["slug"] = json!(slug);
        without[list] = json!([]);
        it.applied(without).await;
    }
    let states = async || {
        let mut found = Vec::new();
        for state in ["INCOMPLETE", "UNAGREED", "ALIGNED"] {
            let query = "query($of: [AlignmentState!]) { services(filter: {alignment: $of}) { nodes { slug } } }";
            let data = it.data(query, json!({ "of": [state] })).await;
            let nodes = data["services"]["nodes"].as_array().unwrap().iter();
            let mut slugs: Vec<String> = nodes.map(|node| node["slug"].as_str().unwrap().to_owned()).collect();
            slugs.sort();
            found.push(slugs.join(" "));
        }
        found
    };
    let before = states().await;
    assert_eq!(before, ["bare laundry one three two", "four patient-management", ""]);
    all_agree(&app, 1).await;
    again(&app).await;
    assert_eq!(states().await, before);
    assert_eq!(alignment(&ward(&app, "emergency")).await, "UNAGREED");
    // All goes on.
    all_agree(&app, 1).await;
    assert_eq!(alignment(&it).await, "ALIGNED");
}
