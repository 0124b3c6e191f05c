//! Publishing: what a proposal becomes, by the provider or by itself.

use chrono::TimeDelta;
use entente::policy::Scope;
use serde_json::{Value, json};

use super::kit::{alignment, all_agree, decided, dsi, of_patients, proposal, propose, proposed, service, target, ward};
use crate::{
    app::{App, problems},
    kit::reference,
    linking::write,
    measurements::record,
    threads::{open, thread},
};

fn one(code: &str, path: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), path.to_owned())]
}

#[tokio::test]
async fn the_provider_may_publish_before_all_have_agreed() {
    let app = App::hospital().await;
    let it = dsi(&app);
    all_agree(&app, 1).await;
    proposed(&it, target(99.95), json!({ "publishWhenAgreed": false })).await;
    all_agree(&app, 2).await;
    assert_eq!(service(&it, "revision").await["revision"], 1, "not by itself");
    app.pass(TimeDelta::hours(1));
    let logged = app.rows().await.count("change");
    let published = proposal(&it, "definitionPublish", 2, json!({ "comment": "Go" })).await;
    assert_eq!(problems(&published), []);
    let logged = app.logged(logged).await;
    let comments = logged.iter().flat_map(|change| &change.fields.0).filter(|field| field.name == "comment");
    assert_eq!(comments.map(|field| field.after.clone().unwrap()).collect::<Vec<_>>(), [json!("Go")]);
    let path = "outcomes/one-record/indicators/record-availability/target";
    assert_eq!(published["changes"], json!([{ "action": "UPDATED", "path": path, "before": 99.9, "after": 99.95 }]));
    let seen = service(
        &it,
        "revision updatedAt definition { revision state publishedAt createdAt } agreedDefinition { revision }",
    )
    .await;
    let definition = &seen["definition"];
    assert_eq!(
        (&seen["revision"], &definition["revision"], &definition["state"]),
        (&json!(2), &json!(2), &json!("PUBLISHED"))
    );
    assert!(definition["publishedAt"].as_str() > definition["createdAt"].as_str());
    assert_eq!((&seen["updatedAt"], &seen["agreedDefinition"]["revision"]), (&definition["publishedAt"], &json!(2)));
    assert_eq!(alignment(&it).await, "ALIGNED");
    // It stays published.
    let before = app.rows().await;
    let again = proposal(&it, "definitionPublish", 2, json!({})).await;
    assert_eq!((problems(&again), &again["changes"]), (vec![], &json!([])));
    for (revision, code) in [(1, "INVALID_STATE"), (3, "NOT_FOUND")] {
        assert_eq!(problems(&proposal(&it, "definitionPublish", revision, json!({})).await), one(code, "revision"));
    }
    for revision in [1, 2] {
        assert_eq!(
            problems(&proposal(&it, "definitionWithdraw", revision, json!({})).await),
            one("INVALID_STATE", "revision")
        );
    }
    app.assert_unchanged(&before).await;
    proposed(&it, target(99.96), json!({})).await;
    proposal(&it, "definitionPublish", 3, json!({})).await;
    assert_eq!(alignment(&it).await, "OUTDATED");
}

