//! Alignment: each gap appears and goes away, each viewer sees only what concerns it, and the database filters by the same state.

use chrono::TimeDelta;
use entente::policy::Scope;
use serde_json::{Value, json};

use crate::{
    app::{App, Asker, problems},
    measurements::record,
};

const ALIGNMENT: &str = "alignment { state score gaps { code message element { key } organization { slug } } }";

/// The provider, who may do everything with its services.
pub fn dsi(app: &App) -> Asker<'_> {
    let scopes = [
        Scope::Read,
        Scope::DefinitionsWrite,
        Scope::CmdbRead,
        Scope::CmdbWrite,
        Scope::ThreadsWrite,
        Scope::MeasurementsWrite,
    ];
    app.someone("dsi", &scopes)
}

/// A ward, who decides and opens threads.
pub fn ward<'a>(app: &'a App, slug: &str) -> Asker<'a> {
    app.someone(slug, &[Scope::Read, Scope::AgreementsWrite, Scope::ThreadsWrite])
}

/// The alignment of a service.
async fn alignment(asker: &Asker<'_>, slug: &str) -> Value {
    let query = format!("query($slug: String!) {{ service(by: {{slug: $slug}}) {{ {ALIGNMENT} }} }}");
    asker.data(&query, json!({ "slug": slug })).await["service"]["alignment"].take()
}

/// Its gaps: the code, with the element and the consumer.
fn gaps(alignment: &Value) -> Vec<String> {
    let said = |gap: &Value| {
        let parts = [&gap["code"], &gap["element"]["key"], &gap["organization"]["slug"]];
        parts.iter().filter_map(|part| part.as_str()).collect::<Vec<_>>().join(" ")
    };
    alignment["gaps"].as_array().unwrap().iter().map(said).collect()
}

/// Its state and its gaps.
async fn stands(asker: &Asker<'_>, slug: &str) -> (String, Vec<String>) {
    let alignment = alignment(asker, slug).await;
    assert_eq!(alignment["score"] == 1.0, alignment["gaps"] == json!([]), "{alignment:#}");
    (alignment["state"].as_str().unwrap().to_owned(), gaps(&alignment))
}

async fn decide(asker: &Asker<'_>, slug: &str, revision: i32, decision: &str) {
    let query = "mutation($input: AgreementDecideInput!) { agreementDecide(input: $input) { userErrors { code message path } } }";
    let mut input = json!({ "service": { "slug": slug }, "revision": revision, "decision": decision });
    if decision == "OBJECT" {
        input["comment"] = json!("Lunch comes too late");
    }
    let payload = asker.data(query, json!({ "input": input })).await["agreementDecide"].take();
    assert_eq!(problems(&payload), [], "{payload:#}");
}

async fn measure(asker: &Asker<'_>, slug: &str, indicator: &str, day: u32, value: f64) {
    let one = json!([{ "service": { "slug": slug }, "indicator": indicator, "at": format!("2020-01-{day:02}T00:00:00Z"), "value": value }]);
    assert_eq!(problems(&record(asker, one).await), []);
}

async fn item(asker: &Asker<'_>, key: &str, more: Value) {
    let mut item = json!({ "ref": { "system": "kitchen", "key": key } });
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let payload = asker.items(json!([item]), json!({})).await;
    assert_eq!(payload["userErrors"], json!([]));
}

fn both(text: &str) -> Value {
    json!({ "en": text, "fr": format!("{text} (fr)") })
}

/// A service with all components and these consumers.
fn meals(slug: &str, consumers: &[&str]) -> Value {
    let indicator = |key: &str| json!([{ "key": key, "name": both("Delay"), "unit": "min", "direction": "LOWER_IS_BETTER", "baseline": 20, "target": 5 }]);
    json!({
        "slug": slug, "name": both("Meals"), "summary": both("Meals on the ward"),
        "outcomes": [{ "key": "on-time", "statement": both("Lunch is on time"), "indicators": indicator("delay") }],
        "costs": [{ "key": "cooks", "statement": both("Cooks"), "effect": "REMOVED" }],
        "benefits": [{ "key": "strength", "statement": both("Patients are strong"), "stakeholder": both("Patients"), "indicators": indicator("hunger") }],
        "expectations": [{ "key": "deliver", "of": "PROVIDER", "statement": both("Deliver it") }, { "key": "order", "of": "CONSUMER", "statement": both("Order it") }],
        "consumers": consumers.iter().map(|slug| json!({ "organization": { "slug": slug } })).collect::<Vec<_>>(),
    })
}

