//! Input that breaks a rule: the problem has its place, is in the reader's language, and nothing is changed.

use entente::{definition::read::read_documents, policy::Scope};
use serde_json::{Value, json};

use crate::{
    app::{App, prepared, problems},
    kit::{indicator, laundry, of_laundry},
};

#[tokio::test]
async fn unknown_fields_are_refused_before_anything_runs() {
    let query = "mutation($input: DefinitionApplyInput!) { definitionApply(input: $input) { applied } }";
    let refused = |input: Value| prepared(query, json!({ "input": input })).err().map(|refusal| refusal.message);
    assert_eq!(refused(json!({ "definition": laundry() })), None);
    let mut unknown = laundry();
    unknown["outcomes"][0]["priority"] = json!(1);
    assert!(refused(json!({ "definition": unknown })).unwrap().contains("priority"));
    assert!(refused(json!({ "definition": laundry(), "force": true })).unwrap().contains("force"));
    let literal = r#"mutation { definitionApply(input: { definition: { slug: "a", colour: "red" } }) { applied } }"#;
    let app = App::hospital().await;
    let before = app.rows().await;
    let answer = app.provider().ask(literal, json!({})).await;
    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("colour"), "{answer:#}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    app.assert_unchanged(&before).await;
    let file = read_documents("kind: ServiceDefinition\nslug: a\ncolour: red\n").unwrap_err();
    assert!(file.to_string().starts_with("line 3") && file.to_string().contains("colour"), "{file}");
}

/// What a document of the laundry is refused for; nothing must have been written.
async fn refused(app: &App, document: Value) -> Vec<(String, String)> {
    let before = app.rows().await;
    let payload = app.provider().apply(document, json!({})).await;
    assert_eq!((&payload["service"], &payload["applied"]), (&Value::Null, &json!(false)));
    app.assert_unchanged(&before).await;
    problems(&payload)
}

fn one(code: &str, path: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), path.to_owned())]
}

#[tokio::test]
async fn each_rule_is_told_where_it_is_broken() {
    let app = App::hospital().await;
    app.provider().applied(laundry()).await;
    let cases = [
        (json!({ "outcomes": [{ "key": "clean", "stage": "nowhere" }] }), "INVALID", "outcomes/0/stage"),
        (
            json!({ "consumers": [{ "organization": { "slug": "pharmacy" }, "offering": "hourly" }] }),
            "INVALID",
            "consumers/0/offering",
        ),
        (json!({ "costs": [{ "key": "clean", "statement": "C", "effect": "IMPOSED" }] }), "INVALID", "costs/0/key"),
        (json!({ "costs": [{ "key": "Not A Key", "statement": "C", "effect": "IMPOSED" }] }), "INVALID", "costs/0/key"),
        (
            json!({ "offerings": [{ "key": "weekly", "indicators": [indicator("a"), indicator("a")] }] }),
            "INVALID",
            "offerings/0/indicators/1/key",
        ),
        (json!({ "costs": [{ "key": "soap", "currency": "XYZ1" }] }), "INVALID", "costs/0/currency"),
        (json!({ "costs": [{ "key": "soap", "amount": "12,50" }] }), "INVALID", "costs/0/amount"),
        (json!({ "name": { "klingon": "tlh" } }), "INVALID", "name/klingon"),
        (json!({ "locale": "??", "summary": "S" }), "INVALID", "locale"),
        (json!({ "summary": "é".repeat(10_001) }), "TOO_LONG", "summary"),
        (
            json!({ "outcomes": [{ "key": "clean", "statement": { "fr": "x".repeat(100_000) } }] }),
            "TOO_LONG",
            "outcomes/0/statement/fr",
        ),
        (json!({ "summary": "a\u{0}b" }), "INVALID", "summary"),
        (json!({ "contacts": [{ "role": "OWNER", "name": "A", "email": "nobody" }] }), "INVALID", "contacts/0/email"),
        (
            json!({ "escalation": { "targets": [{ "severity": "LOW", "acknowledgeWithin": "P1M", "resolveWithin": "P2M" }] } }),
            "INVALID",
            "escalation/targets/0/acknowledgeWithin",
        ),
    ];
    for (document, code, path) in cases {
        let said = refused(&app, of_laundry(document.clone())).await;
        assert_eq!(said.first(), one(code, &format!("definition/{path}")).first(), "{path}: {said:?}");
    }
    // A text of exactly so many characters is taken, however many bytes they are.
    app.provider().applied(of_laundry(json!({ "summary": "é".repeat(10_000) }))).await;
}

#[tokio::test]
async fn a_slug_is_written_as_one() {
    let app = App::hospital().await;
    for slug in ["", "No Slug", "nu\u{0}ll", "-a", "é", &"a".repeat(65)] {
        let mut document = laundry();
        document["slug"] = json!(slug);
        assert_eq!(refused(&app, document).await, one("INVALID", "definition/slug"), "{slug:?}");
    }
}

