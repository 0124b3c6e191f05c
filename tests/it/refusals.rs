//! Who may write what, and that a refusal changes nothing.

use entente::policy::Scope;
use serde_json::{Value, json};

use crate::{
    app::{App, Asker, problems},
    kit::{laundry, of_laundry},
};

const WRITE: &[Scope] = &[Scope::Read, Scope::DefinitionsWrite, Scope::OrganizationsWrite];

async fn washed() -> App {
    let app = App::hospital().await;
    app.provider().applied(laundry()).await;
    app
}

fn one(code: &str, path: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), path.to_owned())]
}

#[tokio::test]
async fn only_the_provider_writes_a_definition() {
    let app = washed().await;
    let before = app.rows().await;
    let edit = of_laundry(json!({ "name": "Mine" }));
    let refused = async |asker: Asker<'_>| {
        let payload = asker.apply(edit.clone(), json!({})).await;
        assert_eq!((&payload["service"], &payload["changes"]), (&Value::Null, &json!([])));
        problems(&payload)
    };
    assert_eq!(refused(app.someone("emergency", WRITE)).await, one("FORBIDDEN", ""));
    // Who does not see the service learns only that the slug is taken.
    assert_eq!(refused(app.someone("finance", WRITE)).await, one("TAKEN", "definition/slug"));
    assert_eq!(refused(app.someone("nowhere", WRITE)).await, one("TAKEN", "definition/slug"));
    assert_eq!(refused(app.someone("dsi", &[Scope::Read])).await, one("FORBIDDEN", ""));
    assert_eq!(refused(app.someone("dsi", &[])).await, one("FORBIDDEN", ""));
    assert_eq!(refused(app.someone("dsi", &[Scope::Read, Scope::OrganizationsWrite])).await, one("FORBIDDEN", ""));
    app.assert_unchanged(&before).await;
    // Writing includes reading what was written; and an admin may do all.
    let writer = app.someone("dsi", &[Scope::DefinitionsWrite]);
    assert_eq!(writer.applied(edit.clone()).await["service"]["revision"], 2);
    app.someone("finance", &[Scope::Admin]).applied(of_laundry(json!({ "name": "Ours" }))).await;
}

#[tokio::test]
async fn a_stranger_is_told_the_same_whatever_it_expects() {
    let app = washed().await;
    let stranger = app.someone("finance", WRITE);
    let mut answers = Vec::new();
    for more in
        [json!({}), json!({ "expectedRevision": 1 }), json!({ "expectedRevision": 7 }), json!({ "dryRun": true })]
    {
        answers.push(stranger.apply(laundry(), more).await);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
}

#[tokio::test]
async fn without_a_token_there_is_an_error() {
    let app = washed().await;
    let before = app.rows().await;
    let queries = [
        r#"mutation { definitionApply(input: { definition: { slug: "laundry" } }) { applied } }"#,
        r#"mutation { organizationsApply(input: { organizations: [{ slug: "dsi" }] }) { created } }"#,
    ];
    for query in queries {
        let answer = app.nobody().ask(query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert_eq!(answer["data"], Value::Null);
    }
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn nobody_writes_in_anothers_name() {
    let app = washed().await;
    let before = app.rows().await;
    let naming = |slug: &str| {
        let mut document = laundry();
        document["slug"] = json!("kitchen");
        document["provider"] = json!({ "slug": slug });
        document
    };
    let provider = app.provider();
    assert_eq!(problems(&provider.apply(naming("finance"), json!({})).await), one("FORBIDDEN", "definition/provider"));
    assert_eq!(problems(&provider.apply(naming("nowhere"), json!({})).await), one("NOT_FOUND", "definition/provider"));
    // Nor is a service given away.
    let given = of_laundry(json!({ "provider": { "slug": "finance" } }));
    assert_eq!(problems(&provider.apply(given.clone(), json!({})).await), one("FORBIDDEN", "definition/provider"));
    // Who belongs to no organization names one.
    let admin = app.admin();
    let mut nobodys = laundry();
    nobodys["slug"] = json!("kitchen");
    assert_eq!(problems(&admin.apply(nobodys, json!({})).await), one("REQUIRED", "definition/provider"));
    app.assert_unchanged(&before).await;
    admin.applied(naming("finance")).await;
    let payload = admin.applied(given).await;
    assert_eq!(
        payload["changes"],
        json!([{ "action": "UPDATED", "path": "provider", "before": "dsi", "after": "finance" }])
    );
    assert_eq!(problems(&provider.apply(laundry(), json!({})).await), one("TAKEN", "definition/slug"));
    app.someone("finance", WRITE).applied(of_laundry(json!({ "name": "Ours now" }))).await;
}

#[tokio::test]
async fn parties_that_are_not_there_are_not_found_where_they_are_named() {
    let app = washed().await;
    let before = app.rows().await;
    let consumers = json!([
        { "organization": { "slug": "pharmacy" } },
        { "organization": { "slug": "nowhere" } },
        { "organization": { "id": "organization_01jd0000000000000000000000" } },
        { "organization": { "id": "nonsense" } },
        { "organization": { "ref": { "system": "servicenow", "key": "nothing" } } },
        { "organization": { "slug": "nu\u{0}ll" } },
        { "organization": { "ref": { "system": "servicenow", "key": "nu\u{0}ll" } } },
        { "organization": { "slug": "pharmacy" } },
    ]);
    let payload = app.provider().apply(of_laundry(json!({ "consumers": consumers })), json!({})).await;
    let mut expected: Vec<_> =
        (1..=6).map(|index| ("NOT_FOUND".to_owned(), format!("definition/consumers/{index}/organization"))).collect();
    expected.push(("INVALID".to_owned(), "definition/consumers/7/organization".to_owned()));
    assert_eq!(problems(&payload), expected);
    let said = "\"nowhere\" names no organization that you may see; there are: chu, dsi, emergency, finance, outpatients, pharmacy";
    assert_eq!(payload["userErrors"][0]["message"], said);
    let said = "\"nothing\" names no organization that you may see";
    assert_eq!(payload["userErrors"][3]["message"], said);
    app.assert_unchanged(&before).await;
    let known =
        json!([{ "organization": { "ref": { "system": "servicenow", "key": "221f79b7c6112284005d646b76ab978c" } } }]);
    let payload = app.provider().applied(of_laundry(json!({ "consumers": known }))).await;
    assert_eq!(payload["changes"][0]["path"], "consumers/dsi");
}

#[tokio::test]
async fn a_document_that_was_answered_before_keeps_to_the_limits_all_the_same() {
    let app = App::hospital().await;
    let query = "query($n: Int!) { organizations(first: $n) { nodes { providedServices(first: $n) { nodes {
        revisions(first: $n) { nodes { revision } } } } } } }";
    app.admin().data(query, json!({ "n": 3 })).await;
    app.admin().data(query, json!({ "n": 2 })).await;
    assert_eq!(app.admin().refusal(query, json!({ "n": 200 })).await.0, "LIMIT_EXCEEDED");
    assert_eq!(app.admin().refusal(query, json!({ "n": "3" })).await.0, "BAD_REQUEST");
    assert_eq!(app.admin().refusal(query, json!({})).await.0, "BAD_REQUEST");
}
