//! Decisions: what they write, what is refused, and what ends them.

use chrono::TimeDelta;
use entente::policy::Scope;
use serde_json::{Value, json};

use super::kit::{
    alignment, all_agree, decide, decided, dsi, is_asked, of_patients, proposal, proposed, service, target, ward,
};
use crate::app::{App, problems};

fn one(code: &str, path: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), path.to_owned())]
}

#[tokio::test]
async fn a_decision_says_who_decided_when_on_what_and_why() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency");
    let made = decided(&ward, 1, "AGREE", json!({ "comment": "Agreed in the council" })).await;
    assert_eq!(
        (&made["state"], &made["comment"], &made["revision"]),
        (&json!("AGREED"), &json!("Agreed in the council"), &json!(1))
    );
    let by = json!({ "subject": "somebody-of-emergency", "kind": "PERSON", "organization": { "slug": "emergency" } });
    assert_eq!((&made["decidedBy"], &made["thread"]), (&by, &Value::Null));
    assert!(made["decidedAt"].is_string());
    assert_eq!((&made["definition"]["revision"], &made["definition"]["state"]), (&json!(1), &json!("PUBLISHED")));
    assert_eq!(
        (&made["service"]["slug"], &made["organization"]["slug"]),
        (&json!("patient-management"), &json!("emergency"))
    );
    let fields = "agreements { id state } definition { agreements { id state } } consumers { agreement { id } first: agreement(revision: 1) { id } none: agreement(revision: 7) { id } }";
    let seen = service(&ward, fields).await;
    let own = json!([{ "id": made["id"], "state": "AGREED" }]);
    assert_eq!((&seen["agreements"], &seen["definition"]["agreements"]), (&own, &own));
    assert_eq!(
        seen["consumers"],
        json!([{ "agreement": { "id": made["id"] }, "first": { "id": made["id"] }, "none": null }])
    );
    // The provider sees all, in the order of the consumers.
    let seen =
        service(&dsi(&app), "agreements { id state decidedAt decidedBy { subject } comment thread { id } }").await;
    let states: Vec<&Value> = seen["agreements"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["AGREED", "PENDING", "PENDING"]);
    let pending = &seen["agreements"][1];
    for field in ["decidedAt", "decidedBy", "comment", "thread"] {
        assert_eq!(pending[field], Value::Null, "{field}");
    }
    // Each has an id, also before it is decided.
    for agreement in seen["agreements"].as_array().unwrap() {
        let query =
            "query($id: ID!) { node(id: $id) { id __typename ... on Agreement { state organization { slug } } } }";
        let node = dsi(&app).data(query, json!({ "id": agreement["id"] })).await["node"].take();
        assert_eq!((&node["__typename"], &node["state"]), (&json!("Agreement"), &agreement["state"]));
        let own = ward.data(query, json!({ "id": agreement["id"] })).await["node"].take();
        assert_eq!(own.is_null(), agreement["id"] != made["id"], "{own}");
    }
}

