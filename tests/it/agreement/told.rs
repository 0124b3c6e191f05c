//! What the log of changes is told, and who may see it.

use entente_entity::{
    change::{self, Audience},
    enums::ActorKind,
};
use serde_json::{Value, json};

use super::kit::{all_agree, decided, dsi, proposal, proposed, target, ward};
use crate::{app::App, kit::said};

/// The changes, each with its audience and the kind of its actor.
async fn told(app: &App, after: usize) -> Vec<String> {
    let line =
        |change: &change::Model| format!("{} {:?} {:?}", said(change), change.audience.unwrap(), change.actor.kind);
    app.logged(after).await.iter().map(line).collect()
}

fn field(change: &change::Model, name: &str) -> [Value; 2] {
    let field = change.fields.0.iter().find(|field| field.name == name);
    field.map_or([Value::Null, Value::Null], |field| [json!(field.before), json!(field.after)])
}

#[tokio::test]
async fn every_decision_is_kept_with_who_when_and_what_was_decided_on() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency");
    let digest = super::kit::service(&ward, "definition { digest }").await["definition"]["digest"].take();
    let before = app.rows().await.count("change");
    decided(&ward, 1, "AGREE", json!({ "comment": "Yes" })).await;
    decided(&ward, 1, "OBJECT", json!({ "comment": "No" })).await;
    let withdrawn = decided(&ward, 1, "WITHDRAW", json!({})).await;
    let log = app.logged(before).await;
    let decisions: Vec<&change::Model> = log.iter().filter(|change| said(change).ends_with("Agreement")).collect();
    let lines: Vec<String> =
        decisions.iter().map(|change| format!("{} {:?}", said(change), change.audience.unwrap())).collect();
    assert_eq!(lines, ["Created Agreement Consumer", "Updated Agreement Consumer", "Updated Agreement Consumer"]);
    assert_eq!(field(decisions[0], "revision"), [Value::Null, json!(1)]);
    assert_eq!(field(decisions[0], "state"), [Value::Null, json!("AGREED")]);
    assert_eq!(field(decisions[0], "digest"), [Value::Null, digest]);
    assert_eq!(field(decisions[0], "comment"), [Value::Null, json!("Yes")]);
    assert_eq!(field(decisions[1], "state"), [json!("AGREED"), json!("OBJECTED")]);
    assert!(field(decisions[1], "thread")[1].as_str().unwrap().starts_with("thread_"));
    assert_eq!(field(decisions[2], "state"), [json!("OBJECTED"), json!("WITHDRAWN")]);
    assert_eq!(field(decisions[2], "decidedAt")[1], withdrawn["decidedAt"]);
    for decision in decisions {
        assert_eq!(
            (decision.actor.kind, decision.actor.subject.as_str()),
            (ActorKind::Person, "somebody-of-emergency")
        );
        assert_eq!(decision.audience, Some(Audience::Consumer));
        assert!(decision.service_id.is_some() && decision.organization_id.is_some());
    }
}

#[tokio::test]
async fn proposals_are_told_to_all_parties_and_their_elements_when_they_are_published() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let mut before = app.rows().await.count("change");
    proposed(&it, target(99.95), json!({})).await;
    assert_eq!(told(&app, before).await, ["Created Definition Service Person"]);
    let created = &app.logged(before).await[0];
    assert_eq!(
        (field(created, "state"), field(created, "revision")),
        ([Value::Null, json!("PROPOSED")], [Value::Null, json!(2)])
    );
    before += 1;
    proposed(&it, target(99.96), json!({})).await;
    assert_eq!(told(&app, before).await, ["Updated Definition Service Person", "Created Definition Service Person"]);
    assert_eq!(field(&app.logged(before).await[0], "state"), [json!("PROPOSED"), json!("WITHDRAWN")]);
    before += 2;
    proposal(&it, "definitionWithdraw", 3, json!({ "comment": "Not now" })).await;
    assert_eq!(told(&app, before).await, ["Updated Definition Service Person"]);
    assert_eq!(field(&app.logged(before).await[0], "comment"), [Value::Null, json!("Not now")]);
    before += 1;
    proposed(&it, target(99.97), json!({})).await;
    before += 1;
    proposal(&it, "definitionPublish", 4, json!({})).await;
    assert_eq!(told(&app, before).await, ["Updated Definition Service Person", "Updated Indicator Service Person"]);
    assert_eq!(field(&app.logged(before).await[0], "state"), [json!("PROPOSED"), json!("PUBLISHED")]);
}

#[tokio::test]
async fn nobody_learns_from_a_publication_by_itself_who_agreed_last() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let thread = decided(&ward(&app, "pharmacy"), 1, "OBJECT", json!({ "comment": "No" })).await["thread"]["id"].take();
    proposed(&it, target(99.95), json!({ "resolves": [{ "id": thread }] })).await;
    let before = app.rows().await.count("change");
    all_agree(&app, 2).await;
    let told = told(&app, before).await;
    let agreed = "Created Agreement Consumer Person";
    let expected = [
        agreed,
        agreed,
        agreed,
        "Updated Definition Service System",
        "Updated Indicator Service System",
        "Updated Thread Thread System",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_third_party_sees_nothing_of_a_decision_in_the_log() {
    let app = App::hospital().await;
    let before = app.rows().await.count("change");
    decided(&ward(&app, "emergency"), 1, "OBJECT", json!({ "comment": "No", "suggestion": target(99.95) })).await;
    for change in app.logged(before).await {
        let audience = change.audience.unwrap();
        assert!(matches!(audience, Audience::Consumer | Audience::Thread), "{change:?}");
        assert!(change.organization_id.is_some());
    }
}
