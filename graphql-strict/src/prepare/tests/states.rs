//! Absent, null and a value are different, as a literal and as a variable, alone, in an object and in a list.

use rstest::rstest;
use serde_json::{Value, json};

use super::{data, raw, refused, run};

#[rstest]
// Literals.
#[case("{ number }", json!({}), "Undefined")]
#[case("{ number(n: null) }", json!({}), "Null")]
#[case("{ number(n: 3) }", json!({}), "Value(3)")]
// An argument.
#[case("query($n: Int) { number(n: $n) }", json!({}), "Undefined")]
#[case("query($n: Int) { number(n: $n) }", json!({"n": null}), "Null")]
#[case("query($n: Int) { number(n: $n) }", json!({"n": 3}), "Value(3)")]
// With a default.
#[case("query($n: Int = 5) { number(n: $n) }", json!({}), "Value(5)")]
#[case("query($n: Int = 5) { number(n: $n) }", json!({"n": null}), "Null")]
#[case("query($n: Int = 5) { number(n: $n) }", json!({"n": 3}), "Value(3)")]
#[case("query($n: Int = null) { number(n: $n) }", json!({}), "Null")]
// Below a fragment.
#[case("query($n: Int) { ...F } fragment F on Query { number(n: $n) }", json!({}), "Undefined")]
#[case("query($n: Int) { ... on Query { number(n: $n) } }", json!({}), "Undefined")]
#[case("query($n: Int) { ...F } fragment F on Query { number(n: $n) }", json!({"n": null}), "Null")]
#[tokio::test]
async fn of_an_argument(#[case] text: &str, #[case] variables: Value, #[case] said: &str) {
    assert_eq!(data(&run(text, variables).await)["number"], said);
}

#[rstest]
#[case("{}", json!({}), "level 7, depth Some(9)")]
#[case("{name: null, size: null, inner: null, depth: null}", json!({}), "name null, size null, inner null, level 7, depth None")]
#[case(r#"{name: "a", inner: {size: 1}}"#, json!({}), r#"name "a", inner (size 1, level 7, depth Some(9)), level 7, depth Some(9)"#)]
#[case("{name: $s, size: $n, inner: {name: $s, level: $n}}", json!({}), "inner (level 7, depth Some(9)), level 7, depth Some(9)")]
#[case("{name: $s, size: $n, depth: $n}", json!({"s": null, "n": null}), "name null, size null, level 7, depth None")]
#[case("{name: $s, size: $n, depth: $n}", json!({"s": "a", "n": 1}), r#"name "a", size 1, level 7, depth Some(1)"#)]
#[case("{name: $s, size: $n}", json!({"n": 1}), "size 1, level 7, depth Some(9)")]
#[case("{tags: [$s, \"b\"]}", json!({}), r#"tags [None, Some("b")], level 7, depth Some(9)"#)]
#[case("{tags: [$s, \"b\"]}", json!({"s": null}), r#"tags [None, Some("b")], level 7, depth Some(9)"#)]
#[case("{tags: [$s, \"b\"]}", json!({"s": "a"}), r#"tags [Some("a"), Some("b")], level 7, depth Some(9)"#)]
#[case("{tags: $t}", json!({}), "level 7, depth Some(9)")]
#[case("{tags: $t}", json!({"t": null}), "tags null, level 7, depth Some(9)")]
#[case("{tags: $t}", json!({"t": []}), "tags [], level 7, depth Some(9)")]
#[case("{colour: $c}", json!({}), "level 7, depth Some(9)")]
#[case("{colour: $c}", json!({"c": null}), "colour null, level 7, depth Some(9)")]
#[case("{colour: $c}", json!({"c": "RED"}), "colour Red, level 7, depth Some(9)")]
#[case("{name: $d, size: $e}", json!({}), r#"name "x", size 4, level 7, depth Some(9)"#)]
#[case("{name: $d, size: $e}", json!({"d": null, "e": null}), "name null, size null, level 7, depth Some(9)")]
#[case("{name: $d, size: $e}", json!({"d": "a", "e": 1}), r#"name "a", size 1, level 7, depth Some(9)"#)]
#[case("$p", json!({"p": {"name": null, "inner": {}}}), "name null, inner (level 7, depth Some(9)), level 7, depth Some(9)")]
#[case("$p", json!({"p": null}), "none")]
#[case("$p", json!({}), "none")]
#[tokio::test]
async fn of_a_field_of_an_input(#[case] input: &str, #[case] variables: Value, #[case] said: &str) {
    // Exactly the variables of the line are defined.
    let definitions: Vec<_> = [
        ("$s", "String"),
        ("$n", "Int"),
        ("$t", "[String]"),
        ("$c", "Colour"),
        ("$d", "String = \"x\""),
        ("$e", "Int = 4"),
        ("$p", "Patch"),
    ]
    .iter()
    .filter(|(name, _)| input.contains(name))
    .map(|(name, ty)| format!("{name}: {ty}"))
    .collect();
    let definitions = if definitions.is_empty() { String::new() } else { format!("({})", definitions.join(", ")) };
    let text = format!("query {definitions} {{ patch(input: {input}) }}");
    assert_eq!(data(&run(&text, variables).await)["patch"], said, "{text}");
}

