//! Reading the schema: with a token, as tools do it, and not without bound.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::app::{App, run};

/// What graphql-js makes with all its options, and so what GraphiQL, Apollo, code generators and inspectors send.
const STANDARD: &str = include_str!("../../graphql-strict/src/guard/tests/introspection.graphql");

#[tokio::test]
async fn the_standard_query_is_answered_with_a_token_alone() {
    let app = App::new().await;
    let schema = app.someone("anyone", &[]).get(STANDARD).await;
    let types = schema["__schema"]["types"].as_array().unwrap();
    let key = types.iter().find(|ty| ty["name"] == "ServiceKey").unwrap();
    assert_eq!((&key["isOneOf"], key["inputFields"].as_array().unwrap().len()), (&json!(true), 3));
    let (code, message) = app.nobody().refusal(STANDARD, json!({})).await;
    assert_eq!(code, "UNAUTHENTICATED");
    assert!(message.contains("Authorization: Bearer") && message.contains("Token"), "{message}");
    assert_eq!(app.nobody().reading("fr").refusal(STANDARD, json!({})).await.0, "UNAUTHENTICATED");
    assert_eq!(app.nobody().get("{ __typename ... on Query { again: __typename } }").await["again"], "Query");
}

#[tokio::test]
async fn a_demo_shows_its_schema_to_everyone() {
    let app = App::new().await;
    let open = app.api.clone().with_open_introspection();
    let answer = run(&open, STANDARD, json!({}), app.nobody().caller).await;
    assert_eq!(answer.errors, []);
}

fn pairs(count: usize) -> String {
    let (open, close) = ("possibleTypes { interfaces { ".repeat(count), "} } ".repeat(count));
    format!("{{ __schema {{ types {{ {open} name {close} }} }} }}")
}

#[tokio::test]
async fn introspection_that_multiplies_is_refused_before_it_runs() {
    let app = App::new().await;
    let reader = app.someone("anyone", &[]);
    let refused = async |query: &str| {
        let start = Instant::now();
        let answer = reader.refusal(query, json!({})).await;
        // The library alone needs seconds for some of these, and runs out of memory with others.
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}: {query}", start.elapsed());
        assert_eq!(answer.0, "LIMIT_EXCEEDED", "{query}: {}", answer.1);
        answer.1
    };
    for count in [2, 4, 5, 10] {
        assert!(refused(&pairs(count)).await.contains("more than 4 lists"));
        assert_eq!(app.nobody().refusal(&pairs(count), json!({})).await.0, "UNAUTHENTICATED");
    }
    let all = STANDARD.split_once("{\n").unwrap().1.split_once("\n}\n").unwrap();
    let many: String = (0..25).map(|n| all.0.replacen("__schema", &format!("s{n}: __schema"), 1)).collect();
    refused(&format!("{{ {many} }} {}", all.1)).await;
    // Spread, in inline fragments, by a variable's name.
    refused(&format!("{{ ...Q }} fragment Q on Query {}", pairs(3))).await;
    refused("{ ... { __schema { types { fields { args { type { fields { args { name } } } } } } } } }").await;
    let fields: String =
        (0..100).map(|n| format!("f{n}: fields {{ name description args {{ name type {{ name }} }} }} ")).collect();
    refused(&format!("{{ __schema {{ types {{ {fields} }} }} }}")).await;
    let by_name = "query($n: String!) { __type(name: $n) { fields { type { fields { args { type { inputFields {
        type { name } } } } } } } } }";
    let counted = reader.ask(by_name, json!({ "n": "Query" })).await;
    assert!(counted.get("data").is_some() || counted["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED");
    // Texts, again and again.
    let texts: String = (0..400).map(|n| format!("d{n}: description ")).collect();
    refused(&format!("{{ __schema {{ types {{ fields {{ {texts} }} }} }} }}")).await;
    // Next to small ones.
    let few = reader
        .get(
            "{ __schema { types { possibleTypes { name } } } __type(name: \"Node\") { possibleTypes {
        interfaces { possibleTypes { name } } } } }",
        )
        .await;
    assert!(few["__type"]["possibleTypes"].as_array().is_some_and(|types| types.len() > 3), "{few}");
    assert_eq!(reader.get("{ __type(name: \"Nothing\") { name } }").await["__type"], Value::Null);
}
