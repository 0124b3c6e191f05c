//! Each gap appears and goes away; fixing one never lowers the score; without gaps a service is aligned.

use entente_entity::{
    enums::{AlignmentGapCode as Code, AlignmentState, ElementKind},
    id::{ElementId, OrganizationId},
    scalar::DateTime,
};
use proptest::prelude::*;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::agreement::is_complete;

/// What alignment is computed from, as values that a test changes.
#[derive(Clone, Debug)]
struct World {
    /// The terms, as JSON.
    terms: Value,
    published_at: DateTime,
    is_provider: bool,
    consumers: Vec<Consumer>,
    values: HashMap<ElementId, f64>,
    escalations: Option<Vec<(Option<ElementId>, OrganizationId)>>,
    sees_items: bool,
}

const REVISION: i32 = 3;
/// The name of the only configuration item.
const ITEM: &str = "ORA-PMS-01";

fn at(text: &str) -> DateTime {
    DateTime::of_text(text).unwrap()
}

fn now() -> DateTime {
    at("2026-06-01T00:00:00Z")
}

fn element(number: u128) -> ElementId {
    ElementId(Uuid::from_u128(number))
}

fn ward(number: u128) -> OrganizationId {
    OrganizationId(Uuid::from_u128(number))
}

fn consumer(number: u128) -> Consumer {
    let standing = Standing { agreed_revision: Some(REVISION), objects: false };
    Consumer {
        organization: ward(number),
        standing,
        decided_at: Some(at("2026-05-01T00:00:00Z")),
        since: at("2020-01-01T00:00:00Z"),
    }
}

fn indicator(number: u128) -> Value {
    json!({ "id": element(number), "key": format!("indicator-{number}"), "name": both("Time"), "unit": "min",
        "direction": "LOWER_IS_BETTER", "baseline": 10.0, "target": 5.0 })
}

/// A text in both languages.
fn both(text: &str) -> Value {
    json!({ "en": text, "fr": text })
}

