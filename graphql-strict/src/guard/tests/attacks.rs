//! Generated attacks on a server, each with the limit that refuses it.

use rstest::rstest;

use super::{
    super::{Limit, Limits},
    check, of_any_length, refuses,
};

const DEPTHS: [usize; 5] = [33, 1_000, 6_000, 100_000, 1_000_000];

/// Nested brackets: the text before, the repeated text, the text that closes it, the text after.
#[rstest]
#[case::lists("{a(x:", "[", "]", ")}")]
#[case::lists_between("{a(x:", "[1 ", "]", ")}")]
#[case::objects("{a(x:", "{b:", "}", ")}")]
#[case::mixed("{a(x:", "[{b:", "}]", ")}")]
#[case::mixed_otherwise("{a(x:", "{b:[", "]}", ")}")]
#[case::commented("{a(x:", "[#]\n", "]", ")}")]
#[case::after_a_string("{a(x:", "[\"]\" ", "]", ")}")]
#[case::after_a_block_string("{a(x:", "[\"\"\"]\\\"\"\"]\"\"\"", "]", ")}")]
#[case::after_a_number_glued_to_a_keyword("{a(x:[null1.5", "[", "]", "])}")]
#[case::after_a_number_after_a_variable("{a(x:[$null1e-5.5", "[", "]", "])}")]
#[case::types("query($a:", "[", "]", "){a}")]
#[case::defaults("query($a:T=", "[", "]", "){a}")]
#[case::fields("{a", "{a", "}", "}")]
#[case::inline_fragments("{a", "{...", "}", "}")]
#[case::inline_fragments_on_types("{a", "{... on T", "}", "}")]
#[case::in_a_fragment("fragment F on T", "{a", "}", "{a}")]
#[case::directives("query @a(x:", "[", "]", "){a}")]
#[case::directives_of_variables("query($a:T @a(x:", "[", "]", ")){a}")]
#[case::nothing_the_grammar_knows("", "(", ")", "")]
#[case::nor_this("{", "([{", "}])", "")]
#[case::only_opened("{a(x:", "[", "", "")]
fn nesting(#[case] before: &str, #[case] open: &str, #[case] close: &str, #[case] after: &str) {
    for depth in DEPTHS {
        let text = [before, &open.repeat(depth), "1", &close.repeat(depth), after].concat();
        assert_eq!(refuses(Limit::Nesting, &text, &of_any_length()).found, 33);
        if text.len() > Limits::default().document_bytes {
            refuses(Limit::DocumentBytes, &text, &Limits::default());
        } else {
            check(&text, &Limits::default()).unwrap_err();
        }
    }
}

/// 2^`generations` selections: each fragment spreads the previous one twice.
pub(super) fn doubling(generations: usize, within: &str) -> String {
    let fragments = (1..generations).map(|n| {
        let spreads = format!("...F{0} ...F{0}", n - 1);
        format!("fragment F{n} on N{{{}}}", within.replace('_', &spreads))
    });
    format!("{{n{{...F{}}}}} fragment F0 on N{{name}} {}", generations - 1, fragments.collect::<String>())
}

#[rstest]
#[case::bare("_")]
#[case::inline("...{_}")]
#[case::inline_on_a_type("... on N{_}")]
#[case::in_a_field("n{_}")]
fn fragments_that_double(#[case] within: &str) {
    for generations in [13, 20, 50] {
        refuses(Limit::ExpandedSelections, &doubling(generations, within), &Limits::default());
    }
    for generations in [51, 60] {
        let text = doubling(generations, within);
        refuses(Limit::Fragments, &text, &Limits::default());
        let limits = Limits { fragments: usize::MAX, ..Limits::default() };
        refuses(Limit::ExpandedSelections, &text, &limits);
    }
    // With so many generations the sum saturates.
    let limits = Limits { expanded_selections: Limits::default().expanded_selections, ..Limits::NONE };
    let text = doubling(5_000, within);
    assert_eq!(refuses(Limit::ExpandedSelections, &text, &limits).found, usize::MAX);
}

#[test]
fn fragments_that_double_and_are_not_spread() {
    let text = doubling(14, "_").replacen("...F13", "name", 1);
    refuses(Limit::ExpandedSelections, &text, &Limits::default());
}

#[test]
fn operations_that_each_expand() {
    let text = doubling(9, "_");
    assert_eq!(check(&text, &Limits::default()), Ok(()));
    let operations: String = (0..9).map(|n| format!("query Q{n}{{n{{...F8}}}}")).collect();
    let text = operations + &text;
    refuses(Limit::ExpandedSelections, &text, &Limits::default());
}

#[rstest]
#[case::itself("fragment A on T{...A}")]
#[case::within_a_field("fragment A on T{a{b{...A}}}")]
#[case::within_an_inline_fragment("fragment A on T{...{... on T @include(if:true){...A}}}")]
#[case::by_another("fragment A on T{...B} fragment B on T{a ...A}")]
#[case::beside_a_good_one("fragment G on T{a} fragment A on T{...G ...A}")]
#[case::far_from_the_operation("fragment A on T{...B} fragment B on T{...C} fragment C on T{...B}")]
#[case::called_on("fragment on on T{... on}")]
#[case::called_on_with_a_comment("fragment on on T{... on#\nT{a}}")]
#[case::glued_keyword("fragmentA on T{...A}")]
#[case::called_fragment("fragment fragment on T{...fragment}")]
#[case::called_query("fragment query on T{...query}")]
fn cycles(#[case] fragments: &str) {
    for text in [
        format!("{{...A}} {fragments}"),
        format!("{fragments} query{{a ...A}}"),
        format!("{{a}} {fragments}"),
        fragments.to_owned(),
    ] {
        refuses(Limit::FragmentCycles, &text, &Limits::default());
        refuses(Limit::FragmentCycles, &text, &Limits::NONE);
    }
}

