//! Values and variables that do not match their type, which the library accepts.

use rstest::rstest;
use serde_json::{Value, json};

use super::{data, raw, refused, run};

/// Accepted by the library, refused by the preparation.
#[rstest]
#[case::string_for_an_enum(r#"{ colour(colour: "RED") }"#, json!({}), r#"Argument "colour": expected a value of type "Colour!", found "RED"."#)]
#[case::string_for_an_enum_in_a_list(r#"{ colours(list: [RED, "RED"]) }"#, json!({}), r#"Argument "list.1": expected a value of type "Colour!", found "RED"."#)]
#[case::string_for_an_enum_in_an_object(r#"{ patch(input: {inner: {colour: "RED"}}) }"#, json!({}), r#"Argument "input.inner.colour": expected a value of type "Colour", found "RED"."#)]
#[case::string_for_an_enum_by_default(r#"query($c: Colour = "RED") { patch(input: {colour: $c}) }"#, json!({}), r#"The default of variable "$c": expected a value of type "Colour", found "RED"."#)]
#[case::variable_of_another_type("query($v: Int!) { text(of: $v) }", json!({"v": "x"}), r#"Variable "$v" of type "Int!" cannot be used where "String!" is expected."#)]
#[case::nullable_variable_at_a_required_argument("query($v: String) { text(of: $v) }", json!({"v": "x"}), r#"Variable "$v" of type "String" cannot be used where "String!" is expected."#)]
#[case::variable_of_another_type_in_an_object("query($v: Int) { patch(input: {inner: {name: $v}}) }", json!({"v": "x"}), r#"Variable "$v" of type "Int" cannot be used where "String" is expected."#)]
#[case::variable_of_another_type_in_a_list("query($v: String) { numbers(list: [1, $v]) }", json!({"v": 3}), r#"Variable "$v" of type "String" cannot be used where "Int" is expected."#)]
#[case::nullable_variable_in_a_list_of_required("query($v: Int) { exactNumbers(list: [1, $v]) }", json!({"v": 3}), r#"Variable "$v" of type "Int" cannot be used where "Int!" is expected."#)]
#[case::item_for_a_list("query($v: Int) { numbers(list: $v) }", json!({"v": 3}), r#"Variable "$v" of type "Int" cannot be used where "[Int]" is expected."#)]
#[case::list_of_nullable_for_required("query($v: [Int]!) { exactNumbers(list: $v) }", json!({"v": [3]}), r#"Variable "$v" of type "[Int]!" cannot be used where "[Int!]!" is expected."#)]
#[case::variable_of_another_type_in_a_fragment("query($v: Int!) { ...F } fragment F on Query { text(of: $v) }", json!({"v": "x"}), r#"Variable "$v" of type "Int!" cannot be used where "String!" is expected."#)]
#[case::nullable_variable_where_exactly_one_is_taken("query($v: ID) { by(by: {id: $v}) }", json!({"v": "x"}), r#"Variable "$v" of type "ID" cannot be used where "ID" without null is expected."#)]
#[case::null_for_a_required_variable("query($v: Int!) { number(n: $v) }", json!({"v": null}), r#"Variable "$v": expected a value of type "Int!", found null."#)]
#[case::unknown_field_beside_an_absent_variable("query($v: String) { patch(input: {nope: 1, name: $v}) }", json!({}), r#"Argument "input": the type "Patch" has no field "nope"; did you mean "name"?"#)]
#[case::field_twice_in_an_object("{ patch(input: {size: 1, size: 2}) }", json!({}), r#"The field "size" is given twice in one object."#)]
#[case::field_twice_in_a_default("query($v: Patch = {size: 1, size: 2}) { patch(input: $v) }", json!({}), r#"The field "size" is given twice in one object."#)]
#[case::typename_with_arguments("{ __typename(a: 1) }", json!({}), r#"The field "__typename" takes no arguments and no selection of fields."#)]
#[case::typename_with_fields("{ __typename { a } }", json!({}), r#"The field "__typename" takes no arguments and no selection of fields."#)]
#[case::unknown_directive_at_typename("{ __typename @nope }", json!({}), r#"The directive "@nope" does not exist."#)]
#[case::wrong_argument_of_a_directive_at_typename(r#"{ number __typename @include(if: "x") }"#, json!({}), r#"Argument "if": expected a value of type "Boolean!", found "x"."#)]
#[case::undefined_variable_at_typename("{ number __typename @include(if: $v) }", json!({}), r#"Variable "$v" is not defined."#)]
#[case::unknown_directive_at_a_variable("query($v: Int @nope) { number(n: $v) }", json!({}), r#"The directive "@nope" does not exist."#)]
#[case::directive_of_another_place_at_a_variable("query($v: Int @skip(if: true)) { number(n: $v) }", json!({}), r#"The directive "@skip" may not stand here."#)]
#[tokio::test]
async fn is_refused_though_the_library_accepts_it(#[case] text: &str, #[case] variables: Value, #[case] message: &str) {
    assert_eq!(raw(text, variables.clone()).await.get("errors"), None, "the library is cured");
    assert_eq!(refused(&run(text, variables).await), message);
}

