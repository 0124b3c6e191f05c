//! Threads: a complete story, and its messages.

use chrono::{DateTime, TimeDelta, Utc};
use entente::{
    definition::terms::Escalation,
    policy::Scope,
    thread::{State, event::Happened},
};
use entente_entity::{
    enums::{Severity, ThreadKind, ThreadStatus},
    thread, thread_event,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::{
    app::{App, Asker, problems},
    linking::write,
};

const THREAD: &str = "id number kind title status severity rating
    service { slug } consumer { slug } openedBy { displayName onBehalfOf organization { slug } }
    assignee { role name email } level { level name kind contact { name } }
    subject { __typename ... on Outcome { id key statement } ... on Service { slug } }
    deadlines { acknowledgeBy resolveBy acknowledgeBreached resolveBreached nextRaiseAt }
    openedAt acknowledgedAt resolvedAt closedAt updatedAt
    externalReferences { system type key organization { slug } entity { id } }
    messages { totalCount nodes { id body visibility author { displayName onBehalfOf } createdAt editedAt redactedAt } }
    timeline { totalCount nodes { id kind at detail actor { kind displayName onBehalfOf } } }";

/// A person of a ward with `threads:write`.
pub fn ward<'a>(app: &'a App, slug: &str) -> Asker<'a> {
    app.someone(slug, &[Scope::Read, Scope::ThreadsWrite])
}

/// A person of the IT department with `threads:write`.
pub fn desk(app: &App) -> Asker<'_> {
    app.someone("dsi", &[Scope::Read, Scope::ThreadsWrite])
}

/// Opens a thread; the payload.
pub async fn open(asker: &Asker<'_>, more: Value) -> Value {
    let mut input = json!({
        "kind": "ESCALATION", "service": { "slug": "patient-management" }, "title": "The record is slow",
        "body": "Opening a record takes a minute.", "severity": "HIGH",
    });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    mutate(asker, "threadOpen", "ThreadOpenInput", input).await
}

/// Does something to a thread; the payload.
pub async fn act(asker: &Asker<'_>, mutation: &str, number: &Value, more: Value) -> Value {
    let mut input = json!({ "thread": { "number": number } });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let r#type = if mutation == "threadUpdate" { "ThreadUpdateInput" } else { "ThreadActionInput" };
    mutate(asker, mutation, r#type, input).await
}

async fn mutate(asker: &Asker<'_>, mutation: &str, r#type: &str, input: Value) -> Value {
    let query = format!(
        "mutation($input: {type}!) {{ {mutation}(input: $input) {{ thread {{ {THREAD} }} userErrors {{ code path message }} }} }}"
    );
    asker.data(&query, json!({ "input": input })).await[mutation].take()
}

/// A thread that must have been written.
pub fn thread(payload: &Value) -> &Value {
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    &payload["thread"]
}

/// Writes in a thread; the payload.
pub async fn post(asker: &Asker<'_>, number: &Value, more: Value) -> Value {
    let mut input = json!({ "thread": { "number": number }, "body": "Words." });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    message(asker, "messagePost", "MessagePostInput", input).await
}

/// Changes a message; the payload.
pub async fn message(asker: &Asker<'_>, mutation: &str, r#type: &str, input: Value) -> Value {
    let query = format!(
        "mutation($input: {type}!) {{ {mutation}(input: $input) {{
            message {{ id body visibility editedAt redactedAt createdAt author {{ onBehalfOf }} thread {{ number }}
                externalReferences {{ system key }} }}
            userErrors {{ code path message }} }} }}"
    );
    asker.data(&query, json!({ "input": input })).await[mutation].take()
}

/// The thread as someone sees it; null where they do not.
pub async fn read(asker: &Asker<'_>, by: Value) -> Value {
    let query = format!("query($by: ThreadKey!) {{ thread(by: $by) {{ {THREAD} }} }}");
    asker.data(&query, json!({ "by": by })).await["thread"].take()
}

/// Moves the clock on, and lets the escalation clock look.
pub async fn pass(app: &App, time: TimeDelta) -> u64 {
    app.pass(time);
    app.store.tick().await.unwrap()
}