#[test]
fn long_cycles() {
    for (length, limits) in [(50, Limits::default()), (100_000, Limits::NONE)] {
        let fragments: String =
            (0..length).map(|n| format!("fragment F{n} on T{{...F{}}}", (n + 1) % length)).collect();
        refuses(Limit::FragmentCycles, &format!("{{...F0}}{fragments}"), &limits);
    }
}

#[test]
fn long_chains_are_no_cycles() {
    let fragments: String = (0..100_000).map(|n| format!("fragment F{n} on T{{...F{}}}", n + 1)).collect();
    assert_eq!(check(&fragments, &Limits::NONE), Ok(()));
}

/// The validation compares the arguments of every pair of fields of one name in every set that they are merged into. Every difference is
/// an error.
#[test]
fn fields_repeated_under_inline_fragments() {
    for depth in [0, 1, 28] {
        let text = format!(
            "{{n{}a({}){}{}}}",
            "{...".repeat(depth) + "{",
            "x:1 ".repeat(250),
            " a".repeat(1_000),
            "}".repeat(depth + 1)
        );
        refuses(Limit::Comparisons, &text, &Limits::default());
    }
}

#[test]
fn fields_repeated_by_fragments() {
    let fields = format!("a(x:1 y:2 ids:3){}", " a".repeat(1_000));
    let spreads = "n{...F}".repeat(100);
    let text = format!("{{{spreads}}} fragment F on N{{{fields}}}");
    let limits = Limits { expanded_selections: usize::MAX, ..Limits::default() };
    refuses(Limit::Comparisons, &text, &limits);
}

#[test]
fn long_names() {
    let name = "b".repeat(60_000);
    for text in [
        format!("query {name}{{n{{a(x:$v)}}}}"),
        format!("{{n{{{name}:a}}}}"),
        format!("{{n{{a(x:{name})}}}}"),
        format!("{{...{name}}}"),
        name.clone(),
    ] {
        refuses(Limit::NameBytes, &text, &Limits::default());
    }
}

/// Long texts without anything that is counted: only their length is limited.
#[rstest]
#[case::comment("#", "[", "\n{a}")]
#[case::comments("#", "[\n#", "\n{a}")]
#[case::string("{a(x:\"", "[", "\")}")]
#[case::escapes("{a(x:\"", "\\\"[", "\")}")]
#[case::block_string("{a(x:\"\"\"", "[\n", "\"\"\")}")]
#[case::block_string_escapes("{a(x:\"\"\"", "\\\"\"\"[", "\"\"\")}")]
#[case::spaces("{a", " \t,\r\n\u{feff}", "}")]
#[case::unclosed_string("{a(x:\"", "[", ")}")]
#[case::unclosed_block_string("{a(x:\"\"\"", "[", ")}")]
fn long_texts(#[case] before: &str, #[case] repeated: &str, #[case] after: &str) {
    for times in [10, 1_000, 1_000_000] {
        let text = [before, &repeated.repeat(times), after].concat();
        let limits = Limits { document_bytes: usize::MAX, comments: usize::MAX, ..Limits::default() };
        assert_eq!(check(&text, &limits), Ok(()));
        if text.len() > Limits::default().document_bytes {
            let exceeded = refuses(Limit::DocumentBytes, &text, &Limits::default());
            assert_eq!(exceeded.found, text.len());
        }
    }
}

/// Texts that a scan with backtracking would not read in linear time.
#[rstest]
#[case::block_strings("", "\"\"\"")]
#[case::block_strings_and_quotes("", "\"\"\"\" ")]
#[case::unclosed_block_strings("\"\"\"", " \\\"\"\"\"\"")]
#[case::strings("", "\"\" \"")]
#[case::type_conditions("", "... on ")]
#[case::type_condition("... on", " ")]
#[case::comments("", "#\r")]
#[case::inline_fragments("", "{...")]
#[case::fragments("", "fragment ")]
#[case::aliases("{", "a:")]
#[case::numbers("", "-0")]
fn a_scan_is_linear(#[case] before: &str, #[case] repeated: &str) {
    let text = before.to_owned() + &repeated.repeat(2_000_000 / repeated.len());
    let start = std::time::Instant::now();
    let _ = check(&text, &Limits::NONE);
    let took = start.elapsed();
    assert!(took.as_secs() < 5, "{took:?} for {repeated:?}");
}

#[test]
fn allowed_comments_cost_the_parser_little() {
    let comments = |count: usize| {
        let each = "#\n".repeat(count / 10);
        format!("{each}query{each}Q{each}({each}$a{each}:{each}T{each}){each}{{{each}a{each}}}")
    };
    let blanks = comments(1_000) + &"\n,".repeat(30_000);
    refuses(Limit::Comments, &comments(32_000)[..64_000], &Limits::default());
    check(&blanks, &Limits::default()).unwrap();
    for (name, text) in [("allowed", blanks), ("refused", comments(30_000))] {
        let (parsed, took) = super::on_small_stack(|| async_graphql::parser::parse_query(&text));
        parsed.unwrap();
        println!("{name}: parsed in {took:?}");
        assert!(name == "refused" || took < super::PATIENCE / 4, "{took:?}");
    }
}
