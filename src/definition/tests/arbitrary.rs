//! Generated definitions: documents that leave out, delete and set values, with texts that YAML could misread, keys
//! that several definitions share, and indicators with different parents.

use async_graphql::MaybeUndefined::{self, Null, Undefined, Value};
use entente_entity::{
    enums::{ContactRole, Direction, Effect, EscalationKind, Level, Party, ServiceLifecycle, Severity},
    scalar::{Decimal, Duration},
    text::LocalizedText,
};
use proptest::{collection::vec, option, prelude::*, sample::select, sample::subsequence};

use crate::{characters::composed, definition::document::*};

/// Texts that YAML could read as another type, and ordinary texts.
fn string() -> impl Strategy<Value = String> {
    const ODD: &[&str] = &[
        "yes",
        "no",
        "null",
        "~",
        "1.0",
        "12500.00",
        "0x1F",
        "1e3",
        "2026-11-22",
        "- a",
        "a: b",
        "# a",
        "a # b",
        " a ",
        "a\nb",
        "a\n\nb\n",
        "\n a",
        "a\t",
        "'",
        "\"",
        "\\n",
        "{a}",
        "[a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "%",
        "@",
        "`",
        "---",
        "...",
        "éàü 漢字 🚑",
        "a\r\nb",
        "\u{feff}a",
        "\u{2028}a",
        "true",
        "a:",
        ":a",
        "?",
        "<<",
        "=",
        "1_000",
        "012",
        "a \n b",
        "\n\na\n\n\n",
        "long words that go on and on until the line has over eighty characters  ",
    ];
    prop_oneof![
        select(ODD).prop_map(str::to_owned),
        "[a-zé ]{0,20}[a-z]",
        "\\PC{0,12}x",
        "[ \\t\\n\\r~:#é'\"\\-]{0,30}x[ \\n]{0,3}",
    ]
    // In the form in which texts are stored.
    .prop_map(|text| composed(&text).into_owned())
}

fn line() -> impl Strategy<Value = String> {
    string().prop_map(|text| {
        let line: String = text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')).collect();
        if line.trim().is_empty() { "x".into() } else { line }
    })
}

/// A display name.
fn label() -> impl Strategy<Value = String> {
    string().prop_map(|text| text.replace(['\u{2028}', '\u{2029}'], " "))
}

fn text() -> impl Strategy<Value = LocalizedText> {
    texts(label())
}

fn body() -> impl Strategy<Value = LocalizedText> {
    texts(string())
}

fn texts(text: impl Strategy<Value = String>) -> impl Strategy<Value = LocalizedText> {
    (subsequence(&["en", "fr", "fr-CA", "no"][..], 1..=3), vec(text, 3)).prop_map(|(tags, texts)| {
        LocalizedText::ByLanguage(tags.into_iter().map(str::to_owned).zip(texts.into_iter().map(Some)).collect())
    })
}

/// A text in a document that is merged: it may also be a plain string, or delete languages.
fn given_text() -> impl Strategy<Value = LocalizedText> {
    let partial = (subsequence(&["en", "fr", "no"][..], 1..=2), vec(option::of(label()), 2))
        .prop_map(|(tags, texts)| LocalizedText::ByLanguage(tags.into_iter().map(str::to_owned).zip(texts).collect()));
    prop_oneof![3 => text(), 1 => label().prop_map(LocalizedText::Plain), 1 => partial]
}

fn maybe<T: Clone + std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = MaybeUndefined<T>> {
    prop_oneof![2 => strategy.prop_map(Value), 1 => Just(Undefined), 1 => Just(Null)]
}

fn any_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    select(all)
}

/// A value with three digits after the point at most, so that it is written as it is read.
fn number() -> impl Strategy<Value = f64> {
    (-1_000_000_i32..1_000_000).prop_map(|number| f64::from(number) / 1000.0)
}

fn duration() -> impl Strategy<Value = Duration> {
    select(&["PT15M", "PT4H", "P3D", "P1W", "PT90S"][..]).prop_map(|text| Duration(text.into()))
}

/// Distinct keys of one kind, in any order. Keys with the same number are the same element in different definitions.
fn keys(kind: &'static str) -> impl Strategy<Value = Vec<String>> {
    subsequence((0..5).collect::<Vec<_>>(), 0..=4)
        .prop_shuffle()
        .prop_map(move |numbers| numbers.into_iter().map(|number| format!("{kind}-{number}")).collect())
}

fn entries<T: Clone + std::fmt::Debug, S: Strategy<Value = T>>(
    keys: Vec<String>,
    entry: impl Fn(String) -> S,
) -> impl Strategy<Value = Vec<T>> {
    keys.into_iter().map(entry).collect::<Vec<_>>()
}

prop_compose! {
    fn indicator(key: String)(
        name in text(), unit in line(), direction in any_of(Direction::ALL), baseline in maybe(number()), target in number(),
    ) -> IndicatorInput {
        IndicatorInput {
            key: key.clone(), name: Value(name), unit: Value(unit), direction: Value(direction), baseline, target: Value(target),
            renamed_from: Undefined,
            remove: Undefined,
        }
    }
}