/// Refused by the library only during the execution, after other fields.
#[rstest]
#[case::large_int("{ number(n: 3000000000) }", json!({}), r#"Argument "n": expected a value of type "Int", found 3000000000."#)]
#[case::large_int_in_a_variable("query($v: Int) { number(n: $v) }", json!({"v": 3000000000_i64}), r#"Variable "$v": expected a value of type "Int", found 3000000000."#)]
#[case::large_int_by_default("query($v: Int = 3000000000) { number(n: $v) }", json!({}), r#"The default of variable "$v": expected a value of type "Int", found 3000000000."#)]
#[case::string_for_an_object(r#"{ patch(input: "x") }"#, json!({}), r#"Argument "input": expected a value of type "Patch", found "x"."#)]
#[case::string_for_an_object_in_a_variable("query($v: Patch) { patch(input: $v) }", json!({"v": {"inner": "x"}}), r#"Variable "$v.inner": expected a value of type "Patch", found "x"."#)]
#[case::list_for_an_object("query($v: Patch) { patch(input: $v) }", json!({"v": [{}]}), r#"Variable "$v": expected a value of type "Patch", found [{}]."#)]
#[case::required_variable_left_out("query($v: Int!) { number(n: $v) }", json!({}), r#"Variable "$v" of type "Int!" is required."#)]
#[case::two_where_one_is_taken(r#"query($v: ID) { by(by: {id: $v, name: "x"}) }"#, json!({}), r#"Argument "by": the type "By" takes exactly one of its fields (id, name), not 2."#)]
#[tokio::test]
async fn is_refused_before_anything_runs(#[case] text: &str, #[case] variables: Value, #[case] message: &str) {
    let alone = raw(text, variables.clone()).await;
    assert!(alone["errors"][0].get("path").is_some(), "the library is cured: {alone}");
    assert_eq!(refused(&run(text, variables).await), message);
}

