//! Who sees and does what in threads: a consumer its own, the provider all, and of internal messages no consumer
//! anything.

use chrono::TimeDelta;
use entente::policy::Scope;
use serde_json::{Value, json};

use crate::{
    app::{App, Asker, problems},
    threads::{act, desk, message, open, pass, post, read, thread, ward},
};

/// All that someone can learn of threads, as one text.
async fn everything(asker: &Asker<'_>, thread: &Value) -> String {
    let (id, number) = (&thread["id"], &thread["number"]);
    let fields = "id number title status updatedAt deadlines { nextRaiseAt }
        messages(first: 50) { totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id body externalReferences { key } } } }
        last: messages(last: 3) { nodes { body } pageInfo { hasPreviousPage } }
        timeline(first: 50) { totalCount edges { cursor node { id kind at detail } } } externalReferences { key }";
    let query = format!(
        "query($id: ID!, $key: String!) {{
            one: thread(by: {{number: {number}}}) {{ {fields} }}
            node(id: $id) {{ ... on Thread {{ {fields} }} }}
            called: threads(filter: {{ref: {{system: \"tool\", key: $key}}}}) {{ totalCount nodes {{ {fields} }} }}
            lists: threads(orderBy: {{field: UPDATED_AT}}) {{ totalCount edges {{ cursor }} nodes {{ id updatedAt }} }}
            said: threads(filter: {{text: \"canary\"}}) {{ totalCount }}
            search(text: \"canary\") {{ totalCount nodes {{ snippet }} }}
            service(by: {{slug: \"patient-management\"}}) {{ updatedAt threads {{ totalCount }}
                value {{ perception {{ count average distribution }} }} externalReferences {{ key }} }}
        }}"
    );
    asker.ask(&query, json!({ "id": id, "key": "canary-key" })).await.to_string()
}

#[tokio::test]
async fn no_consumer_learns_of_what_is_internal_in_any_way() {
    let app = App::hospital().await;
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    let opened = open(&ward, json!({})).await;
    let opened = thread(&opened).clone();
    post(&desk, &opened["number"], json!({ "body": "We look at it." })).await;
    let before = everything(&ward, &opened).await;
    let said = json!({
        "body": "canary: it is the switch again", "visibility": "INTERNAL",
        "externalReferences": [{ "system": "tool", "key": "canary-key" }],
    });
    let internal = post(&desk, &opened["number"], said.clone()).await;
    assert_eq!(problems(&internal), []);
    let id = internal["message"]["id"].clone();
    app.pass(TimeDelta::seconds(5));
    assert_eq!(everything(&ward, &opened).await, before, "nothing moved");
    let edit = json!({ "message": id, "body": "canary: it is the router" });
    assert_eq!(problems(&message(&desk, "messageEdit", "MessageEditInput", edit.clone()).await), []);
    assert_eq!(everything(&ward, &opened).await, before, "nothing moved");
    assert!(everything(&desk, &opened).await.contains("canary: it is the router"));
    assert!(everything(&desk, &opened).await.contains("canary-key"));

    // What is asked for by its id answers as what does not exist.
    let absent = json!("message_01jd0000000000000000000000");
    for asker in [&ward, &crate::threads::ward(&app, "pharmacy")] {
        for (mutation, r#type, input) in [
            ("messageEdit", "MessageEditInput", edit.clone()),
            ("messageRedact", "MessageRedactInput", json!({ "message": id, "reason": "no" })),
        ] {
            let mut other = input.clone();
            other["message"] = absent.clone();
            let (unseen, nothing) =
                (message(asker, mutation, r#type, input).await, message(asker, mutation, r#type, other).await);
            assert_eq!(unseen, nothing);
            assert_eq!(problems(&unseen), [("NOT_FOUND".into(), "message".into())]);
        }
        let node = asker.data("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(node["node"], Value::Null);
    }
    let refused = post(&ward, &opened["number"], json!({ "visibility": "INTERNAL" })).await;
    assert_eq!(problems(&refused), [("FORBIDDEN".into(), "visibility".into())]);
    // The next shared message is in its place, and its cursor reveals nothing.
    post(&ward, &opened["number"], json!({ "body": "Thank you." })).await;
    let told = read(&ward, json!({ "id": opened["id"] })).await;
    assert_eq!(told["messages"]["totalCount"], 3);
    assert_eq!(told["messages"]["nodes"][2]["body"], "Thank you.");
}

#[tokio::test]
async fn a_consumer_sees_its_own_threads_while_it_is_one() {
    let app = App::hospital().await;
    let (emergency, pharmacy, finance) = (ward(&app, "emergency"), ward(&app, "pharmacy"), ward(&app, "finance"));
    let key = json!([{ "system": "tool", "key": "canary-key" }]);
    let more =
        json!({ "title": "canary of the emergency ward", "kind": "FEEDBACK", "rating": 2, "externalReferences": key });
    let opened = open(&emergency, more).await;
    let opened = thread(&opened).clone();
    assert!(everything(&emergency, &opened).await.contains("canary of the emergency ward"));
    assert!(everything(&desk(&app), &opened).await.contains("canary of the emergency ward"));
    for other in [&pharmacy, &finance] {
        let seen = everything(other, &opened).await;
        assert!(
            !seen.contains("canary") && !seen.contains("\"totalCount\":1") && !seen.contains("\"count\":1"),
            "{seen}"
        );
        for mutation in ["threadAcknowledge", "threadClose", "threadRaise", "threadUpdate"] {
            let unseen = act(other, mutation, &opened["number"], json!({})).await;
            assert_eq!(unseen, act(other, mutation, &json!(999_999), json!({})).await);
            assert_eq!(problems(&unseen), [("NOT_FOUND".into(), "thread".into())]);
        }
        let unseen = post(other, &opened["number"], json!({})).await;
        assert_eq!(unseen, post(other, &json!(999_999), json!({})).await);
    }
    let gone = json!({ "slug": "patient-management", "consumers": [{ "organization": { "slug": "emergency" }, "remove": true }] });
    app.provider().applied(gone).await;
    assert_eq!(read(&emergency, json!({ "id": opened["id"] })).await, Value::Null);
    assert_eq!(
        problems(&post(&emergency, &opened["number"], json!({})).await),
        [("NOT_FOUND".into(), "thread".into())]
    );
    assert_eq!(read(&desk(&app), json!({ "id": opened["id"] })).await["rating"], 2);
}

#[tokio::test]
async fn a_key_of_what_one_may_not_see_answers_as_one_that_names_nothing() {
    let app = App::hospital().await;
    let (emergency, desk) = (ward(&app, "emergency"), desk(&app));
    let called = |key: &str| json!([{ "system": "tool", "type": "t", "key": key }]);
    let opened = open(&emergency, json!({ "externalReferences": called("of-thread") })).await;
    let number = &thread(&opened)["number"];
    let said =
        [(&emergency, "SHARED", "of-shared"), (&desk, "SHARED", "of-answer"), (&desk, "INTERNAL", "of-internal")];
    for (who, visibility, key) in said {
        let more = json!({ "visibility": visibility, "externalReferences": called(key) });
        assert_eq!(problems(&post(who, number, more).await), []);
    }
    let keys = ["of-thread", "of-shared", "of-answer", "of-internal"];
    let lookup = async |asker: &Asker<'_>, key: &str, class: Value| {
        let query = "query($key: String!, $type: String) {
            lookup(ref: {system: \"tool\", type: $type, key: $key}) { __typename id ... on Thread { title } ... on Message { body } } }";
        asker.ask(query, json!({ "key": key, "type": class })).await
    };
    for class in [json!("t"), Value::Null] {
        for key in keys {
            let found = lookup(&desk, key, class.clone()).await;
            assert_eq!(found["data"]["lookup"].as_array().map(Vec::len), Some(1), "{key}: {found}");
            let found = lookup(&emergency, key, class.clone()).await;
            assert_eq!(found["data"]["lookup"].as_array().map(Vec::len), Some(usize::from(key != "of-internal")));
        }
        let reading = [Scope::Read, Scope::ThreadsWrite];
        for scopes in [
            &[][..],
            &[Scope::CmdbRead],
            &[Scope::DefinitionsWrite],
            &[Scope::OrganizationsWrite],
            &reading[..1],
            &reading[1..],
            &[Scope::Read, Scope::ThreadsWrite, Scope::DefinitionsWrite, Scope::CmdbRead],
        ] {
            let may_read_threads = scopes.iter().any(|scope| reading.contains(scope));
            for who in ["pharmacy", "finance", "emergency", "dsi", "nobody-here"] {
                let unseen: &[&str] = match who {
                    "dsi" if may_read_threads => &[],
                    "emergency" if may_read_threads => &["of-internal"],
                    _ => &keys,
                };
                let asker = app.someone(who, scopes);
                let nothing = lookup(&asker, "of-nothing", class.clone()).await.to_string();
                for key in unseen {
                    let answer = lookup(&asker, key, class.clone()).await.to_string();
                    assert_eq!(answer, nothing, "{who} with {scopes:?} by {key}");
                }
            }
        }
    }
}

#[tokio::test]
async fn writing_takes_the_scope_and_reading_either() {
    let app = App::hospital().await;
    let opened = open(&ward(&app, "emergency"), json!({})).await;
    let number = thread(&opened)["number"].clone();
    let reader = app.ward("emergency");
    assert_eq!(problems(&open(&reader, json!({})).await), [("FORBIDDEN".into(), String::new())]);
    assert_eq!(problems(&act(&reader, "threadClose", &number, json!({})).await), [("FORBIDDEN".into(), String::new())]);
    assert_eq!(problems(&post(&reader, &number, json!({})).await), [("FORBIDDEN".into(), String::new())]);
    let writer = app.someone("emergency", &[Scope::ThreadsWrite]);
    let own = open(&writer, json!({ "title": "Written by a tool that cannot read" })).await;
    assert_eq!(thread(&own)["service"]["slug"], "patient-management");
    let none = app.someone("emergency", &[Scope::DefinitionsWrite]);
    let answer = none.ask("{ threads { totalCount } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    let answer = app.nobody().ask("{ threads { totalCount } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
}

#[tokio::test]
async fn each_side_does_what_is_its_to_do() {
    let app = App::hospital().await;
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    let opened = open(&ward, json!({})).await;
    let number = thread(&opened)["number"].clone();
    for mutation in ["threadAcknowledge", "threadStart", "threadResolve"] {
        assert_eq!(problems(&act(&ward, mutation, &number, json!({})).await), [("FORBIDDEN".into(), "thread".into())]);
    }
    let assignee = json!({ "assignee": { "role": "SUPPORT", "name": "Équipe PMS" } });
    let refused = act(&ward, "threadUpdate", &number, assignee.clone()).await;
    assert_eq!(problems(&refused), [("FORBIDDEN".into(), "assignee".into())]);
    assert_eq!(
        problems(&act(&desk, "threadClose", &number, json!({})).await),
        [("INVALID_STATE".into(), "thread".into())]
    );
    assert_eq!(
        problems(&act(&desk, "threadReopen", &number, json!({})).await),
        [("INVALID_STATE".into(), "thread".into())]
    );
    let assigned = act(&desk, "threadUpdate", &number, assignee).await;
    assert_eq!(thread(&assigned)["assignee"]["name"], "Équipe PMS");
    let taken =
        act(&desk, "threadUpdate", &number, json!({ "assignee": null, "severity": "CRITICAL", "title": "Down" })).await;
    assert_eq!(thread(&taken)["assignee"], Value::Null);
    assert_eq!((&thread(&taken)["severity"], &thread(&taken)["title"]), (&json!("CRITICAL"), &json!("Down")));
    let required = act(&desk, "threadUpdate", &number, json!({ "title": null, "severity": null, "kind": null })).await;
    assert_eq!(problems(&required).iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), ["REQUIRED"; 3]);
    let back = act(&ward, "threadUpdate", &number, json!({ "kind": "FEEDBACK" })).await;
    assert_eq!(problems(&back), [("INVALID".into(), "kind".into())]);
    assert_eq!(thread(&act(&ward, "threadRaise", &number, json!({})).await)["level"]["level"], 1);
    assert_eq!(thread(&act(&ward, "threadRaise", &number, json!({})).await)["level"]["level"], 2);
    assert_eq!(thread(&act(&desk, "threadRaise", &number, json!({})).await)["level"]["level"], 3);
    assert_eq!(
        problems(&act(&desk, "threadRaise", &number, json!({})).await),
        [("INVALID_STATE".into(), "thread".into())]
    );
    assert_eq!(pass(&app, TimeDelta::days(2)).await, 2, "two breaches, and no level twice");
    let closed = act(&ward, "threadClose", &number, json!({})).await;
    assert_eq!(thread(&closed)["resolvedAt"], thread(&closed)["closedAt"]);
    let refused = act(&desk, "threadUpdate", &number, json!({ "severity": "LOW" })).await;
    assert_eq!(problems(&refused), [("INVALID_STATE".into(), "severity".into())]);
}

#[tokio::test]
async fn a_provider_opens_for_a_consumer_and_nobody_for_another() {
    let app = App::hospital().await;
    let for_it = json!({ "consumer": { "slug": "pharmacy" }, "onBehalfOf": "Paul Nguyen" });
    let opened = open(&desk(&app), for_it.clone()).await;
    assert_eq!(thread(&opened)["consumer"]["slug"], "pharmacy");
    assert_eq!(thread(&opened)["openedBy"]["organization"]["slug"], "dsi");
    assert_ne!(read(&ward(&app, "pharmacy"), json!({ "id": thread(&opened)["id"] })).await, Value::Null);
    let unseen = open(&ward(&app, "emergency"), for_it).await;
    let nothing = open(&ward(&app, "emergency"), json!({ "consumer": { "slug": "nothing-here" } })).await;
    assert_eq!(unseen, nothing);
    assert_eq!(problems(&unseen), [("NOT_FOUND".into(), "consumer".into())]);
    assert_eq!(problems(&open(&desk(&app), json!({})).await), [("REQUIRED".into(), "consumer".into())]);
    let no_consumer = open(&desk(&app), json!({ "consumer": { "slug": "finance" } })).await;
    assert_eq!(problems(&no_consumer), [("INVALID".into(), "consumer".into())]);
    assert_eq!(problems(&open(&ward(&app, "finance"), json!({})).await), [("NOT_FOUND".into(), "service".into())]);
}
