//! Objections and their threads.

use chrono::TimeDelta;
use entente::policy::Scope;
use serde_json::{Value, json};

use super::kit::{decided, dsi, of_patients, proposal, proposed, service, target, ward};
use crate::{
    app::{App, problems},
    threads::{act, assert_replays, desk, post},
};

fn because(comment: &str) -> Value {
    json!({ "comment": comment })
}

#[tokio::test]
async fn an_objection_opens_a_feedback_thread_and_the_agreement_resolves_it() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency");
    let objected = decided(&ward, 1, "OBJECT", because("Too slow at night")).await;
    let thread = &objected["thread"];
    assert_eq!(
        (&thread["kind"], &thread["status"], &thread["rating"]),
        (&json!("FEEDBACK"), &json!("OPEN"), &Value::Null)
    );
    assert_eq!(thread["title"], "Objection to revision 1");
    assert_eq!(thread["messages"]["nodes"], json!([{ "body": "Too slow at night" }]));
    let opened = &thread["timeline"]["nodes"][0];
    assert_eq!((&opened["kind"], &opened["detail"]["agreement"]), (&json!("OPENED"), &objected["id"]));
    assert_replays(&app, &thread["number"]).await;

    // Another reason continues the open thread.
    app.pass(TimeDelta::minutes(1));
    let again = decided(&ward, 1, "OBJECT", because("And by day")).await;
    assert_eq!(again["thread"]["id"], thread["id"]);
    assert_eq!(
        again["thread"]["messages"]["nodes"],
        json!([{ "body": "Too slow at night" }, { "body": "And by day" }])
    );
    assert_eq!(again["comment"], "And by day");

    // To agree resolves it, and to object again opens another one.
    let agreed = decided(&ward, 1, "AGREE", json!({})).await;
    assert_eq!((&agreed["thread"]["id"], &agreed["thread"]["status"]), (&thread["id"], &json!("RESOLVED")));
    assert_eq!(agreed["comment"], Value::Null);
    assert_replays(&app, &thread["number"]).await;
    let anew = decided(&ward, 1, "OBJECT", because("And by day")).await;
    assert_ne!(anew["thread"]["id"], thread["id"]);
    assert_eq!(anew["thread"]["status"], "OPEN");

    // To withdraw leaves the thread as it is.
    let withdrawn = decided(&ward, 1, "WITHDRAW", json!({})).await;
    assert_eq!((&withdrawn["state"], &withdrawn["thread"]["status"]), (&json!("WITHDRAWN"), &json!("OPEN")));
    let back = decided(&ward, 1, "OBJECT", because("And by day")).await;
    assert_eq!(back["thread"]["id"], anew["thread"]["id"]);
}

#[tokio::test]
async fn the_thread_of_an_objection_is_one_like_others() {
    let app = App::hospital().await;
    let emergency = ward(&app, "emergency");
    let objected = decided(&emergency, 1, "OBJECT", because("Too slow")).await;
    let number = objected["thread"]["number"].clone();
    assert_eq!(problems(&post(&desk(&app), &number, json!({ "body": "We look at it" })).await), []);
    assert_eq!(problems(&act(&desk(&app), "threadResolve", &number, json!({})).await), []);
    // It is resolved, but the consumer still objects.
    assert_eq!(
        service(&emergency, "agreements { state thread { status } }").await["agreements"],
        json!([{ "state": "OBJECTED", "thread": { "status": "RESOLVED" } }])
    );
    let again = decided(&emergency, 1, "OBJECT", because("Still too slow")).await;
    assert_ne!(again["thread"]["number"], number);
    // Others do not see it, and no rating counts it.
    for other in ["outpatients", "pharmacy"] {
        let query = "{ threads { totalCount } services { nodes { value { perception { count } } } } }";
        assert_eq!(ward(&app, other).get(query).await["threads"]["totalCount"], 0);
    }
    assert_eq!(service(&emergency, "value { perception { count } }").await["value"]["perception"]["count"], 0);
}

