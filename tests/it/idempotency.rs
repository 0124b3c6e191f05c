//! `Idempotency-Key`: once is once, however often it is asked for.

use chrono::TimeDelta;
use entente::policy::Scope;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    app::{App, problems},
    kit::{laundry, of_laundry},
};

fn conflict() -> Vec<(String, String)> {
    vec![("CONFLICT".to_owned(), String::new())]
}

#[tokio::test]
async fn the_same_request_answers_as_the_first_time_and_writes_nothing() {
    let app = App::hospital().await;
    let first = app.provider().once("k").apply(laundry(), json!({})).await;
    assert_eq!((problems(&first), &first["applied"]), (vec![], &json!(true)));
    let organizations = json!([{ "slug": "dsi", "name": "IT" }]);
    let named = app.provider().once("k2").organizations(organizations.clone(), false).await;
    assert_eq!(named["updated"], 1);
    let before = app.rows().await;
    app.pass(TimeDelta::hours(71));
    assert_eq!(app.provider().once("k").apply(laundry(), json!({})).await, first);
    assert_eq!(app.provider().once("k2").organizations(organizations, false).await, named);
    app.assert_unchanged(&before).await;
    // Left out and given with its default value are one request.
    assert_eq!(app.provider().once("k").apply(laundry(), json!({ "mode": "MERGE", "dryRun": false })).await, first);
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn another_request_with_the_same_key_is_a_conflict() {
    let app = App::hospital().await;
    app.provider().once("k").applied(laundry()).await;
    let before = app.rows().await;
    let other = of_laundry(json!({ "name": "Other" }));
    let refused = app.provider().once("k").apply(other.clone(), json!({})).await;
    assert_eq!((problems(&refused), &refused["service"]), (conflict(), &Value::Null));
    let refused = app.provider().once("k").apply(laundry(), json!({ "mode": "REPLACE" })).await;
    assert_eq!(problems(&refused), conflict());
    let refused = app.provider().once("k").apply(laundry(), json!({ "expectedRevision": 0 })).await;
    assert_eq!(problems(&refused), conflict());
    let french = app.provider().once("k").reading("fr").apply(other.clone(), json!({})).await;
    assert!(french["userErrors"][0]["message"].as_str().unwrap().starts_with("cette Idempotency-Key a servi"));
    app.assert_unchanged(&before).await;
    // Another key, and another's key, are free.
    app.provider().once("k3").applied(other.clone()).await;
    let mut admin = app.admin().once("k");
    admin.applied(of_laundry(json!({ "name": "Third" }))).await;
    admin.caller.claims.as_mut().unwrap().subject = "another".into();
    admin.applied(of_laundry(json!({ "name": "Fourth" }))).await;
    let ward = app.someone("pharmacy", &[Scope::DefinitionsWrite]).once("k");
    ward.applied(json!({ "slug": "drugs", "name": "Drugs" })).await;
}

#[tokio::test]
async fn a_key_is_forgotten_after_three_days() {
    let app = App::hospital().await;
    app.provider().once("k").applied(laundry()).await;
    app.pass(TimeDelta::hours(72));
    let other = of_laundry(json!({ "name": "Other" }));
    assert_eq!(app.provider().once("k").applied(other.clone()).await["service"]["revision"], 2);
    assert_eq!(app.rows().await.count("idempotency"), 1);
    let again = app.provider().once("k").apply(laundry(), json!({})).await;
    assert_eq!(problems(&again), conflict());
}

#[tokio::test]
async fn neither_dry_runs_nor_refusals_are_kept() {
    let app = App::hospital().await;
    let before = app.rows().await;
    app.provider().once("k").apply(laundry(), json!({ "dryRun": true })).await;
    app.provider().once("k").apply(laundry(), json!({ "expectedRevision": 4 })).await;
    app.assert_unchanged(&before).await;
    assert_eq!(app.provider().once("k").applied(laundry()).await["applied"], true);
}

#[tokio::test]
async fn each_field_of_one_mutation_is_done_once() {
    let app = App::hospital().await;
    let query = r#"mutation($a: DefinitionApplyInput!, $b: DefinitionApplyInput!) {
        a: definitionApply(input: $a) { applied changes { path } userErrors { code } }
        b: definitionApply(input: $b) { applied changes { path } userErrors { code } }
        organizationsApply(input: { organizations: [{ slug: "dsi", name: "IT" }] }) { updated userErrors { code } } }"#;
    let one = of_laundry(json!({ "name": "One", "provider": { "slug": "dsi" } }));
    let two = of_laundry(json!({ "name": "Two" }));
    let variables = json!({ "a": { "definition": one }, "b": { "definition": two } });
    let provider = app.provider().once("k");
    let first = provider.data(query, variables.clone()).await;
    assert_eq!(first["a"]["userErrors"], json!([]));
    assert_eq!(first["b"]["userErrors"], json!([]), "{first:#}");
    assert_eq!(first["organizationsApply"]["updated"], 1);
    let before = app.rows().await;
    assert_eq!(provider.data(query, variables.clone()).await, first);
    app.assert_unchanged(&before).await;
    // Whatever the fields are called.
    let renamed = query.replace("a: def", "x: def").replace("b: def", "y: def");
    assert_eq!(provider.data(&renamed, variables).await["y"], first["b"]);
    let swapped = json!({ "a": { "definition": two }, "b": { "definition": one } });
    let refused = provider.data(query, swapped).await;
    assert_eq!(refused["a"]["userErrors"][0]["code"], "CONFLICT");
    assert_eq!(refused["b"]["userErrors"][0]["code"], "CONFLICT");
    app.assert_unchanged(&before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn at_the_same_time_it_is_done_once() {
    let app = App::hospital().await;
    app.provider().applied(laundry()).await;
    // Expecting the revision that stands: a second run would be refused.
    for round in 0..5 {
        let edit = of_laundry(json!({ "name": format!("Name {round}") }));
        let provider = app.provider().once(&format!("k{round}"));
        let before = app.rows().await;
        let asking = (0..4).map(|_| provider.apply(edit.clone(), json!({ "expectedRevision": round + 1 })));
        let answers = join_all(asking).await;
        for answer in &answers {
            assert_eq!(problems(answer), []);
            assert_eq!(answer, &answers[0]);
        }
        let after = app.rows().await;
        assert_eq!(after.count("definition"), before.count("definition") + 1);
        assert_eq!(after.count("idempotency"), before.count("idempotency") + 1);
    }
}
