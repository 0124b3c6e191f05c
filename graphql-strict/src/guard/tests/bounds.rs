//! Each limit at its maximum, which is accepted, and with one more, which is refused with the right limit.

use rstest::rstest;

use super::{
    super::{Limit, Limits, check_variables},
    check, passes, refuses,
};

#[rstest]
#[case::document_bytes(Limit::DocumentBytes, 65_536, |n| {
    format!("{{a}}#{}{}", "é".repeat((n - 4) / 2), "x".repeat(n % 2))
})]
#[case::tokens(Limit::Tokens, 2_000, |n| braced("a ", n - 2))]
#[case::tokens_of_every_kind(Limit::Tokens, 2_000, |n| {
    let head = "query($v:T!=1.5e3){a(x:[$v,\"\",\"\"\"s\"\"\"])@b...{a}";
    format!("{head}{}}}", "a ".repeat(n - 29))
})]
#[case::comments(Limit::Comments, 1_000, |n| "{a #\n}".to_owned() + &"# note\n".repeat(n - 1))]
#[case::comments_alone(Limit::Comments, 1_000, |n| "#\n".repeat(n))]
#[case::name_bytes(Limit::NameBytes, 256, |n| braced("a", n))]
#[case::nested_fields(Limit::Nesting, 32, |n| "{a".repeat(n) + &"}".repeat(n))]
#[case::nested_lists(Limit::Nesting, 32, |n| {
    format!("{{a(x:{}{})}}", "[".repeat(n - 2), "]".repeat(n - 2))
})]
#[case::nested_objects(Limit::Nesting, 32, |n| {
    format!("{{a(x:{}1{})}}", "{b:".repeat(n - 2), "}".repeat(n - 2))
})]
#[case::nested_types(Limit::Nesting, 32, |n| {
    format!("query($a:{}T{}){{a}}", "[".repeat(n - 1), "]!".repeat(n - 1))
})]
#[case::aliases(Limit::Aliases, 30, |n| braced("a:b ", n))]
#[case::directives(Limit::Directives, 30, |n| format!("query{}{{a}}", "@b".repeat(n)))]
#[case::operations(Limit::Operations, 10, |n| "query A{a}".repeat(n))]
#[case::operations_without_a_name(Limit::Operations, 10, |n| "{a}".repeat(n))]
#[case::operations_of_every_kind(Limit::Operations, 10, |n| {
    "query{a}mutationA{a}subscription A{a}".to_owned() + &"{a}".repeat(n - 3)
})]
#[case::fragments(Limit::Fragments, 50, |n| "fragment F on T{a}".repeat(n))]
#[case::spreads(Limit::Spreads, 200, |n| braced("...F ", n))]
#[case::expanded(Limit::ExpandedSelections, 5_000, |n| {
    let spreads = "...F ".repeat(50) + &"a ".repeat(n - 5_000);
    format!("{{{spreads}}}fragment F on T{}", braced("a ", 99))
})]
// A thousand fields, one of them with 24 arguments, in different forms.
#[case::compared(Limit::Comparisons, 1_000, |n| compared("", n))]
#[case::compared_inline(Limit::Comparisons, 1_000, |n| compared("...{a a ...{a}}", n - 7))]
#[case::compared_by_type(Limit::Comparisons, 1_000, |n| compared("... on T@b{a}a", n - 3))]
#[case::compared_apart(Limit::Comparisons, 1_000, |n| compared("...{b{a ...{a}}a}", n - 7))]
#[case::compared_spread(Limit::Comparisons, 1_000, |n| hundred(compared("...F ...F", n - 282)))]
#[case::compared_spread_inline(Limit::Comparisons, 1_000, |n| hundred(compared("...{...F}", n - 282)))]
#[case::compared_spread_apart(Limit::Comparisons, 1_000, |n| hundred(compared("b{...F}...{c{...F}}", n - 285)))]
#[case::compared_chain(Limit::Comparisons, 1_000, |n| {
    hundred(compared("...G", n - 375)) + "fragment G on T{...F b{...F}}"
})]
fn at_the_bound(#[case] limit: Limit, #[case] bound: usize, #[case] text: fn(usize) -> String) {
    let limits = Limits::default();
    assert_eq!(check(&text(bound), &limits), Ok(()));
    let exceeded = refuses(limit, &text(bound + 1), &limits);
    let message = exceeded.to_string();
    assert!(message.contains(&exceeded.allowed.to_string()), "{message}");
    assert!(message.contains(&exceeded.found.to_string()), "{message}");
}

