//! How many statements a write costs: a change may make them fewer, and no more.

use serde_json::{Value, json};

use crate::{
    app::{App, Asker},
    kit::laundry,
};

/// Writes, and counts.
async fn cost(app: &App, asker: &Asker<'_>, mutation: &str, ty: &str, input: Value) -> u64 {
    let query = format!("mutation($input: {ty}) {{ {mutation}(input: $input) {{ userErrors {{ path message }} }} }}");
    let before = app.store.statements();
    let data = asker.data(&query, json!({ "input": input })).await;
    assert_eq!(data[mutation]["userErrors"], json!([]), "{mutation}");
    app.store.statements() - before
}

#[tokio::test]
async fn a_write_costs_so_many_statements_at_most() {
    let app = App::hospital().await;
    let admin = app.admin();
    // What is kept in memory is there from the first on.
    let known = admin.get("{ services { nodes { id name } } viewer { locale } }").await;
    let service = &known["services"]["nodes"][0]["id"];
    let thread = json!({ "ref": { "system": "desk", "key": "T-1" } });
    let opened = json!({
        "kind": "ESCALATION", "severity": "HIGH", "service": { "slug": "laundry" }, "consumer": { "slug": "emergency" },
        "element": "clean", "title": "Stains", "body": "Since noon", "externalReferences": [{ "system": "desk", "key": "T-1" }],
    });
    let mut whole = laundry();
    whole["provider"] = json!({ "slug": "dsi" });
    let mut told = Vec::new();
    for (what, mutation, ty, input, most) in [
        ("a whole definition", "definitionApply", "DefinitionApplyInput!", json!({ "definition": whole }), 11),
        ("the same again", "definitionApply", "DefinitionApplyInput!", json!({ "definition": whole }), 9),
        (
            "one text of it",
            "definitionApply",
            "DefinitionApplyInput!",
            json!({ "definition": { "slug": "laundry", "summary": "Linen" } }),
            13,
        ),
        ("a thread", "threadOpen", "ThreadOpenInput!", opened, 18),
        ("a message", "messagePost", "MessagePostInput!", json!({ "thread": thread, "body": "We look" }), 10),
        ("an acknowledgement", "threadAcknowledge", "ThreadActionInput!", json!({ "thread": thread }), 9),
        (
            "a key",
            "referenceLink",
            "ReferenceLinkInput!",
            json!({ "entity": service, "reference": { "system": "cmdb", "key": "L-1" } }),
            7,
        ),
    ] {
        let cost = cost(&app, &admin, mutation, ty, input).await;
        // PostgreSQL is asked for the time as well.
        let most = if app.url.starts_with("postgres") { most } else { most - 1 };
        if cost > most {
            told.push(format!("{what}: {cost}, and at most {most}"));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[tokio::test]
async fn only_the_published_revision_stays_in_memory() {
    let app = App::hospital().await;
    let provider = app.provider();
    let statements = async |query: &str| {
        let before = app.store.statements();
        provider.get(query).await;
        app.store.statements() - before
    };
    let published = "{ service(by: {slug: \"patient-management\"}) { summary } }";
    let first = "{ service(by: {slug: \"patient-management\"}) { definition(revision: 1) { summary } } }";
    // The first reads also read what is kept from then on.
    for query in [published, first] {
        statements(query).await;
    }
    let (cost, kept) = (statements(published).await, statements(first).await);
    let change = json!({ "slug": "patient-management", "summary": { "en": "Care, from the first day on" } });
    let apply = "mutation($input: DefinitionApplyInput!) { definitionApply(input: $input) { applied } }";
    let written = provider.data(apply, json!({ "input": { "definition": change } })).await;
    assert_eq!(written["definitionApply"]["applied"], true);
    assert_eq!(statements(published).await, cost, "the new revision is kept without being read");
    assert_eq!(statements(first).await, kept + 1, "the superseded one is read again");
}