#[tokio::test]
async fn the_same_decision_again_changes_nothing() {
    let app = App::hospital().await;
    let ward = ward(&app, "emergency");
    let comment = json!({ "comment": "No" });
    for (decision, more) in [("AGREE", json!({})), ("OBJECT", comment.clone()), ("WITHDRAW", json!({}))] {
        let made = decided(&ward, 1, decision, more.clone()).await;
        let (before, updated) = (app.rows().await, service(&ward, "updatedAt").await);
        app.pass(TimeDelta::hours(1));
        assert_eq!(decided(&ward, 1, decision, more).await, made, "{decision}");
        app.assert_unchanged(&before).await;
        assert_eq!(service(&ward, "updatedAt").await, updated);
    }
    // It can change its mind again.
    assert_eq!(decided(&ward, 1, "AGREE", json!({})).await["state"], "AGREED");
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_path_and_changes_nothing() {
    let app = App::hospital().await;
    let (it, ward) = (dsi(&app), ward(&app, "emergency"));
    proposed(&it, target(99.95), json!({})).await;
    it.applied(of_patients(json!({ "summary": { "en": "Said better" } }))).await;
    proposed(&it, target(99.99), json!({})).await;
    let before = app.rows().await;
    let none = json!({});
    let no = json!({ "comment": "No" });
    let with = |suggestion: Value| json!({ "comment": "No", "suggestion": of_patients(suggestion) });
    let new = json!([{ "key": "new" }]);
    for (revision, decision, more, expected) in [
        (1, "AGREE", &none, one("INVALID_STATE", "revision")),
        (2, "AGREE", &none, one("INVALID_STATE", "revision")),
        (9, "AGREE", &none, one("NOT_FOUND", "revision")),
        (0, "AGREE", &none, one("NOT_FOUND", "revision")),
        (3, "OBJECT", &none, one("REQUIRED", "comment")),
        (3, "OBJECT", &json!({ "comment": " " }), one("REQUIRED", "comment")),
        (3, "OBJECT", &json!({ "comment": "x".repeat(50_001) }), one("TOO_LONG", "comment")),
        (3, "WITHDRAW", &none, one("INVALID_STATE", "decision")),
        (3, "AGREE", &with(json!({ "summary": "Other" })), one("INVALID", "suggestion")),
        (3, "AGREE", &json!({ "service": { "slug": "nothing-here" } }), one("NOT_FOUND", "service")),
        (3, "OBJECT", &with(json!({})), one("INVALID", "suggestion")),
        (3, "OBJECT", &with(json!({ "summary": { "en": "Said better" } })), one("INVALID", "suggestion")),
        (3, "OBJECT", &with(json!({ "lifecycle": "RETIRED" })), one("INVALID", "suggestion/lifecycle")),
        (3, "OBJECT", &with(json!({ "contacts": [] })), one("INVALID", "suggestion/contacts")),
        (3, "OBJECT", &with(json!({ "consumers": [] })), one("INVALID", "suggestion/consumers")),
        (3, "OBJECT", &with(json!({ "configurationItems": null })), one("INVALID", "suggestion/configurationItems")),
        (3, "OBJECT", &with(json!({ "externalReferences": [] })), one("INVALID", "suggestion/externalReferences")),
        (
            3,
            "OBJECT",
            &with(json!({ "outcomes": [{ "key": "one-record", "configurationItems": [] }] })),
            one("INVALID", "suggestion/outcomes/0/configurationItems"),
        ),
        (
            3,
            "OBJECT",
            &with(json!({ "costs": new })),
            vec![
                ("REQUIRED".to_owned(), "suggestion/costs/0/statement".to_owned()),
                ("REQUIRED".to_owned(), "suggestion/costs/0/effect".to_owned()),
            ],
        ),
        (
            3,
            "OBJECT",
            &json!({ "comment": "No", "suggestion": { "slug": "laundry" } }),
            one("INVALID", "suggestion/slug"),
        ),
    ] {
        let refused = decide(&ward, revision, decision, more.clone()).await;
        assert_eq!(
            (problems(&refused), &refused["agreement"]),
            (expected, &Value::Null),
            "{revision} {decision} {more}"
        );
        app.assert_unchanged(&before).await;
    }
    // Only a consumer decides, for itself.
    let scopes = [Scope::Read, Scope::AgreementsWrite];
    for (asker, expected) in [
        (app.someone("dsi", &scopes), one("FORBIDDEN", "service")),
        (app.admin(), one("FORBIDDEN", "service")),
        (app.someone("finance", &scopes), one("NOT_FOUND", "service")),
        (app.loner(&scopes), one("NOT_FOUND", "service")),
        (app.someone("emergency", &[Scope::Read, Scope::ThreadsWrite]), one("FORBIDDEN", "")),
    ] {
        for decision in ["AGREE", "OBJECT"] {
            assert_eq!(problems(&decide(&asker, 3, decision, no.clone()).await), expected);
        }
    }
    app.assert_unchanged(&before).await;
    let french = decide(&ward.clone().reading("fr"), 1, "AGREE", json!({})).await;
    let message = french["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("la révision 1 est remplacée"), "{message}");
}

#[tokio::test]
async fn a_consumer_that_is_added_is_pending_and_one_that_leaves_no_longer_counts() {
    let app = App::hospital().await;
    let it = dsi(&app);
    all_agree(&app, 1).await;
    it.applied(of_patients(json!({ "consumers": [{ "organization": { "slug": "finance" } }] }))).await;
    assert_eq!(alignment(&it).await, "UNAGREED");
    // Those of its time had agreed.
    assert_eq!(service(&it, "agreedDefinition { revision }").await["agreedDefinition"]["revision"], 1);
    let finance = ward(&app, "finance");
    assert!(is_asked(&finance).await);
    assert_eq!(
        service(&finance, "agreements { state } agreedDefinition { revision }").await,
        json!({ "agreements": [{ "state": "PENDING" }], "agreedDefinition": null })
    );
    decided(&finance, 1, "OBJECT", json!({ "comment": "No" })).await;
    assert_eq!(alignment(&it).await, "DISPUTED");
    assert_eq!(service(&it, "agreedDefinition { revision }").await["agreedDefinition"]["revision"], 1);
    let gone = |slug: &str| of_patients(json!({ "consumers": [{ "organization": { "slug": slug }, "remove": true }] }));
    it.applied(gone("finance")).await;
    assert_eq!(alignment(&it).await, "ALIGNED");
    assert_eq!(app.rows().await.count("agreement"), 3);
    // Whoever comes again has never agreed.
    decided(&ward(&app, "pharmacy"), 1, "AGREE", json!({})).await;
    it.applied(gone("pharmacy")).await;
    it.applied(of_patients(json!({ "consumers": [{ "organization": { "slug": "pharmacy" } }] }))).await;
    let pharmacy = ward(&app, "pharmacy");
    let seen = service(&pharmacy, "agreements { state } agreedDefinition { revision }").await;
    assert_eq!(seen, json!({ "agreements": [{ "state": "PENDING" }], "agreedDefinition": null }));
    assert_eq!(alignment(&pharmacy).await, "UNAGREED");
}

#[tokio::test]
async fn who_chooses_another_offering_is_pending_again_on_what_is_published_and_proposed() {
    let app = App::hospital().await;
    let it = dsi(&app);
    all_agree(&app, 1).await;
    proposed(&it, target(99.95), json!({})).await;
    decided(&ward(&app, "pharmacy"), 2, "OBJECT", json!({ "comment": "No" })).await;
    decided(&ward(&app, "emergency"), 2, "AGREE", json!({})).await;
    let choose = |slug: &str, more: Value| {
        let mut consumer = json!({ "organization": { "slug": slug } });
        consumer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        of_patients(json!({ "consumers": [consumer] }))
    };
    // Other contacts are no other terms.
    it.applied(choose("pharmacy", json!({ "contacts": [] }))).await;
    assert_eq!(alignment(&it).await, "DISPUTED");
    let before = app.rows().await.count("change");
    it.applied(choose("pharmacy", json!({ "offering": "office-hours" }))).await;
    let seen =
        service(&it, "agreements { state } proposedDefinition { agreements { state } } agreedDefinition { revision }")
            .await;
    assert_eq!(seen["agreements"], json!([{ "state": "AGREED" }, { "state": "AGREED" }, { "state": "PENDING" }]));
    let states = json!([{ "state": "AGREED" }, { "state": "PENDING" }, { "state": "PENDING" }]);
    assert_eq!((&seen["proposedDefinition"]["agreements"], &seen["agreedDefinition"]), (&states, &Value::Null));
    assert_eq!(alignment(&it).await, "UNAGREED");
    let logged = app.logged(before).await;
    let reset = logged.iter().filter(|change| crate::kit::said(change) == "Updated Agreement").count();
    assert_eq!(reset, 2);
    decided(&ward(&app, "pharmacy"), 1, "AGREE", json!({})).await;
    assert_eq!(alignment(&it).await, "ALIGNED");
    assert_eq!(service(&it, "agreedDefinition { revision }").await["agreedDefinition"]["revision"], 1);
}

#[tokio::test]
async fn what_was_agreed_to_before_is_outdated_after_a_new_revision() {
    let app = App::hospital().await;
    let it = dsi(&app);
    all_agree(&app, 1).await;
    it.applied(target(99.95)).await;
    let emergency = ward(&app, "emergency");
    assert_eq!([alignment(&it).await, alignment(&emergency).await], ["OUTDATED", "OUTDATED"]);
    assert!(is_asked(&emergency).await);
    decided(&emergency, 2, "AGREE", json!({})).await;
    assert_eq!([alignment(&it).await, alignment(&emergency).await], ["OUTDATED", "ALIGNED"]);
    let agreed = "agreedDefinition { revision agreements { state } }";
    assert_eq!(service(&it, agreed).await["agreedDefinition"]["revision"], 1);
    assert_eq!(
        service(&emergency, agreed).await["agreedDefinition"],
        json!({ "revision": 2, "agreements": [{ "state": "AGREED" }] })
    );
    // Of what is superseded, only what was decided.
    let fields = "consumers { agreement { state } first: agreement(revision: 1) { state } }";
    let outpatients = service(&ward(&app, "outpatients"), fields).await;
    assert_eq!(
        outpatients["consumers"],
        json!([{ "agreement": { "state": "PENDING" }, "first": { "state": "AGREED" } }])
    );
    decided(&emergency, 2, "WITHDRAW", json!({})).await;
    assert_eq!(service(&emergency, "agreedDefinition { revision }").await["agreedDefinition"]["revision"], 1);
    assert_eq!(alignment(&emergency).await, "OUTDATED");
    assert!(is_asked(&emergency).await);
}

#[tokio::test]
async fn who_takes_its_agreement_back_is_no_longer_among_all() {
    let app = App::hospital().await;
    let it = dsi(&app);
    all_agree(&app, 1).await;
    decided(&ward(&app, "pharmacy"), 1, "OBJECT", json!({ "comment": "No" })).await;
    assert_eq!(service(&it, "agreedDefinition { revision }").await["agreedDefinition"], Value::Null);
    assert_eq!(
        service(&ward(&app, "emergency"), "agreedDefinition { revision }").await["agreedDefinition"]["revision"],
        1
    );
    // A proposal that one has agreed to and taken back is not published.
    proposed(&it, target(99.95), json!({})).await;
    decided(&ward(&app, "emergency"), 2, "AGREE", json!({})).await;
    decided(&ward(&app, "emergency"), 2, "WITHDRAW", json!({})).await;
    decided(&ward(&app, "outpatients"), 2, "AGREE", json!({})).await;
    decided(&ward(&app, "pharmacy"), 2, "AGREE", json!({})).await;
    assert_eq!(service(&it, "revision").await["revision"], 1);
    decided(&ward(&app, "emergency"), 2, "AGREE", json!({})).await;
    assert_eq!(service(&it, "revision").await["revision"], 2);
}

#[tokio::test]
async fn agreeing_again_confirms_the_terms_when_their_review_is_due() {
    let app = App::hospital().await;
    let it = dsi(&app);
    it.applied(of_patients(json!({ "reviewEvery": "P1Y" }))).await;
    let ward = ward(&app, "emergency");
    let first = decided(&ward, 2, "AGREE", json!({})).await;
    app.pass(TimeDelta::days(360));
    assert_eq!(decided(&ward, 2, "AGREE", json!({})).await, first);
    app.pass(TimeDelta::days(10));
    let again = decided(&ward, 2, "AGREE", json!({})).await;
    assert!(again["decidedAt"].as_str() > first["decidedAt"].as_str(), "{again:#}");
    assert_eq!(again["id"], first["id"]);
    assert_eq!(decided(&ward, 2, "AGREE", json!({})).await, again);
    // Another comment is another decision.
    let comment = json!({ "comment": "As before" });
    let commented = decided(&ward, 2, "AGREE", comment.clone()).await;
    assert_eq!(commented["comment"], "As before");
    assert_eq!(decided(&ward, 2, "AGREE", comment).await, commented);
}

#[tokio::test]
async fn each_mutation_with_an_idempotency_key_is_done_once() {
    let app = App::hospital().await;
    let (it, ward) = (dsi(&app), ward(&app, "emergency"));
    let first = super::kit::propose(&it.clone().once("p"), target(99.95), json!({})).await;
    let objected = decide(&ward.clone().once("d"), 2, "OBJECT", json!({ "comment": "No" })).await;
    let withdrawn = proposal(&it.clone().once("w"), "definitionWithdraw", 2, json!({})).await;
    proposed(&it, target(99.96), json!({ "publishWhenAgreed": false })).await;
    let published = proposal(&it.clone().once("q"), "definitionPublish", 3, json!({})).await;
    for payload in [&first, &objected, &withdrawn, &published] {
        assert_eq!(problems(payload), [], "{payload:#}");
    }
    let before = app.rows().await;
    // What is answered is as it is now; what was done is as it was.
    let again = super::kit::propose(&it.clone().once("p"), target(99.95), json!({})).await;
    assert_eq!((&again["changes"], &again["definition"]["id"]), (&first["changes"], &first["definition"]["id"]));
    let again = decide(&ward.clone().once("d"), 2, "OBJECT", json!({ "comment": "No" })).await;
    assert_eq!((problems(&again), &again["agreement"]["id"]), (vec![], &objected["agreement"]["id"]));
    assert_eq!(proposal(&it.clone().once("w"), "definitionWithdraw", 2, json!({})).await, withdrawn);
    assert_eq!(proposal(&it.clone().once("q"), "definitionPublish", 3, json!({})).await, published);
    app.assert_unchanged(&before).await;
    let other = decide(&ward.clone().once("d"), 2, "OBJECT", json!({ "comment": "Other" })).await;
    assert_eq!(problems(&other), one("CONFLICT", ""));
}

#[tokio::test]
async fn a_token_for_decisions_alone_is_told_its_decision() {
    let app = App::hospital().await;
    let alone = app.someone("emergency", &[Scope::AgreementsWrite]);
    let made = decided(&alone, 1, "AGREE", json!({})).await;
    assert_eq!((&made["state"], &made["organization"]["slug"]), (&json!("AGREED"), &json!("emergency")));
    assert_eq!((&made["service"]["slug"], &made["definition"]["revision"]), (&json!("patient-management"), &json!(1)));
    let made = decided(&alone, 1, "OBJECT", json!({ "comment": "No" })).await;
    assert_eq!((&made["state"], &made["thread"]), (&json!("OBJECTED"), &Value::Null));
    let thread = service(&ward(&app, "emergency"), "agreements { thread { title } }").await;
    assert_eq!(thread["agreements"][0]["thread"]["title"], "Objection to revision 1");
    // Another comment goes on in the thread, which the token cannot read.
    decided(&alone, 1, "OBJECT", json!({ "comment": "Still no" })).await;
    let thread = service(&ward(&app, "emergency"), "agreements { thread { messages { nodes { body } } } }").await;
    let said = json!([{ "body": "No" }, { "body": "Still no" }]);
    assert_eq!(thread["agreements"][0]["thread"]["messages"]["nodes"], said);
}