#[tokio::test]
async fn an_objection_to_another_revision_has_a_thread_of_its_own() {
    let app = App::hospital().await;
    let (it, ward) = (dsi(&app), ward(&app, "emergency"));
    let first = decided(&ward, 1, "OBJECT", because("Too slow")).await;
    proposed(&it, target(99.95), json!({})).await;
    let second = decided(&ward, 2, "OBJECT", because("Still too slow")).await;
    assert_ne!(first["thread"]["id"], second["thread"]["id"]);
    assert_eq!(second["thread"]["title"], "Objection to revision 2");
    let fields = "agreements { thread { id } } proposedDefinition { agreements { thread { id } } }";
    let seen = service(&ward, fields).await;
    assert_eq!(seen["agreements"][0]["thread"]["id"], first["thread"]["id"]);
    assert_eq!(seen["proposedDefinition"]["agreements"][0]["thread"]["id"], second["thread"]["id"]);
    // To agree to the one does not resolve the other.
    decided(&ward, 2, "AGREE", json!({})).await;
    let seen = service(&ward, "threads { nodes { number status } }").await;
    let states: Vec<&Value> = seen["threads"]["nodes"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(states.iter().filter(|state| **state == "OPEN").count(), 1, "{states:?}");
    // As soon as it is published, it answers the objection to the revision before.
    assert_eq!(problems(&proposal(&it, "definitionPublish", 2, json!({})).await), []);
    let seen = service(&ward, "threads(filter: {status: [OPEN]}) { totalCount }").await;
    assert_eq!(seen["threads"]["totalCount"], 0);
    // The same with terms that are applied, and agreed to afterwards.
    decided(&ward, 2, "OBJECT", because("Slow again")).await;
    it.applied(target(99.97)).await;
    decided(&ward, 3, "AGREE", json!({})).await;
    let seen = service(&ward, "threads(filter: {status: [OPEN]}) { totalCount }").await;
    assert_eq!(seen["threads"]["totalCount"], 0);
}

#[tokio::test]
async fn a_first_decision_confirms_the_relationship() {
    let app = App::hospital().await;
    let written = app.admin().organizations(json!([{ "slug": "supplier", "name": "Supplier" }]), false).await;
    assert_eq!(problems(&written), []);
    let supplier = app.someone("supplier", &[Scope::Read, Scope::DefinitionsWrite]);
    let consumers = json!([{ "organization": { "slug": "emergency" } }]);
    supplier.applied(json!({ "slug": "hosting", "name": "Hosting", "consumers": consumers })).await;
    let confirmed = async || {
        super::kit::of(&supplier, "hosting", "consumers { confirmedAt }").await["consumers"][0]["confirmedAt"].take()
    };
    assert_eq!(confirmed().await, Value::Null);
    let hosting = json!({ "service": { "slug": "hosting" } });
    // What is refused confirms nothing.
    let refused = super::kit::decide(&ward(&app, "emergency"), 2, "AGREE", hosting.clone()).await;
    assert_eq!(problems(&refused), [("NOT_FOUND".to_owned(), "revision".to_owned())]);
    assert_eq!(confirmed().await, Value::Null);
    decided(&ward(&app, "emergency"), 1, "AGREE", hosting).await;
    assert!(confirmed().await.is_string());
}

#[tokio::test]
async fn a_thread_of_a_former_consumer_does_not_prevent_its_return() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let first = decided(&ward(&app, "pharmacy"), 1, "OBJECT", because("No")).await;
    it.applied(of_patients(json!({ "consumers": [{ "organization": { "slug": "pharmacy" }, "remove": true }] }))).await;
    it.applied(of_patients(json!({ "consumers": [{ "organization": { "slug": "pharmacy" } }] }))).await;
    let again = decided(&ward(&app, "pharmacy"), 1, "OBJECT", because("No")).await;
    assert_ne!(again["thread"]["id"], first["thread"]["id"]);
    assert_eq!(again["thread"]["messages"]["nodes"], json!([{ "body": "No" }]));
}

#[tokio::test]
async fn a_redacted_reason_is_gone_from_the_decision_and_its_log() {
    let app = App::hospital().await;
    let asker = app.someone("emergency", &[Scope::Read, Scope::AgreementsWrite, Scope::ThreadsWrite]);
    decided(&asker, 1, "OBJECT", because("Mr Durand waited")).await;
    let objected = decided(&asker, 1, "OBJECT", because("Mrs Dupont waited")).await;
    let query = "query($by: ThreadKey!) { thread(by: $by) { messages { nodes { id } } } }";
    let number = &objected["thread"]["number"];
    let messages = asker.data(query, json!({ "by": { "number": number } })).await["thread"]["messages"]["nodes"].take();
    let edit = json!({ "message": messages[1]["id"], "body": "Someone waited" });
    let edited = crate::threads::message(&asker, "messageEdit", "MessageEditInput", edit).await;
    assert_eq!(problems(&edited), []);
    for message in messages.as_array().unwrap() {
        let redact = json!({ "message": message["id"], "reason": "A name" });
        let redacted = crate::threads::message(&asker, "messageRedact", "MessageRedactInput", redact).await;
        assert_eq!(problems(&redacted), []);
    }
    let seen = service(&asker, "agreements { state comment }").await["agreements"].take();
    assert_eq!(seen, json!([{ "state": "OBJECTED", "comment": null }]));
    let rows = format!("{:?}", app.logged(0).await);
    assert!(!rows.contains("Durand") && !rows.contains("Dupont"));
}
