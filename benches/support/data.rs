//! The data set: one provider, organizations that consume, and services with outcomes, indicators, costs, risks, a
//! benefit, an offering, consumers and a key of another system's. Written through the API.

use async_graphql::Variables;
use entente::{
    api::{Api, Caller},
    policy::Viewer,
    store::Store,
};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

/// Organizations that consume services.
const CONSUMERS: usize = 20;
/// Outcomes of a service, and indicators of an outcome.
const OUTCOMES: usize = 5;
const INDICATORS: usize = 2;

/// Writes this number of services.
pub async fn fill(store: &Store, services: usize) {
    let api = Api::new(store.clone());
    let organizations: Vec<Value> = std::iter::once("provider".to_owned())
        .chain((0..CONSUMERS).map(|number| format!("ward-{number}")))
        .map(|slug| json!({ "slug": slug, "name": { "en": format!("The {slug}"), "fr": format!("Le {slug}") } }))
        .collect();
    let input = json!({ "input": { "organizations": organizations } });
    let mutation = "mutation($input: OrganizationsApplyInput!) { organizationsApply(input: $input) { userErrors { path message } } }";
    run(&api, mutation, input).await;
    stream::iter(0..services).map(|number| write(&api, number)).buffer_unordered(8).collect::<()>().await;
}

async fn write(api: &Api, number: usize) {
    let mutation =
        "mutation($input: DefinitionApplyInput!) { definitionApply(input: $input) { userErrors { path message } } }";
    run(api, mutation, json!({ "input": { "definition": service(number) } })).await;
}

async fn run(api: &Api, mutation: &str, variables: Value) {
    let data = execute(api, mutation, variables).await;
    let payload = data.as_object().unwrap().values().next().unwrap();
    assert_eq!(payload["userErrors"], json!([]));
}

/// The data that the API returns to Entente itself.
pub async fn execute(api: &Api, query: &str, variables: Value) -> Value {
    let caller = Caller { claims: Some(Viewer::system().claims), ..Caller::default() };
    let response = api.run(query, Variables::from_json(variables), caller).await.unwrap();
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    response.data.into_json().unwrap()
}

/// The slug of a service.
pub fn slug(number: usize) -> String {
    format!("service-{number:05}")
}

/// The key of a service in the provider's ticketing tool.
pub fn key(number: usize) -> String {
    format!("{:032x}", (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835))
}

/// A statement of an outcome.
pub fn statement(service: usize, outcome: usize, version: usize) -> Value {
    json!({
        "en": format!("Patients of path {service} pass step {outcome} without waiting twice ({version})."),
        "fr": format!("Les patients du parcours {service} passent l'étape {outcome} sans attendre deux fois ({version})."),
    })
}

/// The English name of a service.
pub fn name(number: usize) -> String {
    format!("Patient path {:05} number {number}", place(number))
}

/// The position of a service by name, which differs from the order of creation.
fn place(number: usize) -> usize {
    number.wrapping_mul(7919) % 100_000
}

fn service(number: usize) -> Value {
    let text = |words: &str| json!({ "en": format!("{words} of path {number}"), "fr": format!("{words} du parcours {number}") });
    let indicator = |key: String, at: usize| {
        json!({
            "key": key, "name": text("Time to the end"), "unit": "min", "direction": "LOWER_IS_BETTER",
            "baseline": 40.5 + at as f64, "target": 5.25 + at as f64,
        })
    };
    let outcomes: Vec<Value> = (0..OUTCOMES)
        .map(|outcome| {
            let indicators: Vec<Value> =
                (0..INDICATORS).map(|at| indicator(format!("indicator-{outcome}-{at}"), at)).collect();
            json!({
                "key": format!("outcome-{outcome}"), "statement": statement(number, outcome, 0),
                "supported": outcome != 4, "indicators": indicators,
            })
        })
        .collect();
    let consumers: Vec<Value> = (0..3)
        .map(|at| json!({ "organization": { "slug": format!("ward-{}", (number + at * 7) % CONSUMERS) }, "offering": "standard" }))
        .collect();
    json!({
        "slug": slug(number),
        "provider": { "slug": "provider" },
        "name": { "en": name(number), "fr": format!("Parcours patient {:05} numéro {number}", place(number)) },
        "summary": text("Everything on the way"),
        "lifecycle": if number.is_multiple_of(8) { "RETIRED" } else { "LIVE" },
        "outcomes": outcomes,
        "costs": [
            { "key": "cost-0", "statement": text("Servers and their care"), "effect": "REMOVED", "amount": "180000.00", "currency": "EUR", "period": "P1Y" },
            { "key": "cost-1", "statement": text("Half a day of training"), "effect": "IMPOSED" },
        ],
        "risks": [
            { "key": "risk-0", "statement": text("Losing a record"), "effect": "REMOVED", "likelihood": "LOW", "impact": "HIGH", "mitigation": text("A restore rehearsed every month") },
            { "key": "risk-1", "statement": text("Working without the record"), "effect": "IMPOSED" },
        ],
        "benefits": [
            { "key": "benefit-0", "statement": text("Satisfied patients"), "stakeholder": text("Patients") },
        ],
        "offerings": [{ "key": "standard", "name": text("Office hours") }],
        "consumers": consumers,
        "externalReferences": [{ "system": "servicenow", "type": "cmdb_ci_service", "key": key(number) }],
    })
}
