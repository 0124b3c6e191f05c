//! Fields with the same response key, and the roots of mutations and subscriptions.

use rstest::rstest;
use serde_json::{Value, json};

use super::{answer, data, prepared, raw, refused, run, run_on, schema::small, stream};

/// Accepted by the library, which answers only one of the two.
#[rstest]
#[case("{ flag(of: true) ... on Query { flag(of: false) } }", "flag", "their arguments differ")]
#[case("{ flag(of: true) ...F } fragment F on Query { flag(of: false) }", "flag", "their arguments differ")]
#[case("{ person { age(times: 1) } person { age(times: 2) } }", "age", "their arguments differ")]
#[case(
    "{ person { x: name } ...F } fragment F on Query { person { x: age } }",
    "x",
    r#"one is of the type "String!", the other of "Int!""#
)]
#[case("{ beings { x: name ... on Robot { x: kind } } }", "x", r#"one is "name", the other is "kind""#)]
#[case(
    "{ beings { ... on Person { age } ... on Robot { age } } }",
    "age",
    r#"one is of the type "Int!", the other of "String!""#
)]
#[tokio::test]
async fn that_conflict_are_refused(#[case] text: &str, #[case] key: &str, #[case] why: &str) {
    assert_eq!(raw(text, json!({})).await.get("errors"), None, "the library is cured");
    let expected = format!("The fields under the key \"{key}\" cannot be merged: {why}. Give one of them an alias.");
    assert_eq!(refused(&run(text, json!({})).await), expected);
}

#[rstest]
#[case("{ person { name } person { age } }", json!({"person": {"name": "Ada", "age": 40}}))]
#[case("{ beings { ... on Person { x: name } ... on Robot { x: kind } } }", json!({"beings": [{"x": "Ada"}, {"x": "tin"}]}))]
#[case("{ beings { ... on Person { mate { x: name } } ... on Robot { mate { x: kind } } } }", json!({"beings": [{"mate": {"x": "Eve"}}, {"mate": {"x": "tin"}}]}))]
#[case("{ beings { ...N ... on Person { ...N age } ... on Robot { ...N } } } fragment N on Being { name }", json!({"beings": [{"name": "Ada", "age": 40}, {"name": "Robby"}]}))]
#[case("{ beings { ... on Person { ...N age } ... on Robot { ...N } } } fragment N on Being { name }", json!({"beings": [{"name": "Ada", "age": 40}, {"name": "Robby"}]}))]
#[case("{ person { ...A ...B } } fragment A on Person { mate { name } name } fragment B on Person { age mate { age name } }",
    json!({"person": {"mate": {"name": "Eve", "age": 40}, "name": "Ada", "age": 40}}))]
#[case("{ beings { ... on Person { mate { name } } name ...P } } fragment P on Person { mate { age } age }",
    json!({"beings": [{"mate": {"name": "Eve", "age": 40}, "name": "Ada", "age": 40}, {"name": "Robby"}]}))]
#[case("query($v: Boolean = true) { person { name } person @include(if: $v) { age } }", json!({"person": {"name": "Ada", "age": 40}}))]
#[case("query($v: Boolean = false) { person { name } ...F @include(if: $v) } fragment F on Query { person { age } }", json!({"person": {"name": "Ada"}}))]
#[case("query($v: Int) { person { age(times: $v) } person { age(times: $v) } }", json!({"person": {"age": 40}}))]
#[tokio::test]
async fn are_merged(#[case] text: &str, #[case] said: Value) {
    let answer = run(text, json!({})).await;
    // As text, because the order matters.
    assert_eq!(data(&answer).to_string(), said.to_string());
}

