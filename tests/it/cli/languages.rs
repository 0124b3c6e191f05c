//! Problems are in the reader's language, with their place, on the command line and over HTTP.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{
    Ran, SAMPLE, program, run_reading,
    server::{Server, admin, answering},
};
use crate::app::App;

const PLAIN: &str = "kind: ServiceDefinition\nslug: patient-management\nsummary: Bonjour\n";

/// Runs a command for who speaks French.
fn french(arguments: &[&str]) -> Ran {
    program(arguments).env("LANG", "fr_FR.UTF-8").output().unwrap().into()
}

#[tokio::test]
async fn a_request_that_is_wrong_is_told_in_french_with_the_place() {
    let app = App::hospital().await;
    let server = Server::start(&["--database-url", &app.url]);
    let post = async |body: String, language: &str| {
        let request = server.client.post(format!("{}/graphql", server.url)).bearer_auth(admin());
        let request = request.header("accept-language", language).header("content-type", "application/json");
        let answer: Value = request.body(body).send().await.unwrap().json().await.unwrap();
        answer["errors"][0]["message"].as_str().unwrap().to_owned()
    };
    let ask = async |query: &str, variables: Value, language: &str| {
        post(json!({ "query": query, "variables": variables }).to_string(), language).await
    };
    let apply = "mutation($i: DefinitionApplyInput!) { definitionApply(input: $i) { applied } }";
    let since = r#"{ services(filter: {updatedSince: "22/11/2026"}) { totalCount } }"#;
    let both = r#"{ service(by: {slug: "a", id: "b"}) { slug } }"#;
    let cases = [
        (
            since,
            json!({}),
            "Argument « filter.updatedSince » : un instant doit être au format RFC 3339 : 2026-11-22T08:30:00Z.",
            "Argument \"filter.updatedSince\": an instant must have the format RFC 3339: 2026-11-22T08:30:00Z.",
        ),
        (
            apply,
            json!({ "i": { "definition": { "slug": "a", "summary": 12 } } }),
            "Variable « $i.definition.summary » : une valeur du type « LocalizedText » est attendue, et non 12.",
            "Variable \"$i.definition.summary\": expected a value of type \"LocalizedText\", found 12.",
        ),
        (
            apply,
            json!({ "i": { "definition": { "slug": "a", "summary": { "fr": 12 } } } }),
            "Variable « $i.definition.summary.fr » : une valeur du type « String » est attendue, et non 12.",
            "Variable \"$i.definition.summary.fr\": expected a value of type \"String\", found 12.",
        ),
        (
            apply,
            json!({ "i": { "definition": {} } }),
            "Variable « $i.definition » : le champ « slug » de type « String! » est obligatoire.",
            "Variable \"$i.definition\": the field \"slug\" of type \"String!\" is required.",
        ),
        (
            apply,
            json!({ "i": { "definition": { "slugg": "a" } } }),
            "Variable « $i.definition » : le type « DefinitionInput » n'a pas de champ « slugg » ; vouliez-vous dire « slug » ?",
            "Variable \"$i.definition\": the type \"DefinitionInput\" has no field \"slugg\"; did you mean \"slug\"?",
        ),
        (
            "{ services(filter: {lifecycle: [LIVELY]}) { totalCount } }",
            json!({}),
            "Argument « filter.lifecycle.0 » : « ServiceLifecycle » n'a pas de valeur « LIVELY » ; les valeurs sont : LIVE, PIPELINE, RETIRED.",
            "Argument \"filter.lifecycle.0\": the enum \"ServiceLifecycle\" has no value \"LIVELY\"; the values are: LIVE, PIPELINE, RETIRED.",
        ),
        (
            apply,
            json!({ "i": { "definition": { "slug": "a", "lifecycle": "RETIRE" } } }),
            "Variable « $i.definition.lifecycle » : « ServiceLifecycle » n'a pas de valeur « RETIRE » ; les valeurs sont : RETIRED, PIPELINE, LIVE.",
            "Variable \"$i.definition.lifecycle\": the enum \"ServiceLifecycle\" has no value \"RETIRE\"; the values are: RETIRED, PIPELINE, LIVE.",
        ),
        (
            both,
            json!({}),
            "Argument « by » : le type « ServiceKey » prend un seul de ses champs (id, slug, ref), et non 2.",
            "Argument \"by\": the type \"ServiceKey\" takes exactly one of its fields (id, slug, ref), not 2.",
        ),
        (
            "{ service(",
            json!({}),
            "Le document est illisible : il faudrait un nom.",
            "The document cannot be read: expected name.",
        ),
    ];
    for (query, variables, in_french, in_english) in cases {
        assert_eq!(ask(query, variables.clone(), "fr").await, in_french);
        assert_eq!(ask(query, variables, "en").await, in_english);
    }
    let aliases: String = (0..31).map(|number| format!("a{number}: __typename ")).collect();
    let many = ask(&format!("{{ {aliases} }}"), json!({}), "fr").await;
    assert!(many.ends_with("au moins 31 alias ; 30 sont admis."), "{many}");
    let broken = post("{ query".into(), "fr").await;
    assert!(broken.starts_with("Le corps de la requête doit être un objet JSON"), "{broken}");
    assert!(broken.ends_with("le nom d'un champ se met entre guillemets (ligne 1, colonne 3)."), "{broken}");
    let empty = post("{}".into(), "fr").await;
    assert_eq!(empty, "Le corps de la requête doit avoir un champ « query », le texte d'un document.");
    let nowhere = server.client.get(format!("{}/nulle-part", server.url)).header("accept-language", "fr");
    let nowhere = nowhere.send().await.unwrap();
    assert_eq!(nowhere.status(), 404);
    assert!(nowhere.text().await.unwrap().starts_with("Il n'y a rien à cette adresse"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_a_server_cannot_be_used_is_said_once_in_french() {
    let https = answering(async || StatusCode::OK).await.replace("http://", "https://");
    tokio::task::spawn_blocking(move || {
        let check = |arguments: &[&str], said: &str| {
            let ran = french(arguments).ends(2);
            assert!(ran.err.ends_with(&format!("{said}\n")) && !ran.err.contains("error"), "{}", ran.err);
        };
        let export = |server: &str, said: &str| check(&["export", "--server", server, "--token", "t"], said);
        export("http://127.0.0.1:1", "est injoignable : rien n'y écoute (connexion refusée)");
        export("http://no-such-host.invalid", "est injoignable : aucune machine ne porte ce nom");
        export(&https, "est injoignable : elle ne répond pas en https ; est-ce http:// ?");
        let token =
            "--token (ENTENTE_TOKEN) : ce n'est pas un jeton entier ; copiez-le du premier caractère au dernier";
        check(&["export", "--server", "http://127.0.0.1:1", "--token", "eyJ0…"], token);
        // A check does not report that something was sent.
        let checked = french(&["validate", SAMPLE, "--server", "http://127.0.0.1:1", "--token", "t"]).ends(2);
        assert!(checked.err.contains("n'ont pas pu être vérifiés sur le serveur"), "{}", checked.err);
        assert!(!checked.err.contains("appliquer") && checked.err.contains("connexion refusée"), "{}", checked.err);
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn in_which_language_plain_strings_are_is_told_before_they_are_written() {
    let app = App::hospital().await;
    let server = Server::start(&["--database-url", &app.url]);
    let token = admin();
    let through = |arguments: &[&str]| {
        run_reading(&[arguments, &["-", "--server", &server.url, "--token", &token]].concat(), PLAIN).ends(0)
    };
    let alone = run_reading(&["validate", "-"], PLAIN).ends(0);
    assert!(
        alone.out.starts_with("stdin:2:7: the language of plain strings is not set: `locale` in the file sets it"),
        "{}",
        alone.out
    );
    let checked = through(&["validate"]);
    assert!(checked.out.contains("plain strings are in the language \"en\""), "{}", checked.out);
    let said = run_reading(&["validate", "-"], &format!("locale: fr\n{PLAIN}")).ends(0);
    assert_eq!(said.out, "1 document: 1 valid.\n");
    let without = through(&["apply", "--dry-run", "--default-locale", "fr"]);
    assert!(
        without.err.contains("has no effect with --server; the default language of the server is en"),
        "{}",
        without.err
    );
    assert!(through(&["apply", "--dry-run"]).err.is_empty());
}
