//! Proposals: what they change, and what they leave as it is.

use chrono::TimeDelta;
use entente::policy::Scope;
use serde_json::{Value, json};

use super::kit::{decided, dsi, is_asked, of_patients, proposal, propose, proposed, service, target, ward};
use crate::{
    app::{App, SERVICE, file, problems},
    kit::reference,
    threads::{open, thread},
};

fn one(code: &str, path: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), path.to_owned())]
}

#[tokio::test]
async fn a_proposal_is_frozen_beside_what_is_published() {
    let app = App::hospital().await;
    let it = dsi(&app);
    app.pass(TimeDelta::hours(1));
    let before = service(&it, "document revision definition { id digest } lifecycle").await;
    let payload = propose(&it, target(99.95), json!({ "comment": "Better" })).await;
    assert_eq!(problems(&payload), []);
    let path = "outcomes/one-record/indicators/record-availability/target";
    assert_eq!(payload["changes"], json!([{ "action": "UPDATED", "path": path, "before": 99.9, "after": 99.95 }]));
    let definition = &payload["definition"];
    assert_eq!(
        (&definition["revision"], &definition["state"], &definition["comment"]),
        (&json!(2), &json!("PROPOSED"), &json!("Better"))
    );
    assert_eq!(
        (&definition["publishedAt"], &definition["author"]["subject"]),
        (&Value::Null, &json!("somebody-of-dsi"))
    );
    assert_eq!(service(&it, "document revision definition { id digest } lifecycle").await, before);
    let fields = "proposedDefinition { id state changes { path } outcomes { id key indicators { target } } agreements { state } }
        revisions { nodes { revision state } } two: definition(revision: 2) { id } now: definition(asOf: \"2099-01-01T00:00:00Z\") { revision }";
    for asker in [&it, &ward(&app, "emergency")] {
        let seen = service(asker, fields).await;
        let proposed = &seen["proposedDefinition"];
        assert_eq!((&proposed["id"], &proposed["state"]), (&definition["id"], &json!("PROPOSED")));
        assert_eq!(proposed["changes"], json!([{ "path": path }]));
        assert_eq!(proposed["outcomes"][2]["indicators"][0]["target"], 99.95);
        assert_eq!((&seen["two"]["id"], &seen["now"]["revision"]), (&definition["id"], &json!(1)));
        assert_eq!(seen["revisions"]["nodes"][1], json!({ "revision": 2, "state": "PROPOSED" }));
        let frozen = asker
            .data(
                "query($id: ID!) { node(id: $id) { ... on Outcome { key indicators { target } } } }",
                json!({ "id": proposed["outcomes"][2]["id"] }),
            )
            .await;
        assert_eq!(frozen["node"], json!({ "key": "one-record", "indicators": [{ "target": 99.95 }] }));
    }
    // A replacement says everything.
    let mut whole = file(SERVICE);
    whole.as_object_mut().unwrap().remove("kind");
    whole["costs"] = json!([]);
    let payload = propose(&it, whole, json!({ "mode": "REPLACE" })).await;
    assert_eq!(problems(&payload), []);
    let paths: Vec<&str> =
        payload["changes"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["costs/hosting", "costs/licences", "costs/training"]);
    let seen = service(
        &it,
        "costs { key } proposedDefinition { revision costs { key } } two: definition(revision: 2) { state }",
    )
    .await;
    assert_eq!(seen["costs"].as_array().unwrap().len(), 3);
    assert_eq!(seen["proposedDefinition"], json!({ "revision": 3, "costs": [] }));
    assert_eq!(seen["two"]["state"], "WITHDRAWN");
}

#[tokio::test]
async fn what_is_wrong_is_told_and_writes_nothing() {
    let app = App::hospital().await;
    let it = dsi(&app);
    it.applied(json!({ "slug": "other", "name": "Other", "consumers": [{ "organization": { "slug": "emergency" } }] }))
        .await;
    let desk = app.someone("dsi", &[entente::policy::Scope::Read, entente::policy::Scope::ThreadsWrite]);
    let about_other = open(&desk, json!({ "service": { "slug": "other" }, "consumer": { "slug": "emergency" } })).await;
    let about_other = thread(&about_other)["number"].clone();
    let before = app.rows().await;
    let none = json!({});
    let some = of_patients(json!({ "summary": { "en": "Other" } }));
    for (definition, more, expected) in [
        (of_patients(json!({})), &none, one("INVALID", "definition")),
        (of_patients(json!({ "lifecycle": "LIVE" })), &none, one("INVALID", "definition")),
        (of_patients(json!({ "lifecycle": "RETIRED" })), &none, one("INVALID", "definition/lifecycle")),
        (
            of_patients(json!({ "summary": { "en": "Other" }, "contacts": [] })),
            &none,
            one("INVALID", "definition/contacts"),
        ),
        (
            of_patients(json!({ "consumers": [{ "organization": { "slug": "finance" } }] })),
            &none,
            one("INVALID", "definition/consumers"),
        ),
        (
            of_patients(json!({ "summary": { "en": "Other" }, "configurationItems": [] })),
            &none,
            one("INVALID", "definition/configurationItems"),
        ),
        (
            of_patients(
                json!({ "outcomes": [{ "key": "one-record", "supported": false }, { "key": "safe-prescription", "configurationItems": [] }] }),
            ),
            &none,
            one("INVALID", "definition/outcomes/1/configurationItems"),
        ),
        (
            of_patients(json!({ "summary": { "en": "Other" }, "externalReferences": [reference("new")] })),
            &none,
            one("INVALID", "definition/externalReferences"),
        ),
        (
            of_patients(
                json!({ "summary": { "en": "Other" }, "offerings": [{ "key": "office-hours", "externalReferences": [reference("new")] }] }),
            ),
            &none,
            one("INVALID", "definition/offerings/0/externalReferences"),
        ),
        (
            of_patients(
                json!({ "outcomes": [{ "key": "new", "statement": { "en": "New" }, "configurationItems": [{ "ref": { "system": "servicenow", "key": "pms-app" } }] }] }),
            ),
            &none,
            one("INVALID", "definition/outcomes/0/configurationItems"),
        ),
        (
            of_patients(
                json!({ "outcomes": [{ "key": "new", "statement": { "en": "New" }, "externalReferences": [reference("new")] }] }),
            ),
            &none,
            one("INVALID", "definition/outcomes/0/externalReferences"),
        ),
        (of_patients(json!({ "name": null })), &none, one("REQUIRED", "definition/name")),
        (some.clone(), &json!({ "expectedRevision": 2 }), one("CONFLICT", "expectedRevision")),
        (some.clone(), &json!({ "expectedRevision": -1 }), one("INVALID", "expectedRevision")),
        (some.clone(), &json!({ "comment": "x".repeat(10_001) }), one("TOO_LONG", "comment")),
        (some.clone(), &json!({ "resolves": [{ "number": 99 }] }), one("NOT_FOUND", "resolves/0")),
        (some.clone(), &json!({ "resolves": [{ "number": about_other }] }), one("INVALID", "resolves/0")),
        (some.clone(), &json!({ "resolves": vec![json!({ "number": 1 }); 101] }), one("LIMIT_EXCEEDED", "resolves")),
        (json!({ "slug": "nothing-here", "name": "New" }), &none, one("NOT_FOUND", "definition/slug")),
        (json!({ "slug": "No slug" }), &none, one("NOT_FOUND", "definition/slug")),
    ] {
        let refused = propose(&it, definition.clone(), more.clone()).await;
        assert_eq!((problems(&refused), &refused["definition"]), (expected, &Value::Null), "{definition} {more}");
        app.assert_unchanged(&before).await;
    }
    let dry = propose(&it, some.clone(), json!({ "dryRun": true })).await;
    assert_eq!(
        (problems(&dry), &dry["definition"], dry["changes"].as_array().unwrap().len()),
        (vec![], &Value::Null, 1)
    );
    app.assert_unchanged(&before).await;
    let french = propose(&it.clone().reading("fr"), of_patients(json!({})), json!({})).await;
    assert!(french["userErrors"][0]["message"].as_str().unwrap().starts_with("cela ne change rien"));
}

#[tokio::test]
async fn a_whole_file_with_the_links_as_they_are_can_be_proposed() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let mut whole = file(SERVICE);
    whole.as_object_mut().unwrap().remove("kind");
    for mode in ["MERGE", "REPLACE"] {
        let refused = propose(&it, whole.clone(), json!({ "mode": mode })).await;
        assert_eq!(problems(&refused), one("INVALID", "definition"), "it changes nothing");
        let mut other = whole.clone();
        other["summary"]["en"] = json!("Other");
        let payload = propose(&it, other, json!({ "mode": mode })).await;
        assert_eq!(problems(&payload), []);
        assert_eq!(payload["changes"][0]["path"], "summary/en");
    }
}