/// A service without a gap.
pub async fn aligned(app: &App, slug: &str, consumers: &[&str]) {
    let provider = dsi(app);
    provider.applied(meals(slug, consumers)).await;
    for indicator in ["delay", "hunger"] {
        measure(&provider, slug, indicator, 1, 4.0).await;
    }
    for consumer in consumers {
        decide(&ward(app, consumer), slug, 1, "AGREE").await;
    }
    assert_eq!(stands(&provider, slug).await, ("ALIGNED".to_owned(), Vec::new()));
}

#[tokio::test]
async fn a_new_service_becomes_aligned_gap_by_gap() {
    let app = App::hospital().await;
    let (provider, emergency) = (dsi(&app), ward(&app, "emergency"));
    let state =
        |state: &str, gaps: &[&str]| (state.to_owned(), gaps.iter().map(|gap| (*gap).to_owned()).collect::<Vec<_>>());
    provider.applied(json!({ "slug": "meals", "name": both("Meals") })).await;
    let no = [
        "NO_OUTCOME",
        "NO_BENEFIT",
        "NO_COST_OR_RISK",
        "NO_EXPECTATION_OF_PROVIDER",
        "NO_EXPECTATION_OF_CONSUMER",
        "NO_CONSUMER",
    ];
    assert_eq!(stands(&provider, "meals").await, state("INCOMPLETE", &no));
    // 6 for these, one for the threads, and two for the texts of the service.
    assert_eq!(alignment(&provider, "meals").await["score"], 3.0 / 9.0);
    let mut whole = meals("meals", &[]);
    for (list, most) in [("outcomes", 5), ("benefits", 4), ("costs", 3), ("expectations", 1)] {
        let mut part = json!({ "slug": "meals", list: whole[list].clone() });
        for element in part[list].as_array_mut().unwrap() {
            element.as_object_mut().unwrap().remove("indicators");
        }
        provider.applied(part).await;
        let (_, gaps) = stands(&provider, "meals").await;
        assert_eq!(gaps.iter().filter(|gap| gap.starts_with("NO_")).count(), most, "{gaps:?}");
    }
    provider.applied(json!({ "slug": "meals", "consumers": [{ "organization": { "slug": "emergency" } }] })).await;
    let without = ["OUTCOME_WITHOUT_INDICATOR on-time", "BENEFIT_WITHOUT_INDICATOR strength", "NOT_AGREED emergency"];
    assert_eq!(stands(&provider, "meals").await, state("UNAGREED", &without));
    whole.as_object_mut().unwrap().remove("consumers");
    provider.applied(whole).await;
    let unmeasured = ["INDICATOR_NOT_MEASURED delay", "INDICATOR_NOT_MEASURED hunger", "NOT_AGREED emergency"];
    assert_eq!(stands(&provider, "meals").await, state("UNAGREED", &unmeasured));
    measure(&provider, "meals", "delay", 1, 25.0).await;
    measure(&provider, "meals", "hunger", 1, 10.0).await;
    assert_eq!(
        stands(&provider, "meals").await,
        state("UNAGREED", &["INDICATOR_REGRESSED delay", "NOT_AGREED emergency"])
    );
    measure(&provider, "meals", "delay", 2, 6.0).await;
    let row = app.admin().get(r#"{ service(by: {slug: "meals"}) { revision } }"#).await;
    let revision = i32::try_from(row["service"]["revision"].as_i64().unwrap()).unwrap();
    decide(&emergency, "meals", revision, "AGREE").await;
    for asker in [&provider, &emergency, &app.admin()] {
        assert_eq!(stands(asker, "meals").await, state("ALIGNED", &[]));
    }
    // A new revision, with a text in one language.
    let document = json!({ "slug": "meals", "summary": { "en": "Meals in bed", "fr": null }, "reviewEvery": "P1M" });
    provider.applied(document).await;
    let older = ["AGREED_TO_OLDER_REVISION emergency", "MISSING_TRANSLATION"];
    assert_eq!(stands(&provider, "meals").await, state("OUTDATED", &older));
    decide(&emergency, "meals", revision + 1, "OBJECT").await;
    assert_eq!(stands(&emergency, "meals").await, state("DISPUTED", &["OBJECTED emergency", "MISSING_TRANSLATION"]));
    provider.applied(json!({ "slug": "meals", "summary": { "fr": "Repas au lit" } })).await;
    decide(&emergency, "meals", revision + 2, "AGREE").await;
    assert_eq!(stands(&provider, "meals").await, state("ALIGNED", &[]));
    app.pass(TimeDelta::days(40));
    assert_eq!(stands(&provider, "meals").await, state("ALIGNED", &["REVIEW_OVERDUE emergency"]));
    decide(&emergency, "meals", revision + 2, "AGREE").await;
    assert_eq!(stands(&provider, "meals").await, state("ALIGNED", &[]));
}

#[tokio::test]
async fn open_escalations_are_gaps_of_their_element_until_they_are_resolved() {
    let app = App::hospital().await;
    aligned(&app, "meals", &["emergency", "pharmacy"]).await;
    let provider = dsi(&app);
    let open = async |ward: &Asker<'_>, element: Value, kind: &str| {
        let input = json!({ "input": { "kind": kind, "service": { "slug": "meals" }, "element": element, "title": "Late", "body": "Late again", "severity": "HIGH" } });
        let query = "mutation($input: ThreadOpenInput!) { threadOpen(input: $input) { thread { number } userErrors { code path message } } }";
        let payload = ward.data(query, input).await["threadOpen"].take();
        assert_eq!(problems(&payload), [], "{payload:#}");
        payload["thread"]["number"].clone()
    };
    let (emergency, pharmacy) = (ward(&app, "emergency"), ward(&app, "pharmacy"));
    let mut numbers = Vec::new();
    for (who, element, kind) in [
        (&emergency, json!("on-time"), "ESCALATION"),
        (&emergency, json!("on-time"), "ESCALATION"),
        (&emergency, Value::Null, "ESCALATION"),
        (&pharmacy, json!("delay"), "ESCALATION"),
        (&pharmacy, json!("strength"), "FEEDBACK"),
    ] {
        numbers.push(open(who, element, kind).await);
    }
    let (state, found) = stands(&provider, "meals").await;
    assert_eq!(state, "ALIGNED");
    assert_eq!(
        found,
        ["OPEN_ESCALATION emergency", "OPEN_ESCALATION on-time emergency", "OPEN_ESCALATION delay pharmacy"]
    );
    assert_eq!(stands(&emergency, "meals").await.1, found[..2]);
    assert_eq!(stands(&pharmacy, "meals").await.1, found[2..]);
    // They are one check.
    let score = |alignment: &Value| alignment["score"].as_f64().unwrap();
    assert!(score(&alignment(&provider, "meals").await) > 0.9);
    // Who sees no threads sees no such gap.
    let blind = app.someone("dsi", &[Scope::DefinitionsWrite]);
    assert_eq!(stands(&blind, "meals").await, ("ALIGNED".to_owned(), Vec::new()));
    for number in &numbers {
        let query = "mutation($input: ThreadActionInput!) { threadResolve(input: $input) { userErrors { code path message } } }";
        let input = json!({ "input": { "thread": { "number": number } } });
        assert_eq!(problems(&provider.data(query, input).await["threadResolve"]), []);
    }
    assert_eq!(stands(&provider, "meals").await.1, [""; 0]);
}

