//! The results of MERGE and REPLACE.

use entente_entity::{
    enums::{ApplyMode, ElementKind},
    id::ElementId,
};

use super::{apply, changes, document, element, merge, new, read, refused, replace};
use crate::definition::{element::identities, plan::Plan};

const BASE: &str = r#"
name: { en: Patients, fr: Patients }
summary: { en: All of them, fr: Tous }
journey:
  - { key: reception, name: Reception }
  - { key: care, name: Care }
outcomes:
  - key: admitted
    stage: reception
    statement: { en: Admitted, fr: Admis }
    indicators:
      - { key: delay, name: Delay, unit: min, direction: LOWER_IS_BETTER, baseline: 14, target: 5 }
      - { key: errors, name: Errors, unit: "%", direction: LOWER_IS_BETTER, target: 1 }
  - { key: treated, supported: false, statement: Treated }
  - { key: followed, statement: Followed }
costs:
  - { key: hosting, effect: REMOVED, statement: Hosting, amount: "12500.00", currency: EUR, period: P1Y }
risks:
  - { key: loss, effect: REMOVED, statement: Loss, likelihood: LOW, impact: HIGH, mitigation: { en: Copies } }
benefits:
  - { key: calm, statement: Calm, stakeholder: Staff }
expectations:
  - { key: notice, of: PROVIDER, statement: Notice }
offerings:
  - key: always
    name: Always
    description: Day and night
    escalation: { targets: [{ severity: HIGH, acknowledgeWithin: PT1H, resolveWithin: PT8H }] }
  - { key: daytime, name: Daytime }
escalation:
  targets: [{ severity: LOW, acknowledgeWithin: P1D, resolveWithin: P2D }]
  levels: [{ level: 1, kind: FUNCTIONAL, name: Team, after: PT2H }]
"#;

fn base() -> Plan {
    new(BASE)
}

fn keys(plan: &Plan) -> Vec<String> {
    identities(&plan.terms).iter().map(|element| element.path()).collect()
}

#[test]
fn what_is_left_out_stays() {
    let base = base();
    assert_eq!(merge(&base, ""), base);
    let all = "outcomes: [{ key: admitted, indicators: [{ key: delay }] }]\ncosts: [{ key: hosting }]
risks: [{ key: loss }]\nbenefits: [{ key: calm }]\nexpectations: [{ key: notice }]\njourney: [{ key: care }]
offerings: [{ key: always, escalation: {} }]\nescalation: {}";
    assert_eq!(merge(&base, all), base);
}

#[test]
fn one_field_changes_and_its_neighbours_stay() {
    let base = base();
    let after = merge(
        &base,
        "outcomes: [{ key: admitted, statement: { fr: Admise }, indicators: [{ key: delay, target: 4 }] }]",
    );
    assert_eq!(
        changes(Some(&base), &after),
        [
            "UPDATED outcomes/admitted/statement/fr \"Admis\" -> \"Admise\"",
            "UPDATED outcomes/admitted/indicators/delay/target 5 -> 4",
        ]
    );
}

#[test]
fn null_deletes_what_may_be_empty() {
    let base = base();
    let after = merge(
        &base,
        "summary: null\noutcomes: [{ key: admitted, stage: null, indicators: null }, { key: treated, supported: null }]
costs: [{ key: hosting, amount: null, currency: null, period: null }]
risks: [{ key: loss, likelihood: null, impact: null, mitigation: null }]\nbenefits: null
offerings: [{ key: always, description: null, escalation: null }]\nescalation: { levels: null }",
    );
    let terms = &after.terms;
    assert!(terms.summary.is_none() && terms.benefits.is_empty());
    assert!(
        terms.outcomes[0].stage.is_none() && terms.outcomes[0].indicators.is_empty() && terms.outcomes[1].supported
    );
    assert!(terms.costs[0].amount.is_none() && terms.costs[0].period.is_none());
    assert!(
        terms.risks[0].likelihood.is_none() && terms.risks[0].impact.is_none() && terms.risks[0].mitigation.is_none()
    );
    assert!(terms.offerings[0].description.is_none() && terms.offerings[0].escalation.is_none());
    let escalation = terms.escalation.as_ref().unwrap();
    assert!(escalation.levels.is_empty() && escalation.targets.len() == 1);
}

