//! Finding services and organizations: filters and keys.

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use crate::app::{App, Asker};

async fn found(asker: &Asker<'_>, filter: Value) -> Vec<String> {
    let query = "query($filter: ServiceFilter) { services(filter: $filter, orderBy: {field: CREATED_AT}) { totalCount nodes { slug } } }";
    let services = asker.data(query, json!({ "filter": filter })).await["services"].take();
    let slugs: Vec<_> = services["nodes"].as_array().unwrap().iter().map(slug).collect();
    assert_eq!(services["totalCount"], slugs.len());
    slugs
}

fn slug(node: &Value) -> String {
    node["slug"].as_str().unwrap().to_owned()
}

/// The hospital, with `billing` in the pipeline, `old` retired, and `meals`, which the pharmacy provides to the IT department.
async fn catalogue() -> App {
    let app = App::hospital().await;
    let pharmacy = app.someone("pharmacy", &[entente::policy::Scope::Read, entente::policy::Scope::DefinitionsWrite]);
    let emergency = json!([{ "organization": { "slug": "emergency" } }]);
    app.provider().applied(json!({ "slug": "billing", "name": { "fr": "Facturation à l'acte", "en": "Billing 100%" }, "consumers": emergency })).await;
    app.provider()
        .applied(json!({ "slug": "old", "name": "Old_record", "lifecycle": "RETIRED", "consumers": emergency,
        "outcomes": [{ "key": "read", "statement": "Œuvre, straße, back\\slash" }] }))
        .await;
    pharmacy.applied(json!({ "slug": "meals", "name": "Meals", "lifecycle": "LIVE", "consumers": [{ "organization": { "slug": "dsi" } }] })).await;
    app
}

