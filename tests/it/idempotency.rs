//! `Idempotency-Key`: once is once, however often it is asked for.

use chrono::TimeDelta;
use entente::{
    definition::document::ExternalReferenceInput,
    policy::Scope,
    store::{ReferenceWrite, ReferenceWriting, Session, Written},
};
use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
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
async fn a_write_knows_the_first_change_that_it_logged_also_when_it_is_sent_again() {
    let app = App::hospital().await;
    let id = app.provider().get("{ viewer { organization { id } } }").await["viewer"]["organization"]["id"].take();
    let viewer = app.store.viewer(app.provider().caller.claims.unwrap()).await.unwrap();
    let link = async |idempotency_key: Option<&str>| {
        let session = Session::open(&app.store, Some(viewer.clone()), idempotency_key.map(str::to_owned), None, None);
        let reference = ExternalReferenceInput { system: "tool".into(), r#type: None, key: "it".into(), url: None };
        let entity = id.as_str().unwrap().to_owned();
        let written = session.write(ReferenceWrite { entity, reference, writing: ReferenceWriting::Link }).await;
        let Written { first_change, .. } = written.unwrap();
        first_change
    };
    let before = app.rows().await.count("change");
    let first = link(Some("k")).await;
    assert_eq!(first, Some(app.logged(before).await[0].id));
    assert_eq!(link(Some("k")).await, first);
    assert_eq!(link(None).await, None, "it is linked already");
}

#[tokio::test]
async fn what_an_earlier_version_of_the_program_did_is_answered_again() {
    let app = App::hospital().await;
    let first = app.provider().once("k").apply(laundry(), json!({})).await;
    let connection = app.connection().await;
    let hashed = "UPDATE idempotency SET request = 'as an earlier version had it', version = ";
    connection.execute_unprepared(&format!("{hashed} 1")).await.unwrap();
    let before = app.rows().await;
    assert_eq!(app.provider().once("k").apply(laundry(), json!({})).await, first);
    app.assert_unchanged(&before).await;
    connection.execute_unprepared(&format!("{hashed} 2")).await.unwrap();
    assert_eq!(problems(&app.provider().once("k").apply(laundry(), json!({})).await), conflict());
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
    // Independently of the names of the fields.
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
    // With the current revision as the expected one: a second execution would be refused.
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

#[tokio::test]
async fn principals_without_a_known_organization_have_keys_of_their_own() {
    let app = App::hospital().await;
    app.provider().applied(laundry()).await;
    let of = |organization: Option<&str>| {
        let mut asker = app.someone("x", &[Scope::Admin]).once("k");
        let claims = asker.caller.claims.as_mut().unwrap();
        claims.subject = "service-account".into();
        claims.organization = organization.map(str::to_owned);
        asker
    };
    // The same subject: of none, of one that is unknown here, of another, of what looks like both.
    for (n, organization) in [None, Some("unknown"), Some("other"), Some(""), Some("unknown other")].iter().enumerate()
    {
        let payload = of(*organization).apply(of_laundry(json!({ "name": format!("Name {n}") })), json!({})).await;
        assert_eq!(problems(&payload), [], "{organization:?}");
    }
    let again = of(Some("unknown")).apply(of_laundry(json!({ "name": "Another" })), json!({})).await;
    assert_eq!(problems(&again), conflict());
}

#[tokio::test]
async fn an_answer_is_told_again_to_whoever_may_still_ask_for_it() {
    let app = App::hospital().await;
    let all = [Scope::Read, Scope::DefinitionsWrite, Scope::OrganizationsWrite, Scope::CmdbRead, Scope::CmdbWrite];
    let item = json!([{ "ref": { "system": "servicenow", "key": "san-a" } }]);
    app.provider().applied(laundry()).await;
    let definition = of_laundry(json!({ "configurationItems": item }));
    let first = app.someone("dsi", &all).once("k").apply(definition.clone(), json!({})).await;
    assert_eq!(problems(&first), []);
    let organizations = json!([{ "slug": "dsi", "name": "IT" }]);
    let named = app.someone("dsi", &all).once("k").organizations(organizations.clone(), false).await;
    assert_eq!(named["updated"], 1);
    let before = app.rows().await;
    let refused = |path: &str| vec![("FORBIDDEN".to_owned(), path.to_owned())];
    let reader = app.someone("dsi", &[Scope::Read]).once("k");
    assert_eq!(problems(&reader.apply(definition.clone(), json!({})).await), refused(""));
    assert_eq!(problems(&reader.organizations(organizations, false).await), refused(""));
    let no_items = app.someone("dsi", &[Scope::Read, Scope::DefinitionsWrite]).once("k");
    let payload = no_items.apply(definition.clone(), json!({})).await;
    assert_eq!(problems(&payload), refused("definition/configurationItems"));
    let sees_items = app.someone("dsi", &[Scope::DefinitionsWrite, Scope::CmdbWrite]).once("k");
    assert_eq!(sees_items.apply(definition, json!({})).await, first);
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn an_answer_that_is_told_again_shows_no_items_to_whoever_sees_none() {
    let app = App::hospital().await;
    let item = json!([{ "ref": { "system": "servicenow", "key": "san-a" } }]);
    app.provider().applied(laundry()).await;
    let outcome = json!([{ "key": "new", "statement": "New", "configurationItems": item }]);
    app.provider().applied(of_laundry(json!({ "outcomes": outcome }))).await;
    let gone = json!({ "mode": "REPLACE" });
    let first = app.provider().once("k").apply(laundry(), gone.clone()).await;
    let shows = |payload: &Value| payload["changes"].to_string().contains("san-a");
    assert_eq!((problems(&first), shows(&first)), (vec![], true), "{first:#}");
    let no_items = app.someone("dsi", &[Scope::Read, Scope::DefinitionsWrite]).once("k");
    let again = no_items.apply(laundry(), gone).await;
    assert_eq!((problems(&again), shows(&again)), (vec![], false), "{again:#}");
}

#[tokio::test]
async fn what_an_admin_was_answered_is_not_told_again_to_the_same_subject_without_that_right() {
    let app = App::hospital().await;
    app.provider().applied(laundry()).await;
    let edit = of_laundry(json!({ "summary": "Hidden from others" }));
    let someone = |scopes: &[Scope]| app.someone("pharmacy", scopes).once("k");
    let first = someone(&[Scope::Admin]).apply(edit.clone(), json!({})).await;
    assert_eq!((problems(&first), &first["applied"]), (vec![], &json!(true)));
    let before = app.rows().await;
    let again = someone(&[Scope::Read, Scope::DefinitionsWrite]).apply(edit, json!({})).await;
    assert_eq!(problems(&again), vec![("TAKEN".to_owned(), "definition/slug".to_owned())]);
    assert_eq!(again["changes"], json!([]));
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn a_long_claim_of_an_organization_is_part_of_who_asks_like_a_short_one() {
    let app = App::hospital().await;
    app.provider().applied(laundry()).await;
    for last in ["a", "b"] {
        let mut asker = app.someone("x", &[Scope::Admin]).once("k");
        asker.caller.claims.as_mut().unwrap().organization = Some(format!("{}{last}", "é".repeat(3_000)));
        let payload = asker.apply(of_laundry(json!({ "name": format!("Name {last}") })), json!({})).await;
        assert_eq!(problems(&payload), []);
    }
}