#[tokio::test]
async fn a_definition_has_its_limits() {
    let app = App::hospital().await;
    app.provider().applied(laundry()).await;
    let outcome = |key: String, statement: &str| json!({ "key": key, "statement": statement });
    let five_thousand: Vec<Value> = (0..5_000).map(|key| outcome(format!("k{key}"), "A")).collect();
    assert_eq!(
        refused(&app, of_laundry(json!({ "outcomes": five_thousand }))).await,
        one("LIMIT_EXCEEDED", "definition")
    );
    // With the current state.
    let more: Vec<Value> = (0..995).map(|key| outcome(format!("k{key}"), "A")).collect();
    assert_eq!(refused(&app, of_laundry(json!({ "outcomes": more }))).await, one("LIMIT_EXCEEDED", "definition"));
    let long = "x".repeat(9_000);
    let large: Vec<Value> = (0..230).map(|key| outcome(format!("k{key}"), &long)).collect();
    assert_eq!(refused(&app, of_laundry(json!({ "outcomes": large }))).await, one("TOO_LONG", "definition"));
    // As many consumers as fit into a document.
    let consumers: Vec<Value> = (0..30_000).map(|n| json!({ "organization": { "slug": n.to_string() } })).collect();
    let said = refused(&app, of_laundry(json!({ "consumers": consumers }))).await;
    assert!(said.iter().all(|(code, _)| code != "INTERNAL"));
    let full: Vec<Value> = (0..900).map(|key| outcome(format!("k{key}"), "A")).collect();
    app.provider().applied(of_laundry(json!({ "outcomes": full }))).await;
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_readers_language() {
    let app = App::hospital().await;
    let mut document = laundry();
    document["name"] = Value::Null;
    document["outcomes"][0]["stage"] = json!("nowhere");
    document["summary"] = json!("x".repeat(10_001));
    let said = async |language: &str| {
        let payload = app.provider().reading(language).apply(document.clone(), json!({})).await;
        payload["userErrors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["message"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        said("en").await,
        [
            "must be given",
            "has 10001 characters; at most 10000 are allowed",
            "no stage of the journey has the key \"nowhere\"; there are: collect, deliver"
        ]
    );
    assert_eq!(
        said("fr-CA, en;q=0.5").await,
        [
            "doit être indiqué",
            "compte 10001 caractères ; 10000 au plus sont admis",
            "aucune étape du parcours n'a la clé « nowhere » ; il y a : collect, deliver"
        ]
    );
    assert_eq!(said("de").await, said("en").await);
}

#[tokio::test]
async fn what_no_database_holds_is_found_nowhere() {
    let app = App::hospital().await;
    let query = r#"query($slug: String!, $id: ID!, $ref: ExternalKey!) {
        a: service(by: {slug: $slug}) { slug } b: service(by: {ref: $ref}) { slug }
        c: organization(by: {slug: $slug}) { slug } d: organization(by: {ref: $ref}) { slug }
        e: services(filter: {text: $slug}) { totalCount } f: organizations(text: $slug) { totalCount }
        g: services(filter: {provider: {slug: $slug}}) { totalCount } node(id: $id) { id } }"#;
    let text = "nu\u{0}ll";
    let variables = json!({ "slug": text, "id": text, "ref": { "system": "jira", "key": text } });
    for asker in [app.provider(), app.admin(), app.someone(text, &[Scope::Read])] {
        let data = asker.data(query, variables.clone()).await;
        let none = json!({ "totalCount": 0 });
        let nothing =
            json!({ "a": null, "b": null, "c": null, "d": null, "e": none, "f": none, "g": none, "node": null });
        assert_eq!(data, nothing);
    }
}

#[tokio::test]
async fn errors_are_in_the_language_of_the_reader_and_variables_tell_where() {
    let app = App::hospital().await;
    let french = app.provider().reading("fr");
    let message = |answer: &Value| answer["errors"][0]["message"].as_str().unwrap_or_default().to_owned();
    for (query, said) in [
        ("{ service(by: {slug: \"a\"}) { nam } }", "Le type « Service » n'a pas de champ « nam »."),
        ("{ services(first: 900) { totalCount } }", "`first` vaut 900 ; une page en contient 200 au plus"),
        ("{ services(first: 1, last: 1) { totalCount } }", "donnez `first` ou `last`, non les deux"),
        ("{ services { nodes } }", "Il faut dire quels champs de « nodes »"),
    ] {
        let answer = french.ask(query, json!({})).await;
        assert!(message(&answer).starts_with(said), "{answer:#}");
        assert!(answer["errors"][0]["extensions"]["code"].is_string(), "{answer:#}");
    }
    let query = "mutation($input: DefinitionApplyInput!) { definitionApply(input: $input) { applied } }";
    let input = json!({ "definition": { "slug": "a", "outcomes": [{ "key": "a", "statment": "A" }] } });
    let error = entente::api::documents::refused(&prepared(query, json!({ "input": input })).unwrap_err());
    assert!(error.message.contains("no field \"statment\"; did you mean \"statement\"?"), "{}", error.message);
    let extensions = serde_json::to_value(error.extensions.unwrap()).unwrap();
    assert_eq!(extensions["path"], json!(["input", "definition", "outcomes", "0"]));
}
