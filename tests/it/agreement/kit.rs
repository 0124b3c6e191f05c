//! Helpers of the tests of proposals and decisions.

use entente::policy::Scope;
use serde_json::{Value, json};

use crate::app::{App, Asker};

/// The consumers of the hospital's service.
pub const WARDS: [&str; 3] = ["emergency", "outpatients", "pharmacy"];

const DECISION: &str = "id revision state comment decidedBy { subject kind organization { slug } } decidedAt
    service { slug } organization { slug } definition { id revision state }
    thread { id number kind status severity rating title openedAt messages { nodes { body } }
        suggestion { adopted changes { path before after } document(format: JSON) }
        timeline { nodes { kind detail actor { kind } } } }";

/// A person of a ward who decides.
pub fn ward<'a>(app: &'a App, slug: &str) -> Asker<'a> {
    app.someone(slug, &[Scope::Read, Scope::AgreementsWrite])
}

/// A person of the IT department who writes definitions and threads.
pub fn dsi(app: &App) -> Asker<'_> {
    app.someone("dsi", &[Scope::Read, Scope::DefinitionsWrite, Scope::ThreadsWrite, Scope::CmdbRead, Scope::CmdbWrite])
}

fn extended(mut input: Value, more: Value) -> Value {
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    input
}

/// Decides on a revision of the hospital's service, or of another one; the payload.
pub async fn decide(asker: &Asker<'_>, revision: i64, decision: &str, more: Value) -> Value {
    let input = json!({ "service": { "slug": "patient-management" }, "revision": revision, "decision": decision });
    let query = format!(
        "mutation($input: AgreementDecideInput!) {{ agreementDecide(input: $input) {{ agreement {{ {DECISION} }} userErrors {{ code path message }} }} }}"
    );
    asker.data(&query, json!({ "input": extended(input, more) })).await["agreementDecide"].take()
}

/// A decision that must have been made.
pub async fn decided(asker: &Asker<'_>, revision: i64, decision: &str, more: Value) -> Value {
    let mut payload = decide(asker, revision, decision, more).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload["agreement"].take()
}

/// Proposes terms; the payload.
pub async fn propose(asker: &Asker<'_>, definition: Value, more: Value) -> Value {
    let query = "mutation($input: DefinitionProposeInput!) { definitionPropose(input: $input) {
        definition { id revision state comment author { subject } createdAt publishedAt } changes { action path before after }
        userErrors { code path message } } }";
    let input = extended(json!({ "definition": definition }), more);
    asker.data(query, json!({ "input": input })).await["definitionPropose"].take()
}

/// A proposal that must have been made: its revision.
pub async fn proposed(asker: &Asker<'_>, definition: Value, more: Value) -> i64 {
    let payload = propose(asker, definition, more).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload["definition"]["revision"].as_i64().unwrap()
}

/// Publishes or withdraws a proposal; the payload.
pub async fn proposal(asker: &Asker<'_>, mutation: &str, revision: i64, more: Value) -> Value {
    let query = format!(
        "mutation($input: DefinitionActionInput!) {{ {mutation}(input: $input) {{
            definition {{ id revision state publishedAt }} changes {{ action path before after }} userErrors {{ code path message }} }} }}"
    );
    let input = extended(json!({ "service": { "slug": "patient-management" }, "revision": revision }), more);
    asker.data(&query, json!({ "input": input })).await[mutation].take()
}

/// A document of the hospital's service with only this content.
pub fn of_patients(more: Value) -> Value {
    extended(json!({ "slug": "patient-management" }), more)
}

/// The hospital's service with another availability target of its record.
pub fn target(target: f64) -> Value {
    let indicator = json!({ "key": "record-availability", "target": target });
    of_patients(json!({ "outcomes": [{ "key": "one-record", "indicators": [indicator] }] }))
}

/// Fields of the hospital's service.
pub async fn service(asker: &Asker<'_>, fields: &str) -> Value {
    of(asker, "patient-management", fields).await
}

/// Fields of a service.
pub async fn of(asker: &Asker<'_>, slug: &str, fields: &str) -> Value {
    let query = format!("query($slug: String!) {{ service(by: {{slug: $slug}}) {{ {fields} }} }}");
    asker.data(&query, json!({ "slug": slug })).await["service"].take()
}

/// The state of alignment of the hospital's service, as someone sees it.
pub async fn alignment(asker: &Asker<'_>) -> String {
    let mut found = Vec::new();
    for state in ["INCOMPLETE", "UNAGREED", "DISPUTED", "OUTDATED", "ALIGNED"] {
        let query = "query($states: [AlignmentState!]) { services(filter: {alignment: $states}) { nodes { slug } } }";
        let data = asker.data(query, json!({ "states": [state] })).await;
        if data["services"]["nodes"].as_array().unwrap().iter().any(|one| one["slug"] == "patient-management") {
            found.push(state);
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].to_owned()
}

/// Whether the hospital's service waits for a decision of the one who asks.
pub async fn is_asked(asker: &Asker<'_>) -> bool {
    let mut found = Vec::new();
    for waits in [true, false] {
        let query = "query($waits: Boolean) { services(filter: {awaitingDecision: $waits}) { nodes { slug } } }";
        let data = asker.data(query, json!({ "waits": waits })).await;
        found.push(data["services"]["nodes"].as_array().unwrap().iter().any(|one| one["slug"] == "patient-management"));
    }
    assert_ne!(found[0], found[1]);
    found[0]
}

/// All three wards agree to a revision.
pub async fn all_agree(app: &App, revision: i64) {
    for slug in WARDS {
        let agreement = decided(&ward(app, slug), revision, "AGREE", json!({})).await;
        assert_eq!(agreement["state"], "AGREED");
    }
}
