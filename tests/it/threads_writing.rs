//! Writing in threads: what is refused, tickets, redaction, and several who write at once.

use chrono::TimeDelta;
use entente::{api::Api, store::Store};
use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value, json};

use crate::{
    app::{App, problems, run},
    threads::{act, assert_replays, desk, message, open, post, read, thread, ward},
};

/// Every text that the database holds, of every table, as one text.
async fn dump(app: &App) -> String {
    let database = Database::connect(&app.url).await.unwrap();
    let mut all = String::new();
    for (table, columns) in [
        ("thread", "title"),
        ("message", "body"),
        ("thread_event", "detail"),
        ("change", "fields"),
        ("passage", "text || words"),
        ("idempotency", "request || outcome"),
        ("external_reference", "key"),
    ] {
        let sql = format!("SELECT CAST({columns} AS TEXT) FROM {table}");
        for row in database.query_all_raw(Statement::from_string(database.get_database_backend(), sql)).await.unwrap() {
            all.push_str(&row.try_get_by_index::<Option<String>>(0).unwrap().unwrap_or_default());
            all.push('\n');
        }
    }
    database.close().await.unwrap();
    all
}

#[tokio::test]
async fn bad_input_is_refused_with_its_path_and_changes_nothing() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency");
    let before = dump(&app).await;
    for (input, code, path) in [
        (json!({ "title": " " }), "INVALID", "title"),
        (json!({ "title": "x".repeat(201) }), "TOO_LONG", "title"),
        (json!({ "title": "one\nline" }), "INVALID", "title"),
        (json!({ "body": "" }), "INVALID", "body"),
        (json!({ "body": "é".repeat(50_001) }), "TOO_LONG", "body"),
        (json!({ "body": "a\u{0}b" }), "INVALID", "body"),
        (json!({ "kind": "FEEDBACK", "rating": 6 }), "INVALID", "rating"),
        (json!({ "kind": "FEEDBACK", "rating": 0 }), "INVALID", "rating"),
        (json!({ "rating": 3 }), "INVALID", "rating"),
        (json!({ "element": "no-such-element" }), "NOT_FOUND", "element"),
        (json!({ "element": "" }), "NOT_FOUND", "element"),
        (json!({ "service": { "slug": "nothing-here" } }), "NOT_FOUND", "service"),
        (json!({ "service": { "id": "nonsense" } }), "NOT_FOUND", "service"),
        (json!({ "consumer": { "slug": "pharmacy" } }), "NOT_FOUND", "consumer"),
        (json!({ "onBehalfOf": "one\nline" }), "INVALID", "onBehalfOf"),
        (
            json!({ "externalReferences": [{ "system": "tool", "key": "1" }, { "system": "No", "key": "1" }] }),
            "INVALID",
            "externalReferences/1/system",
        ),
    ] {
        let refused = open(&ward, input.clone()).await;
        assert_eq!(problems(&refused), [(code.to_owned(), path.to_owned())], "{input}");
        assert_eq!(refused["thread"], Value::Null);
    }
    let several = open(&ward, json!({ "title": "", "body": "", "rating": 9, "element": "none" })).await;
    assert_eq!(problems(&several).len(), 4);
    assert_eq!(dump(&app).await, before);
    assert_eq!(thread(&open(&ward, json!({ "body": "é".repeat(50_000) })).await)["number"], 1, "no number was used");
}

#[tokio::test]
async fn a_text_that_may_be_left_out_and_is_blank_is_none() {
    let app = App::hospital().await;
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    let opened = open(&ward, json!({ "onBehalfOf": " " })).await;
    let number = thread(&opened)["number"].clone();
    let act = "mutation($input: ThreadActionInput!) { threadAcknowledge(input: $input) { userErrors { code } \
               thread { status messages(first: 5) { totalCount nodes { author { onBehalfOf } } } } } }";
    let input = json!({ "thread": { "number": number }, "comment": "", "onBehalfOf": "" });
    let acted = desk.data(act, json!({ "input": input })).await["threadAcknowledge"].clone();
    let messages = json!({ "totalCount": 1, "nodes": [{ "author": { "onBehalfOf": null } }] });
    let expected = json!({ "userErrors": [], "thread": { "status": "ACKNOWLEDGED", "messages": messages } });
    assert_eq!(acted, expected);
}