/// Refused by the library too; by the preparation with a code, the name of the variable and the place in it.
#[rstest]
#[case("{ colour(colour: BLUE) }", json!({}), r#"Argument "colour": the enum "Colour" has no value "BLUE"; the values are: RED, GREEN."#)]
#[case("{ colour(colour: GREAN) }", json!({}), r#"Argument "colour": the enum "Colour" has no value "GREAN"; the values are: GREEN, RED."#)]
#[case("query($v: Colour!) { colour(colour: $v) }", json!({"v": "BLUE"}), r#"Variable "$v": the enum "Colour" has no value "BLUE"; the values are: RED, GREEN."#)]
#[case("query($v: Colour!) { colour(colour: $v) }", json!({"v": 1}), r#"Variable "$v": expected a value of type "Colour!", found 1."#)]
#[case("{ text(of: RED) }", json!({}), r#"Argument "of": expected a value of type "String!", found RED."#)]
#[case("query($v: String!) { text(of: $v) }", json!({"v": 1}), r#"Variable "$v": expected a value of type "String!", found 1."#)]
#[case(r#"{ number(n: "1") }"#, json!({}), r#"Argument "n": expected a value of type "Int", found "1"."#)]
#[case("{ number(n: 1.5) }", json!({}), r#"Argument "n": expected a value of type "Int", found 1.5."#)]
#[case(r#"{ ratio(of: "1") }"#, json!({}), r#"Argument "of": expected a value of type "Float!", found "1"."#)]
#[case("{ flag(of: 1) }", json!({}), r#"Argument "of": expected a value of type "Boolean!", found 1."#)]
#[case("query($v: Boolean!) { flag(of: $v) }", json!({"v": "true"}), r#"Variable "$v": expected a value of type "Boolean!", found "true"."#)]
#[case("{ id(of: 1.5) }", json!({}), r#"Argument "of": expected a value of type "ID!", found 1.5."#)]
#[case("query($v: ID!) { id(of: $v) }", json!({"v": true}), r#"Variable "$v": expected a value of type "ID!", found true."#)]
#[case("{ exactNumbers(list: [1, null]) }", json!({}), r#"Argument "list.1": expected a value of type "Int!", found null."#)]
#[case("{ patch(input: {nope: 1}) }", json!({}), r#"Argument "input": the type "Patch" has no field "nope"; did you mean "name"?"#)]
#[case("query($v: Patch) { patch(input: $v) }", json!({"v": {"inner": {"nope": 1}}}), r#"Variable "$v.inner": the type "Patch" has no field "nope"; did you mean "name"?"#)]
#[case("query($v: [Patch]!) { patches(inputs: $v) }", json!({"v": [{}, {"tags": ["a", 1]}]}), r#"Variable "$v.1.tags.1": expected a value of type "String", found 1."#)]
#[case("{ exact(input: {}) }", json!({}), r#"Argument "input": the field "key" of type "String!" is required."#)]
#[case("query($v: Exact!) { exact(input: $v) }", json!({"v": {}}), r#"Variable "$v": the field "key" of type "String!" is required."#)]
#[case(r#"{ by(by: {id: 1, name: "x"}) }"#, json!({}), r#"Argument "by": the type "By" takes exactly one of its fields (id, name), not 2."#)]
#[case("{ by(by: {id: null}) }", json!({}), r#"Argument "by": the type "By" takes exactly one of its fields, and not null."#)]
#[case("{ by(by: {}) }", json!({}), r#"Argument "by": the type "By" takes exactly one of its fields (id, name), not 0."#)]
#[case("query($v: By!) { by(by: $v) }", json!({"v": {"id": "1", "name": "x"}}), r#"Variable "$v": the type "By" takes exactly one of its fields (id, name), not 2."#)]
#[case("query($v: By!) { by(by: $v) }", json!({"v": {"id": null}}), r#"Variable "$v": the type "By" takes exactly one of its fields, and not null."#)]
#[case("query($v: Nope) { number(n: $v) }", json!({}), r#"Variable "$v" cannot be of the type "Nope"."#)]
#[case("query($v: [Person]) { number(n: $v) }", json!({}), r#"Variable "$v" cannot be of the type "[Person]"."#)]
#[case("{ number(n: $v) }", json!({}), r#"Variable "$v" is not defined."#)]
#[case("query($v: Int) { number }", json!({}), r#"Variable "$v" is not used."#)]
#[case("query($v: Int, $v: Int) { number(n: $v) }", json!({}), r#"Variable "$v" is defined twice."#)]
#[case("{ number } fragment F on Query { number }", json!({}), r#"The fragment "F" is not used."#)]
#[case("{ ...F }", json!({}), r#"There is no fragment "F"."#)]
#[case("{ ...F ...F } fragment F on Query @nope { number }", json!({}), r#"The directive "@nope" does not exist."#)]
#[case("{ __type(name: 1) { name } }", json!({}), r#"Argument "name": expected a value of type "String!", found 1."#)]
#[tokio::test]
async fn is_refused_with_a_code(#[case] text: &str, #[case] variables: Value, #[case] message: &str) {
    assert!(raw(text, variables.clone()).await.get("errors").is_some());
    assert_eq!(refused(&run(text, variables).await), message);
}

