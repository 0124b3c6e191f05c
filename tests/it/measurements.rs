//! Measurements: recording them, reading them, and what they say of indicators and of value.

use chrono::{TimeDelta, Utc};
use entente::policy::Scope;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{
    app::{App, Asker, problems},
    kit::{laundry, said},
    world::{slug, world},
};

const RECORD: &str = "mutation($input: MeasurementsRecordInput!) { measurementsRecord(input: $input) {
    recorded indicators { key } userErrors { code path message } } }";

/// Records measurements; the payload.
pub async fn record(asker: &Asker<'_>, measurements: Value) -> Value {
    asker.data(RECORD, json!({ "input": { "measurements": measurements } })).await["measurementsRecord"].take()
}

/// Records measurements, which must be accepted.
pub async fn recorded(asker: &Asker<'_>, measurements: Value) {
    let payload = record(asker, measurements.clone()).await;
    assert_eq!(problems(&payload), [], "{payload:#}");
    assert_eq!(payload["recorded"], measurements.as_array().unwrap().len());
}

/// A measurement of the hospital's service.
pub fn of(indicator: &str, day: u32, value: f64) -> Value {
    json!({ "service": { "slug": "patient-management" }, "indicator": indicator, "at": at(day), "value": value })
}

/// The start of a day of 2020.
pub fn at(day: u32) -> String {
    format!("2020-{:02}-{:02}T00:00:00Z", 1 + (day - 1) / 28, 1 + (day - 1) % 28)
}

/// Who may read, and record measurements.
pub fn meter<'a>(app: &'a App, organization: &str) -> Asker<'a> {
    app.someone(organization, &[Scope::Read, Scope::MeasurementsWrite])
}

/// What is read of the indicator `admission-time`.
pub async fn admission(asker: &Asker<'_>, selected: &str) -> Value {
    let query = format!(
        r#"{{ service(by: {{slug: "patient-management"}}) {{ outcomes(stage: "reception") {{ indicators {{ {selected} }} }} }} }}"#
    );
    asker.get(&query).await["service"]["outcomes"][0]["indicators"][0].take()
}

/// The values of a page of `admission-time`.
pub async fn values(asker: &Asker<'_>, arguments: &str) -> Value {
    let read = admission(asker, &format!("measurements{arguments} {{ totalCount nodes {{ value }} }}")).await;
    let values: Value =
        read["measurements"]["nodes"].as_array().unwrap().iter().map(|it| it["value"].clone()).collect();
    json!([read["measurements"]["totalCount"], values])
}

#[tokio::test]
async fn values_are_recorded_by_both_parties_and_seen_by_all_who_see_the_service() {
    let app = App::hospital().await;
    let (dsi, ward) = (meter(&app, "dsi"), meter(&app, "emergency"));
    let payload = record(&dsi, json!([of("admission-time", 2, 9.5), of("triage-within-10", 2, 80.0)])).await;
    assert_eq!(payload["indicators"], json!([{ "key": "admission-time" }, { "key": "triage-within-10" }]));
    recorded(&ward, json!([of("admission-time", 3, 7.0)])).await;
    recorded(&dsi, json!([of("admission-time", 1, 12.0)])).await;
    let selected = "latest { at value source recordedBy { kind subject displayName organization { slug } } } attainment { status progress }";
    for asker in [&dsi, &ward, &app.ward("pharmacy"), &app.admin()] {
        let read = admission(asker, selected).await;
        assert_eq!((&read["latest"]["at"], &read["latest"]["value"]), (&json!(at(3)), &json!(7.0)));
        // The baseline is 14, and the target 5.
        assert_eq!(read["attainment"], json!({ "status": "IMPROVING", "progress": 7.0 / 9.0 }));
        assert_eq!(values(asker, "").await, json!([3, [12.0, 9.5, 7.0]]));
    }
    // Of another consumer, a consumer is not told.
    let of_ward = json!({ "kind": "PERSON", "subject": "somebody-of-emergency", "displayName": "Somebody of emergency",
        "organization": { "slug": "emergency" } });
    let of_entente = json!({ "kind": "SYSTEM", "subject": "entente", "displayName": "Entente", "organization": null });
    for (asker, expected) in [(&dsi, &of_ward), (&ward, &of_ward), (&app.ward("pharmacy"), &of_entente)] {
        assert_eq!(admission(asker, selected).await["latest"]["recordedBy"], *expected);
    }
    let first = admission(&app.ward("pharmacy"), "measurements(first: 1) { nodes { recordedBy { subject } } }").await;
    assert_eq!(first["measurements"]["nodes"][0]["recordedBy"]["subject"], "somebody-of-dsi");
    // With the scope alone, what was written can be read.
    let alone = app.someone("emergency", &[Scope::MeasurementsWrite]);
    assert_eq!(record(&alone, json!([of("admission-time", 4, 6.0)])).await["indicators"][0]["key"], "admission-time");
    let (code, _) = alone.refusal("{ services { totalCount } }", json!({})).await;
    assert_eq!(code, "FORBIDDEN");
    // Nobody else sees any.
    let stranger = meter(&app, "finance");
    let query = r#"{ service(by: {slug: "patient-management"}) { value { realization { met } } } }"#;
    assert_eq!(stranger.get(query).await, json!({ "service": null }));
}