/// What happened to a thread, in order.
pub fn kinds(thread: &Value) -> Vec<&str> {
    thread["timeline"]["nodes"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

/// Fails where the timeline of a thread, as it is kept, does not replay to its row.
pub async fn assert_replays(app: &App, number: &Value) {
    let number = i32::try_from(number.as_i64().unwrap()).unwrap();
    let own = app.connection().await;
    let row = thread::Entity::find_by_id(number).one(&own).await.unwrap().unwrap();
    let events = thread_event::Entity::find()
        .filter(thread_event::Column::ThreadId.eq(row.id))
        .order_by_asc(thread_event::Column::At)
        .all(&own)
        .await
        .unwrap();
    own.close().await.unwrap();
    let frozen: Option<Escalation> = row.policy.as_deref().map(|policy| serde_json::from_str(policy).unwrap());
    // Where none is frozen, none has been looked at.
    let policy = frozen.clone().unwrap_or_default();
    let timeline: Vec<_> = events
        .iter()
        .filter_map(|event| Happened::read(event.kind, &event.detail, &policy).map(|happened| (happened, event.at)))
        .collect();
    let links = events.iter().filter(|event| event.kind.name().starts_with("REFERENCE_")).count();
    assert_eq!(timeline.len() + links, events.len(), "each event can be read: {events:?}");
    let kept = State { row: row.clone(), policy: frozen };
    // Nothing of the row that the timeline changes; what the opening sets is set to what it is not.
    let blank = thread::Model {
        kind: if row.kind == ThreadKind::Feedback { ThreadKind::Escalation } else { ThreadKind::Feedback },
        severity: if row.severity == Severity::Low { Severity::High } else { Severity::Low },
        opened_at: row.last_at,
        status: ThreadStatus::Open,
        assignee: None,
        level: None,
        deadlines_from: None,
        levels_from: None,
        acknowledge_by: None,
        resolve_by: None,
        acknowledge_breached: false,
        resolve_breached: false,
        acknowledged_at: None,
        resolved_at: None,
        closed_at: None,
        ..row
    };
    assert_eq!(State::replay(blank, timeline.iter().map(|(happened, at)| (happened, *at))), Some(kept));
}

#[tokio::test]
async fn the_record_is_slow_and_nobody_answers_until_the_service_owner_does() {
    let app = App::hospital().await;
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    let zammad = json!({ "system": "zammad", "type": "ticket", "key": "HELP-42", "url": "https://zammad.example/42" });
    let opened =
        open(&ward, json!({ "element": "one-record", "externalReferences": [zammad], "onBehalfOf": "Inès Moreau" }))
            .await;
    let opened = thread(&opened);
    let number = &opened["number"];
    assert_eq!(opened["status"], "OPEN");
    assert_eq!(opened["subject"]["key"], "one-record");
    assert_eq!(opened["openedBy"]["onBehalfOf"], "Inès Moreau");
    assert_eq!(opened["messages"]["nodes"][0]["body"], "Opening a record takes a minute.");
    assert_eq!(opened["deadlines"]["acknowledgeBreached"], false);
    let incident = json!({ "system": "servicenow", "type": "incident", "key": "INC0012345" });
    let posted = post(&desk, number, json!({ "body": "We look at it.", "onBehalfOf": "Paul" })).await;
    assert_eq!(problems(&posted), []);
    let linked = write(&desk, "referenceLink", &opened["id"], incident).await;
    assert_eq!((problems(&linked), &linked["entity"]["id"]), (vec![], &opened["id"]));
    for by in [("zammad", "HELP-42"), ("servicenow", "INC0012345")] {
        for asker in [&ward, &desk] {
            let found = read(asker, json!({ "ref": { "system": by.0, "key": by.1 } })).await;
            assert_eq!(found["id"], opened["id"], "by {by:?}");
        }
    }

    assert_eq!(pass(&app, TimeDelta::minutes(59)).await, 0);
    assert_eq!(pass(&app, TimeDelta::minutes(1)).await, 1, "not acknowledged in an hour");
    assert_eq!(pass(&app, TimeDelta::minutes(60)).await, 1, "raised to the application team");
    let raised = read(&ward, json!({ "number": number })).await;
    assert_eq!(raised["level"]["name"], "Application team");
    assert_eq!(raised["level"]["kind"], "FUNCTIONAL");
    assert_eq!(raised["deadlines"]["acknowledgeBreached"], true);
    assert_eq!(pass(&app, TimeDelta::hours(4)).await, 1, "raised to the service owner");
    assert_eq!(pass(&app, TimeDelta::minutes(30)).await, 0);
    let raised = read(&desk, json!({ "ref": { "system": "zammad", "key": "HELP-42" } })).await;
    assert_eq!(raised["level"]["contact"]["name"], "Claire Fontaine");

    for (mutation, who, status) in [
        ("threadAcknowledge", &desk, "ACKNOWLEDGED"),
        ("threadStart", &desk, "IN_PROGRESS"),
        ("threadResolve", &desk, "RESOLVED"),
        ("threadReopen", &ward, "IN_PROGRESS"),
        ("threadResolve", &desk, "RESOLVED"),
        ("threadClose", &ward, "CLOSED"),
    ] {
        app.pass(TimeDelta::minutes(5));
        let payload = act(who, mutation, number, json!({ "comment": format!("{mutation} it is") })).await;
        assert_eq!(thread(&payload)["status"], status);
        let again = act(who, mutation, number, json!({ "comment": "again" })).await;
        assert_eq!(thread(&again)["timeline"], thread(&payload)["timeline"], "{mutation} again changes nothing");
        assert_eq!(thread(&again)["messages"], thread(&payload)["messages"]);
        assert_eq!(thread(&again)["updatedAt"], thread(&payload)["updatedAt"]);
    }
    let told = read(&ward, json!({ "ref": { "system": "zammad", "type": "ticket", "key": "HELP-42" } })).await;
    assert_eq!(
        kinds(&told),
        [
            "OPENED",
            "REFERENCE_LINKED",
            "REFERENCE_LINKED",
            "ACKNOWLEDGE_BREACHED",
            "RAISED",
            "RAISED",
            "ACKNOWLEDGED",
            "STARTED",
            "RESOLVED",
            "REOPENED",
            "RESOLVED",
            "CLOSED",
        ]
    );
    let events = told["timeline"]["nodes"].as_array().unwrap();
    assert_eq!(events[3]["actor"], json!({ "kind": "SYSTEM", "displayName": "Entente", "onBehalfOf": null }));
    assert_eq!(events[4]["detail"]["level"], 1);
    assert_eq!(events[4]["detail"]["byHand"], false);
    let at: Vec<&str> = events.iter().map(|event| event["at"].as_str().unwrap()).collect();
    assert!(at.is_sorted());
    let bodies: Vec<&str> =
        told["messages"]["nodes"].as_array().unwrap().iter().map(|message| message["body"].as_str().unwrap()).collect();
    assert_eq!(bodies[..3], ["Opening a record takes a minute.", "We look at it.", "threadAcknowledge it is"]);
    assert_eq!(events[6]["detail"]["message"], told["messages"]["nodes"][2]["id"]);
    assert_eq!(pass(&app, TimeDelta::days(30)).await, 0, "the clock leaves what is closed alone");
    assert_replays(&app, number).await;
}

#[tokio::test]
async fn what_was_missed_is_made_up_for_in_order() {
    let app = App::hospital().await;
    let opened = open(&ward(&app, "emergency"), json!({})).await;
    assert_eq!(pass(&app, TimeDelta::days(3)).await, 5);
    let told = read(&desk(&app), json!({ "id": thread(&opened)["id"] })).await;
    assert_eq!(kinds(&told), ["OPENED", "ACKNOWLEDGE_BREACHED", "RAISED", "RAISED", "RESOLVE_BREACHED", "RAISED"]);
    assert_eq!(told["level"]["level"], 3);
    assert_eq!(told["deadlines"]["nextRaiseAt"], Value::Null);
    let events = told["timeline"]["nodes"].as_array().unwrap().iter();
    // Not as texts: one without a fraction sorts behind one with it.
    let at: Vec<DateTime<Utc>> = events.map(|event| event["at"].as_str().unwrap().parse().unwrap()).collect();
    assert!(at.windows(2).all(|two| two[0] < two[1]), "{at:?}");
    assert_replays(&app, &told["number"]).await;
}

#[tokio::test]
async fn whatever_becomes_of_a_thread_its_timeline_replays_to_it() {
    let app = App::hospital().await;
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    let opened = open(&ward, json!({ "kind": "FEEDBACK", "severity": "LOW", "rating": 2 })).await;
    let number = &thread(&opened)["number"];
    assert_replays(&app, number).await;
    let assignee = json!({ "role": "SUPPORT", "name": "Équipe PMS", "email": "pms@chu.example" });
    for (who, mutation, more) in [
        (&desk, "threadAcknowledge", json!({})),
        (&desk, "threadUpdate", json!({ "assignee": assignee })),
        (&ward, "threadUpdate", json!({ "kind": "ESCALATION", "severity": "HIGH" })),
        (&ward, "threadRaise", json!({ "comment": "It does not get better." })),
        (&desk, "threadResolve", json!({})),
        (&ward, "threadReopen", json!({})),
        (&desk, "threadUpdate", json!({ "assignee": null, "severity": "CRITICAL", "title": "Down" })),
        (&desk, "threadStart", json!({})),
        (&ward, "threadClose", json!({})),
        (&ward, "threadReopen", json!({})),
    ] {
        app.pass(TimeDelta::hours(3));
        thread(&act(who, mutation, number, more).await);
        assert_replays(&app, number).await;
    }
    pass(&app, TimeDelta::days(3)).await;
    assert_replays(&app, number).await;
}