#[tokio::test]
async fn a_proposal_of_another_revision_is_not_published() {
    let app = App::hospital().await;
    let it = dsi(&app);
    proposed(&it, target(99.95), json!({})).await;
    it.applied(of_patients(json!({ "summary": { "en": "Other" } }))).await;
    let before = app.rows().await;
    let refused = proposal(&it, "definitionPublish", 2, json!({})).await;
    assert_eq!(problems(&refused), one("CONFLICT", "revision"));
    let message = refused["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("revision 1") && message.contains("revision 3"), "{message}");
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn new_elements_appear_with_the_ids_that_they_were_proposed_with_and_renamed_ones_keep_theirs() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let elements = "outcomes { id key indicators { id key latest { value } } } costs { id key } consumers { offering { key } organization { slug } }";
    let before = service(&it, elements).await;
    let recorded = json!([{ "service": { "slug": "patient-management" }, "indicator": "record-availability", "at": "2020-01-01T00:00:00Z", "value": 99.0 }]);
    let recorded = record(&app.someone("dsi", &[Scope::MeasurementsWrite]), recorded).await;
    assert_eq!(problems(&recorded), []);
    let ward_of_threads = crate::threads::ward(&app, "emergency");
    let about = open(&ward_of_threads, json!({ "element": "one-record" })).await;
    let number = thread(&about)["number"].clone();
    let definition = of_patients(json!({
        "outcomes": [{ "key": "whole-record", "renamedFrom": "one-record", "indicators": [{ "key": "availability", "renamedFrom": "record-availability" }] }],
        "costs": [{ "key": "parking", "statement": { "en": "Zeppelins in the yard" }, "effect": "REMOVED" }],
        "offerings": [{ "key": "day-and-night", "renamedFrom": "round-the-clock" }],
    }));
    proposed(&it, definition, json!({})).await;
    let after = service(&it, elements).await;
    assert_eq!((&after["costs"], &after["consumers"]), (&before["costs"], &before["consumers"]));
    assert_eq!(after["outcomes"][2]["key"], "one-record");
    let frozen =
        service(&it, "proposedDefinition { outcomes { id key } costs { id key } }").await["proposedDefinition"].take();
    all_agree(&app, 2).await;
    let after = service(&it, elements).await;
    let record = &after["outcomes"][2];
    assert_eq!((&record["key"], &record["id"]), (&json!("whole-record"), &before["outcomes"][2]["id"]));
    let indicator = &record["indicators"][0];
    assert_eq!(
        (&indicator["key"], &indicator["id"]),
        (&json!("availability"), &before["outcomes"][2]["indicators"][0]["id"])
    );
    assert_eq!(indicator["latest"]["value"], 99.0);
    let offerings: Vec<&Value> =
        after["consumers"].as_array().unwrap().iter().map(|one| &one["offering"]["key"]).collect();
    assert_eq!(offerings, ["day-and-night", "office-hours", "day-and-night"]);
    // The id of the frozen element is as before; that of the published one is in the terms.
    let then = service(&it, "definition { outcomes { id key } costs { id key } }").await["definition"].take();
    assert_eq!(then, frozen);
    let cost = after["costs"].as_array().unwrap().last().unwrap();
    assert_eq!(cost["key"], "parking");
    let node = it.data("query($id: ID!) { node(id: $id) { ... on Cost { key } } }", json!({ "id": cost["id"] })).await;
    assert_eq!(node["node"]["key"], "parking");
    assert_eq!(it.get("{ search(text: \"zeppelins\") { totalCount } }").await["search"]["totalCount"], 1);
    let about = crate::threads::read(&it, json!({ "number": number })).await;
    assert_eq!((&about["subject"]["key"], &about["subject"]["id"]), (&json!("whole-record"), &record["id"]));
    // The decisions stay: what is agreed to is what is published.
    assert_eq!(alignment(&it).await, "ALIGNED");
}

#[tokio::test]
async fn a_key_that_comes_again_takes_its_old_id_back() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let cost = async || {
        let costs = service(&it, "costs { id key }").await["costs"].take();
        costs.as_array().unwrap().iter().find(|one| one["key"] == "licences").map(|one| one["id"].clone())
    };
    let id = cost().await;
    proposed(&it, of_patients(json!({ "costs": [{ "key": "licences", "remove": true }] })), json!({})).await;
    assert_eq!(cost().await, id);
    proposal(&it, "definitionPublish", 2, json!({})).await;
    assert_eq!(cost().await, None);
    let again = json!({ "key": "licences", "statement": { "en": "Licences" }, "effect": "REMOVED" });
    proposed(&it, of_patients(json!({ "costs": [again] })), json!({})).await;
    proposal(&it, "definitionPublish", 3, json!({})).await;
    assert_eq!(cost().await, id);
}

