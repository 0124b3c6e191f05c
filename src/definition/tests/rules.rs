//! Each rule that a document can break, with the path of its problem.

use entente_entity::enums::ApplyMode;

use super::{new, refused};
use crate::definition::plan::Plan;

fn base() -> Plan {
    new("name: Patients
journey: [{ key: care, name: Care }, { key: unused, name: Unused }]
outcomes: [{ key: treated, statement: Treated, stage: care, indicators: [{ key: delay, name: Delay, unit: min, direction: LOWER_IS_BETTER, target: 5 }] }]
offerings: [{ key: always, name: Always }]")
}

/// The problems of merging this into a small service.
fn merged(yaml: &str) -> Vec<String> {
    refused(Some(&base()), yaml, ApplyMode::Merge)
}

fn outcome(fields: &str) -> String {
    format!("outcomes: [{{ key: new, statement: New, {fields} }}]")
}

#[test]
fn keys_and_slugs_have_their_syntax() {
    for wrong in ["A", "é", "a_b", "-a", "a-", "a--b", "", "a b", &"a".repeat(65)] {
        let yaml = format!("costs: [{{ key: {wrong:?}, statement: A, effect: IMPOSED }}]");
        let said = merged(&yaml);
        assert!(said[0].starts_with("definition/costs/0/key: ") && said[0].contains("is not a key"), "{said:?}");
    }
    let mut document = super::read("name: A");
    document.slug = "No Slug".into();
    let problems = super::apply(None, &document, ApplyMode::Merge).unwrap_err();
    assert_eq!(problems[0].path, ["definition", "slug"]);
    assert!(super::apply(Some(&base()), &super::read(&outcome("stage: null")), ApplyMode::Merge).is_ok());
}

#[test]
fn a_key_is_used_once() {
    let twice = |key: &str, path: &str, first: &str| {
        vec![format!(
            "definition/{path}/key: the key \"{key}\" is used by {first} already; keys are unique within a service"
        )]
    };
    let cost = |key: &str| format!("{{ key: {key}, statement: A, effect: IMPOSED }}");
    assert_eq!(merged(&format!("costs: [{}, {}]", cost("a"), cost("a"))), twice("a", "costs/1", "costs/0"));
    assert_eq!(
        merged(&format!("journey: [{{ key: a, name: A }}]\ncosts: [{}]", cost("a"))),
        twice("a", "costs/0", "journey/0")
    );
    // With the current elements of every kind.
    assert_eq!(merged(&format!("costs: [{}]", cost("treated"))), twice("treated", "costs/0", "outcomes/treated"));
    let delay = "outcomes/treated/indicators/delay";
    assert_eq!(merged(&format!("costs: [{}]", cost("delay"))), twice("delay", "costs/0", delay));
    let indicator = "{ key: always, name: A, unit: A, direction: LOWER_IS_BETTER, target: 1 }";
    assert_eq!(
        merged(&outcome(&format!("indicators: [{indicator}]"))),
        twice("always", "outcomes/0/indicators/0", "offerings/always")
    );
    // An indicator under two parents.
    let moved = "outcomes: [{ key: treated, indicators: [{ key: delay }] }]\nofferings: [{ key: always, indicators: [{ key: delay }] }]";
    assert_eq!(merged(moved), twice("delay", "offerings/0/indicators/0", "outcomes/0/indicators/0"));
    // In REPLACE, the current elements do not count.
    let yaml = format!("name: A\ncosts: [{}]", cost("treated"));
    assert!(super::apply(Some(&base()), &super::read(&yaml), ApplyMode::Replace).is_ok());
}

#[test]
fn stages_exist_and_are_not_deleted_while_used() {
    assert_eq!(
        merged(&outcome("stage: cure")),
        ["definition/outcomes/0/stage: no stage of the journey has the key \"cure\"; did you mean \"care\"?"]
    );
    let used = "\"care\" cannot be removed: outcomes/treated still uses it";
    assert_eq!(
        merged("journey: [{ key: unused, remove: true }, { key: care, remove: true }]"),
        [format!("definition/journey/1/remove: {used}")]
    );
    assert_eq!(merged("journey: null"), [format!("definition/journey: {used}")]);
    assert_eq!(
        merged("journey: []\noutcomes: [{ key: treated, stage: cure }]"),
        ["definition/outcomes/0/stage: no stage of the journey has the key \"cure\"; did you mean \"care\"?"]
    );
    assert_eq!(
        refused(Some(&base()), "name: A\noutcomes: [{ key: treated, statement: A, stage: care }]", ApplyMode::Replace),
        ["definition/outcomes/0/stage: no stage of the journey has the key \"care\""]
    );
    for fine in [
        "journey: [{ key: care, remove: true }]\noutcomes: null",
        "journey: null\noutcomes: [{ key: treated, stage: null }]",
    ] {
        assert!(super::apply(Some(&base()), &super::read(fine), ApplyMode::Merge).is_ok());
    }
}

#[test]
fn texts_are_not_empty_and_in_a_known_language() {
    let yaml = "name: { en: \" \", klingon: Qapla, fr-ca: A, fr-CA: B, de: \"\\0\" }\nsummary: \"\"\nlocale: zz";
    assert_eq!(
        merged(yaml),
        [
            "definition/locale: \"zz\" is not a known language tag, as \"fr\" or \"fr-CA\" are",
            "definition/name/de: contains a control character; only texts of several lines may contain line breaks and tabs",
            "definition/name/en: must not be empty",
            "definition/name/fr-ca: \"fr-ca\" names the language \"fr-CA\", which this text has already",
            "definition/name/klingon: \"klingon\" is not a known language tag, as \"fr\" or \"fr-CA\" are",
            "definition/summary: must not be empty",
        ]
    );
}

#[test]
fn small_values_are_exact() {
    let yaml = r#"
outcomes:
  - key: treated
    indicators: [{ key: delay, unit: " ", baseline: .nan, target: .inf }]
costs:
  - { key: a, statement: A, effect: IMPOSED, amount: much, currency: EURO, period: yearly }
  - { key: b, statement: B, effect: IMPOSED, amount: 1, currency: eur }
  - { key: c, statement: C, effect: IMPOSED, amount: much }
externalReferences:
  - { system: Service Now, key: "", type: "a\nb", url: "ftp://example" }
"#;
    assert_eq!(
        merged(yaml),
        [
            "definition/externalReferences/0/system: \"Service Now\" does not name a system: lower-case letters, digits and hyphens, 64 at most",
            "definition/externalReferences/0/type: contains a control character; only texts of several lines may contain line breaks and tabs",
            "definition/externalReferences/0/key: must not be empty",
            "definition/externalReferences/0/url: \"ftp://example\" is not an absolute http or https URL",
            "definition/outcomes/0/indicators/0/unit: must not be empty",
            "definition/outcomes/0/indicators/0/baseline: is not a finite number",
            "definition/outcomes/0/indicators/0/target: is not a finite number",
            "definition/costs/0/amount: \"much\" is not a decimal number, as \"12500.00\" is",
            "definition/costs/0/currency: \"EURO\" is not a currency of ISO 4217, as \"EUR\" is",
            "definition/costs/0/period: \"yearly\" is not a duration of ISO 8601, as \"PT4H\" or \"P2D\" are",
            "definition/costs/1/currency: \"eur\" is not a currency of ISO 4217, as \"EUR\" is",
            "definition/costs/2/amount: \"much\" is not a decimal number, as \"12500.00\" is",
            "definition/costs/2/currency: must be given",
        ]
    );
}

#[test]
fn deadlines_are_exact_and_in_order() {
    let yaml = r#"
escalation:
  targets:
    - { severity: HIGH, acknowledgeWithin: PT2H, resolveWithin: PT1H }
    - { severity: HIGH, acknowledgeWithin: PT1H, resolveWithin: PT1H }
    - { severity: LOW, acknowledgeWithin: P1M, resolveWithin: soon }
    - { severity: MEDIUM, acknowledgeWithin: PT0S, resolveWithin: P99999D }
offerings:
  - key: always
    escalation:
      levels:
        - { level: 0, kind: FUNCTIONAL, name: A, after: PT2H }
        - { level: 2, kind: FUNCTIONAL, name: {}, after: PT2H }
        - { level: 2, kind: FUNCTIONAL, name: { fr: null }, after: PT3H, contact: { role: OWNER, name: "" } }
"#;
    assert_eq!(
        merged(yaml),
        [
            "definition/offerings/0/escalation/levels/0/level: the number of a level must be 1 or more",
            "definition/offerings/0/escalation/levels/1/after: the numbers and the times of levels must increase from each level to the next",
            "definition/offerings/0/escalation/levels/1/name: must be given",
            "definition/offerings/0/escalation/levels/2/level: the numbers and the times of levels must increase from each level to the next",
            "definition/offerings/0/escalation/levels/2/name: must be given",
            "definition/offerings/0/escalation/levels/2/contact/name: must not be empty",
            "definition/escalation/targets/0/acknowledgeWithin: the time to acknowledge must not be longer than the time to resolve",
            "definition/escalation/targets/1/severity: \"HIGH\" is named twice in this list",
            "definition/escalation/targets/2/acknowledgeWithin: \"P1M\" is not a deadline: give weeks, days, hours, minutes or seconds, more than zero",
            "definition/escalation/targets/2/resolveWithin: \"soon\" is not a duration of ISO 8601, as \"PT4H\" or \"P2D\" are",
            "definition/escalation/targets/3/acknowledgeWithin: \"PT0S\" is not a deadline: give weeks, days, hours, minutes or seconds, more than zero",
            "definition/escalation/targets/3/resolveWithin: \"P99999D\" is too long: a deadline has at most 3650 days",
        ]
    );
}

#[test]
fn all_problems_are_reported_together_and_the_provider_must_be_known() {
    let yaml = "provider: { slug: nowhere }\nlifecycle: null\nconsumers: [{ organization: { slug: nowhere } }]";
    assert_eq!(
        refused(None, yaml, ApplyMode::Merge),
        [
            "definition/provider: names no organization that you may see",
            "definition/name: must be given",
            "definition/lifecycle: must be given",
            "definition/consumers/0/organization: names no organization that you may see",
        ]
    );
}