#[tokio::test]
async fn there_is_one_open_proposal_at_most() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let first = proposed(&it, target(99.95), json!({})).await;
    decided(&ward(&app, "emergency"), first, "OBJECT", json!({ "comment": "No" })).await;
    let second = proposed(&it, target(99.96), json!({})).await;
    let states = async || service(&it, "revisions { nodes { state } } proposedDefinition { revision }").await;
    let seen = states().await;
    assert_eq!(
        seen["revisions"]["nodes"],
        json!([{ "state": "PUBLISHED" }, { "state": "WITHDRAWN" }, { "state": "PROPOSED" }])
    );
    assert_eq!(seen["proposedDefinition"]["revision"], second);
    // What was decided on the first one stays with it.
    let fields = "definition(revision: 2) { agreements { state organization { slug } } }";
    let kept = json!([{ "state": "OBJECTED", "organization": { "slug": "emergency" } }]);
    assert_eq!(service(&it, fields).await["definition"]["agreements"], kept);
    // A change of links leaves it open, a change of terms does not.
    it.applied(of_patients(json!({ "lifecycle": "RETIRED" }))).await;
    assert_eq!(states().await["proposedDefinition"]["revision"], second);
    it.applied(of_patients(json!({ "summary": { "en": "Other" } }))).await;
    let seen = states().await;
    let all = json!([{ "state": "SUPERSEDED" }, { "state": "WITHDRAWN" }, { "state": "WITHDRAWN" }, { "state": "PUBLISHED" }]);
    assert_eq!((&seen["revisions"]["nodes"], &seen["proposedDefinition"]), (&all, &Value::Null));
    // With an expected revision, it is known.
    proposed(&it, target(99.97), json!({ "expectedRevision": 4 })).await;
    let applied =
        it.apply(of_patients(json!({ "summary": { "en": "Better" } })), json!({ "expectedRevision": 4 })).await;
    assert_eq!(problems(&applied), []);
    assert_eq!(states().await["proposedDefinition"], Value::Null);
}