#[test]
fn null_and_left_out_are_required_in_required_fields() {
    let base = base();
    let nulls = "provider: null\nname: null\nlifecycle: null\njourney: [{ key: care, name: null }]
outcomes: [{ key: admitted, statement: null, indicators: [{ key: delay, name: null, unit: null, direction: null, target: null, baseline: null }] }]
costs: [{ key: hosting, statement: null, effect: null }]\nrisks: [{ key: loss, statement: null, effect: null }]
benefits: [{ key: calm, statement: null, stakeholder: null }]\nexpectations: [{ key: notice, of: null, statement: null }]
offerings: [{ key: always, name: null }]";
    let expected = [
        "provider",
        "name",
        "journey/0/name",
        "outcomes/0/statement",
        "outcomes/0/indicators/0/name",
        "outcomes/0/indicators/0/unit",
        "outcomes/0/indicators/0/direction",
        "outcomes/0/indicators/0/target",
        "costs/0/statement",
        "costs/0/effect",
        "risks/0/statement",
        "risks/0/effect",
        "benefits/0/statement",
        "benefits/0/stakeholder",
        "expectations/0/of",
        "expectations/0/statement",
        "offerings/0/name",
    ]
    .map(|path| format!("definition/{path}: must be given"));
    let lifecycle = "definition/lifecycle: must be given".to_owned();
    let all: Vec<_> = expected.iter().cloned().chain([lifecycle]).collect();
    assert_eq!(refused(Some(&base), nulls, ApplyMode::Merge), all);
    assert_eq!(refused(Some(&base), nulls, ApplyMode::Replace), all);
    // Left out: of something new, and in REPLACE, it is the same; the provider and the lifecycle stay.
    let bare = "journey: [{ key: a }]\noutcomes: [{ key: b, indicators: [{ key: c }] }]\ncosts: [{ key: d }]
risks: [{ key: e }]\nbenefits: [{ key: f }]\nexpectations: [{ key: g }]\nofferings: [{ key: h }]";
    assert_eq!(refused(None, bare, ApplyMode::Merge), expected[1..]);
    assert_eq!(refused(Some(&base), bare, ApplyMode::Replace), expected[1..]);
    assert_eq!(refused(Some(&base), bare, ApplyMode::Merge), expected[2..]);
}

#[test]
fn languages_are_merged_one_by_one() {
    let base = base();
    let after = merge(&base, "name: { fr: null, de: Kranke, it: null }\nsummary: { en: null, fr: null }");
    assert_eq!(
        changes(Some(&base), &after),
        [
            "CREATED name/de - -> \"Kranke\"",
            "DELETED name/fr \"Patients\" -> -",
            "DELETED summary/en \"All of them\" -> -",
            "DELETED summary/fr \"Tous\" -> -",
        ]
    );
    // A plain string is in the document's language, otherwise in the server's.
    let plain = merge(&base, "name: In English\nsummary: So is this");
    assert_eq!(changes(Some(&base), &plain).len(), 2);
    let plain = merge(&base, "locale: FR\nname: En français");
    assert_eq!(changes(Some(&base), &plain), ["UPDATED name/fr \"Patients\" -> \"En français\""]);
    // Deleting the last language of a required text.
    let gone = "name: { en: null, fr: null }\nbenefits: [{ key: calm, statement: {}, stakeholder: { en: null } }]";
    assert_eq!(
        refused(Some(&base), gone, ApplyMode::Merge),
        ["definition/name: must be given", "definition/benefits/0/stakeholder: must be given"]
    );
    // In REPLACE there is no current text from which a language could be deleted.
    let replaced = replace(&base, "name: { en: Only, fr: null }");
    assert_eq!(replaced.terms.name.0.len(), 1);
    assert_eq!(refused(Some(&base), "name: { en: null }", ApplyMode::Replace), ["definition/name: must be given"]);
}

