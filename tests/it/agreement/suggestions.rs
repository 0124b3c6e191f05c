//! Suggestions: changes of the terms that threads and objections ask for.

use serde_json::{Value, json};

use super::kit::{decided, dsi, of_patients, proposal, proposed, service, target, ward};
use crate::{
    app::{App, Asker, problems},
    kit::said,
};

const SUGGESTION: &str = "suggestion { adopted changes { action path before after } document(format: JSON) }";
const TARGET: &str = "outcomes/one-record/indicators/record-availability/target";

/// Opens a thread of the emergency ward with a suggestion; the payload.
async fn ask(asker: &Asker<'_>, suggestion: Value) -> Value {
    let input = json!({ "kind": "FEEDBACK", "service": { "slug": "patient-management" }, "title": "T", "body": "B",
        "suggestion": suggestion });
    let query = format!(
        "mutation($input: ThreadOpenInput!) {{ threadOpen(input: $input) {{ thread {{ id number {SUGGESTION} }} userErrors {{ code path message }} }} }}"
    );
    asker.data(&query, json!({ "input": input })).await["threadOpen"].take()
}

async fn suggestion(asker: &Asker<'_>, number: &Value) -> Value {
    let query = format!("query($by: ThreadKey!) {{ thread(by: $by) {{ {SUGGESTION} }} }}");
    asker.data(&query, json!({ "by": { "number": number } })).await["thread"]["suggestion"].take()
}

#[tokio::test]
async fn a_thread_asks_for_a_change_which_is_compared_with_what_is_published_now() {
    let app = App::hospital().await;
    let (it, own) = (dsi(&app), crate::threads::ward(&app, "emergency"));
    let opened = ask(&own, target(99.95)).await;
    assert_eq!(problems(&opened), []);
    let asked = &opened["thread"]["suggestion"];
    let change = |before: f64| json!([{ "action": "UPDATED", "path": TARGET, "before": before, "after": 99.95 }]);
    assert_eq!((&asked["adopted"], &asked["changes"]), (&json!(false), &change(99.9)));
    let document: Value = serde_json::from_str(asked["document"].as_str().unwrap()).unwrap();
    let mut expected = target(99.95);
    expected["kind"] = json!("ServiceDefinition");
    assert_eq!(document, expected);
    let number = &opened["thread"]["number"];
    for asker in [&it, &own] {
        assert_eq!(suggestion(asker, number).await, *asked);
    }
    // Another change of it, and it is compared with that; its adoption; and when there is nothing left of it.
    it.applied(target(99.8)).await;
    assert_eq!(suggestion(&own, number).await["changes"], change(99.8));
    it.applied(target(99.95)).await;
    let found = suggestion(&own, number).await;
    assert_eq!((&found["adopted"], &found["changes"]), (&json!(true), &json!([])));
    it.applied(of_patients(json!({ "outcomes": [{ "key": "one-record", "remove": true }] }))).await;
    let found = suggestion(&own, number).await;
    assert_eq!((&found["adopted"], &found["changes"]), (&json!(false), &json!([])));
    assert_eq!(found["document"], asked["document"]);
    let none = open_without(&own).await;
    assert_eq!(suggestion(&own, &none).await, Value::Null);
}

async fn open_without(asker: &Asker<'_>) -> Value {
    let opened = crate::threads::open(asker, json!({})).await;
    crate::threads::thread(&opened)["number"].clone()
}

#[tokio::test]
async fn a_suggestion_that_is_wrong_opens_no_thread() {
    let app = App::hospital().await;
    let own = crate::threads::ward(&app, "emergency");
    let before = app.rows().await;
    for (wrong, code, path) in [
        (of_patients(json!({})), "INVALID", "suggestion"),
        (target(99.9), "INVALID", "suggestion"),
        (json!({ "slug": "laundry", "summary": "Other" }), "INVALID", "suggestion/slug"),
        (of_patients(json!({ "consumers": [] })), "INVALID", "suggestion/consumers"),
        (
            of_patients(json!({ "offerings": [{ "key": "office-hours", "externalReferences": [] }] })),
            "INVALID",
            "suggestion/offerings/0/externalReferences",
        ),
        (of_patients(json!({ "summary": { "en": "x".repeat(10_001) } })), "TOO_LONG", "suggestion/summary/en"),
        (of_patients(json!({ "provider": { "slug": "nobody" } })), "NOT_FOUND", "suggestion/provider"),
        (
            of_patients(json!({ "outcomes": [{ "key": "one-record", "stage": "nowhere" }] })),
            "INVALID",
            "suggestion/outcomes/0/stage",
        ),
        (of_patients(json!({ "reviewEvery": "1 year" })), "INVALID", "suggestion/reviewEvery"),
        (of_patients(json!({ "locale": "not a language", "summary": "Other" })), "INVALID", "suggestion/locale"),
    ] {
        let refused = ask(&own, wrong.clone()).await;
        assert_eq!(problems(&refused), [(code.to_owned(), path.to_owned())], "{wrong}");
        app.assert_unchanged(&before).await;
    }
}