#[tokio::test]
async fn a_withdrawn_proposal_leaves_no_trace_in_what_is_published() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let new = of_patients(json!({
        "costs": [{ "key": "parking", "statement": { "en": "Zeppelins in the yard" }, "effect": "REMOVED" }],
        "outcomes": [{ "key": "whole-record", "renamedFrom": "one-record" }, { "key": "paper-habits", "remove": true }],
    }));
    let found = async || it.get("{ search(text: \"zeppelins\") { totalCount } }").await["search"]["totalCount"].take();
    let published = "document revision outcomes { id key } costs { id key }";
    let before = (service(&it, published).await, app.rows().await);
    let revision = proposed(&it, new.clone(), json!({})).await;
    assert_eq!((service(&it, published).await, found().await), (before.0.clone(), json!(0)));
    let about = open(&ward_of_threads(&app), json!({ "element": "parking" })).await;
    assert_eq!(problems(&about), one("NOT_FOUND", "element"));
    assert!(is_asked(&ward(&app, "emergency")).await);
    let withdrawn = proposal(&it, "definitionWithdraw", revision, json!({ "comment": "Not now" })).await;
    assert_eq!(problems(&withdrawn), []);
    assert_eq!((&withdrawn["definition"]["state"], &withdrawn["changes"]), (&json!("WITHDRAWN"), &json!([])));
    assert_eq!((service(&it, published).await, found().await), (before.0, json!(0)));
    let after = app.rows().await;
    for table in ["element", "index_entry", "service_consumer", "thread", "external_reference", "item_link"] {
        assert_eq!(after.count(table), before.1.count(table), "{table}");
    }
    // It stays withdrawn.
    let again = proposal(&it, "definitionWithdraw", revision, json!({})).await;
    assert_eq!(problems(&again), []);
    app.assert_unchanged(&after).await;
    let refused = proposal(&it, "definitionPublish", revision, json!({})).await;
    assert_eq!(problems(&refused), one("INVALID_STATE", "revision"));
    app.assert_unchanged(&after).await;
    // The number is not used again.
    assert_eq!(proposed(&it, new, json!({})).await, 3);
}

