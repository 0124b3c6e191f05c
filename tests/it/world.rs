//! Parties that share some services and not others. What each of them would keep from others carries a canary: a text
//! that begins with `canary-`, names what it is, and must reach nobody else.
//!
//! `dsi` provides `care` to two wards and to `lab`, which provides `hosting` to `dsi`; `elsewhere` provides `other` to
//! `ward-b`; `stranger` shares nothing with anyone.

pub mod decisions;
pub mod threads;

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entente::policy::Scope;
use serde_json::{Value, json};

use crate::{
    app::{App, Asker},
    measurements::record,
};

/// The slug of a party or a service.
pub fn slug(of: &str) -> String {
    format!("canary-slug-{of}")
}

/// The parties.
pub const PARTIES: [&str; 6] = ["dsi", "lab", "elsewhere", "ward-a", "ward-b", "stranger"];
/// The services.
pub const SERVICES: [&str; 4] = ["care", "hosting", "other", "internal"];
/// Every external key, with whether it names a service (else an organization).
pub const KEYS: [(&str, bool); 10] = [
    ("canary-ref-dsi-care", true),
    ("canary-ref-ward-a-care", true),
    ("canary-ref-ward-b-care", true),
    ("canary-ref-lab-care", true),
    ("canary-ref-lab-hosting", true),
    ("canary-ref-dsi-hosting", true),
    ("canary-ref-dsi-on-ward-a", false),
    ("canary-ref-ward-a-on-dsi", false),
    ("canary-ref-ward-a-on-ward-a", false),
    ("canary-ref-dsi-on-dsi", false),
];

/// The parties with what they share.
pub async fn world() -> App {
    let app = App::new().await;
    let organization = |of: &str| {
        let parent = if matches!(of, "root" | "stranger" | "elsewhere") { Value::Null } else { party("root") };
        json!({ "slug": slug(of), "name": format!("canary-name-{of}"), "parent": parent })
    };
    let all: Vec<_> = ["root"].iter().chain(&PARTIES).map(|of| organization(of)).collect();
    let written = app.admin().organizations(json!(all), false).await;
    assert_eq!(written["userErrors"], json!([]));

    for (by, items) in [("dsi", &["app", "database"][..]), ("lab", &["of-lab"]), ("ward-a", &["of-ward-a"])] {
        let written = of(&app, by).items(json!(items.iter().map(|it| item(it)).collect::<Vec<_>>()), json!({})).await;
        assert_eq!(written["userErrors"], json!([]));
    }
    of(&app, "dsi").applied(care()).await;
    decisions::agree(&app).await;
    of(&app, "dsi").applied(json!({ "slug": slug("care"), "summary": "canary-text-care, said better" })).await;
    of(&app, "dsi").applied(small("internal", &[])).await;
    of(&app, "lab").applied(small("hosting", &["dsi"])).await;
    of(&app, "elsewhere").applied(small("other", &["ward-b"])).await;

    for (by, service) in [("ward-a", "care"), ("ward-b", "care"), ("lab", "care"), ("dsi", "hosting")] {
        let mut definition =
            json!({ "slug": slug(service), "externalReferences": [reference(&format!("{by}-{service}"))] });
        if service == "care" {
            let own = |what: &str| json!([{ "key": what, "externalReferences": [reference(&format!("{by}-{what}"))] }]);
            definition["outcomes"] = own("outcome");
            definition["offerings"] = own("offering");
        }
        powerful(&app, by).applied(definition).await;
    }
    for (by, on) in [("dsi", "ward-a"), ("ward-a", "dsi"), ("ward-a", "ward-a"), ("dsi", "dsi")] {
        let references = json!([reference(&format!("{by}-on-{on}"))]);
        let written = powerful(&app, by)
            .organizations(json!([{ "slug": slug(on), "externalReferences": references }]), false)
            .await;
        assert_eq!(written["userErrors"], json!([]));
    }
    for ward in ["ward-a", "ward-b"] {
        threads::raise(&app, ward).await;
    }
    for (by, day) in [("dsi", 1), ("ward-a", 2), ("ward-b", 3)] {
        let recorded = json!([{ "service": party("care"), "indicator": "of-outcome", "at": format!("2020-01-0{day}T00:00:00Z"),
            "value": 1.5, "source": format!("canary-source-{by}") }]);
        let payload = record(&app.someone(&slug(by), &[Scope::MeasurementsWrite]), recorded).await;
        assert_eq!(payload["userErrors"], json!([]));
    }
    decisions::dispute(&app).await;
    app
}

/// Someone of a party with every scope but `admin`.
pub fn of<'a>(app: &'a App, party: &str) -> Asker<'a> {
    let scopes = [Scope::Read, Scope::DefinitionsWrite, Scope::OrganizationsWrite, Scope::CmdbRead, Scope::CmdbWrite];
    app.someone(&slug(party), &scopes)
}

/// A person of a party who may only read, including configuration items.
pub fn reader<'a>(app: &'a App, party: &str) -> Asker<'a> {
    app.someone(&slug(party), &[Scope::Read, Scope::CmdbRead])
}

