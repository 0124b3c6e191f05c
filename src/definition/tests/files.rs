//! Files: what is read, what is refused and where, and how it is written.

use std::time::{Duration, Instant};

use serde_json::json;

use super::read;
use crate::definition::{
    document::{Document, OrganizationKey},
    limits::MAX_DOCUMENT_BYTES,
    read::read_documents,
    write::{to_json, to_yaml},
};

fn refused(text: &str) -> String {
    read_documents(text).unwrap_err().to_string()
}

#[test]
fn a_stream_contains_several_documents_of_several_kinds() {
    let text = "\u{feff}# Two of them.
%YAML 1.2
---
kind: Organizations
organizations:
  - slug: dsi
    name: IT
    parent: { ref: { system: hr, key: \"12\" } }
--- # nothing in here

...
---
slug: patients   # the kind may stand anywhere
name:
  en: |
    Of many
    ---
    lines
kind: ServiceDefinition
...
";
    let documents = read_documents(text).unwrap();
    let [Document::Organizations(organizations), Document::ServiceDefinition(definition)] = &documents[..] else {
        panic!("{documents:?}")
    };
    assert!(matches!(organizations[0].parent.value(), Some(OrganizationKey::Ref(_))));
    assert_eq!(**definition, read("name: { en: \"Of many\\n---\\nlines\\n\" }"));
    assert!(read_documents("# nothing\n---\n").unwrap().is_empty());
}

#[test]
fn json_is_read_too() {
    let text = "{\n\t\"slug\": \"patients\",\n\t\"name\": {\"en\": \"\\ud83d\\ude91 \\/ \\u00e9\\n\"},\n\t\"costs\": [],\n\t\"summary\": null,\n\t\"kind\": \"ServiceDefinition\"\n}\n";
    let documents = read_documents(text).unwrap();
    assert_eq!(
        documents,
        [Document::ServiceDefinition(Box::new(read("name: { en: \"🚑 / é\\n\" }\ncosts: []\nsummary: null")))]
    );
}

#[test]
fn mistakes_are_reported_at_their_place() {
    let cases = [
        (
            "kind: ServiceDefinition\nslug: a\nnaem: A",
            "line 3, column 1: naem: there is no such field; did you mean `name`?",
        ),
        (
            "kind: ServiceDefinition\nslug: a\noutcomes:\n  - key: b\n    colour: red",
            "line 5, column 5: outcomes/b/colour: there is no such field here; there are: key, statement, supported,",
        ),
        ("slug: a\n---\nkind: ServiceDefinition\nslug: b", "line 1, column 1: `kind` must say what the document holds"),
        (
            "kind: Organizations\norganizations: []\n---\n\nkind: Organisations",
            "line 5, column 7: kind: \"Organisations\" is not one of the values; did you mean Organizations?",
        ),
        (
            "kind: ConfigurationItems\nitems: [{ key: a }]",
            "line 2, column 11: items/a/key: there is no such field here",
        ),
        ("kind: ServiceDefinition\nname: A", "line 1, column 1: slug: must be given"),
        (
            "kind: ServiceDefinition\nslug: a\nlifecycle: LIVELY",
            "line 3, column 12: lifecycle: \"LIVELY\" is not one of the values; did you mean LIVE?",
        ),
        ("kind: ServiceDefinition\nslug: a\nslug: b", "line 3, column 1: slug: this field is given twice"),
        ("kind: ServiceDefinition\nslug: a\ncosts: {}", "line 3, column 8: "),
        ("kind: Organizations\norganizations: []\n---\nkind: [", "line 4, column"),
        (
            "kind: ServiceDefinition\nslug: a\ncosts:\n  - key: b\n    amount: {}",
            "line 5, column 13: costs/b/amount: a text is expected",
        ),
        (
            "kind: ServiceDefinition\nslug: a\nname: 2024",
            "line 3, column 7: name: a text is expected, not \"2024\", or one for each language",
        ),
        (
            "kind: ServiceDefinition\nslug: a\ncosts: a",
            "line 3, column 8: costs: a list is expected, not \"a\": begin each entry",
        ),
        ("- a", "line 1, column 1: fields are expected: "),
        ("just text", "line 1, column 1: fields are expected, not \"just text\""),
        ("kind: ServiceDefinition\nslug: a\nname:\n\ten: A", "line 4, column 1: this line begins with a tab"),
        ("kind: ServiceDefinition\nslug: a\nname: { en: A", "line 3, column 7: this `{` is not closed: `}` is missing"),
        ("kind: ServiceDefinition\nslug: a\nname: \"A", "line 3, column 7: a quote is not closed"),
        ("kind: ServiceDefinition\nslug: a\nname: Foo: bar", "line 3, column 10: this line does not fit"),
        ("kind: ServiceDefinition\nslug: a\nname: @home", "line 3, column 7: a text that begins with '@'"),
        (
            "kind: ServiceDefinition\nslug: a\nconsumers:\n  - organization: emergency",
            "line 4, column 19: consumers/emergency/organization: give the kind of identifier: { slug: emergency }",
        ),
    ];
    for (text, expected) in cases {
        let said = refused(text);
        assert!(said.contains(expected), "{text}\n{said}\n{expected}");
    }
}

#[test]
fn the_text_of_a_document_has_its_limit() {
    let text = format!(
        "kind: Organizations\norganizations: []\n---\nkind: ServiceDefinition\nslug: {}",
        "a".repeat(2 * MAX_DOCUMENT_BYTES)
    );
    assert!(refused(&text).starts_with("line 3, column 1: the document has 2097"), "{}", refused(&text));
}

#[test]
fn bombs_are_refused_quickly() {
    let mut laughs = String::from("kind: ServiceDefinition\nslug: a\na: &a [x, x, x, x, x, x, x, x, x, x]\n");
    for (last, next) in "abcdefghijk".chars().zip("bcdefghijkl".chars()) {
        laughs += &format!("{next}: &{next} [{}]\n", vec![format!("*{last}"); 10].join(", "));
    }
    let quadratic = format!(
        "kind: ServiceDefinition\nslug: a\nname: {{ en: &a {} }}\njourney: [{}]",
        "x".repeat(100_000),
        vec!["{ key: a, name: { en: *a } }"; 20_000].join(", ")
    );
    let bombs = [
        laughs.clone(),
        laughs.replace("slug: a\n", "slug: a\nname: { en: a }\n"),
        quadratic,
        format!("kind: ServiceDefinition\nslug: {}", "[".repeat(500_000)),
        format!("kind: ServiceDefinition\nslug: a\nname: {}", "{a: ".repeat(100_000)),
        format!("kind: ServiceDefinition\nslug: a\n{}", "? ".repeat(100_000)),
        format!("kind: ServiceDefinition\nslug: a\nname: {}", "- ".repeat(100_000)),
        "kind: ServiceDefinition\nslug: a\nname: &a { en: *a }".to_owned(),
        format!("kind: ServiceDefinition\nslug: a\n{}", "&a ".repeat(100_000)),
    ];
    for bomb in bombs {
        let is_quick = || {
            let start = Instant::now();
            refused(&bomb);
            start.elapsed() < Duration::from_secs(2)
        };
        // Other tests may use the processor for some time.
        assert!((0..3).any(|_| is_quick()), "{}", refused(&bomb));
    }
}

#[test]
fn strings_that_look_like_something_else_are_strings_again() {
    for text in [
        "yes",
        "1.0",
        "null",
        "~",
        "a\nb\n",
        "trailing  ",
        " leading",
        "12500.00",
        "é漢🚑",
        "",
        "no",
        "0o7",
        "-",
        "2026-11-22",
    ] {
        let yaml = to_yaml("ServiceDefinition", &json!({ "slug": text, "name": { "en": text, "no": text } }));
        let documents = read_documents(&yaml).unwrap();
        let [Document::ServiceDefinition(document)] = &documents[..] else { panic!() };
        assert_eq!(document.slug, text, "{yaml}");
        assert_eq!(serde_json::to_value(&document.name).unwrap(), json!({ "en": text, "no": text }), "{yaml}");
    }
}

#[test]
fn absent_fields_are_not_written() {
    let document = read("name: A\nsummary: null\ncosts: [{ key: a, amount: \"1.0\", remove: true }]");
    assert_eq!(
        to_yaml("ServiceDefinition", &document),
        "kind: ServiceDefinition\nslug: patients\nname: A\nsummary: null\ncosts:\n  - key: a\n    amount: \"1.0\"\n    remove: true\n"
    );
    assert_eq!(
        to_json("ServiceDefinition", &read("costs: []")),
        "{\n  \"kind\": \"ServiceDefinition\",\n  \"slug\": \"patients\",\n  \"costs\": []\n}\n"
    );
}