fn ward_of_threads(app: &App) -> crate::app::Asker<'_> {
    crate::threads::ward(app, "emergency")
}

#[tokio::test]
async fn a_proposal_that_is_withdrawn_ends_the_objections_to_it() {
    let app = App::hospital().await;
    let it = dsi(&app);
    super::kit::all_agree(&app, 1).await;
    for end in ["definitionWithdraw", "propose", "apply"] {
        let revision = proposed(&it, target(99.95), json!({})).await;
        decided(&ward(&app, "emergency"), revision, "OBJECT", json!({ "comment": end })).await;
        assert_eq!(super::kit::alignment(&it).await, "DISPUTED");
        match end {
            "propose" => drop(proposed(&it, target(99.96), json!({})).await),
            "apply" => drop(it.applied(of_patients(json!({ "summary": { "en": "Other" } }))).await),
            _ => drop(proposal(&it, end, revision, json!({})).await),
        }
        let expected = if end == "apply" { "OUTDATED" } else { "ALIGNED" };
        assert_eq!(super::kit::alignment(&it).await, expected, "{end}");
        assert_eq!(super::kit::alignment(&ward(&app, "emergency")).await, expected, "{end}");
    }
}

#[tokio::test]
async fn the_changes_of_a_proposal_are_those_from_what_is_published() {
    let app = App::hospital().await;
    let it = dsi(&app);
    let summary = |text: &str| of_patients(json!({ "summary": { "en": text } }));
    let both = |text: &str| {
        let mut both = target(99.95);
        both["summary"] = json!({ "en": text });
        both
    };
    assert_eq!(proposed(&it, target(99.95), json!({})).await, 2);
    assert_eq!(proposed(&it, both("Care"), json!({})).await, 3);
    let fields = "proposedDefinition { changes { path } }";
    let paths =
        json!([{ "path": "summary/en" }, { "path": "outcomes/one-record/indicators/record-availability/target" }]);
    let changes = &service(&it, fields).await["proposedDefinition"]["changes"];
    assert_eq!(changes, &paths, "the withdrawn revision 2 has the target too");
    // The same again stays the same proposal, with the decisions on it.
    decided(&ward(&app, "emergency"), 3, "AGREE", json!({})).await;
    let before = app.rows().await;
    assert_eq!(proposed(&it, both("Care"), json!({})).await, 3);
    app.assert_unchanged(&before).await;
    assert_eq!(problems(&proposal(&it, "definitionPublish", 3, json!({})).await), []);
    let published = &service(&it, "definition { changes { path } }").await["definition"]["changes"];
    assert_eq!(published, &paths);
    it.applied(summary("All care")).await;
    let applied = &service(&it, "definition { revision changes { path } }").await["definition"];
    assert_eq!(applied, &json!({ "revision": 4, "changes": [{ "path": "summary/en" }] }));
}

#[tokio::test]
async fn a_proposal_that_answers_threads_needs_the_right_to_write_them() {
    let app = App::hospital().await;
    let alone = app.someone("dsi", &[Scope::Read, Scope::DefinitionsWrite]);
    let payload = propose(&alone, target(99.95), json!({ "resolves": [{ "number": 1 }] })).await;
    assert_eq!(problems(&payload), [("FORBIDDEN".to_owned(), "resolves".to_owned())]);
}
