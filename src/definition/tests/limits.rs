//! The limits.

use entente_entity::enums::ApplyMode;

use super::{apply, document, new, read, refused};
use crate::definition::limits::{
    MAX_CONTACTS, MAX_DOCUMENT_BYTES, MAX_ELEMENTS, MAX_LEVELS, MAX_NAME, MAX_PROBLEMS, MAX_REFERENCES, MAX_TEXT,
    MAX_UNIT, email_rule, is_key, is_system,
};

#[test]
fn a_text_has_ten_thousand_characters_at_most() {
    let text = |length: usize| format!("name: \"{}\"", "é".repeat(length));
    assert!(apply(None, &read(&text(MAX_TEXT)), ApplyMode::Merge).is_ok());
    assert_eq!(
        refused(None, &text(MAX_TEXT + 1), ApplyMode::Merge),
        ["definition/name: has 10001 characters; at most 10000 are allowed"]
    );
}

#[test]
fn a_definition_has_a_thousand_elements_at_most() {
    let costs = |range: std::ops::Range<usize>| -> String {
        range.map(|number| format!("\n  - {{ key: c-{number}, statement: A, effect: IMPOSED }}")).collect()
    };
    let full = new(&format!("name: A\ncosts:{}", costs(0..MAX_ELEMENTS)));
    let over =
        |found: usize| [format!("definition: the definition would have {found} elements; at most 1000 are allowed")];
    assert_eq!(
        refused(Some(&full), "outcomes: [{ key: one-more, statement: A }]", ApplyMode::Merge),
        over(MAX_ELEMENTS + 1)
    );
    let yaml = "outcomes: [{ key: instead, statement: A }]\ncosts: [{ key: c-7, remove: true }]";
    assert!(apply(Some(&full), &read(yaml), ApplyMode::Merge).is_ok());
    // Lists that are far too long are counted before anything else is checked.
    let yaml = format!("costs:{}", costs(0..5_000));
    assert_eq!(refused(None, &yaml, ApplyMode::Replace), over(5_000));
}

#[test]
fn a_document_has_a_mebibyte_at_most() {
    let mut document = read("name: A");
    document.slug = "a".repeat(MAX_DOCUMENT_BYTES);
    let problems = apply(None, &document, ApplyMode::Merge).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].path, ["definition"]);
    assert_eq!(problems[0].rule.code(), entente_entity::enums::UserErrorCode::TooLong);
}

#[test]
fn the_stored_definition_never_exceeds_the_limit_of_a_document() {
    let costs = |language: &str| -> String {
        let text = "a".repeat(9_000);
        let cost = |n| format!("\n  - {{ key: c-{n}, effect: IMPOSED, statement: {{ {language}: {text} }} }}");
        (0..60).map(cost).collect()
    };
    let half = new(&format!("name: A\ncosts:{}", costs("en")));
    let said = refused(Some(&half), &format!("costs:{}", costs("fr")), ApplyMode::Merge);
    assert_eq!(said.len(), 1);
    assert!(said[0].starts_with("definition: the document has 108"), "{said:?}");
    assert!(apply(Some(&half), &document(&half), ApplyMode::Replace).is_ok());
}

#[test]
fn a_long_list_of_problems_is_cut() {
    let tags: String = (0..1_000).map(|n| format!("x{n}: A, ")).collect();
    assert_eq!(refused(None, &format!("name: {{ {tags} }}"), ApplyMode::Merge).len(), MAX_PROBLEMS);
}

#[test]
fn lists_and_lines_have_their_limits() {
    let many = |count: usize, entry: &str| vec![entry; count].join(", ");
    let contact = "{ role: USER, name: A }";
    let level = "{ level: 1, kind: FUNCTIONAL, name: A, after: PT1H }";
    let reference = "{ system: jira, key: A }";
    let yaml = format!(
        "name: A\ncontacts: [{}]\nconsumers: [{{ organization: {{ slug: a }}, contacts: [{}] }}]
escalation: {{ levels: [{}] }}\nexternalReferences: [{}]
outcomes: [{{ key: a, statement: A, indicators: [{{ key: b, name: B, unit: {}, direction: LOWER_IS_BETTER, target: 1 }}] }}]",
        many(MAX_CONTACTS + 1, contact),
        format_args!("{{ role: USER, name: {}, email: a@b@c }}", "a".repeat(MAX_NAME + 1)),
        many(MAX_LEVELS + 1, level),
        many(MAX_REFERENCES + 1, reference),
        "a".repeat(MAX_UNIT + 1),
    );
    assert_eq!(
        refused(None, &yaml, ApplyMode::Merge),
        [
            "definition/externalReferences: has 101 entries; at most 100 are allowed",
            "definition/outcomes/0/indicators/0/unit: has 101 characters; at most 100 are allowed",
            "definition/escalation/levels: has 101 entries; at most 100 are allowed",
            "definition/contacts: has 101 entries; at most 100 are allowed",
            "definition/consumers/0/contacts/0/name: has 201 characters; at most 200 are allowed",
            "definition/consumers/0/contacts/0/email: \"a@b@c\" is not an e-mail address",
        ]
    );
}

#[test]
fn keys_systems_and_addresses_are_recognized() {
    assert!(is_key("a") && is_key("one-2-three") && is_key(&"a".repeat(64)) && !is_key(&"a".repeat(65)));
    assert!(is_system("-") && is_system("zammad-ward") && !is_system("") && !is_system("A"));
    for right in ["a@b", "claire.fontaine@chu.example", "o'neil+x@ä.example"] {
        assert_eq!(email_rule(right), None, "{right}");
    }
    for wrong in [
        "",
        "a",
        "@b",
        "a@",
        "a@b@c",
        "a b@c",
        "a@b..c",
        "a@.b",
        "a@b.",
        "<a@b>",
        "a@b\n",
        &format!("{}@b", "a".repeat(300)),
    ] {
        assert!(email_rule(wrong).is_some(), "{wrong}");
    }
}