prop_compose! {
    fn contact()(
        role in any_of(ContactRole::ALL), name in line(), email in maybe(Just("a.b@chu.example".to_owned())),
    ) -> ContactInput {
        ContactInput { role, name, email }
    }
}

prop_compose! {
    fn escalation()(
        severities in subsequence(Severity::ALL, 0..=4).prop_shuffle(),
        within in vec((0..3_i32, 0..3_i32), 4),
        levels in subsequence(vec![1, 2, 3, 5, 8], 0..=4),
        named in vec((any_of(EscalationKind::ALL), text(), maybe(contact())), 4),
    ) -> EscalationInput {
        EscalationInput {
            targets: Value(severities.into_iter().zip(within).map(|(severity, (first, more))| ResponseTargetInput {
                severity,
                acknowledge_within: Duration(format!("PT{}H", first + 1)),
                resolve_within: Duration(format!("PT{}H", first + more + 1)),
            }).collect()),
            levels: Value(levels.into_iter().zip(named).map(|(level, (kind, name, contact))| EscalationLevelInput {
                level, kind, name, contact, after: Duration(format!("PT{level}H")),
            }).collect()),
        }
    }
}

/// Gives each indicator a parent, so that it can have another parent in another definition.
fn deal(indicators: Vec<(IndicatorInput, usize)>, parents: usize) -> Vec<MaybeUndefined<Vec<IndicatorInput>>> {
    let mut dealt = vec![Vec::new(); parents];
    for (indicator, to) in indicators {
        if parents > 0 {
            dealt[to % parents].push(indicator);
        }
    }
    dealt.into_iter().map(Value).collect()
}

fn outcome(key: String) -> impl Strategy<Value = OutcomeInput> {
    // An empty list or null instead of an omitted list, because links that are left out are kept.
    let items = prop_oneof![3 => items().prop_map(Value), 1 => Just(Null)];
    (text(), maybe(any::<bool>()), items).prop_map(move |(statement, supported, items)| OutcomeInput {
        key: key.clone(),
        statement: Value(statement),
        supported,
        stage: Undefined,
        indicators: Undefined,
        configuration_items: items,
        external_references: Undefined,
        renamed_from: Undefined,
        remove: Undefined,
    })
}