#[tokio::test]
async fn names_of_items_in_texts_are_found_while_the_items_have_them_and_only_for_who_may_see_items() {
    let app = App::hospital().await;
    aligned(&app, "meals", &["emergency"]).await;
    let provider = dsi(&app);
    let document = json!({ "slug": "meals", "name": { "fr": "Repas du FOUR n° 7" }, "costs": [{ "key": "cooks", "statement": { "en": "Cooks of oven-7" } }] });
    provider.applied(document).await;
    decide(&ward(&app, "emergency"), "meals", 2, "AGREE").await;
    assert_eq!(stands(&provider, "meals").await.1, [""; 0]);
    item(&provider, "1", json!({ "name": "Oven-7", "class": "oven" })).await;
    assert_eq!(stands(&provider, "meals").await.1, ["INFRASTRUCTURE_WORDING cooks"]);
    item(&provider, "2", json!({ "name": "four N°  7", "class": "oven" })).await;
    assert_eq!(stands(&provider, "meals").await.1, ["INFRASTRUCTURE_WORDING", "INFRASTRUCTURE_WORDING cooks"]);
    let of_item = alignment(&provider, "meals").await["gaps"][1].take();
    assert!(of_item["message"].as_str().unwrap().contains("(Oven-7)"), "{of_item}");
    for blind in [app.ward("emergency"), app.ward("dsi")] {
        assert_eq!(stands(&blind, "meals").await, ("ALIGNED".to_owned(), Vec::new()));
    }
    // Another replica finds them too, and what changes them is noticed at once.
    item(&provider, "1", json!({ "name": "Oven-8" })).await;
    assert_eq!(stands(&provider, "meals").await.1, ["INFRASTRUCTURE_WORDING"]);
    item(&provider, "2", json!({ "remove": true })).await;
    assert_eq!(stands(&provider, "meals").await.1, [""; 0]);
    // Items of another organization are none of the provider's.
    let stranger = app.someone("finance", &[Scope::CmdbWrite]);
    item(&stranger, "1", json!({ "name": "Oven-7", "class": "oven" })).await;
    assert_eq!(stands(&provider, "meals").await.1, [""; 0]);
    // A change of something else does not make the names be read again.
    let version = async || {
        app.admin().counted(&format!("{{ service(by: {{slug: \"meals\"}}) {{ {ALIGNMENT} }} }}"), json!({})).await.1
    };
    let before = version().await;
    item(&provider, "1", json!({ "status": "broken" })).await;
    assert_eq!(version().await, before);
}

