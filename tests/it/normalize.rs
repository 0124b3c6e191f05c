//! Normalization of input texts: keys are trimmed, letters and line ends have one form.

use entente::definition::{document::Document, read::read_documents};
use entente_entity::configuration_item;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use crate::{
    app::{App, problems},
    kit::{laundry, of_laundry},
    linking::write,
    threads::{desk, message, open, post, thread},
};

/// Ways in which tables and clipboards give a key.
const WAYS: [&str; 6] =
    ["HELP-42", " HELP-42", "HELP-42 ", "HELP-42\u{a0}", "\u{feff}HELP-42\t", "\u{3000}HELP-42\u{200b}\n"];

#[tokio::test]
async fn a_ticket_is_one_whatever_blanks_stand_around_its_key() {
    let app = App::hospital().await;
    let desk = desk(&app);
    let ticket = |key: &str| json!([{ "system": "jira", "type": " ", "key": key }]);
    let payload =
        open(&desk, json!({ "consumer": { "slug": "emergency" }, "externalReferences": ticket(WAYS[1]) })).await;
    let (number, id) = (thread(&payload)["number"].clone(), thread(&payload)["id"].clone());
    assert_eq!(payload["thread"]["externalReferences"][0]["key"], "HELP-42");
    assert_eq!(payload["thread"]["externalReferences"][0]["type"], Value::Null);
    for key in WAYS {
        let again =
            open(&desk, json!({ "consumer": { "slug": "emergency" }, "externalReferences": ticket(key) })).await;
        assert_eq!(thread(&again)["number"], number, "{key:?}");
        let query = "query($ref: ExternalKey!) { thread(by: {ref: $ref}) { number }
            threads(filter: {ref: $ref}) { totalCount } lookup(ref: $ref) { id } }";
        let data = desk.data(query, json!({ "ref": { "system": " jira", "key": key } })).await;
        assert_eq!((&data["thread"]["number"], &data["threads"]["totalCount"]), (&number, &json!(1)), "{key:?}");
        assert_eq!(data["lookup"], json!([{ "id": id }]), "{key:?}");
        // Linked again, nothing changes; unlinked and linked, it is the same key.
        let reference = json!({ "system": "jira", "key": key });
        assert_eq!(write(&desk, "referenceLink", &id, reference.clone()).await["userErrors"], json!([]));
        let rows = app.rows().await;
        write(&desk, "referenceLink", &id, reference.clone()).await;
        app.assert_unchanged(&rows).await;
        write(&desk, "referenceUnlink", &id, reference.clone()).await;
        assert_eq!(desk.data(query, json!({ "ref": reference })).await["thread"], Value::Null, "{key:?}");
        write(&desk, "referenceLink", &id, reference).await;
    }
    for nothing in ["", " ", "\u{200b}", "\u{feff}\u{a0}"] {
        let refused = post(&desk, &number, json!({ "externalReferences": ticket(nothing) })).await;
        assert_eq!(problems(&refused), [("INVALID".into(), "externalReferences/0/key".into())], "{nothing:?}");
    }
}