fn items() -> impl Strategy<Value = Vec<ConfigurationItemKey>> {
    prop::sample::subsequence(vec!["web", "app", "database"], 0..3).prop_map(|keys| {
        let key = |key: &str| ExternalKey { system: "cmdb".into(), r#type: None, key: key.into() };
        keys.into_iter().map(|it| ConfigurationItemKey::Ref(key(it))).collect()
    })
}

fn cost(key: String) -> impl Strategy<Value = CostInput> {
    let amount = option::of((select(&["1", "12500.00", "-0.5", "0.000"][..]), select(&["EUR", "CAD"][..])));
    (text(), any_of(Effect::ALL), amount, maybe(duration())).prop_map(move |(statement, effect, amount, period)| {
        let (amount, currency) = amount.unzip();
        CostInput {
            key: key.clone(),
            statement: Value(statement),
            effect: Value(effect),
            amount: amount.map_or(Null, |amount| Value(Decimal(amount.into()))),
            currency: currency.map_or(Null, |currency| Value(currency.into())),
            period,
            renamed_from: Undefined,
            remove: Undefined,
        }
    })
}

fn risk(key: String) -> impl Strategy<Value = RiskInput> {
    (text(), any_of(Effect::ALL), maybe(any_of(Level::ALL)), maybe(any_of(Level::ALL)), maybe(body())).prop_map(
        move |(statement, effect, likelihood, impact, mitigation)| RiskInput {
            key: key.clone(),
            statement: Value(statement),
            effect: Value(effect),
            likelihood,
            impact,
            mitigation,
            renamed_from: Undefined,
            remove: Undefined,
        },
    )
}

fn benefit(key: String) -> impl Strategy<Value = BenefitInput> {
    (text(), text()).prop_map(move |(statement, stakeholder)| BenefitInput {
        key: key.clone(),
        statement: Value(statement),
        stakeholder: Value(stakeholder),
        indicators: Undefined,
        renamed_from: Undefined,
        remove: Undefined,
    })
}

fn expectation(key: String) -> impl Strategy<Value = ExpectationInput> {
    (any_of(Party::ALL), text()).prop_map(move |(of, statement)| ExpectationInput {
        key: key.clone(),
        of: Value(of),
        statement: Value(statement),
        renamed_from: Undefined,
        remove: Undefined,
    })
}

fn offering(key: String) -> impl Strategy<Value = OfferingInput> {
    (text(), maybe(body()), maybe(escalation())).prop_map(move |(name, description, escalation)| OfferingInput {
        key: key.clone(),
        name: Value(name),
        description,
        indicators: Undefined,
        escalation,
        external_references: Undefined,
        renamed_from: Undefined,
        remove: Undefined,
    })
}

fn consumers(offerings: Vec<String>) -> impl Strategy<Value = Vec<ConsumerInput>> {
    let organizations = subsequence(vec!["emergency", "pharmacy", "finance"], 0..=3).prop_shuffle();
    (organizations, vec((any::<prop::sample::Index>(), vec(contact(), 0..3)), 3)).prop_map(move |(slugs, with)| {
        slugs
            .into_iter()
            .zip(with)
            .map(|(slug, (choice, contacts))| ConsumerInput {
                organization: OrganizationKey::Slug(slug.into()),
                offering: offerings.get(choice.index(offerings.len() + 1)).map_or(Null, |key| Value(key.clone())),
                contacts: Value(contacts),
                remove: Undefined,
            })
            .collect()
    })
}

/// A whole document, links included.
pub(super) fn whole() -> impl Strategy<Value = DefinitionInput> {
    let kinds =
        (keys("stage"), keys("outcome"), keys("cost"), keys("risk"), keys("benefit"), keys("hope"), keys("offer"));
    (kinds, keys("gauge"), keys("meter"))
        .prop_flat_map(|((stages, outcomes, costs, risks, benefits, hopes, offers), gauges, meters)| {
            let stage = |key: String| {
                text().prop_map(move |name| JourneyStageInput {
                    key: key.clone(),
                    name: Value(name),
                    renamed_from: Undefined,
                    remove: Undefined,
                })
            };
            let indicators = |keys| entries(keys, |key| (indicator(key), 0..9_usize));
            let lists = (
                entries(stages, stage),
                entries(outcomes, outcome),
                entries(costs, cost),
                entries(risks, risk),
                entries(benefits, benefit),
                entries(hopes, expectation),
                entries(offers.clone(), offering),
            );
            let own = (text(), maybe(body()), select(&["dsi", "supplier"][..]), maybe(escalation()), maybe(duration()));
            let links = (any_of(ServiceLifecycle::ALL), vec(contact(), 0..3), consumers(offers), items());
            (lists, indicators(gauges), indicators(meters), own, links, vec(any::<prop::sample::Index>(), 5))
        })
        .prop_map(|(lists, gauges, meters, own, links, choices)| {
            let (journey, mut outcomes, costs, risks, mut benefits, expectations, mut offerings) = lists;
            for (outcome, choice) in outcomes.iter_mut().zip(choices) {
                outcome.stage =
                    journey.get(choice.index(journey.len() + 1)).map_or(Null, |stage| Value(stage.key.clone()));
            }
            // Gauges belong to outcomes and benefits, meters to offerings.
            let mut dealt = deal(gauges, outcomes.len() + benefits.len()).into_iter();
            outcomes.iter_mut().for_each(|outcome| outcome.indicators = dealt.next().unwrap());
            benefits.iter_mut().for_each(|benefit| benefit.indicators = dealt.next().unwrap());
            let mut dealt = deal(meters, offerings.len()).into_iter();
            offerings.iter_mut().for_each(|offering| offering.indicators = dealt.next().unwrap());
            let (name, summary, provider, escalation, review_every) = own;
            let (lifecycle, contacts, consumers, items) = links;
            DefinitionInput {
                slug: "patients".into(),
                locale: Undefined,
                provider: Value(OrganizationKey::Slug(provider.into())),
                name: Value(name),
                summary,
                journey: Value(journey),
                outcomes: Value(outcomes),
                costs: Value(costs),
                risks: Value(risks),
                benefits: Value(benefits),
                expectations: Value(expectations),
                offerings: Value(offerings),
                escalation,
                review_every,
                lifecycle: Value(lifecycle),
                contacts: Value(contacts),
                consumers: Value(consumers),
                configuration_items: Value(items),
                external_references: Undefined,
            }
        })
}

/// A document for MERGE that leaves out most fields and deletes some elements. It may be refused.
pub(super) fn partial() -> impl Strategy<Value = DefinitionInput> {
    (whole(), vec(0..14_u8, 64), vec(given_text(), 4)).prop_map(|(mut document, dice, texts)| {
        let mut dice = dice.into_iter().cycle();
        let mut texts = texts.into_iter().cycle();
        macro_rules! thin {
            ($entry:expr, $text:ident $(, $field:ident)*) => {
                match dice.next() {
                    Some(0) => $entry.remove = Value(true),
                    Some(1) => $entry.$text = Undefined,
                    Some(2) => $entry.$text = Value(texts.next().unwrap()),
                    _ => {}
                }
                $(if dice.next() == Some(0) { $entry.$field = Undefined; })*
            };
        }
        macro_rules! each {
            ($list:ident, $($rest:tt)*) => {
                if dice.next() == Some(0) {
                    document.$list = Undefined;
                } else if let Value(entries) = &mut document.$list {
                    for entry in entries {
                        thin!(entry, $($rest)*);
                    }
                }
            };
        }
        each!(journey, name);
        each!(outcomes, statement, supported, stage, indicators, configuration_items);
        each!(costs, statement, effect, period);
        each!(risks, statement, effect, likelihood, impact, mitigation);
        each!(benefits, statement, stakeholder, indicators);
        each!(expectations, statement, of);
        each!(offerings, name, description, indicators, escalation);
        document
    })
}
