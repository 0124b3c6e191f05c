//! The whole story: agreed, changed, disputed, suggested, agreed again.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::kit::{WARDS, alignment, all_agree, decided, dsi, is_asked, proposed, service, target, ward};
use crate::app::App;

#[tokio::test]
async fn a_definition_is_agreed_to_disputed_changed_as_suggested_and_agreed_to_again() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let wards = WARDS.map(|slug| ward(&app, slug));
    assert_eq!(alignment(&it).await, "UNAGREED");
    for ward in &wards {
        assert!(is_asked(ward).await);
        assert_eq!(alignment(ward).await, "UNAGREED");
    }
    assert!(!is_asked(&it).await);
    assert_eq!(service(&it, "agreedDefinition { revision }").await["agreedDefinition"], Value::Null);

    decided(&wards[0], 1, "AGREE", json!({})).await;
    assert_eq!(
        [alignment(&wards[0]).await, alignment(&wards[1]).await, alignment(&it).await],
        ["ALIGNED", "UNAGREED", "UNAGREED"]
    );
    all_agree(&app, 1).await;
    assert_eq!(alignment(&it).await, "ALIGNED");
    assert!(!is_asked(&wards[0]).await);
    let seen = service(&it, "agreedDefinition { revision state } agreements { state organization { slug } } proposedDefinition { revision }").await;
    assert_eq!(seen["agreedDefinition"], json!({ "revision": 1, "state": "PUBLISHED" }));
    assert_eq!(seen["proposedDefinition"], Value::Null);
    let agreed: Vec<Value> = WARDS.map(|slug| json!({ "state": "AGREED", "organization": { "slug": slug } })).to_vec();
    assert_eq!(seen["agreements"], json!(agreed));

    // A change of the availability target is proposed, and one ward wants less than that.
    app.pass(TimeDelta::days(1));
    let published = service(&it, "document definition { document digest } outcomes { id statement }").await;
    assert_eq!(proposed(&it, target(99.99), json!({ "comment": "The new cluster allows it" })).await, 2);
    assert!(is_asked(&wards[0]).await);
    assert_eq!(alignment(&it).await, "ALIGNED");
    let suggestion = target(99.95);
    let objection = json!({ "comment": "It costs too much", "suggestion": suggestion });
    let objected = decided(&wards[0], 2, "OBJECT", objection).await;
    assert_eq!((&objected["state"], &objected["comment"]), (&json!("OBJECTED"), &json!("It costs too much")));
    assert!(!is_asked(&wards[0]).await);
    let thread = &objected["thread"];
    assert_eq!(thread["messages"]["nodes"], json!([{ "body": "It costs too much" }]));
    let target_of_record = "outcomes/one-record/indicators/record-availability/target";
    assert_eq!(thread["suggestion"]["changes"], json!([{ "path": target_of_record, "before": 99.9, "after": 99.95 }]));
    assert_eq!(
        [alignment(&it).await, alignment(&wards[0]).await, alignment(&wards[1]).await],
        ["DISPUTED", "DISPUTED", "ALIGNED"]
    );
    assert_eq!(service(&it, "document definition { document digest } outcomes { id statement }").await, published);
    decided(&wards[1], 2, "AGREE", json!({})).await;
    let before = service(&it, "definition { publishedAt }").await["definition"]["publishedAt"].take();

    // What was suggested is proposed, as it is.
    app.pass(TimeDelta::days(1));
    let document: Value = serde_json::from_str(thread["suggestion"]["document"].as_str().unwrap()).unwrap();
    let mut definition = document.clone();
    definition.as_object_mut().unwrap().remove("kind");
    let resolves = json!({ "resolves": [{ "id": thread["id"] }] });
    assert_eq!(proposed(&it, definition, resolves).await, 3);
    assert_eq!(alignment(&it).await, "ALIGNED", "the objection was to a proposal that is withdrawn");
    app.pass(TimeDelta::days(1));
    all_agree(&app, 3).await;

    let seen = service(
        &it,
        r#"revision agreedDefinition { revision } proposedDefinition { revision } outcomes { key indicators { key target } }
        revisions { nodes { revision state } } agreements { state }"#,
    )
    .await;
    assert_eq!((&seen["revision"], &seen["agreedDefinition"]["revision"]), (&json!(3), &json!(3)));
    assert_eq!(seen["proposedDefinition"], Value::Null);
    assert_eq!(seen["outcomes"][2]["indicators"], json!([{ "key": "record-availability", "target": 99.95 }]));
    let states = json!([{ "revision": 1, "state": "SUPERSEDED" }, { "revision": 2, "state": "WITHDRAWN" }, { "revision": 3, "state": "PUBLISHED" }]);
    assert_eq!(seen["revisions"]["nodes"], states);
    assert_eq!(seen["agreements"], json!([{ "state": "AGREED" }, { "state": "AGREED" }, { "state": "AGREED" }]));
    for asker in wards.iter().chain([&it]) {
        assert_eq!(alignment(asker).await, "ALIGNED");
    }
    let query = "query($by: ThreadKey!) { thread(by: $by) { status resolvedAt suggestion { adopted changes { path } } timeline { nodes { kind detail actor { kind } } } } }";
    let found = wards[0].data(query, json!({ "by": { "id": thread["id"] } })).await["thread"].take();
    assert_eq!(
        (&found["status"], &found["suggestion"]),
        (&json!("RESOLVED"), &json!({ "adopted": true, "changes": [] }))
    );
    let last = found["timeline"]["nodes"].as_array().unwrap().last().unwrap();
    assert_eq!(*last, json!({ "kind": "RESOLVED", "detail": { "revision": 3 }, "actor": { "kind": "SYSTEM" } }));

    // What was published before is still what it was then.
    let query = "query($at: DateTime!) { service(by: {slug: \"patient-management\"}) { definition(asOf: $at) { revision outcomes { indicators { key target } } } } }";
    let old = it.data(query, json!({ "at": before })).await["service"]["definition"].take();
    assert_eq!(old["revision"], 1);
    assert_eq!(old["outcomes"][2]["indicators"][0]["target"], 99.9);
}