/// An operation with these selections, one field with 24 arguments, and further fields up to `fields`.
fn compared(selections: &str, fields: usize) -> String {
    let arguments = "x:1 ".repeat(24);
    format!("{{{selections} a({arguments}){}}}", "a ".repeat(fields - 1))
}

/// Adds a fragment with a hundred fields. All are counted once, and those of its outermost set once more for each set that spreads it.
fn hundred(operation: String) -> String {
    let (fields, inner) = ("a ".repeat(90), "a ".repeat(9));
    format!("{operation}fragment F on T{{{fields}b{{{inner}}}}}")
}

fn braced(repeated: &str, times: usize) -> String {
    format!("{{{}}}", repeated.repeat(times))
}

#[test]
fn variables_at_the_bound() {
    let limits = Limits::default();
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(check_variables(nested(32).as_bytes(), &limits), Ok(()));
    let exceeded = check_variables(nested(33).as_bytes(), &limits).unwrap_err();
    assert_eq!((exceeded.limit, exceeded.allowed, exceeded.found), (Limit::VariablesNesting, 32, 33));

    let sized = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    assert_eq!(check_variables(sized(1_572_864).as_bytes(), &limits), Ok(()));
    let exceeded = check_variables(sized(1_572_865).as_bytes(), &limits).unwrap_err();
    assert_eq!((exceeded.limit, exceeded.allowed, exceeded.found), (Limit::VariablesBytes, 1_572_864, 1_572_865));
}

#[rstest]
#[case("query Q @b{a}")]
#[case("query Q($v:T @b){a}")]
#[case("{a @b}")]
#[case("{a(x:1) @ b(y:[{z:1}]) {a}}")]
#[case("{...F @b}")]
#[case("{... @b{a}}")]
#[case("{... on T @b{a}}")]
#[case("fragment F on T @b{a}")]
fn a_directive_counts_at_every_place(#[case] text: &str) {
    let limits = |directives| Limits { directives, ..Limits::default() };
    assert_eq!(check(text, &limits(1)), Ok(()));
    refuses(Limit::Directives, text, &limits(0));
}

#[rstest]
#[case::arguments("{a(x:1 y:[{z:1}] u:{v:{w:1}})}")]
#[case::variables("query Q($v:T={x:1} $w:[T!]){a}")]
#[case::arguments_of_directives("query Q @b(x:1){a @b(x:{y:1})}")]
#[case::nothing_read("\"a:b\"#a:b\n{a(x:\"a:b\")}")]
fn a_colon_at_other_places_is_no_alias(#[case] text: &str) {
    let limits = Limits { aliases: 0, ..Limits::default() };
    assert_eq!(check(text, &limits), Ok(()));
}

#[test]
fn messages() {
    let text = "{a".repeat(40);
    let exceeded = refuses(Limit::Nesting, &text, &Limits::default());
    assert_eq!(exceeded.to_string(), "the document nests brackets at least 33 deep; 32 are allowed");
    let exceeded = refuses(Limit::Aliases, &format!("{{{}}}", "a:a ".repeat(99)), &Limits::default());
    assert_eq!(exceeded.to_string(), "the document has at least 31 aliases; 30 are allowed");
    assert_eq!(exceeded.limit.name(), "aliases");
    let cycle = refuses(Limit::FragmentCycles, "fragment F on T{...F}", &Limits::default());
    assert_eq!(cycle.to_string(), "the document has at least 1 fragment that spreads itself; 0 are allowed");
}

#[test]
fn nothing_passes() {
    passes("");
    passes(" \n#\n");
}