#[tokio::test]
async fn filters_hold_together() {
    let app = catalogue().await;
    let (dsi, emergency) = (app.provider(), app.ward("emergency"));
    let by = |slug: &str| json!({ "slug": slug });
    for (asker, filter, expected) in [
        (&dsi, json!({}), vec!["patient-management", "billing", "old", "meals"]),
        (&dsi, json!({ "lifecycle": ["LIVE"] }), vec!["patient-management", "meals"]),
        (&dsi, json!({ "lifecycle": ["RETIRED", "PIPELINE"] }), vec!["billing", "old"]),
        (&dsi, json!({ "lifecycle": [] }), vec![]),
        (&dsi, json!({ "lifecycle": null }), vec!["patient-management", "billing", "old", "meals"]),
        (&dsi, json!({ "provider": by("dsi") }), vec!["patient-management", "billing", "old"]),
        (&dsi, json!({ "provider": by("pharmacy") }), vec!["meals"]),
        (
            &dsi,
            json!({ "provider": { "ref": { "system": "servicenow", "key": "221f79b7c6112284005d646b76ab978c" } } }),
            vec!["patient-management", "billing", "old"],
        ),
        (&dsi, json!({ "provider": by("nobody") }), vec![]),
        (&dsi, json!({ "consumer": by("pharmacy") }), vec!["patient-management"]),
        (&dsi, json!({ "consumer": by("dsi") }), vec!["meals"]),
        (&dsi, json!({ "consumer": by("emergency"), "lifecycle": ["LIVE"] }), vec!["patient-management"]),
        (&dsi, json!({ "awaitingDecision": true }), vec!["meals"]),
        (&dsi, json!({ "awaitingDecision": false }), vec!["patient-management", "billing", "old"]),
        (&emergency, json!({}), vec!["patient-management", "billing", "old"]),
        (&emergency, json!({ "awaitingDecision": true }), vec!["patient-management", "billing", "old"]),
        (&emergency, json!({ "awaitingDecision": false }), vec![]),
        (
            &emergency,
            json!({ "consumer": by("emergency"), "provider": by("dsi") }),
            vec!["patient-management", "billing", "old"],
        ),
        (&emergency, json!({ "consumer": by("pharmacy") }), vec![]),
        (&emergency, json!({ "provider": by("pharmacy") }), vec![]),
    ] {
        assert_eq!(found(asker, filter.clone()).await, expected, "{filter}");
    }
    assert_eq!(found(&app.admin(), json!({ "awaitingDecision": true })).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_text_is_found_whatever_its_case_and_accents_and_signs_are_no_words() {
    let app = catalogue().await;
    let dsi = app.provider();
    for (text, expected) in [
        ("PATIENT dossier", vec!["patient-management"]),
        ("médecins  INFIRMIERES", vec!["patient-management"]),
        ("medecins nurses", vec!["patient-management"]),
        ("facturation a l'acte", vec!["billing"]),
        ("patient-man", vec!["patient-management"]),
        ("100%", vec!["billing"]),
        ("%", vec!["patient-management", "billing", "old", "meals"]),
        ("_", vec!["patient-management", "billing", "old", "meals"]),
        ("back\\slash", vec!["old"]),
        ("œuvre", vec!["old"]),
        ("Straße", vec!["old"]),
        ("patient nothing", vec![]),
        ("", vec!["patient-management", "billing", "old", "meals"]),
        ("   ", vec!["patient-management", "billing", "old", "meals"]),
        ("' OR 1=1 --", vec![]),
    ] {
        assert_eq!(found(&dsi, json!({ "text": text })).await, expected, "{text:?}");
    }
}

#[tokio::test]
async fn what_changed_since_an_instant_includes_that_instant() {
    let app = App::hospital().await;
    app.pass(TimeDelta::hours(2));
    app.provider().applied(json!({ "slug": "billing", "name": "Billing" })).await;
    let data = app.provider().get(r#"{ service(by: {slug: "billing"}) { updatedAt } }"#).await;
    let at = data["service"]["updatedAt"].as_str().unwrap().to_owned();
    let dsi = app.provider();
    assert_eq!(found(&dsi, json!({ "updatedSince": at })).await, ["billing"]);
    let instant: chrono::DateTime<Utc> = at.parse().unwrap();
    let shift = |micros: i64| (instant + TimeDelta::microseconds(micros)).to_rfc3339();
    assert_eq!(found(&dsi, json!({ "updatedSince": shift(1) })).await, Vec::<String>::new());
    assert_eq!(found(&dsi, json!({ "updatedSince": shift(-1) })).await, ["billing"]);
    assert_eq!(found(&dsi, json!({ "updatedSince": "2000-01-01T00:00:00+02:00" })).await.len(), 2);
    // A change of links counts, an apply without changes does not.
    app.pass(TimeDelta::hours(1));
    app.provider().applied(json!({ "slug": "billing", "name": "Billing" })).await;
    assert_eq!(found(&dsi, json!({ "updatedSince": shift(1) })).await, Vec::<String>::new());
    app.provider().applied(json!({ "slug": "billing", "lifecycle": "LIVE" })).await;
    assert_eq!(found(&dsi, json!({ "updatedSince": shift(1) })).await, ["billing"]);
}

#[tokio::test]
async fn an_organization_lists_what_it_provides_and_consumes() {
    let app = catalogue().await;
    let query = r#"query($by: OrganizationKey!, $filter: ServiceFilter) { organization(by: $by) {
        providedServices(filter: $filter) { totalCount nodes { slug } } consumedServices(filter: $filter) { totalCount nodes { slug } } } }"#;
    let lists = async |asker: &Asker<'_>, slug: &str, filter: Value| {
        let data = asker.data(query, json!({ "by": { "slug": slug }, "filter": filter })).await["organization"].take();
        ["providedServices", "consumedServices"].map(|list| {
            let slugs: Vec<String> = data[list]["nodes"].as_array().unwrap().iter().map(self::slug).collect();
            assert_eq!(data[list]["totalCount"], slugs.len());
            slugs.join(" ")
        })
    };
    let dsi = app.provider();
    assert_eq!(lists(&dsi, "dsi", json!({})).await, ["billing old patient-management", "meals"]);
    assert_eq!(lists(&dsi, "dsi", json!({ "lifecycle": ["LIVE"] })).await, ["patient-management", "meals"]);
    assert_eq!(lists(&dsi, "pharmacy", json!({})).await, ["meals", "patient-management"]);
    assert_eq!(lists(&dsi, "dsi", json!({ "provider": { "slug": "pharmacy" } })).await, ["", "meals"]);
    assert_eq!(lists(&app.ward("emergency"), "dsi", json!({})).await, ["billing old patient-management", ""]);
    assert_eq!(lists(&app.ward("emergency"), "emergency", json!({})).await, ["", "billing old patient-management"]);
}

#[tokio::test]
async fn organizations_are_listed_by_slug_and_found_by_words_of_their_names() {
    let app = App::hospital().await;
    let query = "query($text: String) { organizations(text: $text) { totalCount nodes { slug } } }";
    let found = async |asker: &Asker<'_>, text: Value| {
        let list = asker.data(query, json!({ "text": text })).await["organizations"].take();
        let slugs: Vec<String> = list["nodes"].as_array().unwrap().iter().map(slug).collect();
        assert_eq!(list["totalCount"], slugs.len());
        slugs.join(" ")
    };
    let dsi = app.provider();
    assert_eq!(found(&dsi, Value::Null).await, "chu dsi emergency finance outpatients pharmacy");
    assert_eq!(found(&dsi, json!("DEPARTMENT")).await, "dsi emergency finance");
    assert_eq!(found(&dsi, json!("systemes")).await, "dsi");
    assert_eq!(found(&dsi, json!("hopital")).await, "");
    assert_eq!(found(&dsi, json!("hospital pharm")).await, "pharmacy");
    assert_eq!(found(&dsi, json!("%")).await, "");
    assert_eq!(found(&app.ward("pharmacy"), Value::Null).await, "dsi pharmacy");
    assert_eq!(found(&app.ward("chu"), Value::Null).await, "chu");
}