#[rstest]
#[case("mutation { bump { now } bump { same } }")]
#[case("mutation { bump { now } ...F } fragment F on Mutation { bump { same } }")]
#[case("mutation { ...F ...F } fragment F on Mutation { bump { now same } }")]
#[case("mutation { ... { bump { now } } ... on Mutation { bump { same } } }")]
#[tokio::test]
async fn a_mutation_that_is_selected_twice_runs_once(#[case] text: &str) {
    let once = "mutation { bump { now } }";
    let alone = small();
    alone.execute(text).await;
    assert_ne!(answer(alone.execute(once).await)["data"]["bump"]["now"], 2, "the library is cured");
    let schema = small();
    assert_eq!(data(&run_on(&schema, text, None, json!({})).await)["bump"], json!({"now": 1, "same": 1}));
    assert_eq!(data(&run_on(&schema, once, None, json!({})).await)["bump"]["now"], 2);
}

#[tokio::test]
async fn a_mutation_under_two_keys_runs_twice_in_order() {
    let answer = run("mutation { a: bump { now } b: bump(by: 2) { now } }", json!({})).await;
    assert_eq!(data(&answer).to_string(), r#"{"a":{"now":1},"b":{"now":3}}"#);
}

#[rstest]
#[case("mutation($v: Boolean!) { bump { now } bump @include(if: $v) { same } }")]
#[case("mutation($v: Boolean!) { bump { now } ...F @include(if: $v) } fragment F on Mutation { bump { same } }")]
#[case(
    "mutation($v: Boolean!) { ...F @include(if: $v) ...F @include(if: $v) } fragment F on Mutation { bump { same } }"
)]
#[case(
    "mutation($v: Boolean!) { ...G } fragment G on Mutation { ...F @skip(if: $v) ...F } fragment F on Mutation { bump { now } }"
)]
#[tokio::test]
async fn a_mutation_that_is_selected_twice_with_directives_is_refused(#[case] text: &str) {
    let answer = run(text, json!({"v": true})).await;
    let expected = "A mutation is given twice under one key, with directives: it can run only once.";
    assert_eq!(refused(&answer), expected);
}

#[tokio::test]
async fn a_mutation_with_a_directive_runs() {
    let text = "mutation($v: Boolean!) { ...F @include(if: $v) } fragment F on Mutation { bump { same } }";
    assert_eq!(data(&run(text, json!({"v": true})).await)["bump"]["same"], 1);
    assert_eq!(*data(&run(text, json!({"v": false})).await), json!({}));
}

#[rstest]
#[case("subscription { ticks tocks }")]
#[case("subscription { ticks a: ticks }")]
#[case("subscription { ...F tocks } fragment F on Ticks { ticks }")]
#[tokio::test]
async fn a_subscription_selects_one_field(#[case] text: &str) {
    let answers = stream(text, json!({})).await;
    assert_eq!(refused(&answers[0]), "A subscription selects exactly one field.");
}

#[tokio::test]
async fn a_subscription_takes_no_condition() {
    let answers = stream("subscription { ticks @skip(if: true) }", json!({})).await;
    assert_eq!(refused(&answers[0]), "The field of a subscription must have neither \"@skip\" nor \"@include\".");
}

/// The library returns an empty stream if the field is in a fragment.
#[rstest]
#[case("subscription { ticks }")]
#[case("subscription { ...F } fragment F on Ticks { ticks }")]
#[case("subscription { ... on Ticks { ticks } }")]
#[case("subscription($n: Int) { ...F } fragment F on Ticks { ticks(n: $n) }")]
#[tokio::test]
async fn a_subscription_finds_its_field_in_a_fragment(#[case] text: &str) {
    assert_eq!(stream(text, json!({})).await, [json!({"data": {"ticks": 0}})]);
}

#[test]
fn that_overlap_at_every_level_cost_no_more_than_the_limit() {
    let mut text = String::from("name");
    for _ in 0..28 {
        text =
            format!("friend {{ ... on Person {{ friend {{ name }} }} ... on Robot {{ friend {{ name }} }} {text} }}");
    }
    let started = std::time::Instant::now();
    let refusal = prepared(&format!("{{ beings {{ {text} }} }}"), None, json!({}));
    assert!(started.elapsed().as_millis() < 500, "{:?}", started.elapsed());
    assert!(refusal.is_ok() || refusal.is_err_and(|it| it["errors"][0]["why"] == "TooMuch"));
}