#[test]
fn elements_keep_their_places_and_new_ones_are_last() {
    let after = merge(
        &base(),
        "outcomes: [{ key: paid, statement: Paid }, { key: followed, statement: F }, { key: admitted, statement: A }]",
    );
    let keys: Vec<_> = after.terms.outcomes.iter().map(|outcome| outcome.key.as_str()).collect();
    assert_eq!(keys, ["admitted", "treated", "followed", "paid"]);
}

#[test]
fn replacing_takes_the_order_of_the_document_and_deletes_the_rest() {
    let base = base();
    let after = replace(
        &base,
        "name: Patients\noutcomes: [{ key: followed, statement: Followed }, { key: admitted, statement: Admitted }]",
    );
    assert_eq!(keys(&after), ["outcomes/followed", "outcomes/admitted"]);
    assert_eq!(after.terms.name.0.len(), 1);
    assert!(
        after.terms.escalation.is_none() && after.terms.summary.is_none() && after.terms.outcomes[1].stage.is_none()
    );
    assert_eq!(after.terms.provider, base.terms.provider);
    assert_eq!(after.terms.outcomes[1].id, base.terms.outcomes[0].id);
    let order = changes(Some(&base), &after);
    assert!(
        order.contains(
            &"UPDATED outcomes [\"admitted\",\"treated\",\"followed\"] -> [\"followed\",\"admitted\"]".into()
        )
    );
}

#[test]
fn remove_deletes_and_has_no_effect_without_the_element() {
    let base = base();
    let after = merge(
        &base,
        "outcomes: [{ key: treated, remove: true, statement: null }, { key: unheard-of, remove: true }]
benefits: [{ key: NOT A KEY, remove: true }]\ncosts: [{ key: hosting, remove: false }]",
    );
    assert_eq!(changes(Some(&base), &after).len(), 1);
    assert_eq!(merge(&after, "outcomes: [{ key: treated, remove: true }]"), after);
    assert_eq!(
        refused(Some(&base), "name: Patients\noutcomes: [{ key: treated, remove: true }]", ApplyMode::Replace),
        ["definition/outcomes/0/remove: `remove` is not allowed in mode REPLACE: leave the element out"]
    );
}

#[test]
fn an_indicator_that_moves_keeps_its_fields() {
    let base = base();
    let after = merge(&base, "benefits: [{ key: calm, indicators: [{ key: delay, target: 3 }] }]");
    let moved = &after.terms.benefits[0].indicators[0];
    assert_eq!((moved.id, moved.target, moved.baseline), (base.terms.outcomes[0].indicators[0].id, 3.0, Some(14.0)));
    assert_eq!(after.terms.outcomes[0].indicators.len(), 1);
    let found = changes(Some(&base), &after);
    assert!(found[0].starts_with("DELETED outcomes/admitted/indicators/delay {"), "{found:?}");
    assert!(found[1].starts_with("CREATED benefits/calm/indicators/delay - -> {"), "{found:?}");
    // Also if its old parent is deleted, its old list is emptied, or the document deletes it there.
    for old in ["remove: true", "indicators: null", "indicators: [{ key: delay, remove: true }]"] {
        let yaml = format!(
            "outcomes: [{{ key: admitted, {old} }}]\nbenefits: [{{ key: calm, indicators: [{{ key: delay }}] }}]"
        );
        assert_eq!(merge(&base, &yaml).terms.benefits[0].indicators[0], base.terms.outcomes[0].indicators[0]);
    }
    // `remove` under a parent that does not contain it has no effect.
    assert_eq!(merge(&base, "benefits: [{ key: calm, indicators: [{ key: delay, remove: true }] }]"), base);
}

