//! The difference, for each place and for each object.

use entente_entity::{
    change::FieldChange,
    enums::{ChangeAction, ElementKind},
    id::ElementId,
};
use serde_json::json;

use super::{changes, difference, element, merge, new, organization, replace, slug_of};
use crate::definition::{
    diff::{State, diff},
    plan::Plan,
};

fn base() -> Plan {
    new(r#"
name: { en: Patients, fr: Malades }
journey: [{ key: care, name: Care }]
outcomes:
  - key: treated
    statement: Treated
    stage: care
    indicators:
      - { key: delay, name: Delay, unit: min, direction: LOWER_IS_BETTER, target: 5 }
      - { key: errors, name: Errors, unit: "%", direction: LOWER_IS_BETTER, target: 1.5 }
  - { key: followed, statement: Followed }
costs: [{ key: hosting, effect: REMOVED, statement: Hosting, amount: "1.50", currency: EUR }]
offerings: [{ key: always, name: Always }]
escalation:
  targets:
    - { severity: HIGH, acknowledgeWithin: PT1H, resolveWithin: PT8H }
    - { severity: LOW, acknowledgeWithin: P1D, resolveWithin: P2D }
  levels: [{ level: 2, kind: FUNCTIONAL, name: Team, after: PT2H }]
consumers: [{ organization: { slug: emergency }, offering: always }]
"#)
}

#[test]
fn a_new_service_is_created_place_by_place() {
    assert_eq!(
        changes(None, &new("name: { en: A, fr: B }\nbenefits: [{ key: calm, statement: C, stakeholder: D }]")),
        [
            "CREATED provider - -> \"dsi\"",
            "CREATED name/en - -> \"A\"",
            "CREATED name/fr - -> \"B\"",
            "CREATED benefits/calm - -> {\"key\":\"calm\",\"statement\":{\"en\":\"C\"},\"stakeholder\":{\"en\":\"D\"}}",
            "CREATED lifecycle - -> \"PIPELINE\"",
        ]
    );
}

#[test]
fn policies_differ_by_severity_and_by_level() {
    let after = merge(
        &base(),
        "escalation:
  targets:
    - { severity: LOW, acknowledgeWithin: P1D, resolveWithin: P2D }
    - { severity: HIGH, acknowledgeWithin: PT1H, resolveWithin: PT4H }
  levels:
    - { level: 1, kind: FUNCTIONAL, name: First, after: PT1H }
    - { level: 2, kind: FUNCTIONAL, name: { en: Team, fr: Groupe }, after: PT2H, contact: { role: SUPPORT, name: Ann } }",
    );
    assert_eq!(
        changes(Some(&base()), &after),
        [
            "UPDATED escalation/targets/HIGH/resolveWithin \"PT8H\" -> \"PT4H\"",
            "UPDATED escalation/targets [\"HIGH\",\"LOW\"] -> [\"LOW\",\"HIGH\"]",
            "CREATED escalation/levels/2/name/fr - -> \"Groupe\"",
            "CREATED escalation/levels/2/contact - -> {\"role\":\"SUPPORT\",\"name\":\"Ann\"}",
            "CREATED escalation/levels/1 - -> {\"level\":1,\"kind\":\"FUNCTIONAL\",\"name\":{\"en\":\"First\"},\"after\":\"PT1H\"}",
        ]
    );
    let found = difference(Some(&base()), &after);
    assert_eq!(found.policies.len(), 1);
    assert_eq!((found.policies[0].offering, found.policies[0].action), (None, ChangeAction::Updated));
    let fields: Vec<_> = found.policies[0].fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(fields, ["targets", "levels"]);
    assert!(found.elements.is_empty() && found.service.is_empty() && found.terms);
}

#[test]
fn the_change_log_has_each_object_once() {
    let before = base();
    let after = merge(
        &before,
        r#"
provider: { slug: supplier }
name: { fr: Patients }
outcomes:
  - { key: treated, statement: { fr: Soigné }, stage: null, supported: false }
  - { key: followed, remove: true, }
costs: [{ key: hosting, amount: 2, currency: CAD }]
offerings:
  - key: always
    indicators: [{ key: errors }]
    escalation: { targets: [] }
risks: [{ key: loss, effect: REMOVED, statement: Loss }]
lifecycle: LIVE
consumers: [{ organization: { slug: emergency }, offering: null }, { organization: { slug: finance } }]
"#,
    );
    let found = difference(Some(&before), &after);
    let field = |name: &str, before: serde_json::Value, after: serde_json::Value| {
        let some = |value: serde_json::Value| Some(value).filter(|value| !value.is_null());
        FieldChange::between(name, some(before), some(after)).unwrap()
    };
    assert_eq!(
        found.service,
        [
            field("name", json!({"en": "Patients", "fr": "Malades"}), json!({"en": "Patients", "fr": "Patients"})),
            field("provider", json!("dsi"), json!("supplier")),
            field("lifecycle", json!("PIPELINE"), json!("LIVE")),
        ]
    );
    let elements: Vec<_> =
        found.elements.iter().map(|it| (it.action.name(), it.kind.name(), it.key.as_str())).collect();
    assert_eq!(
        elements,
        [
            ("DELETED", "OUTCOME", "followed"),
            ("UPDATED", "OUTCOME", "treated"),
            ("UPDATED", "COST", "hosting"),
            ("CREATED", "RISK", "loss"),
            ("UPDATED", "INDICATOR", "errors"),
        ]
    );
    let money = |amount: &str, currency: &str| json!({"amount": amount, "currency": currency});
    assert_eq!(found.elements[1].id, element(ElementKind::Outcome, "treated"));
    assert_eq!(
        found.elements[1].fields,
        [
            field("statement", json!({"en": "Treated"}), json!({"en": "Treated", "fr": "Soigné"})),
            field("supported", json!(true), json!(false)),
            field("stage", json!("care"), json!(null)),
        ]
    );
    assert_eq!(found.elements[2].fields, [field("amount", money("1.50", "EUR"), money("2", "CAD"))]);
    assert_eq!(found.elements[4].fields, [field("parent", json!("outcomes/treated"), json!("offerings/always"))]);
    assert!(found.elements[0].fields.iter().all(|field| field.after.is_none()));
    assert!(found.elements[3].fields.iter().all(|field| field.before.is_none()));
    let offering: Option<ElementId> = Some(element(ElementKind::Offering, "always"));
    assert_eq!(found.policies.len(), 1);
    assert_eq!((found.policies[0].offering, found.policies[0].action), (offering, ChangeAction::Created));
    assert_eq!(found.consumers.len(), 2);
    assert_eq!(found.consumers[0].fields, [field("offering", json!("always"), json!(null))]);
    assert_eq!(found.consumers[1].organization, organization("finance"));
    assert_eq!(found.consumers[1].action, ChangeAction::Created);
}

#[test]
fn links_alone_make_no_revision() {
    let before = base();
    let after = merge(&before, "lifecycle: RETIRED\ncontacts: [{ role: OWNER, name: Claire }]\nconsumers: null");
    let found = difference(Some(&before), &after);
    assert!(!found.terms && !found.is_empty());
    assert_eq!(found.changes.len(), 3);
    // Only terms are compared if links are not shown.
    let before = State { terms: &before.terms, links: None };
    assert!(diff(Some(before), State { terms: &after.terms, links: None }, slug_of).is_empty());
}

#[test]
fn a_change_of_order_is_reported_at_its_list() {
    let list = |order: [&str; 3]| {
        let costs: String =
            order.iter().map(|key| format!("\n  - {{ key: {key}, effect: IMPOSED, statement: S }}")).collect();
        format!("name: A\ncosts:{costs}")
    };
    let before = new(&list(["a", "b", "c"]));
    assert_eq!(
        changes(Some(&before), &replace(&before, &list(["c", "a", "b"]))),
        ["UPDATED costs [\"a\",\"b\",\"c\"] -> [\"c\",\"a\",\"b\"]"]
    );
    let found = difference(Some(&before), &replace(&before, &list(["c", "a", "b"])));
    assert_eq!((found.service.len(), found.service[0].name.as_str(), found.elements.len()), (1, "costs", 0));
    // Deleting an element and adding another at the end does not change the order.
    assert_eq!(changes(Some(&before), &replace(&before, &list(["a", "c", "d"]))).len(), 2);
    // Adding an element in between changes it.
    assert_eq!(changes(Some(&before), &replace(&before, &list(["a", "d", "c"]))).len(), 3);
    // Below an outcome, the change belongs to the outcome.
    let before = base();
    let swap = "outcomes: [{ key: treated, indicators: [{ key: delay, remove: true }, { key: delay, name: Delay, unit: min, direction: LOWER_IS_BETTER, target: 5 }] }]";
    let after = merge(&before, swap);
    assert_eq!(
        changes(Some(&before), &after),
        ["UPDATED outcomes/treated/indicators [\"delay\",\"errors\"] -> [\"errors\",\"delay\"]"]
    );
    let found = difference(Some(&before), &after);
    assert_eq!((found.elements.len(), found.elements[0].fields[0].name.as_str()), (1, "indicators"));
}
