//! What the wards of the world raise about `care`: one escalation and one feedback each, with all that can be in them.

use entente::policy::Scope;
use serde_json::{Value, json};

use super::{powerful, reference, slug};
use crate::{
    app::App,
    linking::write,
    threads::{act, message, open, post, thread},
};

/// Opens both, and does to them what can be done.
pub async fn raise(app: &App, ward: &str) {
    let scopes = [Scope::Read, Scope::ThreadsWrite];
    let (own, desk) = (app.someone(&slug(ward), &scopes), app.someone(&slug("dsi"), &scopes));
    let canary = |what: &str| format!("canary-{what}-{ward}");
    let about = |kind: &str| {
        json!({ "kind": kind, "service": { "slug": slug("care") }, "element": "outcome", "title": canary("thread"),
            "body": canary("said"), "onBehalfOf": canary("behalf") })
    };
    let mut escalation = about("ESCALATION");
    escalation["externalReferences"] = json!([reference(&format!("{ward}-thread"))]);
    let opened = open(&own, escalation).await;
    let (id, number) = (&thread(&opened)["id"], &thread(&opened)["number"]);
    thread(&act(&desk, "threadRaise", number, json!({})).await);
    let assignee = json!({ "assignee": { "role": "SUPPORT", "name": canary("assigned") } });
    thread(&act(&desk, "threadUpdate", number, assignee).await);
    let linked = write(&desk, "referenceLink", id, reference(&format!("dsi-on-thread-of-{ward}"))).await;
    assert_eq!(linked["userErrors"], json!([]));
    let said =
        |text: &str| json!({ "body": canary(text), "externalReferences": [reference(&format!("{ward}-{text}"))] });
    let edited = written(post(&own, number, said("said-first")).await);
    let more = json!({ "message": edited, "body": canary("said-better") });
    written(message(&own, "messageEdit", "MessageEditInput", more).await);
    let redacted = written(post(&own, number, json!({ "body": "gone" })).await);
    let more = json!({ "message": redacted, "reason": "gone" });
    written(message(&own, "messageRedact", "MessageRedactInput", more).await);
    let note = json!({ "body": canary("note"), "visibility": "INTERNAL", "externalReferences": [reference(&format!("dsi-on-note-of-{ward}"))] });
    written(post(&desk, number, note).await);

    let mut feedback = about("FEEDBACK");
    feedback["rating"] = json!(if ward == "ward-a" { 3 } else { 5 });
    let opened = open(&own, feedback).await;
    let number = &thread(&opened)["number"];
    thread(&act(&desk, "threadResolve", number, json!({})).await);
    thread(&act(&powerful(app, ward), "threadClose", number, json!({ "comment": canary("closed") })).await);
}

/// The id of a message that must have been written.
fn written(payload: Value) -> Value {
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload["message"]["id"].clone()
}
