//! The ends of strings, comments and tokens: the guard must see all brackets that the parser sees.

use async_graphql::parser;
use rstest::rstest;

use super::{
    super::{
        Limit, Limits,
        lexer::{Lexer, Token},
        scan::scan,
    },
    check, parse,
};

/// A document with a value, in which the parser reads `deep` nested brackets. A `'` means a quote.
#[rstest]
#[case::empty_string("''", 0)]
#[case::string("'[['", 0)]
#[case::escaped_quote(r"'\'[['", 0)]
#[case::escaped_backslash(r"'\\'[[']']]", 2)]
#[case::unicode_escape(r"'\u0022[['", 0)]
#[case::block_string("'''[['''", 0)]
#[case::block_string_with_quotes("'''[' '' [['''", 0)]
#[case::block_string_with_an_escape(r"'''\'''[['''", 0)]
#[case::empty_block_string("''''''[[]]", 2)]
#[case::block_string_before_a_string("['''a''''[[[']", 1)]
#[case::unclosed_block_string_of_two_strings("[''''[[]]]", 3)]
#[case::unclosed_block_string_of_three_strings("['''[[' [[[]]]]", 4)]
#[case::unclosed_block_string_after_another("['''a''' ''''[[]]'' []]", 3)]
#[case::unclosed_block_string_with_a_backslash(r"'''\\'''[[]]", 2)]
#[case::unclosed_block_string_with_an_escape(r"['''\'' [[]] '\''''[[[]]]]", 4)]
#[case::unclosed_block_string_twice(r"['''\''''' '[[]]]", 3)]
#[case::separators_that_end_no_comment("1 #\u{2028}[[[\u{85}[[[\u{b}[[\n", 0)]
#[case::carriage_return_ends_a_comment("[#\r[[]]]", 3)]
#[case::quote_in_a_comment("[#'\n[[]]]", 3)]
#[case::comment_in_a_string("['#'[[]]]", 3)]
#[case::byte_order_marks("\u{feff}[\u{feff}[]\u{feff}]", 2)]
#[case::control_characters_in_a_string("'\0[\t[\u{7f}\u{2028}é𝄞'", 0)]
#[case::numbers("[1,-1 0 00 01-1 1.5 1e5 1.5E-5[]]", 2)]
#[case::glued_keywords("[trueish nullable[]falsey]", 2)]
#[case::number_glued_to_a_keyword("[null1.5 [[]]]", 3)]
#[case::exponent_glued_to_a_keyword("[true1e+5 [[]]]", 3)]
#[case::numbers_glued_to_keywords("[falsenull01.5E-5-1[true0]]", 2)]
fn values(#[case] value: &str, #[case] deep: usize) {
    let value = value.replace('\'', "\"");
    for text in [
        format!("{{a(x:[{value}])}}"),
        format!("{{a(x:[\n{value}\r\n])}}"),
        format!("\u{feff}query($v:T=[{value}]){{a}}"),
    ] {
        parser::parse_query(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let outside = if text.starts_with('{') { 3 } else { 2 };
        let limits = |nesting| Limits { nesting, ..Limits::default() };
        assert_eq!(check(&text, &limits(outside + deep)), Ok(()), "{text}");
        let exceeded = check(&text, &limits(outside + deep - 1)).unwrap_err();
        assert_eq!(exceeded.limit, Limit::Nesting, "{text}");
    }
}

/// The name of a variable ends like every name, and a number can follow it directly.
#[rstest]
#[case::at_once("$null1e-5.5")]
#[case::after_a_gap("$ #\n,true11E-51.5")]
#[case::after_keywords("$falsenull0e-1.5")]
fn numbers_after_variables(#[case] values: &str) {
    let text = format!("{{a(x:[{values}[[]]])}}");
    parser::parse_query(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let limits = |nesting| Limits { nesting, ..Limits::default() };
    assert_eq!(check(&text, &limits(5)), Ok(()), "{text}");
    assert_eq!(check(&text, &limits(4)).unwrap_err().limit, Limit::Nesting, "{text}");
}

/// Texts that the guard does not read to the end. The parser must stop at the same position, whatever follows.
#[rstest]
#[case::open_string("{a(x:\"")]
#[case::string_over_a_line("{a(x:\"\n")]
#[case::string_over_a_return("{a(x:\"\r")]
#[case::bad_escape("{a(x:\"\\a")]
#[case::surrogate("{a(x:\"\\uD800")]
#[case::short_unicode_escape("{a(x:\"\\u12")]
#[case::open_string_after_quotes("{a(x:[\"\"\"\"\"")]
#[case::question_mark("{a(x:?")]
#[case::single_quote("{a(x:'")]
#[case::backslash("{a(x:\\\"")]
#[case::null("{a(x:\0")]
#[case::no_break_space("{a(x:\u{a0}")]
#[case::letter("{a(x:é")]
#[case::two_points("{a(x:..")]
#[case::lone_minus("{a(x:-")]
#[case::number_before_a_name("{a(x:1a")]
#[case::number_without_exponent("{a(x:1e")]
#[case::second_point("{a(x:1.5.")]
#[case::wrong_bracket("{a(x:]")]
#[case::closed_before_it_was_open("}")]
#[case::ampersand("{a(x:&")]
#[case::pipe("{a(x:|")]
fn the_parser_reads_no_further(#[case] head: &str) {
    for tail in ["[[[[[[[[[[", "\"[[[[[[[[[[", "\"\"\"[[[[[[", "\n[[[[[[", ")}{a}", "", "\\\"\"\"[[["] {
        read_alike(&format!("{head}{tail}"));
    }
}

/// Asserts that the guard reads at least as far as the parser.
pub(super) fn read_alike(text: &str) {
    let read = scan(text, &Limits::NONE).map_or(text.len(), |(end, _)| end);
    if let Err(parser::Error::Syntax { start, .. }) = parse(text) {
        let line = text.split_inclusive('\n').take(start.line - 1);
        let line: usize = line.map(str::len).sum();
        let column: usize = text[line..].chars().take(start.column - 1).map(char::len_utf8).sum();
        // For a wrong escape, the parser reports the position of its digits, the guard that of its backslash.
        assert!(line + column <= read + 2, "the guard stopped at {read}, the parser at {}: {text:?}", line + column);
    }
}

#[test]
fn words() {
    let words: Vec<Token<'_>> = Lexer::new("query,Q #c\n...on@_1a:\"\"").collect();
    assert_eq!(
        words,
        [
            Token::Name("query"),
            Token::Name("Q"),
            Token::Spread,
            Token::Name("on"),
            Token::At,
            Token::Name("_1a"),
            Token::Colon,
            Token::Other,
        ]
    );
}