#[tokio::test]
async fn a_suggestion_is_taken_over_as_it_is_or_altered() {
    let app = App::hospital().await;
    let (it, own) = (dsi(&app), crate::threads::ward(&app, "emergency"));
    // Plain strings, new elements, renamed and removed ones.
    let document = of_patients(json!({
        "locale": "fr",
        "summary": "Autrement dit.",
        "outcomes": [{ "key": "whole-record", "renamedFrom": "one-record" }, { "key": "paper-habits", "remove": true }],
        "costs": [{ "key": "parking", "statement": "Le parking", "effect": "REMOVED" }],
        "provider": { "slug": "dsi" },
    }));
    let opened = ask(&own, document).await;
    assert_eq!(problems(&opened), []);
    let (thread, asked) = (&opened["thread"], &opened["thread"]["suggestion"]);
    let paths: Vec<&str> =
        asked["changes"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert!(
        paths.contains(&"summary/fr") && paths.contains(&"costs/parking") && paths.contains(&"outcomes/paper-habits"),
        "{paths:?}"
    );
    let mut taken: Value = serde_json::from_str(asked["document"].as_str().unwrap()).unwrap();
    taken.as_object_mut().unwrap().remove("kind");
    let revision = proposed(&it, taken, json!({ "resolves": [{ "id": thread["id"] }] })).await;
    let changes = service(&it, "proposedDefinition { changes { path } }").await["proposedDefinition"]["changes"].take();
    let found: Vec<&str> = changes.as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert!(found.contains(&"summary/fr") && found.contains(&"costs/parking"), "{found:?}");
    assert_eq!(problems(&proposal(&it, "definitionPublish", revision, json!({})).await), []);
    let found = suggestion(&own, &thread["number"]).await;
    assert_eq!((&found["adopted"], &found["changes"]), (&json!(true), &json!([])), "{found:#}");
    assert_eq!(crate::threads::read(&own, json!({ "number": thread["number"] })).await["status"], "RESOLVED");
}

#[tokio::test]
async fn only_its_consumer_and_the_provider_see_a_suggestion() {
    let app = App::hospital().await;
    let before = app.rows().await.count("change");
    let objected =
        decided(&ward(&app, "emergency"), 1, "OBJECT", json!({ "comment": "No", "suggestion": target(99.95) })).await;
    let id = &objected["thread"]["id"];
    let query = "query($id: ID!) { node(id: $id) { ... on Thread { suggestion { document } } } }";
    for (asker, sees) in [
        (dsi(&app), true),
        (ward(&app, "emergency"), true),
        (ward(&app, "pharmacy"), false),
        (ward(&app, "finance"), false),
    ] {
        let node = asker.data(query, json!({ "id": id })).await["node"].take();
        assert_eq!(node["suggestion"]["document"].is_string(), sees, "{node}");
    }
    let logged = app.logged(before).await;
    let with = logged.iter().filter(|change| change.fields.0.iter().any(|field| field.name == "suggestion"));
    let told: Vec<String> = with.map(|change| format!("{} {:?}", said(change), change.audience.unwrap())).collect();
    assert_eq!(told, ["Created Thread Thread"]);
}

#[tokio::test]
async fn another_suggestion_opens_another_thread() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency");
    let first = decided(&ward, 1, "OBJECT", json!({ "comment": "No", "suggestion": target(99.95) })).await;
    let before = app.rows().await;
    let again = decided(&ward, 1, "OBJECT", json!({ "comment": "No", "suggestion": target(99.95) })).await;
    assert_eq!(again, first, "the same again changes nothing");
    app.assert_unchanged(&before).await;
    let second = decided(&ward, 1, "OBJECT", json!({ "comment": "No", "suggestion": target(99.96) })).await;
    assert_ne!(first["thread"]["id"], second["thread"]["id"]);
    assert_eq!(second["thread"]["suggestion"]["changes"][0]["after"], 99.96);
    decided(&ward, 1, "AGREE", json!({})).await;
    let open = service(&ward, "threads(filter: {status: [OPEN, ACKNOWLEDGED, IN_PROGRESS]}) { totalCount }").await;
    assert_eq!(open["threads"]["totalCount"], 0, "neither the one that was replaced nor the last one");
}
