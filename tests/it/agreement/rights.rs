//! Who may decide, publish and withdraw: the provider, its consumers, others; with and without the scope.

use entente::policy::Scope;
use serde_json::{Value, json};

use super::kit::{decide, decided, proposal, propose, service, target, ward};
use crate::{
    app::{App, Asker, problems},
    world::{canaries, of, slug, world},
};

type Codes = [&'static str; 4];

/// What is answered to the provider, a consumer, a party of nothing and nobody known.
async fn codes(app: &App, scope: Scope, ask: impl AsyncFn(&Asker<'_>) -> Value) -> Vec<String> {
    let mut found = Vec::new();
    for asker in ["dsi", "ward-a", "stranger", "nobody"] {
        let payload = ask(&app.someone(&slug(asker), &[Scope::Read, scope])).await;
        assert!(canaries(&payload["userErrors"]).is_empty(), "{payload:#}");
        found.push(payload["userErrors"][0]["code"].as_str().unwrap_or("ok").to_owned());
        let without = ask(&app.someone(&slug(asker), &[Scope::Read])).await;
        assert_eq!(problems(&without), [("FORBIDDEN".to_owned(), String::new())]);
        assert!(without["userErrors"][0]["message"].as_str().unwrap().contains(scope.name()));
    }
    found
}

#[tokio::test]
async fn each_may_do_what_it_may_and_what_is_refused_changes_nothing() {
    let app = world().await;
    let care = json!({ "service": { "slug": slug("care") }, "comment": "Words" });
    let before = app.rows().await;
    let refused: Codes = ["FORBIDDEN", "ok", "NOT_FOUND", "NOT_FOUND"];
    let rights: Codes = ["ok", "FORBIDDEN", "NOT_FOUND", "NOT_FOUND"];
    // What is refused, first: nothing of it is written.
    for mutation in ["definitionPublish", "definitionWithdraw"] {
        for asker in ["ward-a", "stranger"] {
            let asker = app.someone(&slug(asker), &[Scope::Read, Scope::DefinitionsWrite]);
            assert_ne!(problems(&proposal(&asker, mutation, 3, care.clone()).await), []);
        }
    }
    app.assert_unchanged(&before).await;
    let found = codes(&app, Scope::AgreementsWrite, async |asker| decide(asker, 3, "AGREE", care.clone()).await).await;
    assert_eq!(found, refused);
    let found = codes(&app, Scope::DefinitionsWrite, async |asker| {
        proposal(asker, "definitionWithdraw", 3, care.clone()).await
    })
    .await;
    assert_eq!(found, rights);
    let again = json!({ "slug": slug("care"), "summary": "canary-text-care, again" });
    let found = codes(&app, Scope::DefinitionsWrite, async |asker| {
        let payload = propose(asker, again.clone(), json!({ "publishWhenAgreed": false })).await;
        json!({ "userErrors": payload["userErrors"] })
    })
    .await;
    assert_eq!(found, rights);
    let found = codes(&app, Scope::DefinitionsWrite, async |asker| {
        let payload = proposal(asker, "definitionPublish", 4, care.clone()).await;
        json!({ "userErrors": payload["userErrors"] })
    })
    .await;
    assert_eq!(found, rights);
}

#[tokio::test]
async fn what_is_not_seen_answers_as_what_does_not_exist() {
    let app = world().await;
    let scopes = [Scope::Read, Scope::AgreementsWrite, Scope::DefinitionsWrite];
    for who in ["stranger", "elsewhere", "nobody"] {
        let asker = app.someone(&slug(who), &scopes);
        let here = json!({ "service": { "slug": slug("care") } });
        let there = json!({ "service": { "slug": "nothing-here" } });
        assert_eq!(decide(&asker, 2, "AGREE", here.clone()).await, decide(&asker, 2, "AGREE", there.clone()).await);
        for mutation in ["definitionPublish", "definitionWithdraw"] {
            let here = proposal(&asker, mutation, 3, here.clone()).await;
            assert_eq!(here, proposal(&asker, mutation, 3, there.clone()).await, "{who} {mutation}");
        }
        let of = |slug: &str| json!({ "slug": slug, "name": "Other" });
        let here = propose(&asker, of(&slug("care")), json!({})).await;
        assert_eq!(here, propose(&asker, of("nothing-here"), json!({})).await, "{who}");
    }
}

#[tokio::test]
async fn a_provider_without_read_proposes_and_publishes() {
    let app = App::hospital().await;
    let alone = app.someone("dsi", &[Scope::DefinitionsWrite]);
    let payload = propose(&alone, target(99.95), json!({})).await;
    assert_eq!((problems(&payload), &payload["definition"]["revision"]), (vec![], &json!(2)));
    let payload = proposal(&alone, "definitionPublish", 2, json!({})).await;
    assert_eq!((problems(&payload), &payload["definition"]["state"]), (vec![], &json!("PUBLISHED")));
    // An admin acts for the provider, and is not a consumer.
    let payload = propose(&app.admin(), target(99.96), json!({})).await;
    assert_eq!(problems(&payload), []);
    assert_eq!(problems(&proposal(&app.admin(), "definitionWithdraw", 3, json!({})).await), []);
    let mut admin = ward(&app, "emergency");
    admin.caller.claims.as_mut().unwrap().scopes = vec![Scope::Admin];
    assert_eq!(decided(&admin, 2, "AGREE", json!({})).await["organization"]["slug"], "emergency");
}

#[tokio::test]
async fn a_provider_that_consumes_its_own_service_decides_for_itself() {
    let app = App::hospital().await;
    let it = app.someone("dsi", &[Scope::Read, Scope::DefinitionsWrite, Scope::AgreementsWrite]);
    let own = json!({ "slug": "own", "name": "Own", "consumers": [{ "organization": { "slug": "dsi" } }] });
    it.applied(own).await;
    let of_own = json!({ "service": { "slug": "own" } });
    assert_eq!(decided(&it, 1, "AGREE", of_own.clone()).await["state"], "AGREED");
    let objected = decided(&it, 1, "OBJECT", json!({ "service": { "slug": "own" }, "comment": "No" })).await;
    assert_eq!(objected["thread"]["status"], "OPEN");
    assert_eq!(decided(&it, 1, "AGREE", of_own).await["thread"]["status"], "RESOLVED");
}

#[tokio::test]
async fn a_consumer_sees_no_decision_of_another() {
    let app = world().await;
    let everything = "agreements { organization { slug } comment } consumers { organization { slug } agreement { id } }
        definition { agreements { id } } proposedDefinition { agreements { id } } revisions { nodes { agreements { organization { slug } } } }
        agreedDefinition { agreements { organization { slug } } }";
    let of_ward = super::kit::of(&of(&app, "ward-a"), &slug("care"), everything).await;
    assert_eq!(of_ward["agreements"].as_array().unwrap().len(), 1);
    for (place, count) in [("definition", 1), ("proposedDefinition", 1), ("agreedDefinition", 1)] {
        assert_eq!(of_ward[place]["agreements"].as_array().unwrap().len(), count, "{place}");
    }
    let text = of_ward.to_string();
    assert!(!text.contains("ward-b") && !text.contains("canary-slug-lab"), "{text}");
    assert_eq!(
        super::kit::of(&of(&app, "dsi"), &slug("care"), everything).await["agreements"].as_array().unwrap().len(),
        3
    );
    // The state of alignment of a consumer knows nothing of the others.
    let lab = app.someone(&slug("lab"), &[Scope::Read]);
    let aligned = "query($of: [AlignmentState!]) { services(filter: {alignment: $of}) { totalCount } }";
    let count = async |of: &str| lab.data(aligned, json!({ "of": [of] })).await["services"]["totalCount"].take();
    assert_eq!([count("DISPUTED").await, count("INCOMPLETE").await], [json!(0), json!(2)]);
    assert_eq!(service(&lab, "slug").await, Value::Null);
}
