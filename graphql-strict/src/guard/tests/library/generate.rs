//! Random texts: of words, of characters, of damaged documents, and of the grammar.

use proptest::{collection::vec, prelude::*, sample::select};

use super::super::documents::{BOOKS, INTROSPECTION, WRITE};

/// Words and parts of words, with the dangerous ones.
const PIECES: &[&str] = &[
    "{",
    "}",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ":",
    "@",
    "$",
    "!",
    "=",
    "...",
    "\"",
    "\"\"",
    "\"\"\"",
    "\\\"\"\"",
    "\\",
    "\\\"",
    "\\u00e9",
    "\\ud800",
    "#",
    "\n",
    "\r",
    "\r\n",
    " ",
    ",",
    "\u{feff}",
    "\u{2028}",
    "é",
    "\0",
    ".",
    "..",
    "-",
    "0",
    "01",
    "1.5",
    "1e",
    "1e5",
    "1a",
    "a",
    "b",
    "n",
    "name",
    "a:",
    "x:",
    "on",
    "on ",
    "on N",
    "on#\n",
    "query",
    "query Q",
    "queryQ",
    "mutation",
    "subscription",
    "fragment",
    "fragment ",
    "fragmentF",
    "fragment F on Node",
    "...F",
    "... on Node",
    "F",
    "true",
    "null",
    "null1.5",
    "true1e+5",
    "$null1e",
    "-5.5",
    "e-5.5",
    "query1",
    "E",
    "\"s\"",
    "\"\"\"b\"\"\"",
    "{a}",
    "{n{",
    "}}",
    "(x:1)",
    "[[[",
    "]]]",
    "&",
    "|",
    "?",
    "@include(if:true)",
];

/// Pieces in any order.
pub fn soup() -> impl Strategy<Value = String> {
    let start = select(&["", "{", "{n{", "{n{a(x:", "{n{a(ids:[", "query Q($v:", "fragment F on Node{"]);
    (start, vec(select(PIECES), 0..60)).prop_map(|(start, pieces)| start.to_owned() + &pieces.concat())
}

/// Mostly quotes, backslashes and brackets.
pub fn characters() -> impl Strategy<Value = String> {
    let character =
        select(&['"', '"', '"', '"', '\\', '[', '[', ']', '{', '}', '#', '\n', '\r', ' ', 'a', ':', '.', 'u', '0']);
    vec(character, 0..40).prop_map(|characters| format!("{{n{{a(ids:[{}])}}}}", characters.iter().collect::<String>()))
}

/// Usual documents in which parts are inserted, removed and repeated.
pub fn mutated() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..3_u8, 0..40_usize, select(PIECES));
    let documents =
        prop_oneof![Just(INTROSPECTION.to_owned()), Just(BOOKS.to_owned()), Just(WRITE.to_owned()), document(),];
    (documents, vec(edit, 1..6)).prop_map(|(document, edits)| {
        let mut text: Vec<char> = document.chars().collect();
        for (at, kind, length, piece) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + length).min(text.len());
            match kind {
                0 => drop(text.splice(at..at, piece.chars())),
                1 => drop(text.drain(at..end)),
                _ => {
                    let again = text[at..end].to_vec();
                    text.splice(end..end, again);
                }
            }
        }
        text.into_iter().collect()
    })
}

fn value() -> impl Strategy<Value = String> {
    let leaf =
        select(&["1", "-0", "2.5e3", "null", "E", "true", "$v", "\"[{(\"", "\"\\\"[\"", "\"\"\"[\\\"\"\"{\"\"\""]);
    leaf.prop_map(str::to_owned).prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| format!("[{}]", values.join("~ "))),
            vec(inner, 0..4)
                .prop_map(|values| format!("{{{}}}", values.iter().map(|v| format!(" ~k~:{v}")).collect::<String>())),
        ]
    })
}

fn arguments() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just(String::new()),
        1 => value().prop_map(|value| format!("~(x:~{value}~)")),
        1 => value().prop_map(|value| format!("(~x:1~ ids~:{value})")),
    ]
}

fn directives() -> impl Strategy<Value = String> {
    let some = select(&["~@include(if:true)", "@skip~(if:$v)", "~@~b", "@b(k:{k:1})@c"]);
    prop_oneof![4 => Just(""), 1 => some].prop_map(str::to_owned)
}

/// The selections of a set. `^1` is a placeholder for the spread of a fragment that makes no cycle.
fn selections() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("name".to_owned()),
        (select(&["", "b:", "b~:~", "on:"]), arguments(), directives())
            .prop_map(|(alias, arguments, directives)| format!("{alias}a{arguments}{directives}")),
        (0..4, directives()).prop_map(|(fragment, directives)| format!("^{fragment}{directives}")),
    ];
    let selection = leaf.prop_recursive(4, 24, 4, |inner| {
        let set = vec(inner, 1..4).prop_map(|selections| selections.join("~ "));
        let before = select(&["n", "m:n", "...", "... on Node", "...~on\nNode", "...@b"]);
        (before, set).prop_map(|(before, set)| format!("{before}~{{~{set}~}}"))
    });
    vec(selection, 1..5).prop_map(|selections| selections.join(" ~"))
}

/// A document with one operation and up to four fragments. `~` is a placeholder for white space, which is the same in the whole document.
pub fn document() -> impl Strategy<Value = String> {
    let head =
        select(&["", "query", "queryQ", "query Q~($v~:[Int!]~@b=[1]$w:T={k:1})~@b", "mutation", "query fragment"]);
    let gap = select(&["", " ", ",", "\n", "\r\n", " #[\"\n", "\u{feff}", "#\"\"\"\r"]);
    (head, gap, selections(), vec((selections(), directives()), 0..5)).prop_map(|(head, gap, operation, fragments)| {
        let mut text = format!("{head}~{{n{{{}}}}}~", spread(&operation, fragments.len()));
        for (at, (selections, directives)) in fragments.iter().enumerate() {
            let selections = spread(selections, at);
            text += &format!("fragment F{at} on Node{directives}~{{{selections}}}~");
        }
        text.replace('~', gap)
    })
}

/// Inserts spreads of the first `fragments` fragments, or fields if there are none.
fn spread(selections: &str, fragments: usize) -> String {
    (0..4).fold(selections.to_owned(), |text, n| {
        let name = match fragments {
            0 => "name".to_owned(),
            _ => format!("...~F{}", n % fragments),
        };
        text.replace(&format!("^{n}"), &name)
    })
}