/// Valid, but refused by the library.
#[rstest]
#[case::variable_at_typename_only("query($v: Boolean!) { number __typename @include(if: $v) }", json!({"v": true}), json!({"number": "Undefined", "__typename": "Query"}))]
#[case::variable_at_typename_only_and_false("query($v: Boolean = false) { number __typename @include(if: $v) }", json!({}), json!({"number": "Undefined"}))]
#[tokio::test]
async fn is_accepted_though_the_library_refuses_it(#[case] text: &str, #[case] variables: Value, #[case] said: Value) {
    assert!(raw(text, variables.clone()).await.get("errors").is_some(), "the library is cured");
    assert_eq!(*data(&run(text, variables).await), said);
}

/// Accepted by both: the checks are not stricter than the specification.
#[rstest]
#[case("{ ratio(of: 1) }", json!({}), json!({"ratio": 1.0}))]
#[case("{ id(of: 1) }", json!({}), json!({"id": "1"}))]
#[case("query($v: ID!) { id(of: $v) }", json!({"v": 1}), json!({"id": "1"}))]
#[case("{ numbers(list: 1) }", json!({}), json!({"numbers": "Value([Some(1)])"}))]
#[case("query($v: [Int]) { numbers(list: $v) }", json!({"v": 3}), json!({"numbers": "Value([Some(3)])"}))]
#[case("query($v: [Int!]!) { numbers(list: $v) }", json!({"v": [3]}), json!({"numbers": "Value([Some(3)])"}))]
#[case("query($v: Int = 1) { numberOrFive(n: $v) }", json!({"v": 3}), json!({"numberOrFive": 3}))]
#[case("query($v: Int = 1) { exactNumbers(list: [$v]) }", json!({}), json!({"exactNumbers": "[1]"}))]
#[case("query($v: Int) { numberOrFive(n: $v) }", json!({"v": 3}), json!({"numberOrFive": 3}))]
#[case("query($v: ID!) { by(by: {id: $v}) }", json!({"v": "x"}), json!({"by": "Id(ID(\"x\"))"}))]
#[case("query($v: Colour!) { colours(list: [GREEN, $v]) }", json!({"v": "RED"}), json!({"colours": "[Green, Red]"}))]
#[case("query($v: String!) { __type(name: $v) { name fields(includeDeprecated: true) { name } } }", json!({"v": "By"}), json!({"__type": {"name": "By", "fields": null}}))]
#[case("{ __schema { queryType { name kind } } }", json!({}), json!({"__schema": {"queryType": {"name": "Query", "kind": "OBJECT"}}}))]
#[case("query($v: Int) { number(n: $v) }", json!({"v": 3, "unknown": {"a": [1]}}), json!({"number": "Value(3)"}))]
#[case(r#"{ text(of: "{a: 1, a: 2} # \" {a: 1, a: 2}") number # {a: 1, a: 2}
    patch(input: {name: """ " {a: 1, a: 2} """, inner: {name: "a"}, tags: ["name:", "name:"]}) }"#, json!({}),
    json!({"text": "{a: 1, a: 2} # \" {a: 1, a: 2}", "number": "Undefined",
        "patch": r#"name " \" {a: 1, a: 2} ", tags [Some("name:"), Some("name:")], inner (name "a", level 7, depth Some(9)), level 7, depth Some(9)"#}))]
#[tokio::test]
async fn is_taken(#[case] text: &str, #[case] variables: Value, #[case] said: Value) {
    assert_eq!(*data(&run(text, variables).await), said);
}

/// Not corrected: the parser keeps the backslash before three quotes in a block string, and after parsing a block string cannot be
/// distinguished from another one.
#[tokio::test]
async fn three_quotes_in_a_block_string_keep_their_backslash() {
    let answer = run(r#"{ text(of: """a \""" {a: 1, a: 2}""") }"#, json!({})).await;
    assert_eq!(data(&answer)["text"], r#"a \""" {a: 1, a: 2}"#);
}

/// The library panics while it validates this.
#[tokio::test]
async fn an_unknown_type_in_a_list_with_a_default_is_refused() {
    let text = "query($v: [Nope] = [1]) { number(n: $v) }";
    assert!(tokio::spawn(raw(text, json!({}))).await.is_err_and(|error| error.is_panic()), "the library is cured");
    assert_eq!(refused(&run(text, json!({})).await), r#"Variable "$v" cannot be of the type "[Nope]"."#);
}
