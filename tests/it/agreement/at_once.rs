//! Many at once, on several replicas.

use entente::api::Api;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::kit::{decide, decided, dsi, of_patients, propose, proposed, service, target, ward};
use crate::{
    app::{App, problems, run},
    kit::said,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_replicas_that_are_told_the_last_two_agreements_publish_once() {
    for _ in 0..5 {
        let app = App::hospital().await;
        let it = dsi(&app);
        proposed(&it, target(99.95), json!({})).await;
        decided(&ward(&app, "emergency"), 2, "AGREE", json!({})).await;
        let before = app.rows().await.count("change");
        let query =
            "mutation($input: AgreementDecideInput!) { agreementDecide(input: $input) { userErrors { message } } }";
        let input =
            json!({ "input": { "service": { "slug": "patient-management" }, "revision": 2, "decision": "AGREE" } });
        let replicas = [Api::new(app.replica().await), Api::new(app.replica().await)];
        let deciding = ["outpatients", "pharmacy"].into_iter().zip(&replicas).map(|(slug, api)| {
            let caller = ward(&app, slug).caller;
            run(api, query, input.clone(), caller)
        });
        for answer in join_all(deciding).await {
            let answer = serde_json::to_value(answer).unwrap();
            assert_eq!(answer["data"]["agreementDecide"]["userErrors"], json!([]), "{answer:#}");
        }
        let seen = service(&it, "revision agreements { state } revisions { nodes { state } }").await;
        assert_eq!(seen["revision"], 2);
        assert_eq!(seen["agreements"], json!([{ "state": "AGREED" }, { "state": "AGREED" }, { "state": "AGREED" }]));
        assert_eq!(seen["revisions"]["nodes"], json!([{ "state": "SUPERSEDED" }, { "state": "PUBLISHED" }]));
        let published = app.logged(before).await.iter().filter(|change| said(change) == "Updated Definition").count();
        assert_eq!(published, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_proposal_and_a_change_that_expect_a_revision_one_is_refused() {
    let app = App::hospital().await;
    let it = dsi(&app);
    for round in 0..6 {
        let revision = service(&it, "revision").await["revision"].clone();
        let expected = json!({ "expectedRevision": revision });
        // Both have come before either is written.
        let other = app.other_writer().await;
        let summary = |text: &str| of_patients(json!({ "summary": { "en": format!("{text} {round}") } }));
        let (proposing, applying) =
            (propose(&it, summary("Proposed"), expected.clone()), it.apply(summary("Applied"), expected));
        let release = async {
            tokio::time::sleep(std::time::Duration::from_millis(150)).await;
            other.rollback().await.unwrap();
        };
        let (proposed, applied, ()) = tokio::join!(proposing, applying, release);
        let conflict = vec![("CONFLICT".to_owned(), "expectedRevision".to_owned())];
        let mut found = [problems(&proposed), problems(&applied)];
        found.sort();
        assert_eq!(found, [vec![], conflict], "{proposed:#} {applied:#}");
        let seen = service(&it, "revision proposedDefinition { revision }").await;
        assert_eq!(seen["proposedDefinition"].is_null(), problems(&applied).is_empty());
        assert_eq!(seen["revision"] == revision, !problems(&applied).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_consumer_that_is_removed_while_it_decides_leaves_no_agreement_that_counts() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let pharmacy = ward(&app, "pharmacy");
    for _ in 0..6 {
        let gone = of_patients(json!({ "consumers": [{ "organization": { "slug": "pharmacy" }, "remove": true }] }));
        let other = app.other_writer().await;
        let release = async {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            other.rollback().await.unwrap();
        };
        let (decided, _, ()) = tokio::join!(decide(&pharmacy, 1, "AGREE", json!({})), it.applied(gone), release);
        let told = problems(&decided);
        assert!(told.is_empty() || told == [("NOT_FOUND".to_owned(), "service".to_owned())], "{told:?}");
        assert_eq!(app.rows().await.count("agreement"), 0);
        it.applied(of_patients(json!({ "consumers": [{ "organization": { "slug": "pharmacy" } }] }))).await;
        assert_eq!(service(&pharmacy, "agreements { state }").await["agreements"], json!([{ "state": "PENDING" }]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn decisions_at_once_are_all_kept() {
    let app = App::hospital().await;
    let mut organizations: Vec<Value> = Vec::new();
    for n in 0..12 {
        organizations
            .push(json!({ "slug": format!("unit-{n}"), "name": format!("Unit {n}"), "parent": { "slug": "chu" } }));
    }
    assert_eq!(problems(&app.admin().organizations(json!(organizations), false).await), []);
    let it = dsi(&app);
    let consumers: Vec<Value> = (0..12).map(|n| json!({ "organization": { "slug": format!("unit-{n}") } })).collect();
    it.applied(json!({ "slug": "shared", "name": "Shared", "consumers": consumers })).await;
    proposed(&it, json!({ "slug": "shared", "name": "Better" }), json!({})).await;
    let deciding = (0..12).map(|n| {
        let asker = ward(&app, Box::leak(format!("unit-{n}").into_boxed_str()));
        async move {
            let more = json!({ "service": { "slug": "shared" }, "comment": "Words" });
            decide(&asker, 2, if n % 4 == 0 { "OBJECT" } else { "AGREE" }, more).await
        }
    });
    let payloads = join_all(deciding).await;
    assert!(payloads.iter().all(|payload| problems(payload).is_empty()), "{payloads:#?}");
    let seen =
        super::kit::of(&it, "shared", "revision proposedDefinition { agreements { state } } threads { totalCount }")
            .await;
    let states = seen["proposedDefinition"]["agreements"].as_array().unwrap();
    let of = |state: &str| states.iter().filter(|one| one["state"] == state).count();
    assert_eq!(
        (of("AGREED"), of("OBJECTED"), &seen["threads"]["totalCount"], &seen["revision"]),
        (9, 3, &json!(3), &json!(1))
    );
}
