//! Behaviour of the library that the API relies on. A release that changes it cannot be used.

use serde_json::json;

use super::{data, raw, run};

#[tokio::test]
async fn a_failed_nullable_field_is_null_and_the_rest_intact() {
    for answer in [
        raw("{ maybePerson { name refused age } }", json!({})).await,
        run("{ maybePerson { name refused age } }", json!({})).await,
    ] {
        assert_eq!(answer["data"].to_string(), r#"{"maybePerson":{"name":"Ada","refused":null,"age":40}}"#);
        assert_eq!(answer["errors"][0]["path"], json!(["maybePerson", "refused"]));
        assert_eq!(answer["errors"][0]["message"], "refused");
    }
}

#[tokio::test]
async fn a_failed_required_field_makes_its_nearest_nullable_parent_null() {
    let answer = run("{ maybePerson { name mate { broken } } flag(of: true) }", json!({})).await;
    assert_eq!(answer["data"], json!({"maybePerson": null, "flag": true}));
    assert_eq!(answer["errors"][0]["path"], json!(["maybePerson", "mate", "broken"]));
    let answer = run("{ person { broken } flag(of: true) }", json!({})).await;
    assert_eq!(answer["data"], json!(null), "nothing around it is nullable");
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_selection() {
    let text = "{ flag(of: true) ...F number b: number person { age name } } fragment F on Query { z: number text(of: \"t\") }";
    let answer = run(text, json!({})).await;
    let expected = r#"{"flag":true,"z":"Undefined","text":"t","number":"Undefined","b":"Undefined","person":{"age":40,"name":"Ada"}}"#;
    assert_eq!(data(&answer).to_string(), expected);
}

/// Not checked by the preparation: the library refuses them before the execution.
#[tokio::test]
async fn the_library_refuses_the_rest() {
    for text in [
        "{ nope }",
        "{ number(nope: 1) }",
        "{ number(n: 1, n: 2) }",
        "{ text }",
        "{ person }",
        "{ number { a } }",
        "{ number @nope }",
        "query @skip(if: true) { number }",
        "{ number @skip(if: true) @skip(if: false) }",
        "{ number @skip }",
        "{ ... on Nope { number } }",
        "{ ... on Robot { name } }",
        "{ ... on Colour { name } }",
        "{ ...F } fragment F on Nope { number }",
        "{ ...F ...F } fragment F on Robot { name }",
        "{ number number @nope }",
    ] {
        let answer = run(text, json!({})).await;
        assert_eq!(answer["data"], json!(null), "{text}");
        assert!(answer["errors"][0].get("path").is_none(), "{text}: {answer}");
    }
}