#[tokio::test]
async fn the_same_indicator_instant_and_source_replaces_the_value_and_the_same_value_is_not_written() {
    let app = App::hospital().await;
    let dsi = meter(&app, "dsi");
    let from = |source: Value, value: f64| {
        let mut one = of("admission-time", 1, value);
        one["source"] = source;
        one
    };
    recorded(&dsi, json!([from(json!("survey"), 9.0), from(Value::Null, 8.0), from(json!("probe"), 7.0)])).await;
    let before = app.rows().await;
    assert_eq!(before.count("measurement"), 3);
    // A blank source is none.
    recorded(&dsi, json!([from(json!("survey"), 9.0), from(json!(" "), 8.0)])).await;
    app.assert_unchanged(&before).await;

    let logged = before.count("change");
    recorded(&meter(&app, "emergency"), json!([from(json!("survey"), 6.0), of("admission-time", 2, 5.0)])).await;
    let all = "measurements { nodes { at value source recordedBy { organization { slug } } } }";
    let read = admission(&dsi, all).await["measurements"]["nodes"].take();
    let said_by = |at: u32, value: f64, source: Value, by: &str| json!({ "at": self::at(at), "value": value, "source": source, "recordedBy": { "organization": { "slug": by } } });
    for one in [
        said_by(1, 6.0, json!("survey"), "emergency"),
        said_by(1, 8.0, Value::Null, "dsi"),
        said_by(1, 7.0, json!("probe"), "dsi"),
        said_by(2, 5.0, Value::Null, "emergency"),
    ] {
        assert!(read.as_array().unwrap().contains(&one), "{one} {read:#}");
    }
    let changes = app.logged(logged).await;
    assert_eq!(changes.iter().map(said).collect::<Vec<_>>(), ["Updated Measurement", "Created Measurement"]);
    let indicator = app.admin().get(r#"{ service(by: {slug: "patient-management"}) { id } }"#).await;
    assert_eq!(json!(changes[0].service_id.unwrap().to_string()), indicator["service"]["id"]);
    assert_eq!(
        serde_json::to_value(&changes[0].fields).unwrap(),
        json!([{ "name": "at", "before": at(1), "after": at(1) }, { "name": "source", "before": "survey", "after": "survey" },
            { "name": "value", "before": 9.0, "after": 6.0 }])
    );
    // Within one call, the last one counts.
    recorded(&dsi, json!([of("admission-time", 9, 1.0), of("admission-time", 9, 2.0)])).await;
    assert_eq!(values(&dsi, "(last: 1)").await, json!([5, [2.0]]));
}

/// What is refused: what is not a measurement that may be recorded, each with its index.
#[tokio::test]
async fn bad_measurements_are_refused_by_index_and_nothing_is_changed() {
    let app = App::hospital().await;
    let provider = app.provider();
    provider.applied(laundry()).await;
    let dsi = meter(&app, "dsi");
    let stains = json!({ "service": { "slug": "laundry" }, "indicator": "stains", "at": at(1), "value": 1 });
    recorded(&dsi, json!([stains])).await;
    provider.applied(json!({ "slug": "laundry", "outcomes": [{ "key": "clean", "remove": true }] })).await;
    let good = of("admission-time", 1, 9.0);
    let with = |name: &str, value: Value| {
        let mut bad = good.clone();
        bad[name] = value;
        bad
    };
    let in_an_hour = (Utc::now() + TimeDelta::hours(1)).to_rfc3339();
    let cases = [
        (stains.clone(), "NOT_FOUND", "indicator", "\"stains\" names no indicator that you may see"),
        (with("indicator", json!("admision-time")), "NOT_FOUND", "indicator", "did you mean \"admission-time\"?"),
        (with("indicator", json!("one-record")), "NOT_FOUND", "indicator", "names no indicator"),
        (with("indicator", json!("no key \0")), "NOT_FOUND", "indicator", "names no indicator"),
        (with("indicator", json!("a".repeat(60_000))), "NOT_FOUND", "indicator", "names no indicator that you may see"),
        (with("service", json!({ "slug": "nothing-here" })), "NOT_FOUND", "service", "names no service"),
        (with("service", json!({ "id": "nothing-here" })), "NOT_FOUND", "service", "names no service"),
        (
            with("service", json!({ "ref": { "system": "jira", "key": "\0" } })),
            "NOT_FOUND",
            "service",
            "names no service",
        ),
        (with("at", json!(in_an_hour)), "INVALID", "at", "is in the future"),
        (with("value", json!(1.7e308)), "INVALID", "value", "is not a finite number"),
        (with("source", json!("x".repeat(201))), "TOO_LONG", "source", "at most 200"),
        (with("source", json!("a\nb")), "INVALID", "source", "control character"),
    ];
    let before = app.rows().await;
    for (bad, code, field, message) in cases {
        let payload = record(&dsi, json!([good, bad])).await;
        assert_eq!(problems(&payload), [(code.to_owned(), format!("measurements/1/{field}"))], "{payload:#}");
        assert!(payload["userErrors"][0]["message"].as_str().unwrap().contains(message), "{payload:#}");
        assert_eq!((&payload["recorded"], &payload["indicators"]), (&json!(0), &Value::Null));
    }
    let many: Vec<Value> = (0..1_001).map(|_| good.clone()).collect();
    let payload = record(&dsi, json!(many)).await;
    assert_eq!(problems(&payload), [("LIMIT_EXCEEDED".to_owned(), "measurements".to_owned())]);
    let many: Vec<Value> = (0..1_000).map(|_| with("indicator", json!("unknown"))).collect();
    assert_eq!(problems(&record(&dsi, json!(many)).await).len(), 200);
    // All that is wrong with one is told at once.
    let mut bad = with("at", json!(in_an_hour));
    bad["indicator"] = json!("unknown");
    let told = problems(&record(&dsi, json!([bad])).await);
    assert_eq!(
        told.iter().map(|(_, path)| path.as_str()).collect::<Vec<_>>(),
        ["measurements/0/indicator", "measurements/0/at"]
    );
    let french = record(&dsi.clone().reading("fr"), json!([with("at", json!(in_an_hour))])).await;
    assert!(french["userErrors"][0]["message"].as_str().unwrap().starts_with("est dans le futur"));
    // Neither a missing scope nor the wrong party tells what exists.
    let reader = record(&app.ward("emergency"), json!([good])).await;
    assert_eq!(problems(&reader), [("FORBIDDEN".to_owned(), String::new())]);
    for (asker, wanted) in
        [(meter(&app, "finance"), good.clone()), (app.loner(&[Scope::MeasurementsWrite]), good.clone())]
    {
        let mut nothing = wanted.clone();
        nothing["service"] = json!({ "slug": "nothing-here" });
        let (unseen, absent) = (record(&asker, json!([wanted])).await, record(&asker, json!([nothing])).await);
        assert_eq!(problems(&unseen), [("NOT_FOUND".to_owned(), "measurements/0/service".to_owned())]);
        assert_eq!(unseen, absent);
    }
    app.assert_unchanged(&before).await;
    recorded(&dsi, json!([])).await;
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn who_may_record_what_and_a_refused_one_changes_nothing() {
    let app = world().await;
    let one = |service: &str| json!([{ "service": { "slug": service }, "indicator": "of-outcome", "at": at(40), "value": 2 }]);
    for (who, code) in
        [("dsi", "ok"), ("ward-a", "ok"), ("lab", "ok"), ("elsewhere", "NOT_FOUND"), ("stranger", "NOT_FOUND")]
    {
        let before = app.rows().await;
        let others = [Scope::Read, Scope::DefinitionsWrite, Scope::ThreadsWrite, Scope::CmdbWrite];
        let without = record(&app.someone(&slug(who), &others), one(&slug("care"))).await;
        assert_eq!(problems(&without), [("FORBIDDEN".to_owned(), String::new())], "{who}");
        let asker = meter(&app, &slug(who));
        let absent = record(&asker, one("nothing-here")).await;
        app.assert_unchanged(&before).await;
        let payload = record(&asker, one(&slug("care"))).await;
        let found = payload["userErrors"][0]["code"].as_str().unwrap_or("ok");
        assert_eq!(found, code, "{who}: {payload:#}");
        if code != "ok" {
            assert_eq!(payload, absent, "{who}");
            app.assert_unchanged(&before).await;
        }
        // What comes next replaces it.
        app.connection().await.execute_unprepared("UPDATE measurement SET value = 7").await.unwrap();
    }
    let (code, _) = app.nobody().refusal(RECORD, json!({ "input": { "measurements": one(&slug("care")) } })).await;
    assert_eq!(code, "UNAUTHENTICATED");
}

#[tokio::test]
async fn measurements_are_paged_and_cut_by_instants() {
    let app = App::hospital().await;
    let dsi = meter(&app, "dsi");
    let all: Vec<Value> = (1..=60).map(|day| of("admission-time", day, f64::from(day))).collect();
    recorded(&dsi, json!(all)).await;
    assert_eq!(values(&dsi, "(first: 2)").await, json!([60, [1.0, 2.0]]));
    assert_eq!(values(&dsi, "(last: 2)").await, json!([60, [59.0, 60.0]]));
    let span = |from: u32, to: u32| format!("(from: {:?}, to: {:?})", at(from), at(to));
    assert_eq!(values(&dsi, &span(10, 13)).await, json!([3, [10.0, 11.0, 12.0]]));
    assert_eq!(values(&dsi, &span(13, 10)).await, json!([0, []]));
    assert_eq!(values(&dsi, &format!("(from: {:?})", at(60))).await, json!([1, [60.0]]));
    assert_eq!(values(&dsi, &format!("(to: {:?})", at(2))).await, json!([1, [1.0]]));
    // Page after page, each measurement comes once, whatever comes in between.
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let cursor = if after.is_null() { String::new() } else { format!(", after: {after}") };
        let read = admission(
            &dsi,
            &format!("measurements(first: 7, from: {:?}{cursor}) {{ nodes {{ value }} pageInfo {{ hasNextPage endCursor }} }}", at(5)),
        )
        .await;
        let page = &read["measurements"];
        seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["value"].as_f64().unwrap()));
        if page["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
        recorded(&dsi, json!([of("admission-time", 1, seen.len() as f64)])).await;
    }
    assert_eq!(seen, (5..=60).map(f64::from).collect::<Vec<_>>());
    let query = r#"{ service(by: {slug: "patient-management"}) { outcomes(stage: "triage") { indicators { measurements(first: 201) { totalCount } } } } }"#;
    let (code, _) = dsi.refusal(query, json!({})).await;
    assert_eq!(code, "BAD_REQUEST");
}

