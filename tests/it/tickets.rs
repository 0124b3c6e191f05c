//! One ticket with several threads: which of them it names.

use serde_json::{Value, json};

use crate::{
    app::{App, Asker, problems},
    threads::{act, desk, open, post, read, thread, ward},
};

fn ticket() -> Value {
    json!({ "system": "jira", "key": "HELP-42" })
}

#[tokio::test]
async fn a_ticket_names_its_open_thread_and_else_the_newest() {
    let app = App::hospital().await;
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    let input = || json!({ "externalReferences": [ticket()] });
    let by = || json!({ "ref": ticket() });
    let first = thread(&open(&ward, input()).await).clone();
    thread(&act(&desk, "threadResolve", &first["number"], json!({})).await);
    let second = thread(&open(&ward, input()).await).clone();
    assert_ne!(first["number"], second["number"]);
    assert_eq!(thread(&open(&ward, input()).await)["number"], second["number"]);
    for asker in [&ward, &desk] {
        assert_eq!(read(asker, by()).await["number"], second["number"]);
    }
    // What is done by the ticket is done to the open one.
    let query = "mutation($input: ThreadActionInput!) { threadAcknowledge(input: $input) { thread { number } userErrors { code path message } } }";
    let done = desk.data(query, json!({ "input": { "thread": by() } })).await;
    assert_eq!(done["threadAcknowledge"]["thread"]["number"], second["number"]);
    // None is open: the newest, also where an older one changed later.
    thread(&act(&ward, "threadClose", &second["number"], json!({})).await);
    thread(&act(&ward, "threadClose", &first["number"], json!({})).await);
    assert_eq!(read(&ward, by()).await["number"], second["number"]);
    thread(&act(&ward, "threadReopen", &first["number"], json!({})).await);
    assert_eq!(read(&ward, by()).await["number"], first["number"]);
    // Several are: their numbers.
    let element = json!({ "externalReferences": [ticket()], "element": "quick-admission" });
    let third = open(&ward, element).await;
    let third = thread(&third)["number"].clone();
    let query = "query($by: ThreadKey!) { thread(by: $by) { number } }";
    let (code, message) = ward.refusal(query, json!({ "by": by() })).await;
    let numbers =
        format!("the external key names several open threads: {}, {third}; give the number of one", first["number"]);
    assert_eq!((code.as_str(), message), ("BAD_REQUEST", numbers.clone()));
    let before = app.rows().await;
    let query =
        "mutation($input: MessagePostInput!) { messagePost(input: $input) { userErrors { code path message } } }";
    let mut posted =
        ward.data(query, json!({ "input": { "thread": by(), "body": "Words." } })).await["messagePost"].take();
    assert_eq!(posted["userErrors"][0]["message"].take(), json!(numbers));
    assert_eq!(problems(&posted), [("INVALID".to_owned(), "thread".to_owned())]);
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn a_message_that_is_sent_again_is_posted_once() {
    let app = App::hospital().await;
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    let payload = open(&ward, json!({})).await;
    let number = thread(&payload)["number"].clone();
    let comment = |key: &str| json!({ "body": "A comment.", "externalReferences": [{ "system": "jira", "type": "comment", "key": key }] });
    let id = async |asker: &Asker<'_>, number: &Value, more: Value| {
        let payload = post(asker, number, more).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
        payload["message"]["id"].clone()
    };
    let first = id(&desk, &number, comment("10001")).await;
    let rows = app.rows().await;
    let mut again = comment("10001");
    again["body"] = json!("Said otherwise.");
    assert_eq!(id(&desk, &number, again).await, first);
    let untyped =
        json!({ "externalReferences": [{ "system": "jira", "key": "10002" }, { "system": "jira", "key": "10001" }] });
    assert_eq!(id(&desk, &number, untyped).await, first);
    app.assert_unchanged(&rows).await;
    // Another comment, another party's, and one of another thread are others.
    assert_ne!(id(&desk, &number, comment("10002")).await, first);
    assert_ne!(id(&ward, &number, comment("10001")).await, first);
    let other = open(&ward, json!({ "element": "quick-admission" })).await;
    assert_ne!(id(&desk, &thread(&other)["number"], comment("10001")).await, first);
}