#[tokio::test]
async fn a_consumer_sees_its_own_alignment_and_nothing_of_the_others() {
    let app = App::hospital().await;
    aligned(&app, "meals", &["emergency", "pharmacy", "outpatients"]).await;
    let provider = dsi(&app);
    decide(&ward(&app, "pharmacy"), "meals", 1, "OBJECT").await;
    decide(&ward(&app, "outpatients"), "meals", 1, "WITHDRAW").await;
    let emergency = ward(&app, "emergency");
    let own = alignment(&emergency, "meals").await;
    assert_eq!(own, json!({ "state": "ALIGNED", "score": 1.0, "gaps": [] }));
    let (state, found) = stands(&provider, "meals").await;
    assert_eq!(
        (state.as_str(), found),
        ("DISPUTED", vec!["NOT_AGREED outpatients".to_owned(), "OBJECTED pharmacy".to_owned()])
    );
    for (slug, expected) in [("pharmacy", "DISPUTED"), ("outpatients", "UNAGREED")] {
        let own = alignment(&ward(&app, slug), "meals").await;
        assert_eq!(own["state"], expected);
        assert!(own["gaps"].as_array().unwrap().iter().all(|gap| gap["organization"]["slug"] == slug), "{own:#}");
    }
    let stranger = app.ward("finance").get(r#"{ service(by: {slug: "meals"}) { alignment { state } } }"#).await;
    assert_eq!(stranger["service"], Value::Null);
}

#[tokio::test]
async fn the_filter_finds_the_services_whose_state_the_viewer_reads() {
    let app = App::hospital().await;
    let provider = dsi(&app);
    let wards = ["emergency", "pharmacy"];
    // What each of two consumers decides on two revisions, and whether the terms are complete.
    let decisions = ["", "AGREE", "OBJECT", "WITHDRAW"];
    let mut number = 0;
    for first in decisions {
        for second in decisions {
            let slug = format!("meals-{number}");
            number += 1;
            provider.applied(meals(&slug, &wards)).await;
            for (ward_of, decision, revision) in
                [("emergency", "AGREE", 1), ("emergency", first, 2), ("pharmacy", second, 2)]
            {
                if revision == 2 && ward_of == "emergency" {
                    provider.applied(json!({ "slug": slug, "summary": both("Meals in bed") })).await;
                }
                if decision.is_empty() || (revision == 1 && number % 2 == 1) {
                    continue;
                }
                if decision == "WITHDRAW" {
                    decide(&ward(&app, ward_of), &slug, revision, "AGREE").await;
                }
                decide(&ward(&app, ward_of), &slug, revision, decision).await;
            }
            if number % 5 == 0 {
                provider.applied(json!({ "slug": slug, "costs": [{ "key": "cooks", "remove": true }] })).await;
            }
            if number % 7 == 0 {
                provider.applied(json!({ "slug": slug, "consumers": [{ "organization": { "slug": "pharmacy" }, "remove": true }] })).await;
            }
        }
    }
    provider.applied(meals("unused", &[])).await;
    let mut seen = std::collections::BTreeSet::new();
    for asker in [&provider, &ward(&app, "emergency"), &ward(&app, "pharmacy"), &app.admin(), &app.ward("finance")] {
        let all = asker.get("{ services(first: 200) { nodes { slug alignment { state } } } }").await;
        for state in ["INCOMPLETE", "UNAGREED", "DISPUTED", "OUTDATED", "ALIGNED"] {
            let nodes = all["services"]["nodes"].as_array().unwrap().iter();
            let expected: Vec<&Value> =
                nodes.filter(|node| node["alignment"]["state"] == state).map(|node| &node["slug"]).collect();
            seen.extend((!expected.is_empty()).then_some(state));
            let mut found = Vec::new();
            let mut after = Value::Null;
            loop {
                let query = "query($after: String, $states: [AlignmentState!]) { services(filter: {alignment: $states}, first: 3, after: $after) {
                    totalCount nodes { slug } pageInfo { hasNextPage endCursor } } }";
                let page = asker.data(query, json!({ "after": after, "states": [state] })).await["services"].take();
                assert_eq!(page["totalCount"], expected.len());
                found.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["slug"].clone()));
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                after = page["pageInfo"]["endCursor"].clone();
            }
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{state}");
        }
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
    // Below an organization, and several states.
    let query = r#"{ organization(by: {slug: "dsi"}) { providedServices(first: 200, filter: {alignment: [ALIGNED, OUTDATED]}) { totalCount nodes { alignment { state } } } } }"#;
    let listed = ward(&app, "emergency").get(query).await["organization"]["providedServices"].take();
    let states = listed["nodes"].as_array().unwrap().iter().map(|node| node["alignment"]["state"].as_str().unwrap());
    assert!(listed["totalCount"].as_i64().unwrap() > 2);
    assert!(states.into_iter().all(|state| ["ALIGNED", "OUTDATED"].contains(&state)), "{listed:#}");
}