#[tokio::test]
async fn value_is_realized_as_far_as_indicators_are() {
    let app = App::hospital().await;
    let dsi = meter(&app, "dsi");
    let query = r#"{ service(by: {slug: "patient-management"}) { value { realization { met improving regressed notMeasured } } } }"#;
    let realization = async || dsi.get(query).await["service"]["value"]["realization"].take();
    assert_eq!(realization().await, json!({ "met": 0, "improving": 0, "regressed": 0, "notMeasured": 11 }));
    let indicators = [
        ("admission-time", 5.0, "MET"),
        ("triage-within-10", 71.0, "IMPROVING"),
        ("bed-release-delay", 96.0, "REGRESSED"),
        ("patient-satisfaction", 9.0, "MET"),
        // Without a baseline.
        ("availability-24x7", 98.0, "IMPROVING"),
    ];
    recorded(&dsi, indicators.iter().map(|(key, value, _)| of(key, 5, *value)).collect()).await;
    // What came before the latest does not count.
    recorded(&dsi, indicators.iter().map(|(key, ..)| of(key, 4, 1.0)).collect()).await;
    assert_eq!(realization().await, json!({ "met": 2, "improving": 2, "regressed": 1, "notMeasured": 6 }));
    let attainments = "outcomes { indicators { key attainment { status progress } } } offerings { indicators { key attainment { status progress } } }
        value { benefits { indicators { key attainment { status progress } } } }";
    let read = dsi.get(&format!(r#"{{ service(by: {{slug: "patient-management"}}) {{ {attainments} }} }}"#)).await;
    for (key, _, status) in indicators {
        assert!(
            read.to_string().contains(&format!(r#"{{"key":"{key}","attainment":{{"status":"{status}","#)),
            "{read:#}"
        );
    }
    assert!(
        read.to_string().contains(r#"{"key":"availability-24x7","attainment":{"status":"IMPROVING","progress":null}}"#)
    );
    // A revision is held against its own target, with the value of now.
    let change = json!([{ "key": "quick-admission", "indicators": [{ "key": "admission-time", "target": 2, "baseline": null }] }]);
    app.provider().applied(json!({ "slug": "patient-management", "outcomes": change })).await;
    let attained = async |of: &str| {
        let query = format!(
            r#"{{ service(by: {{slug: "patient-management"}}) {{ {of} {{ outcomes {{ indicators {{ latest {{ value }} attainment {{ status progress }} }} }} }} }} }}"#
        );
        let read = dsi.get(&query).await["service"]["of"]["outcomes"][0]["indicators"][0].take();
        (read["latest"]["value"].clone(), read["attainment"].clone())
    };
    let met = json!({ "status": "MET", "progress": 1.0 });
    assert_eq!(attained("of: definition(revision: 1)").await, (json!(5.0), met));
    let improving = json!({ "status": "IMPROVING", "progress": null });
    assert_eq!(attained("of: definition(revision: 2)").await, (json!(5.0), improving));
    // An indicator that moves or comes again keeps its measurements.
    let gone = json!([{ "key": "quick-admission", "indicators": [{ "key": "admission-time", "remove": true }] }]);
    app.provider().applied(json!({ "slug": "patient-management", "outcomes": gone })).await;
    assert_eq!(realization().await["met"], 1);
    let again = json!([{ "key": "paper-habits", "indicators": [{ "key": "admission-time", "name": "Time", "unit": "min",
        "direction": "LOWER_IS_BETTER", "target": 5 }] }]);
    app.provider().applied(json!({ "slug": "patient-management", "outcomes": again })).await;
    assert_eq!(realization().await["met"], 2);
}

#[tokio::test]
async fn one_key_is_one_write_and_a_consumers_first_one_confirms() {
    let app = App::hospital().await;
    let written = app.admin().organizations(json!([{ "slug": "supplier", "name": "Supplier" }]), false).await;
    assert_eq!(problems(&written), []);
    let indicator =
        json!([{ "key": "uptime", "name": "Uptime", "unit": "%", "direction": "HIGHER_IS_BETTER", "target": 99 }]);
    let hosting = json!({ "slug": "hosting", "name": "Hosting", "consumers": [{ "organization": { "slug": "emergency" } }],
        "outcomes": [{ "key": "up", "statement": "Up", "indicators": indicator }],
        "externalReferences": [{ "system": "jira", "key": "HOST" }] });
    app.someone("supplier", &[Scope::Read, Scope::DefinitionsWrite]).applied(hosting).await;
    let ward = meter(&app, "emergency");
    let by = |service: Value| json!([{ "service": service, "indicator": "uptime", "at": at(1), "value": 99.5 }]);
    // The key of a provider names nothing before.
    let key = json!({ "ref": { "system": "jira", "key": "HOST" } });
    assert_eq!(problems(&record(&ward, by(key.clone())).await)[0].0, "NOT_FOUND");
    let once = ward.clone().once("k");
    let first = record(&once, by(json!({ "slug": "hosting" }))).await;
    assert_eq!((problems(&first), &first["recorded"]), (vec![], &json!(1)));
    let before = app.rows().await;
    assert_eq!(record(&once, by(json!({ "slug": "hosting" }))).await, first);
    app.assert_unchanged(&before).await;
    assert_eq!(problems(&record(&once, by(key.clone())).await)[0].0, "CONFLICT");
    assert_eq!(problems(&record(&ward, by(key)).await), []);
    let read = ward.get(r#"{ service(by: {slug: "hosting"}) { consumers { confirmedAt } } }"#).await;
    assert!(read["service"]["consumers"][0]["confirmedAt"].is_string(), "{read:#}");
}