/// A service without a gap.
fn whole() -> World {
    let named = |number: u128, text: &str| json!({ "id": element(number), "key": format!("element-{number}"), "name": both(text), "statement": both(text) });
    let with = |number: u128, more: Value| {
        let mut one = named(number, "Said to customers");
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let level = json!({ "level": 1, "kind": "FUNCTIONAL", "name": both("Team"), "after": "PT1H" });
    World {
        terms: json!({
            "provider": ward(99), "name": both("Records"), "summary": both("One record"),
            "journey": [with(1, json!({}))],
            "outcomes": [with(2, json!({ "supported": true, "indicators": [indicator(20)] })), with(3, json!({ "supported": false }))],
            "costs": [with(4, json!({ "effect": "REMOVED" }))],
            "risks": [with(5, json!({ "effect": "REMOVED", "mitigation": both("Rehearsed") }))],
            "benefits": [with(6, json!({ "stakeholder": both("Staff"), "indicators": [indicator(60)] }))],
            "expectations": [with(7, json!({ "of": "PROVIDER" })), with(8, json!({ "of": "CONSUMER" }))],
            "offerings": [with(9, json!({ "description": both("Day"), "indicators": [indicator(90)], "escalation": { "targets": [], "levels": [level] } }))],
            "escalation": { "targets": [], "levels": [level] },
            "review_every": "P1Y",
        }),
        published_at: at("2026-01-01T00:00:00Z"),
        is_provider: true,
        consumers: vec![consumer(1), consumer(2)],
        values: [20, 60, 90].map(|number| (element(number), 4.0)).into(),
        escalations: Some(Vec::new()),
        sees_items: true,
    }
}

impl World {
    fn terms(&self) -> Terms {
        serde_json::from_value(self.terms.clone()).unwrap()
    }

    fn check(&self) -> Alignment {
        let terms = self.terms();
        let named = Names::new([ITEM.to_owned()]).named_in(&texts(&terms));
        check(&Facts {
            terms: &terms,
            revision: REVISION,
            published_at: Some(self.published_at),
            is_provider: self.is_provider,
            consumers: self.consumers.clone(),
            values: self.values.clone(),
            escalations: self.escalations.clone(),
            named: self.sees_items.then_some(&named),
            now: now(),
        })
    }

    /// The gaps: the code, with the element or the consumer.
    fn gaps(&self) -> Vec<String> {
        let said = |gap: &Gap| {
            let of = gap.element.as_ref().map(|subject| format!(" {}", subject.key));
            let with = gap.organization.map(|id| format!(" ward-{}", id.0.as_u128()));
            format!("{}{}{}", gap.code.name(), of.unwrap_or_default(), with.unwrap_or_default())
        };
        self.check().gaps.iter().map(said).collect()
    }

    /// The element with this id.
    fn find(&mut self, id: ElementId) -> &mut Value {
        place(&mut self.terms, &json!(id)).unwrap()
    }

    /// The texts of an element, or of the service itself.
    fn texts(&mut self, of: Option<ElementId>) -> Vec<&mut Value> {
        let mut found = Vec::new();
        let it = match of {
            Some(id) => self.find(id),
            None => &mut self.terms,
        };
        for (name, field) in it.as_object_mut().unwrap() {
            match name.as_str() {
                "name" | "summary" | "statement" | "stakeholder" | "mitigation" | "description" => found.push(field),
                "escalation" => {
                    let levels = field["levels"].as_array_mut().unwrap().iter_mut();
                    found.extend(levels.map(|level| &mut level["name"]));
                }
                _ => {}
            }
        }
        found
    }

    fn push(&mut self, list: &str, entry: Value) {
        let terms = self.terms.as_object_mut().unwrap();
        terms.entry(list).or_insert_with(|| json!([])).as_array_mut().unwrap().push(entry);
    }

    /// A text in all languages of the terms.
    fn said(&self, text: &str) -> Value {
        let terms = self.terms();
        let all = super::texts::texts(&terms);
        super::texts::languages(&all)
            .into_iter()
            .map(|lang| (lang.to_string(), json!(text)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    /// Does what the message of a gap says.
    fn fix(&mut self, gap: &Gap, random: &mut StdRng) {
        let new = Uuid::now_v7();
        let (id, key) = (json!(new), format!("new-{}", new.simple()));
        let statement = self.said("Fine");
        let one = |more: Value| {
            let mut one = json!({ "id": id, "key": key, "statement": statement });
            one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            one
        };
        let about = gap.element.as_ref().map(|subject| subject.id);
        let consumers = &mut self.consumers;
        let decider = consumers.iter_mut().find(|consumer| Some(consumer.organization) == gap.organization);
        match gap.code {
            Code::NoOutcome => self.push("outcomes", one(json!({ "supported": random.random_bool(0.5) }))),
            Code::NoBenefit => self.push("benefits", one(json!({ "stakeholder": statement }))),
            Code::NoCostOrRisk => {
                self.push(["costs", "risks"].choose(random).unwrap(), one(json!({ "effect": "REMOVED" })))
            }
            Code::NoExpectationOfProvider => self.push("expectations", one(json!({ "of": "PROVIDER" }))),
            Code::NoExpectationOfConsumer => self.push("expectations", one(json!({ "of": "CONSUMER" }))),
            Code::NoConsumer => {
                self.consumers.push(Consumer {
                    standing: Standing::default(),
                    decided_at: None,
                    since: now(),
                    ..consumer(7)
                });
            }
            Code::OutcomeWithoutIndicator | Code::BenefitWithoutIndicator => {
                let mut new = indicator(new.as_u128());
                new["name"] = statement.clone();
                self.find(about.unwrap())["indicators"] = json!([new]);
            }
            // As bad as it may be.
            Code::IndicatorNotMeasured => {
                self.values.insert(about.unwrap(), random.random_range(0.0..20.0));
            }
            Code::IndicatorRegressed => {
                self.values.insert(about.unwrap(), 5.0);
            }
            Code::ReviewOverdue => decider.unwrap().decided_at = Some(now()),
            Code::NotAgreed | Code::AgreedToOlderRevision | Code::Objected => {
                decider.unwrap().standing = Standing { agreed_revision: Some(REVISION), objects: false };
            }
            Code::OpenEscalation => {
                let known: Vec<ElementId> = texts(&self.terms()).iter().filter_map(Texts::id).collect();
                let is_it = |(element, consumer): &(Option<ElementId>, OrganizationId)| {
                    Some(*consumer) == gap.organization && element.filter(|id| known.contains(id)) == about
                };
                self.escalations.as_mut().unwrap().retain(|open| !is_it(open));
            }
            Code::MissingTranslation => {
                let Detail::Languages(missing) = &gap.detail else { panic!("{gap:?}") };
                for text in self.texts(about) {
                    let texts = text.as_object_mut().unwrap();
                    for language in missing {
                        texts.entry(language.to_string()).or_insert_with(|| json!("Fine"));
                    }
                }
            }
            Code::InfrastructureWording => {
                let texts = self.texts(about).into_iter().flat_map(|text| text.as_object_mut().unwrap().values_mut());
                texts.for_each(|text| *text = json!("Fine"));
            }
        }
    }
}

/// The object with this id.
fn place<'v>(value: &'v mut Value, id: &Value) -> Option<&'v mut Value> {
    if value.get("id") == Some(id) {
        return Some(value);
    }
    match value {
        Value::Object(fields) => fields.values_mut().find_map(|field| place(field, id)),
        Value::Array(entries) => entries.iter_mut().find_map(|entry| place(entry, id)),
        _ => None,
    }
}

#[test]
fn without_gaps_a_service_is_aligned_and_its_score_is_one() {
    let Alignment { state, score, gaps } = whole().check();
    assert_eq!((state, score, gaps), (AlignmentState::Aligned, 1.0, Vec::new()));
}

#[test]
#[expect(clippy::type_complexity, reason = "a table")]
fn each_gap_appears_and_is_fixed_by_what_its_message_says() {
    let id = |number: u128| Some(element(number));
    let cases: Vec<(&str, Box<dyn Fn(&mut World)>)> = vec![
        ("NO_OUTCOME", Box::new(|world| world.terms["outcomes"] = json!([]))),
        ("NO_BENEFIT", Box::new(|world| world.terms["benefits"] = json!([]))),
        (
            "NO_COST_OR_RISK",
            Box::new(|world| {
                world.terms["costs"] = json!([]);
                world.terms["risks"] = json!([]);
            }),
        ),
        (
            "NO_EXPECTATION_OF_PROVIDER",
            Box::new(|world| drop(world.terms["expectations"].as_array_mut().unwrap().remove(0))),
        ),
        (
            "NO_EXPECTATION_OF_CONSUMER",
            Box::new(|world| drop(world.terms["expectations"].as_array_mut().unwrap().remove(1))),
        ),
        ("NO_CONSUMER", Box::new(|world| world.consumers.clear())),
        ("OUTCOME_WITHOUT_INDICATOR element-2", Box::new(|world| world.terms["outcomes"][0]["indicators"] = json!([]))),
        ("BENEFIT_WITHOUT_INDICATOR element-6", Box::new(|world| world.terms["benefits"][0]["indicators"] = json!([]))),
        (
            "INDICATOR_NOT_MEASURED indicator-90",
            Box::new(|world| {
                world.values.remove(&element(90));
            }),
        ),
        (
            "INDICATOR_REGRESSED indicator-20",
            Box::new(|world| {
                world.values.insert(element(20), 11.0);
            }),
        ),
        (
            "REVIEW_OVERDUE ward-2",
            Box::new(|world| {
                world.published_at = at("2025-01-01T00:00:00Z");
                world.consumers[1].decided_at = Some(at("2025-06-01T00:00:00Z"));
            }),
        ),
        ("NOT_AGREED ward-1", Box::new(|world| world.consumers[0].standing.agreed_revision = None)),
        ("AGREED_TO_OLDER_REVISION ward-1", Box::new(|world| world.consumers[0].standing.agreed_revision = Some(2))),
        (
            "OBJECTED ward-2",
            Box::new(|world| world.consumers[1].standing = Standing { agreed_revision: None, objects: true }),
        ),
        ("OPEN_ESCALATION element-2 ward-1", Box::new(move |world| world.escalations = Some(vec![(id(2), ward(1))]))),
        // About an element that is no longer in the terms, and two of one consumer about the service: one gap.
        (
            "OPEN_ESCALATION ward-2",
            Box::new(move |world| world.escalations = Some(vec![(id(77), ward(2)), (None, ward(2))])),
        ),
        ("MISSING_TRANSLATION", Box::new(|world| world.terms["summary"] = json!({ "fr": "Un dossier" }))),
        (
            "MISSING_TRANSLATION",
            Box::new(|world| world.terms["escalation"]["levels"][0]["name"] = json!({ "en": "Team" })),
        ),
        (
            "MISSING_TRANSLATION element-9",
            Box::new(|world| world.terms["offerings"][0]["escalation"]["levels"][0]["name"] = json!({ "en": "Team" })),
        ),
        (
            "MISSING_TRANSLATION element-5",
            Box::new(|world| world.terms["risks"][0]["mitigation"] = json!({ "en": "Rehearsed" })),
        ),
        (
            "MISSING_TRANSLATION indicator-60",
            Box::new(|world| world.terms["benefits"][0]["indicators"][0]["name"] = json!({ "fr": "Temps" })),
        ),
        ("INFRASTRUCTURE_WORDING", Box::new(|world| world.terms["name"] = both("Records on ora-pms-01"))),
        (
            "INFRASTRUCTURE_WORDING element-6",
            Box::new(|world| world.terms["benefits"][0]["stakeholder"]["fr"] = json!("L'équipe ÓRA-PMS-01")),
        ),
    ];
    for (expected, spoil) in cases {
        let mut world = whole();
        spoil(&mut world);
        let before = world.check();
        assert_eq!(world.gaps(), [expected]);
        assert!(before.score < 1.0, "{expected}");
        world.fix(&before.gaps[0], &mut StdRng::seed_from_u64(1));
        let after = world.check();
        assert!(!after.gaps.contains(&before.gaps[0]) && after.score >= before.score, "{expected}: {after:?}");
    }
}

#[test]
fn what_does_not_make_a_gap() {
    let mut world = whole();
    // An escalation level is nothing that customers are told; a hindered outcome needs no indicator.
    world.terms["escalation"]["levels"][0]["name"] = both("Team of ORA-PMS-01");
    // British English is English.
    world.terms["summary"] = json!({ "en": "One record", "en-GB": "One record", "fr": "Un dossier" });
    // A new consumer did not have the time for a review.
    world.published_at = at("2020-01-01T00:00:00Z");
    world.consumers[0].since = at("2026-05-31T00:00:00Z");
    world.consumers[0].decided_at = None;
    assert_eq!(world.gaps(), [""; 0]);
    world.consumers[0].since = at("2020-01-01T00:00:00Z");
    assert_eq!(world.gaps(), ["REVIEW_OVERDUE ward-1"]);
    world.terms.as_object_mut().unwrap().remove("review_every");
    assert_eq!(world.gaps(), [""; 0]);
}

#[test]
fn a_viewer_who_may_not_see_something_has_no_check_of_it() {
    let mut world = whole();
    world.terms["name"] = both("Records on ORA-PMS-01");
    world.escalations = Some(vec![(None, ward(1))]);
    assert_eq!(world.gaps(), ["OPEN_ESCALATION ward-1", "INFRASTRUCTURE_WORDING"]);
    (world.sees_items, world.escalations) = (false, None);
    assert_eq!((world.gaps(), world.check().score), (Vec::new(), 1.0));
    // A consumer without a relationship is no consumer that it sees.
    (world.is_provider, world.consumers) = (false, Vec::new());
    assert_eq!((world.gaps(), world.check().state), (Vec::new(), AlignmentState::Incomplete));
}

#[test]
fn the_score_is_the_share_of_the_checks_that_hold() {
    let mut world = whole();
    // 6 for the components and consumers, 1 outcome, 1 benefit, 2 for each of 3 indicators, 2 for each of 2 consumers, 1 for the
    // escalations, and 2 for each of 12 elements with their indicators and for the service.
    let all = 6.0 + 1.0 + 1.0 + 6.0 + 4.0 + 1.0 + 2.0 * 13.0;
    world.consumers[0].standing.agreed_revision = Some(2);
    assert_eq!(world.check().score, (all - 1.0) / all);
    world.values.clear();
    assert_eq!(world.check().score, (all - 4.0) / all);
}

/// Any service.
fn any(random: &mut StdRng) -> World {
    let mut world = whole();
    let texts = [
        both("Said"),
        json!({ "en": "Said" }),
        json!({ "fr": "Dit" }),
        both(&format!("In {ITEM}")),
        json!({ "de": "Gesagt", "en": "Said" }),
    ];
    let ids: Vec<Option<ElementId>> = super::texts::texts(&world.terms()).iter().map(Texts::id).collect();
    for id in &ids {
        for text in world.texts(*id) {
            if random.random_bool(0.2) {
                *text = texts.choose(random).unwrap().clone();
            }
        }
    }
    for list in ["journey", "outcomes", "costs", "risks", "benefits", "expectations", "offerings"] {
        world.terms[list].as_array_mut().unwrap().retain(|_| random.random_bool(0.7));
    }
    for list in ["outcomes", "benefits"] {
        for one in world.terms[list].as_array_mut().unwrap() {
            if random.random_bool(0.4) {
                one["indicators"] = json!([]);
            }
        }
    }
    if random.random_bool(0.5) {
        world.terms.as_object_mut().unwrap().remove("review_every");
    }
    let instants = ["2020-01-01T00:00:00Z", "2025-05-31T00:00:00Z", "2026-05-01T00:00:00Z"].map(at);
    world.published_at = *instants.choose(random).unwrap();
    world.consumers = (0..random.random_range(0..4))
        .map(|number| {
            let agreed_revision = [None, Some(2), Some(REVISION)].choose(random).copied().flatten();
            let standing = Standing { agreed_revision, objects: random.random_bool(0.2) };
            Consumer {
                standing,
                decided_at: instants.choose(random).copied(),
                since: *instants.choose(random).unwrap(),
                ..consumer(number)
            }
        })
        .collect();
    if random.random_bool(0.3) {
        world.is_provider = false;
        world.consumers = vec![world.consumers.first().copied().unwrap_or_else(|| consumer(1))];
    }
    world.values.retain(|_, _| random.random_bool(0.7));
    world.values.values_mut().for_each(|value| *value = random.random_range(0.0..20.0));
    let open = (0..random.random_range(0..4))
        .map(|_| (*ids.choose(random).unwrap(), ward(random.random_range(1..3))))
        .collect();
    world.escalations = random.random_bool(0.8).then_some(open);
    world.sees_items = random.random_bool(0.7);
    world
}

proptest! {
    #[test]
    fn fixing_a_gap_never_lowers_the_score_and_the_end_is_aligned(seed: u64) {
        let random = &mut StdRng::seed_from_u64(seed);
        let mut world = any(random);
        let mut now = world.check();
        for step in 0.. {
            prop_assert!(step < 200, "{:?}", now.gaps);
            prop_assert!((0.0..=1.0).contains(&now.score));
            let is_no = |gap: &Gap| gap.code.name().starts_with("NO_");
            let has_gap = now.gaps.iter().any(is_no);
            prop_assert_eq!(now.state == AlignmentState::Incomplete, has_gap);
            prop_assert_eq!(has_gap, !is_complete(&world.terms()) || world.consumers.is_empty());
            let Some(gap) = now.gaps.choose(random).cloned() else { break };
            prop_assert!(now.score < 1.0);
            world.fix(&gap, random);
            let then = world.check();
            prop_assert!(!then.gaps.contains(&gap), "{gap:?}");
            prop_assert!(then.score >= now.score, "{} < {} after {gap:?}", then.score, now.score);
            now = then;
        }
        prop_assert_eq!((now.state, now.score), (AlignmentState::Aligned, 1.0));
    }
}

#[test]
fn every_element_has_texts() {
    let terms = whole().terms();
    let all = texts(&terms);
    let subjects: Vec<Subject> = all.iter().filter_map(|texts| texts.of.clone()).collect();
    let known: Vec<Subject> = crate::definition::element::identities(&terms)
        .into_iter()
        .map(|one| Subject { kind: one.kind, id: one.id, key: one.key.clone() })
        .collect();
    assert_eq!(subjects, known);
    assert_eq!(subjects.len() + 1, all.len());
    assert!(ElementKind::ALL.iter().all(|kind| subjects.iter().any(|subject| subject.kind == *kind)));
    assert!(all.iter().all(|texts| !texts.shown.is_empty()));
}