#[tokio::test]
async fn an_offering_that_is_chosen_meanwhile_is_not_removed() {
    let app = App::hospital().await;
    let it = dsi(&app);
    it.applied(of_patients(json!({ "offerings": [{ "key": "weekend", "name": { "en": "Weekend" } }] }))).await;
    proposed(&it, of_patients(json!({ "offerings": [{ "key": "weekend", "remove": true }] })), json!({})).await;
    let choice = json!({ "consumers": [{ "organization": { "slug": "pharmacy" }, "offering": "weekend" }] });
    it.applied(of_patients(choice)).await;
    let before = app.rows().await;
    let refused = proposal(&it, "definitionPublish", 3, json!({})).await;
    assert_eq!(problems(&refused), one("INVALID", "revision"));
    let message = refused["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("weekend") && message.contains("pharmacy"), "{message}");
    app.assert_unchanged(&before).await;
    // By itself neither; the decisions stand.
    all_agree(&app, 3).await;
    let seen = service(&it, "revision proposedDefinition { revision agreements { state } }").await;
    assert_eq!(
        (&seen["revision"], &seen["proposedDefinition"]["agreements"][2]["state"]),
        (&json!(2), &json!("AGREED"))
    );
    it.applied(of_patients(json!({ "consumers": [{ "organization": { "slug": "pharmacy" }, "offering": null }] })))
        .await;
    decided(&ward(&app, "pharmacy"), 3, "AGREE", json!({})).await;
    assert_eq!(service(&it, "revision offerings { key }").await["revision"], 3);
}

#[tokio::test]
async fn a_removed_outcome_takes_its_items_and_keys_along_when_it_is_published() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let outcome = service(&it, "outcomes { id key }").await["outcomes"][3].take();
    assert_eq!(outcome["key"], "safe-prescription");
    assert_eq!(problems(&write(&it, "referenceLink", &outcome["id"], reference("rx")).await), []);
    let before = app.rows().await;
    let removed = of_patients(json!({ "outcomes": [{ "key": "safe-prescription", "remove": true }] }));
    let payload = propose(&it, removed, json!({})).await;
    // Terms have no items.
    assert_eq!(payload["changes"][0]["path"], "outcomes/safe-prescription");
    assert!(!payload.to_string().contains("configurationItems"), "{payload:#}");
    for table in ["external_reference", "item_link", "element"] {
        assert_eq!(app.rows().await.count(table), before.count(table), "{table}");
    }
    all_agree(&app, 2).await;
    let after = app.rows().await;
    assert_eq!(after.count("external_reference"), before.count("external_reference") - 1);
    assert_eq!(after.count("item_link"), before.count("item_link") - 1);
    let seen = service(&it, "outcomes { key } configurationItems { totalCount }").await;
    assert_eq!((seen["outcomes"].as_array().unwrap().len(), &seen["configurationItems"]["totalCount"]), (6, &json!(2)));
    // The document is whole, and applies without a change.
    let document = service(&it, "document(format: JSON)").await["document"].take();
    let mut document: Value = serde_json::from_str(document.as_str().unwrap()).unwrap();
    document.as_object_mut().unwrap().remove("kind");
    assert_eq!(it.applied(document).await["applied"], false);
}

#[tokio::test]
async fn links_that_change_meanwhile_stay_as_they_are() {
    let app = App::hospital().await;
    let it = dsi(&app);
    proposed(&it, target(99.95), json!({})).await;
    let links = json!({ "lifecycle": "RETIRED", "configurationItems": [], "contacts": [{ "role": "OWNER", "name": "New" }],
        "consumers": [{ "organization": { "slug": "finance" } }], "outcomes": [{ "key": "one-record", "configurationItems": [{ "ref": { "system": "servicenow", "key": "pms-app" } }] }] });
    it.applied(of_patients(links)).await;
    let read = "lifecycle contacts { name } consumers { organization { slug } offering { key } } configurationItems { totalCount } outcomes { key configurationItems { totalCount } }";
    let before = service(&it, read).await;
    assert_eq!(problems(&proposal(&it, "definitionPublish", 2, json!({})).await), []);
    assert_eq!(service(&it, read).await, before);
    assert_eq!(service(&it, "revision").await["revision"], 2);
}

#[tokio::test]
async fn a_consumer_that_had_not_agreed_is_removed_and_the_rest_publishes_by_itself() {
    let app = App::hospital().await;
    let it = dsi(&app);
    proposed(&it, target(99.95), json!({})).await;
    decided(&ward(&app, "emergency"), 2, "AGREE", json!({})).await;
    decided(&ward(&app, "outpatients"), 2, "AGREE", json!({})).await;
    let before = app.rows().await.count("change");
    let gone = json!({ "consumers": [{ "organization": { "slug": "pharmacy" }, "remove": true }] });
    let applied = it.applied(of_patients(gone)).await;
    assert_eq!(applied["service"]["revision"], 2);
    assert_eq!(alignment(&it).await, "ALIGNED");
    let published = app.logged(before).await.into_iter().filter(|one| crate::kit::said(one) == "Updated Definition");
    let actors: Vec<_> = published.map(|one| one.actor.subject).collect();
    assert_eq!(actors, ["entente"]);
}