#[tokio::test]
async fn a_page_of_services_with_their_alignment_costs_eight_statements_at_most_however_many_there_are() {
    let app = App::hospital().await;
    let provider = dsi(&app);
    for number in 0..50 {
        let mut document = meals(&format!("meals-{number}"), &["emergency", "pharmacy"]);
        document["name"] = json!(format!("Kitchen {number}"));
        document["reviewEvery"] = json!("P1Y");
        provider.applied(document).await;
    }
    let page = "alignment { state score gaps { code } } value { realization { met } } agreements { state }";
    for asker in [&provider, &ward(&app, "emergency"), &app.admin()] {
        asker.get("{ viewer { locale } }").await;
        for (entry, most) in [(page, 8), ("alignment { state }", 3), (ALIGNMENT, 7)] {
            let mut costs = Vec::new();
            // The first time, the names of the configuration items are read too.
            for first in [50, 1, 10, 50] {
                let query =
                    format!("{{ services(first: {first}, filter: {{text: \"kitchen\"}}) {{ nodes {{ {entry} }} }} }}");
                app.store.forget_definitions();
                let (data, cost) = asker.counted(&query, json!({})).await;
                assert_eq!(data["services"]["nodes"].as_array().unwrap().len(), first);
                costs.push(cost);
            }
            assert!(
                costs[0] <= most && costs[1..].iter().all(|cost| *cost == costs[1] && *cost <= costs[0]),
                "{entry}: {costs:?}"
            );
        }
    }
}

#[tokio::test]
async fn messages_say_what_to_do_in_the_language_of_the_reader() {
    let app = App::hospital().await;
    let provider = dsi(&app);
    provider.applied(meals("meals", &["emergency"])).await;
    let message = async |asker: Asker<'_>, locale: &str| {
        let query =
            format!(r#"{{ service(by: {{slug: "meals"}}) {{ alignment {{ gaps {{ code message{locale} }} }} }} }}"#);
        let data = asker.get(&query).await;
        let gaps = data["service"]["alignment"]["gaps"].as_array().unwrap().clone();
        ["INDICATOR_NOT_MEASURED", "NOT_AGREED"].map(|code| {
            let gap = gaps.iter().find(|gap| gap["code"] == code).unwrap();
            gap["message"].as_str().unwrap().to_owned()
        })
    };
    let english = message(provider.clone(), "").await;
    assert_eq!(english[0], r#"Indicator "delay" has no measurement: record its current value"#);
    assert!(english[1].starts_with("Emergency") && english[1].contains("revision 1"), "{}", english[1]);
    let french = message(provider.clone().reading("fr-CA, en;q=0.5"), "").await;
    assert_eq!(french[0], "Indicateur « delay » : aucune mesure ; enregistrez sa valeur actuelle");
    assert!(french[1].starts_with("Service des urgences"), "{}", french[1]);
    for (accepted, locale, expected) in [
        ("en", r#"(locale: "fr")"#, &french),
        ("fr", r#"(locale: "en-GB")"#, &english),
        // There are no messages in German: the reader's other languages follow.
        ("de, fr;q=0.5", "", &french),
        ("de", "", &english),
    ] {
        let said = message(provider.clone().reading(accepted), locale).await;
        assert_eq!(said[0], expected[0], "{accepted} {locale}");
    }
    let query = r#"{ service(by: {slug: "meals"}) { alignment { gaps { message(locale: "klingon") } } } }"#;
    assert_eq!(provider.refusal(query, json!({})).await.0, "BAD_REQUEST");
}