#[tokio::test]
async fn a_ticket_names_its_threads() {
    let app = App::hospital().await;
    let (emergency, pharmacy, desk) = (ward(&app, "emergency"), ward(&app, "pharmacy"), desk(&app));
    let ticket =
        |key: &str| json!({ "externalReferences": [{ "system": "servicenow", "type": "incident", "key": key }] });
    let for_it = |consumer: &str, key: &str| {
        let mut input = ticket(key);
        input["consumer"] = json!({ "slug": consumer });
        input
    };
    let first = open(&desk, for_it("emergency", "INC1")).await;
    let first = thread(&first).clone();
    let before = dump(&app).await;
    let again = open(&desk, for_it("emergency", "INC1")).await;
    assert_eq!(thread(&again)["id"], first["id"]);
    assert_eq!(dump(&app).await, before, "the second opening wrote nothing");
    // The same ticket of another ward, about an element, or of another organization's tool is another thread.
    let other = open(&desk, for_it("pharmacy", "INC1")).await;
    let other = thread(&other).clone();
    let mut element = for_it("emergency", "INC1");
    element["element"] = json!("one-record");
    assert_ne!(thread(&open(&desk, element).await)["id"], first["id"]);
    let own = open(&emergency, ticket("INC1")).await;
    assert_ne!(thread(&own)["id"], first["id"]);

    let by = json!({ "ref": { "system": "servicenow", "key": "INC1" } });
    let several = desk.ask("query($by: ThreadKey!) { thread(by: $by) { id } }", json!({ "by": by })).await;
    assert_eq!(several["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    assert_eq!(several["data"]["thread"], Value::Null);
    assert_eq!(read(&emergency, by.clone()).await["id"], thread(&own)["id"], "its own organization's first");
    assert_eq!(read(&pharmacy, by.clone()).await["id"], other["id"], "what the provider calls it");
    let listed = desk.get(r#"{ threads(filter: {ref: {system: "servicenow", key: "INC1"}}) { totalCount } }"#).await;
    assert_eq!(listed["threads"]["totalCount"], 4);
    let listed =
        pharmacy.get(r#"{ threads(filter: {ref: {system: "servicenow", key: "INC1"}}) { totalCount } }"#).await;
    assert_eq!(listed["threads"]["totalCount"], 1);
    let ambiguous = {
        let input = json!({ "thread": { "ref": { "system": "servicenow", "key": "INC1" } } });
        let query = "mutation($input: ThreadActionInput!) { threadAcknowledge(input: $input) { userErrors { code path message } } }";
        desk.data(query, json!({ "input": input })).await["threadAcknowledge"].take()
    };
    assert_eq!(problems(&ambiguous), [("INVALID".into(), "thread".into())]);
    // The ticket of feedback: its kind is not compared, nor its type if none is given.
    let mut feedback = for_it("pharmacy", "INC2");
    (feedback["kind"], feedback["rating"]) = (json!("FEEDBACK"), json!(2));
    let feedback = open(&desk, feedback).await;
    let mut escalation = for_it("pharmacy", "INC2");
    escalation["externalReferences"][0].as_object_mut().unwrap().remove("type");
    let same = open(&desk, escalation).await;
    assert_eq!((&thread(&same)["id"], &thread(&same)["kind"]), (&thread(&feedback)["id"], &json!("FEEDBACK")));
    let converted = act(&desk, "threadUpdate", &thread(&same)["number"], json!({ "kind": "ESCALATION" })).await;
    assert_eq!(thread(&converted)["kind"], "ESCALATION");
    // Once it is resolved, the ticket opens another.
    act(&desk, "threadResolve", &first["number"], json!({})).await;
    let next = open(&desk, for_it("emergency", "INC1")).await;
    assert_ne!(thread(&next)["id"], first["id"]);
    assert!(thread(&next)["number"].as_i64() > first["number"].as_i64());
}

/// On several replicas at the same time, and after the last one has stopped.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn numbers_rise_and_are_never_used_twice() {
    let app = App::hospital().await;
    let caller = ward(&app, "emergency").caller;
    let open_on = async |store: Store| {
        let (api, mut numbers) = (Api::new(store), Vec::new());
        for n in 0..10 {
            let query = format!(
                "mutation {{ threadOpen(input: {{kind: FEEDBACK, service: {{slug: \"patient-management\"}}, title: \"{n}\", body: \"{n}\"}}) {{ thread {{ number }} }} }}"
            );
            let answer = run(&api, &query, json!({}), caller.clone()).await;
            let answer = serde_json::to_value(answer).unwrap();
            numbers.push(answer["data"]["threadOpen"]["thread"]["number"].as_i64().unwrap());
        }
        numbers
    };
    let replicas = [app.replica().await, app.replica().await, app.replica().await];
    let numbers = futures_util::future::join_all(replicas.map(open_on)).await;
    assert!(numbers.iter().all(|own| own.is_sorted_by(|one, next| one < next)), "{numbers:?}");
    let all: std::collections::BTreeSet<i64> = numbers.iter().flatten().copied().collect();
    assert_eq!(all.len(), 30, "{numbers:?}");
    let last = all.last().unwrap();
    let own = app.connection().await;
    for table in ["message", "thread_event"] {
        let gone = format!("DELETE FROM {table} WHERE thread_id = (SELECT id FROM thread WHERE number = {last})");
        own.execute_unprepared(&gone).await.unwrap();
    }
    own.execute_unprepared(&format!("DELETE FROM thread WHERE number = {last}")).await.unwrap();
    let next = open(&ward(&app, "emergency"), json!({ "kind": "FEEDBACK" })).await;
    assert!(thread(&next)["number"].as_i64().unwrap() > *last, "{next}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_ticket_that_comes_twice_at_once_opens_one_thread() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency");
    let ticket = json!({ "externalReferences": [{ "system": "zammad", "key": "HELP-1" }] });
    let all = futures_util::future::join_all((0..8).map(|_| open(&ward, ticket.clone()))).await;
    assert!(all.iter().all(|payload| thread(payload)["id"] == thread(&all[0])["id"]));
    assert_eq!(ward.get("{ threads { totalCount } }").await["threads"]["totalCount"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn of_actions_at_once_none_is_lost() {
    let app = App::hospital().await;
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    let opened = open(&ward, json!({})).await;
    let number = thread(&opened)["number"].clone();
    let posts = (0..10).map(async |n| post(&ward, &number, json!({ "body": format!("message {n}") })).await);
    let raises = (0..3).map(async |_| act(&desk, "threadRaise", &number, json!({})).await);
    let starts = (0..5).map(async |_| act(&desk, "threadStart", &number, json!({})).await);
    let (posts, raises, starts) = tokio::join!(
        futures_util::future::join_all(posts),
        futures_util::future::join_all(raises),
        futures_util::future::join_all(starts),
    );
    assert!(posts.iter().chain(&raises).chain(&starts).all(|payload| problems(payload).is_empty()));
    let mut levels: Vec<i64> =
        raises.iter().map(|payload| thread(payload)["level"]["level"].as_i64().unwrap()).collect();
    levels.sort_unstable();
    assert_eq!(levels.last(), Some(&3), "{levels:?}");
    let told = read(&ward, json!({ "number": number })).await;
    assert_eq!(told["messages"]["totalCount"], 11);
    assert_eq!(told["timeline"]["totalCount"], 5, "opened, raised three times, started once");
    assert_eq!(told["level"]["level"], 3);
    let events = told["timeline"]["nodes"].as_array().unwrap();
    let raised: Vec<_> = events
        .iter()
        .filter(|event| event["kind"] == "RAISED")
        .map(|event| event["detail"]["level"].as_i64())
        .collect();
    assert_eq!(raised, [Some(1), Some(2), Some(3)]);
    assert_replays(&app, &number).await;
}

#[tokio::test]
async fn a_redaction_leaves_no_trace() {
    let app = App::hospital().await;
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    let secret = "Jeanne Dupont, born 1950, bed 12";
    let opened = open(&ward, json!({})).await;
    let number = thread(&opened)["number"].clone();
    let posted = post(&ward.clone().once("one key"), &number, json!({ "body": secret })).await;
    let id = posted["message"]["id"].clone();
    let edited =
        message(&ward, "messageEdit", "MessageEditInput", json!({ "message": id, "body": format!("{secret}!") })).await;
    assert_ne!(edited["message"]["editedAt"], Value::Null);
    assert!(dump(&app).await.contains("Jeanne"));
    let redact = json!({ "message": id, "reason": "a patient's name" });
    let refused = message(&desk, "messageRedact", "MessageRedactInput", redact.clone()).await;
    assert_eq!(problems(&refused), [("FORBIDDEN".into(), "message".into())]);
    let refused = message(&ward, "messageRedact", "MessageRedactInput", json!({ "message": id, "reason": "" })).await;
    assert_eq!(problems(&refused), [("INVALID".into(), "reason".into())]);
    let redacted = message(&ward, "messageRedact", "MessageRedactInput", redact.clone()).await;
    assert_eq!(redacted["message"]["body"], "");
    assert_ne!(redacted["message"]["redactedAt"], Value::Null);
    let all = dump(&app).await;
    assert!(!all.contains("Jeanne") && !all.contains("jeanne") && !all.contains("Dupont"), "{all}");
    assert!(all.contains("a patient's name"));
    for text in ["jeanne", "dupont"] {
        let query = format!(
            "{{ search(text: {text:?}) {{ totalCount }} threads(filter: {{text: {text:?}}}) {{ totalCount }} }}"
        );
        let found = desk.get(&query).await;
        assert_eq!((&found["search"]["totalCount"], &found["threads"]["totalCount"]), (&json!(0), &json!(0)));
    }
    let again = message(&ward, "messageRedact", "MessageRedactInput", redact).await;
    assert_eq!(again["message"]["redactedAt"], redacted["message"]["redactedAt"]);
    let edit = message(&ward, "messageEdit", "MessageEditInput", json!({ "message": id, "body": "back" })).await;
    assert_eq!(problems(&edit), [("INVALID_STATE".into(), "message".into())]);
    // An admin redacts anyone's.
    let other = post(&desk, &number, json!({ "body": secret })).await;
    let redact = json!({ "message": other["message"]["id"], "reason": "a patient's name" });
    let redacted = message(&app.admin(), "messageRedact", "MessageRedactInput", redact).await;
    assert_eq!(problems(&redacted), []);
    assert!(!dump(&app).await.contains("Jeanne"));
}

#[tokio::test]
async fn what_is_redacted_is_in_the_file_no_more_once_it_is_checkpointed() {
    let app = App::hospital().await;
    let Some(file) = app.url.strip_prefix("sqlite://").and_then(|rest| rest.split('?').next()) else { return };
    let ward = ward(&app, "emergency");
    let opened = open(&ward, json!({})).await;
    let number = &thread(&opened)["number"];
    // Words of which the index of words keeps every letter, and some that others share.
    let secret = "Quxjane Wyzdupont, born in 1950";
    for _ in 0..3 {
        let posted = post(&ward, number, json!({ "body": secret })).await;
        let redact = json!({ "message": posted["message"]["id"], "reason": "a patient's name" });
        message(&ward, "messageEdit", "MessageEditInput", json!({ "message": redact["message"], "body": "Vlkmuster" }))
            .await;
        assert_eq!(problems(&message(&ward, "messageRedact", "MessageRedactInput", redact).await), []);
    }
    let own = app.connection().await;
    own.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    own.close().await.unwrap();
    assert!(std::fs::metadata(format!("{file}-wal")).map_or(0, |wal| wal.len()) == 0, "the log is written anew");
    let bytes = std::fs::read(file).unwrap().to_ascii_lowercase();
    for word in ["uxjane", "yzdupont", "lkmuster"] {
        assert!(!bytes.windows(word.len()).any(|some| some == word.as_bytes()), "{word} is in the file");
    }
    let found = desk(&app).get("{ one: search(text: \"record\", types: [THREAD]) { totalCount } none: search(text: \"wyzd\") { totalCount } }").await;
    assert_eq!((&found["one"]["totalCount"], &found["none"]["totalCount"]), (&json!(1), &json!(0)));
}

#[tokio::test]
async fn a_message_is_edited_by_its_author_while_the_thread_is_not_closed() {
    let app = App::hospital().await;
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    let opened = open(&ward, json!({})).await;
    let (number, first) = (&thread(&opened)["number"], &thread(&opened)["messages"]["nodes"][0]["id"]);
    let edit = |body: &str| json!({ "message": first, "body": body });
    let refused = message(&desk, "messageEdit", "MessageEditInput", edit("no")).await;
    assert_eq!(problems(&refused), [("FORBIDDEN".into(), "message".into())]);
    let same = message(&ward, "messageEdit", "MessageEditInput", edit("Opening a record takes a minute.")).await;
    assert_eq!(same["message"]["editedAt"], Value::Null);
    let edited = message(&ward, "messageEdit", "MessageEditInput", edit("Opening a record takes two minutes.")).await;
    assert_ne!(edited["message"]["editedAt"], Value::Null);
    assert_eq!(
        problems(&message(&ward, "messageEdit", "MessageEditInput", edit(" ")).await),
        [("INVALID".into(), "body".into())]
    );
    act(&ward, "threadClose", number, json!({})).await;
    let refused = message(&ward, "messageEdit", "MessageEditInput", edit("late")).await;
    assert_eq!(problems(&refused), [("INVALID_STATE".into(), "message".into())]);
    assert_eq!(problems(&post(&ward, number, json!({ "body": "One word more." })).await), []);
}

#[tokio::test]
async fn an_opening_with_a_key_is_done_once() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency").once("the same");
    let (one, other) = (open(&ward, json!({})).await, open(&ward, json!({})).await);
    assert_eq!(thread(&one)["id"], thread(&other)["id"]);
    let refused = open(&ward, json!({ "title": "Another" })).await;
    assert_eq!(problems(&refused), [("CONFLICT".into(), String::new())]);
    app.pass(TimeDelta::hours(73));
    assert_ne!(thread(&open(&ward, json!({})).await)["id"], thread(&one)["id"]);
}