#[test]
fn ids_are_requested_only_for_new_elements() {
    let base = base();
    let locale = entente_entity::text::Lang::parse("en").unwrap();
    for mode in [ApplyMode::Merge, ApplyMode::Replace] {
        let mut asked = Vec::new();
        let mut document = document(&base);
        document.costs = read("costs: [{ key: treated2, statement: A, effect: IMPOSED }, { key: hosting, statement: B, effect: IMPOSED }]").costs;
        let plan = crate::definition::plan::plan(
            Some(crate::definition::stored::CurrentDefinition { terms: &base.terms, links: &base.links }),
            &document,
            mode,
            &crate::definition::stored::Lookups {
                default_locale: &locale,
                provider: &Ok(base.terms.provider),
                consumers: &[],
                items: &super::item,
                slug_of: &super::slug_of,
            },
            &mut |kind, key| {
                asked.push((kind, key.to_owned()));
                ElementId::new()
            },
        );
        assert!(plan.is_ok());
        assert_eq!(asked, [(ElementKind::Cost, "treated2".to_owned())]);
    }
}

#[test]
fn a_key_may_change_kind_if_the_old_element_is_deleted() {
    let base = base();
    let after = merge(
        &base,
        "outcomes: [{ key: treated, remove: true }]\ncosts: [{ key: treated, effect: IMPOSED, statement: Now a cost }]",
    );
    assert_eq!(after.terms.costs[1].id, element(ElementKind::Cost, "treated"));
    let back = merge(&after, "costs: [{ key: treated, remove: true }]\noutcomes: [{ key: treated, statement: Back }]");
    assert_eq!(back.terms.outcomes[2].id, base.terms.outcomes[1].id);
    // If one list deletes and contains the same key, the old element is not used.
    let fresh = merge(&base, "risks: [{ key: loss, remove: true }, { key: loss, effect: IMPOSED, statement: New }]");
    assert!(fresh.terms.risks[0].mitigation.is_none() && fresh.terms.risks[0].id == base.terms.risks[0].id);
}

#[test]
fn an_empty_policy_is_not_the_same_as_none() {
    let base = base();
    assert!(merge(&base, "offerings: [{ key: daytime, escalation: {} }]").terms.offerings[1].escalation.is_none());
    assert!(new("name: A\nescalation: {}").terms.escalation.is_none());
    let none = merge(&base, "offerings: [{ key: daytime, escalation: { targets: [] } }]");
    assert_eq!(none.terms.offerings[1].escalation, Some(Default::default()));
    assert_eq!(
        changes(Some(&base), &none),
        ["CREATED offerings/daytime/escalation - -> {\"targets\":[],\"levels\":[]}"]
    );
    let again = apply(Some(&none), &document(&none), ApplyMode::Replace).unwrap();
    assert_eq!(again, none);
}

#[test]
fn amount_and_currency_go_together() {
    let base = base();
    assert_eq!(merge(&base, "costs: [{ key: hosting, amount: 12500.00 }]"), base);
    let amount = merge(&base, "costs: [{ key: hosting, amount: 3 }]").terms.costs[0].amount.clone().unwrap();
    assert_eq!((amount.amount.to_string(), amount.currency.as_str()), ("3".into(), "EUR"));
    for (yaml, path) in [
        ("costs: [{ key: hosting, amount: null }]", "amount"),
        ("costs: [{ key: hosting, currency: null }]", "currency"),
        ("costs: [{ key: new, effect: IMPOSED, statement: A, amount: 1 }]", "currency"),
        ("costs: [{ key: new, effect: IMPOSED, statement: A, currency: EUR }]", "amount"),
    ] {
        let expected = format!("definition/costs/0/{path}: must be given");
        assert_eq!(refused(Some(&base), yaml, ApplyMode::Merge), [expected]);
    }
    // The same number with another spelling is another value.
    let written = merge(&base, "costs: [{ key: hosting, amount: \"12500.0\" }]");
    assert_eq!(changes(Some(&base), &written), ["UPDATED costs/hosting/amount \"12500.00\" -> \"12500.0\""]);
}