#[tokio::test]
async fn a_proposal_answers_threads_which_are_resolved_when_it_is_published() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let mut numbers = Vec::new();
    for slug in ["emergency", "pharmacy"] {
        let opened = open(&crate::threads::ward(&app, slug), json!({ "title": slug })).await;
        numbers.push(thread(&opened)["number"].clone());
    }
    let keys = json!([{ "number": numbers[0] }, { "number": numbers[1] }, { "number": numbers[0] }]);
    let state = async |number: &Value| crate::threads::read(&it, json!({ "number": number })).await["status"].take();
    proposed(&it, target(99.95), json!({ "resolves": keys })).await;
    assert_eq!(state(&numbers[0]).await, "OPEN");
    // One is closed meanwhile: it stays as it is.
    thread(&crate::threads::act(&crate::threads::ward(&app, "pharmacy"), "threadClose", &numbers[1], json!({})).await);
    assert_eq!(problems(&proposal(&it, "definitionPublish", 2, json!({})).await), []);
    assert_eq!([state(&numbers[0]).await, state(&numbers[1]).await], ["RESOLVED", "CLOSED"]);
    for number in &numbers {
        crate::threads::assert_replays(&app, number).await;
    }
    // Those of a withdrawn proposal stay open.
    let opened = open(&crate::threads::ward(&app, "emergency"), json!({ "title": "Another" })).await;
    let number = &thread(&opened)["number"];
    let payload = propose(&it, target(99.96), json!({ "resolves": [{ "number": number }] })).await;
    assert_eq!(problems(&payload), []);
    proposal(&it, "definitionWithdraw", 3, json!({})).await;
    assert_eq!(state(number).await, "OPEN");
}

#[tokio::test]
async fn a_service_without_consumers_is_published_by_its_provider() {
    let app = App::hospital().await;
    let it = dsi(&app);
    it.applied(json!({ "slug": "alone", "name": "Alone" })).await;
    proposed(&it, json!({ "slug": "alone", "name": "Quite alone" }), json!({})).await;
    let seen = super::kit::of(&it, "alone", "revision agreedDefinition { revision }").await;
    assert_eq!(seen, json!({ "revision": 1, "agreedDefinition": null }));
    let done = proposal(&it, "definitionPublish", 2, json!({ "service": { "slug": "alone" } })).await;
    assert_eq!(problems(&done), []);
    assert_eq!(super::kit::of(&it, "alone", "revision name").await, json!({ "revision": 2, "name": "Quite alone" }));
}

#[tokio::test]
async fn a_consumer_that_comes_after_all_have_agreed_and_before_the_publication_counts() {
    let app = App::hospital().await;
    let it = dsi(&app);
    all_agree(&app, 1).await;
    proposed(&it, target(99.95), json!({ "publishWhenAgreed": false })).await;
    all_agree(&app, 2).await;
    it.applied(of_patients(json!({ "consumers": [{ "organization": { "slug": "finance" } }] }))).await;
    assert_eq!(problems(&proposal(&it, "definitionPublish", 2, json!({})).await), []);
    assert_eq!(service(&it, "agreedDefinition { revision }").await["agreedDefinition"]["revision"], 1);
    assert_eq!(alignment(&it).await, "UNAGREED");
    decided(&ward(&app, "finance"), 2, "AGREE", json!({})).await;
    assert_eq!(service(&it, "agreedDefinition { revision }").await["agreedDefinition"]["revision"], 2);
}

#[tokio::test]
async fn another_provider_can_be_proposed_by_an_admin_and_keeps_no_items() {
    let app = App::hospital().await;
    let admin = app.admin();
    let moved = of_patients(json!({ "provider": { "slug": "finance" } }));
    let refused = propose(&dsi(&app), moved.clone(), json!({})).await;
    assert_eq!(problems(&refused), one("FORBIDDEN", "definition/provider"));
    let payload = propose(&admin, moved, json!({})).await;
    assert_eq!(problems(&payload), []);
    let change = json!([{ "action": "UPDATED", "path": "provider", "before": "dsi", "after": "finance" }]);
    assert_eq!(payload["changes"], change);
    let before = app.rows().await;
    assert_eq!(problems(&proposal(&admin, "definitionPublish", 2, json!({})).await), []);
    let finance = app.someone("finance", &[Scope::Read, Scope::CmdbRead, Scope::DefinitionsWrite]);
    let seen =
        service(&finance, "provider { slug } configurationItems { totalCount } consumers { organization { slug } }")
            .await;
    assert_eq!((&seen["provider"]["slug"], &seen["configurationItems"]["totalCount"]), (&json!("finance"), &json!(0)));
    assert_eq!(seen["consumers"].as_array().unwrap().len(), 3);
    assert_eq!(app.rows().await.count("item_link"), before.count("item_link") - 3);
    assert_eq!(service(&dsi(&app), "slug").await, Value::Null);
}