#[rstest]
#[case("[$n, 2]", json!({}), "Value([None, Some(2)])")]
#[case("[$n, 2]", json!({"n": null}), "Value([None, Some(2)])")]
#[case("[$n, 2]", json!({"n": 1}), "Value([Some(1), Some(2)])")]
#[tokio::test]
async fn of_an_item_of_a_list(#[case] list: &str, #[case] variables: Value, #[case] said: &str) {
    let text = format!("query($n: Int) {{ numbers(list: {list}) }}");
    assert_eq!(data(&run(&text, variables).await)["numbers"], said);
}

#[tokio::test]
async fn of_an_object_in_a_list() {
    let text = "query($p: Patch, $n: Int) { patches(inputs: [$p, {size: $n}]) }";
    let said = data(&run(text, json!({})).await)["patches"].clone();
    assert_eq!(said, json!(["null", "level 7, depth Some(9)"]));
}

/// The fault: the library makes an absent value null, which would delete a stored value, and ignores a default.
#[tokio::test]
async fn the_library_makes_absent_values_null() {
    let patch = "query($s: String, $n: Int) { patch(input: {name: $s, depth: $n}) }";
    assert_eq!(raw(patch, json!({})).await["data"]["patch"], "name null, level 7, depth None");
    let argument = "query($n: Int) { numberOrFive(n: $n) }";
    assert!(raw(argument, json!({})).await["errors"][0]["message"].as_str().unwrap().contains("found null"));
    assert_eq!(data(&run(argument, json!({})).await)["numberOrFive"], 5);
}

#[tokio::test]
async fn null_where_it_cannot_be_is_refused() {
    let text = "query($n: Int) { numberOrFive(n: $n) }";
    assert_eq!(run(text, json!({"n": null})).await["data"], json!(null));
    let text = "query($n: Int!) { number(n: $n) }";
    assert_eq!(raw(text, json!({"n": null})).await["data"]["number"], "Null", "the library takes it");
    let answer = run(text, json!({"n": null})).await;
    assert_eq!(refused(&answer), r#"Variable "$n": expected a value of type "Int!", found null."#);
}

#[tokio::test]
async fn a_required_variable_that_is_left_out_is_named() {
    let answer = run("query($n: Int!) { number(n: $n) }", json!({"m": 1})).await;
    assert_eq!(refused(&answer), r#"Variable "$n" of type "Int!" is required."#);
    let answer = run("query($n: Int! = 2) { number(n: $n) }", json!({})).await;
    assert_eq!(data(&answer)["number"], "Value(2)");
}

#[rstest]
#[case("include", "true", json!({}), true)]
#[case("include", "false", json!({}), false)]
#[case("include", "true", json!({"if": false}), false)]
#[case("skip", "true", json!({}), false)]
#[case("skip", "false", json!({}), true)]
#[case("skip", "false", json!({"if": true}), false)]
#[tokio::test]
async fn a_directive_respects_a_default(
    #[case] directive: &str,
    #[case] default: &str,
    #[case] variables: Value,
    #[case] there: bool,
) {
    let text = format!("query($if: Boolean = {default}) {{ flag(of: true) number @{directive}(if: $if) }}");
    assert_eq!(data(&run(&text, variables).await).get("number").is_some(), there);
}

#[tokio::test]
async fn the_library_ignores_the_default_of_a_directive() {
    let text = "query($if: Boolean = true) { flag(of: true) number @include(if: $if) }";
    assert_eq!(raw(text, json!({})).await["data"].get("number"), None);
}