#[tokio::test]
async fn items_and_what_they_depend_on_are_named_without_blanks_in_the_api_and_in_files() {
    let app = App::hospital().await;
    let item = |key: &str, on: &str| {
        json!([{ "ref": { "system": "cmdb", "type": "t", "key": key }, "name": "A", "class": "x", "status": " ",
        "dependsOn": [{ "system": "cmdb", "key": on }] }, { "ref": { "system": "cmdb", "key": "b" }, "name": "B", "class": "x" }])
    };
    let first = app.provider().items(item(" HELP-42", "b\u{a0}"), json!({})).await;
    assert_eq!((&first["created"], &first["unresolved"]), (&json!(2), &json!(0)), "{first:#}");
    for key in WAYS {
        let again = app.provider().items(item(key, " b"), json!({})).await;
        assert_eq!(again["unchanged"], 2, "{key:?} {again:#}");
        let file = serde_json::to_string(&json!({ "kind": "ConfigurationItems", "items": item(key, "\tb ") })).unwrap();
        let documents = read_documents(&file).unwrap();
        let Document::ConfigurationItems(items) = &documents[0] else { panic!("{file}") };
        assert_eq!((&*items.items[0].r#ref.key, items.items[0].r#ref.r#type.as_deref()), ("HELP-42", Some("t")));
        let on = &items.items[0].depends_on.value().unwrap()[0];
        assert_eq!((&*on.key, on.r#type.as_deref()), ("b", None));
    }
}

#[tokio::test]
async fn what_looks_the_same_is_no_new_revision() {
    let app = App::hospital().await;
    let provider = app.provider();
    provider.applied(laundry()).await;
    let written = json!({ "name": "Été", "summary": "Une ligne\nune autre",
        "contacts": [{ "role": "OWNER", "name": "Zoé" }], "outcomes": [{ "key": "clean", "statement": "Lavé\net séché" }] });
    let same = json!({ "name": "E\u{301}te\u{301}", "summary": "Une ligne\r\nune autre",
        "contacts": [{ "role": "OWNER", "name": "Zoe\u{301}" }], "outcomes": [{ "key": "clean", "statement": "Lave\u{301}\ret se\u{301}che\u{301}" }] });
    provider.applied(of_laundry(written)).await;
    let rows = app.rows().await;
    for mode in ["MERGE", "REPLACE"] {
        let mut document = of_laundry(same.clone());
        if mode == "REPLACE" {
            let stands = provider.get(r#"{ service(by: {slug: "laundry"}) { document(format: JSON) } }"#).await;
            document = serde_json::from_str(stands["service"]["document"].as_str().unwrap()).unwrap();
            document.as_object_mut().unwrap().remove("kind");
            document["summary"] = same["summary"].clone();
            document["name"]["en"] = same["name"].clone();
        }
        let payload = provider.apply(document, json!({ "mode": mode })).await;
        assert_eq!((&payload["userErrors"], &payload["applied"]), (&json!([]), &json!(false)), "{mode} {payload:#}");
    }
    app.assert_unchanged(&rows).await;
    // A message too.
    let desk = desk(&app);
    let payload = open(&desk, json!({ "consumer": { "slug": "emergency" }, "body": "Cafe\u{301}\r\nfroid" })).await;
    let said = &thread(&payload)["messages"]["nodes"][0];
    assert_eq!(said["body"], "Café\nfroid");
    let rows = app.rows().await;
    message(&desk, "messageEdit", "MessageEditInput", json!({ "message": said["id"], "body": "Café\r\nfroid" })).await;
    app.assert_unchanged(&rows).await;
}

#[tokio::test]
async fn keys_that_were_kept_with_blanks_are_found_without_them() {
    let app = App::hospital().await;
    let provider = app.provider();
    let item = |key: &str, on: Value| json!({ "ref": { "system": "cmdb", "key": key }, "name": key.trim(), "class": "x", "dependsOn": on });
    let on = json!([{ "system": "cmdb", "key": "one" }]);
    provider.items(json!([item("one", json!([])), item("two", json!([])), item("a", on)]), json!({})).await;
    let own = app.connection().await;
    // As a version before kept them: one with a blank, two that are the same but for it, and a name of its own.
    for sql in [
        "UPDATE external_reference SET key = ' one' WHERE key = 'one'",
        "UPDATE item_dependency SET key = 'one\u{a0}' WHERE key = 'one'",
        "UPDATE external_reference SET key = 'a ' WHERE key = 'two'",
        "UPDATE item_words SET words = 'old'",
        "UPDATE configuration_item SET sort_name = 'zzz'",
        "DELETE FROM seaql_migrations WHERE version IN ('m20261122_000009_trimmed_keys', 'm20261122_000010_words')",
    ] {
        own.execute_unprepared(sql).await.unwrap();
    }
    assert_eq!(app.store.migrate().await.unwrap().len(), 2);
    let query = "query($key: String!) { configurationItem(by: {ref: {system: \"cmdb\", key: $key}}) { name } }";
    for (key, name) in [("one", "one"), (" one", "one"), ("a", "a"), ("a (2)", "two")] {
        let found = provider.data(query, json!({ "key": key })).await;
        assert_eq!(found["configurationItem"]["name"], name, "{key:?}");
    }
    // Sent again as the source has it, nothing changes, and nothing is created.
    let sent = json!([item(" one", json!([])), item("a", json!([{ "system": "cmdb", "key": " one" }]))]);
    let again = provider.items(sent, json!({})).await;
    assert_eq!((&again["unchanged"], &again["unresolved"]), (&json!(2), &json!(0)), "{again:#}");
    // Words and orders of names are made anew.
    let listed = "{ configurationItems(filter: {text: \"on\"}) { nodes { name } } }";
    assert_eq!(provider.get(listed).await["configurationItems"]["nodes"], json!([{ "name": "one" }]));
    let rows = configuration_item::Entity::find().all(&app.connection().await).await.unwrap();
    assert!(rows.iter().all(|row| row.sort_name != "zzz"));
}

#[tokio::test]
async fn plain_strings_are_in_the_only_language_of_the_service_and_a_dry_run_says_so() {
    let app = App::hospital().await;
    let provider = app.provider();
    provider.applied(json!({ "slug": "record", "name": { "fr": "Dossier" } })).await;
    let text = "kind: ServiceDefinition\nslug: record\nsummary: Le dossier de chacun.\n";
    let ran = app.run_reading(&["apply", "--dry-run", "-"], text).ends(0);
    assert!(ran.out.contains("plain strings are in the language \"fr\""), "{}", ran.out);
    assert!(ran.out.contains("summary/fr"), "{}", ran.out);
    let said = app.run_reading(&["apply", "--dry-run", "--json", "-"], text).ends(0).out;
    assert_eq!(serde_json::from_str::<Value>(&said).unwrap()["services"][0]["plainStrings"], "fr");
    app.run_reading(&["apply", "-"], text).ends(0);
    for (document, path) in [
        (json!({ "slug": "record", "summary": "Autre chose" }), "summary/fr"),
        (json!({ "slug": "record", "locale": "en", "name": "Record" }), "name/en"),
        // It has two now: the server's default it is.
        (json!({ "slug": "record", "summary": "Something" }), "summary/en"),
        (json!({ "slug": "new", "name": "New" }), "name"),
    ] {
        let payload = provider.applied(document).await;
        assert!(
            payload["changes"]
                .as_array()
                .unwrap()
                .iter()
                .any(|change| change["path"].as_str().unwrap().starts_with(path)),
            "{payload:#}"
        );
    }
    let other = "kind: ServiceDefinition\nslug: other\nprovider: { slug: dsi }\nname: Other\n";
    let ran = app.run_reading(&["apply", "--dry-run", "--lang", "fr", "-"], other).ends(0);
    assert!(ran.out.contains("dans la langue « en »"), "{}", ran.out);
    let ran = app.run_reading(&["apply", "--lang", "fr", "-"], &other.replace("slug: other", "slug: another")).ends(0);
    assert!(ran.out.contains("dans la langue « en »"), "{}", ran.out);
    let ran = app.run_reading(&["apply", "--dry-run", "-"], &format!("{other}locale: fr\n")).ends(0);
    assert!(!ran.out.contains("plain strings"), "{}", ran.out);
}

#[tokio::test]
async fn numbers_durations_and_empty_fields_are_taken_as_tables_and_tools_write_them() {
    let app = App::hospital().await;
    let provider = app.provider();
    let item = |needed: Value| {
        json!([{ "ref": { "system": "cmdb", "type": "", "key": "a" }, "name": "A", "class": "x", "environment": "", "status": "",
        "dependenciesNeeded": needed, "dependsOn": [{ "system": "cmdb", "key": "b" }] }])
    };
    let contact = json!({ "role": "OWNER", "name": "Claire", "email": "" });
    let reference = json!({ "system": "jira", "type": "", "key": "REC", "url": "" });
    let more = json!({ "slug": "record", "name": "Record", "contacts": [contact], "externalReferences": [reference] });
    provider.applied(more.clone()).await;
    let mut document = more;
    document["kind"] = json!("ServiceDefinition");
    let ran = app.run_reading(&["apply", "-"], &document.to_string()).ends(0);
    assert_eq!(ran.summary(), "1 service: 1 unchanged.");
    let payload = provider.items(item(json!(1.0)), json!({})).await;
    assert_eq!((&payload["userErrors"], &payload["created"]), (&json!([]), &json!(1)), "{payload:#}");
    let query =
        r#"{ configurationItem(by: {ref: {system: "cmdb", key: "a"}}) { environment status dependenciesNeeded } }"#;
    let stands = json!({ "environment": null, "status": null, "dependenciesNeeded": 1 });
    assert_eq!(provider.get(query).await["configurationItem"], stands);
    let file = json!({ "kind": "ConfigurationItems", "organization": { "slug": "dsi" }, "items": item(json!(1.0)) });
    let ran = app.run_reading(&["apply", "-"], &file.to_string()).ends(0);
    assert!(ran.summary().contains("1 configuration item: 1 unchanged."), "{}", ran.out);
    let query = "query($input: ConfigurationItemsApplyInput!) { configurationItemsApply(input: $input) { created } }";
    for wrong in [json!(1.5), json!(3_000_000_000.0), json!("1")] {
        let answer =
            provider.ask(&query.replace("query", "mutation"), json!({ "input": { "items": item(wrong) } })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{answer:#}");
    }
    let (code, _) = provider.refusal("{ services(first: 1.0) { totalCount } }", json!({})).await;
    assert_eq!(code, "BAD_REQUEST");
    let listed = provider
        .data("query($first: Int) { services(first: $first) { nodes { slug } } }", json!({ "first": 1.0 }))
        .await;
    assert_eq!(listed["services"]["nodes"].as_array().unwrap().len(), 1);
    let targets = json!([{ "severity": "HIGH", "acknowledgeWithin": "PT0.5H", "resolveWithin": "PT1.5H" }]);
    provider.applied(json!({ "slug": "record", "name": "Record", "escalation": { "targets": targets } })).await;
    let query =
        r#"{ service(by: {slug: "record"}) { escalationPolicy { targets { acknowledgeWithin resolveWithin } } } }"#;
    assert_eq!(
        provider.get(query).await["service"]["escalationPolicy"]["targets"],
        json!([{ "acknowledgeWithin": "PT0.5H", "resolveWithin": "PT1.5H" }])
    );
}