/// An admin of a party: what it links belongs to the party.
fn powerful<'a>(app: &'a App, party: &str) -> Asker<'a> {
    let mut asker = app.someone(&slug(party), &[Scope::Admin]);
    asker.caller.claims.as_mut().unwrap().subject = "an admin".into();
    asker.caller.claims.as_mut().unwrap().display_name = "an admin".into();
    asker
}

fn party(of: &str) -> Value {
    json!({ "slug": slug(of) })
}

pub fn reference(of: &str) -> Value {
    let key = format!("canary-ref-{of}");
    json!({ "system": "tool", "type": "thing", "key": key, "url": format!("https://tool.example/{key}") })
}

fn consumer(of: &str, service: &str) -> Value {
    let contact = format!("canary-contact-{of}-{service}");
    json!({ "organization": party(of), "contacts": [{ "role": "USER", "name": contact, "email": format!("{contact}@x.example") }] })
}

/// A configuration item; the application needs one of its two databases, of which one is not known.
pub fn item(of: &str) -> Value {
    let key = format!("canary-item-{of}");
    let mut item = json!({ "ref": { "system": "tool", "key": key, "url": format!("https://tool.example/{key}") },
        "name": format!("canary-named-{of}"), "class": "server", "environment": "production", "status": "up" });
    if of == "app" {
        item["dependsOn"] =
            json!([{ "system": "tool", "key": "canary-item-database" }, { "system": "tool", "key": "unknown" }]);
        item["dependenciesNeeded"] = json!(2);
    }
    item
}

/// A service with the least that it can have.
fn small(service: &str, consumers: &[&str]) -> Value {
    let mut definition = json!({
        "slug": slug(service),
        "name": format!("canary-text-{service}"),
        "contacts": [{ "role": "OWNER", "name": format!("canary-owner-{service}") }],
        "consumers": consumers.iter().map(|of| consumer(of, service)).collect::<Vec<_>>(),
    });
    if service == "hosting" {
        definition["externalReferences"] = json!([reference("lab-hosting")]);
    }
    definition
}

/// A service with all that it can have.
fn care() -> Value {
    let text = "canary-text-care";
    let indicator = |key: &str| json!([{ "key": key, "name": text, "unit": "%", "direction": "HIGHER_IS_BETTER", "baseline": 1, "target": 2 }]);
    let escalation = json!({
        "targets": [{ "severity": "HIGH", "acknowledgeWithin": "PT1H", "resolveWithin": "PT8H" }],
        "levels": [
            { "level": 1, "kind": "FUNCTIONAL", "name": text, "contact": { "role": "SUPPORT", "name": text }, "after": "PT2H" },
            { "level": 2, "kind": "HIERARCHICAL", "name": text, "contact": { "role": "OWNER", "name": text }, "after": "PT6H" },
        ],
    });
    let mut chosen = consumer("ward-a", "care");
    chosen["offering"] = json!("offering");
    let mut also = consumer("ward-b", "care");
    also["offering"] = json!("offering");
    json!({
        "slug": slug("care"), "name": text, "summary": text, "lifecycle": "LIVE", "reviewEvery": "P1Y",
        "contacts": [{ "role": "OWNER", "name": "canary-owner-care", "email": "canary-owner-care@x.example" }],
        "journey": [{ "key": "stage", "name": text }],
        "outcomes": [{ "key": "outcome", "statement": text, "stage": "stage", "indicators": indicator("of-outcome"),
            "configurationItems": [{ "ref": { "system": "tool", "key": "canary-item-database" } }],
            "externalReferences": [reference("dsi-outcome")] }],
        "configurationItems": [{ "ref": { "system": "tool", "key": "canary-item-app" } }],
        "costs": [{ "key": "cost", "statement": text, "effect": "REMOVED", "amount": "12.50", "currency": "EUR", "period": "P1Y" }],
        "risks": [{ "key": "risk", "statement": text, "effect": "REMOVED", "likelihood": "LOW", "impact": "HIGH", "mitigation": text }],
        "benefits": [{ "key": "benefit", "statement": text, "stakeholder": text, "indicators": indicator("of-benefit") }],
        "expectations": [{ "key": "expectation", "of": "PROVIDER", "statement": text }],
        "offerings": [{ "key": "offering", "name": text, "description": text, "indicators": indicator("of-offering"),
            "escalation": escalation, "externalReferences": [reference("dsi-offering")] }],
        "consumers": [chosen, also, consumer("lab", "care")],
        "escalation": escalation,
        "externalReferences": [reference("dsi-care")],
    })
}

/// The canaries in an answer, in cursors too.
pub fn canaries(answer: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(answer, &mut found);
    found
}

fn collect(answer: &Value, found: &mut BTreeSet<String>) {
    match answer {
        Value::Array(entries) => entries.iter().for_each(|entry| collect(entry, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            in_text(name, found);
            collect(value, found);
        }),
        Value::String(text) => {
            in_text(text, found);
            if let Some(cursor) = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
                in_text(&cursor, found);
            }
        }
        _ => {}
    }
}

fn in_text(text: &str, found: &mut BTreeSet<String>) {
    let words = text.split(|c: char| !(c.is_ascii_lowercase() || c == '-'));
    found.extend(words.filter_map(|word| word.find("canary-").map(|at| word[at..].to_owned())));
}
