//! The choice of the operation, refusals of the text, the cache.

use rstest::rstest;
use serde_json::{Value, json};

use async_graphql::{Variables, parser::types::OperationType};

use super::{data, documents, prepare, refused, run, run_on, schema::small};
use crate::{Guarded, Limit, Limits};

#[rstest]
#[case(
    "query A { number } query B { number }",
    None,
    "The document has several operations: \"operationName\" must name the one to run."
)]
#[case("query A { number } query B { number }", Some("C"), "The document has no operation named \"C\".")]
#[case("{ number }", Some("C"), "The document has no operation named \"C\".")]
#[case("query A { number } query A { number }", None, "The document cannot be read: operation A is defined twice.")]
#[case("{ number } { number }", None, "The document cannot be read: document contains multiple operations.")]
#[case("fragment F on Query { number }", None, "The document cannot be read: document does not contain an operation.")]
#[case(
    "{ ...F } fragment F on Query { number } fragment F on Query { number }",
    None,
    "The document cannot be read: fragment F is defined twice."
)]
#[case(
    "{ ratio(of: 1e400) }",
    None,
    "The document cannot be read: invalid number: number out of range at line 1 column 5."
)]
#[case("", None, "The document cannot be read: expected executable definition.")]
#[tokio::test]
async fn that_cannot_run_are_refused(#[case] text: &str, #[case] name: Option<&str>, #[case] message: &str) {
    assert_eq!(refused(&run_on(&small(), text, name, json!({})).await), message);
}

#[rstest]
#[case("query A { number }", None, Some("A"))]
#[case("query A { number }", Some("A"), Some("A"))]
#[case("query A { number }", Some(""), Some("A"))]
#[case("{ number }", None, None)]
#[case("query A { number } mutation B { bump { now } }", Some("A"), Some("A"))]
#[tokio::test]
async fn name_the_operation_that_runs(#[case] text: &str, #[case] asked: Option<&str>, #[case] named: Option<&str>) {
    let documents = documents();
    let prepared = prepare(&documents, text, asked, Variables::default()).unwrap();
    assert_eq!(prepared.operation_name(), named);
    let guarded = Guarded::new(text, &Limits::default()).unwrap();
    assert_eq!(documents.choose(&guarded, asked).unwrap().operation_type(), OperationType::Query);
    assert_eq!(data(&run_on(&small(), text, asked, json!({})).await)["number"], "Undefined");
}

/// Every walk over the accepted documents ends.
#[test]
fn with_fragments_that_spread_themselves_are_always_refused_by_the_guard() {
    let text = "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }";
    assert_eq!(Guarded::new(text, &Limits::NONE).unwrap_err().limit, Limit::FragmentCycles);
}

#[tokio::test]
async fn a_syntax_error_has_its_location() {
    let answer = run("{ number\n  person { } }", json!({})).await;
    assert_eq!(refused(&answer), "The document cannot be read: expected selection.");
    assert_eq!(answer["errors"][0]["locations"], json!([{"line": 2, "column": 12}]));
}

#[tokio::test]
async fn a_refusal_has_its_place() {
    let answer = run("{ number\n  patch(input: {size: 1\n size: 2}) }", json!({})).await;
    assert_eq!(answer["errors"][0]["locations"], json!([{"line": 3, "column": 2}]));
    let answer = run("{ number\n  text(of: 2) }", json!({})).await;
    assert_eq!(answer["errors"][0]["locations"], json!([{"line": 2, "column": 12}]));
}

/// The library would check the other operation with the variables of this one.
#[rstest]
#[case("A", json!({"v": 1}), json!({"number": "Value(1)"}))]
#[case("B", json!({"v": "x"}), json!({"text": "x"}))]
#[tokio::test]
async fn operations_do_not_share_variables(#[case] name: &str, #[case] variables: Value, #[case] said: Value) {
    let text = "query A($v: Int) { number(n: $v) } query B($v: String!) { ...F } fragment F on Query { text(of: $v) }";
    assert_eq!(*data(&run_on(&small(), text, Some(name), variables).await), said);
}

#[test]
fn are_checked_whole() {
    let documents = documents();
    // The fault is in the operation that was not chosen.
    let text = "query A { number } query B { ...F } fragment F on Query { colour(colour: \"RED\") }";
    let refusal = prepare(&documents, text, Some("A"), Variables::default()).unwrap_err();
    assert_eq!(refusal.message, r#"Argument "colour": expected a value of type "Colour!", found "RED"."#);
}

#[test]
fn are_kept_with_their_refusals() {
    let documents = documents();
    for text in ["{ number }", "{ number }", "{ number", "{ number", "{ flag(of: 1) }"] {
        let _ = prepare(&documents, text, None, Variables::default());
    }
    documents.cache.run_pending_tasks();
    assert_eq!(documents.cache.entry_count(), 3);
}

#[test]
fn are_kept_within_bounds() {
    let documents = documents();
    for index in 0..400 {
        let fields: String = (0..200).map(|field| format!("a{index}x{field}: number ")).collect();
        prepare(&documents, &format!("{{ {fields} }}"), None, Variables::default()).unwrap();
    }
    documents.cache.run_pending_tasks();
    assert!(documents.cache.weighted_size() <= super::super::CACHE_BYTES);
    assert!(documents.cache.entry_count() > 50);
}

#[test]
fn variables_are_dropped_and_completed() {
    let documents = documents();
    let variables = Variables::from_json(json!({"unknown": 1, "a": null}));
    let text = "query($a: Int = 1, $b: Int = 2, $c: Int) { a: number(n: $a) b: number(n: $b) c: number(n: $c) }";
    let prepared = prepare(&documents, text, None, variables).unwrap();
    assert_eq!(prepared.into_request().variables, Variables::from_json(json!({"a": null, "b": 2})));
}
