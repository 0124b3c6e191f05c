//! The log of changes: what each write leaves in it.

use entente_entity::{change, id::OrganizationId};
use serde_json::{Value, json};

use crate::{
    app::App,
    kit::{laundry, of_laundry, reference, said, service_id},
};

async fn organization_id(app: &App, slug: &str) -> OrganizationId {
    let query = "query($slug: String!) { organization(by: {slug: $slug}) { id } }";
    let data = app.admin().data(query, json!({ "slug": slug })).await;
    OrganizationId::parse(data["organization"]["id"].as_str().unwrap()).unwrap()
}

fn field(change: &change::Model, name: &str) -> (Value, Value) {
    let field = change
        .fields
        .0
        .iter()
        .find(|field| field.name == name)
        .unwrap_or_else(|| panic!("{name} is not in {change:?}"));
    (field.before.clone().unwrap_or_default(), field.after.clone().unwrap_or_default())
}

#[tokio::test]
async fn a_new_service_logs_everything_of_it() {
    let app = App::hospital().await;
    let before = app.rows().await.count("change");
    let mut document = laundry();
    document["externalReferences"] = json!([reference("laundry-1")]);
    document["outcomes"][0]["externalReferences"] = json!([reference("clean-1")]);
    let payload = app.provider().applied(document).await;
    let logged = app.logged(before).await;
    let mut words: Vec<String> = logged.iter().map(said).collect();
    assert_eq!(&words[..2], ["Created Service", "Created Definition"]);
    words.sort();
    let expected = [
        "Benefit",
        "Consumer",
        "Cost",
        "Definition",
        "EscalationPolicy",
        "Expectation",
        "ExternalReference",
        "ExternalReference",
        "Indicator",
        "JourneyStage",
        "JourneyStage",
        "Offering",
        "Offering",
        "Outcome",
        "Outcome",
        "Risk",
        "Service",
    ];
    assert_eq!(words, expected.map(|name| format!("Created {name}")));
    let service = service_id(&payload["service"]["id"]);
    let (dsi, emergency) = (organization_id(&app, "dsi").await, organization_id(&app, "emergency").await);
    for change in &logged {
        assert_eq!(change.service_id, Some(service));
        assert_eq!(change.position, None);
        assert_eq!(change.at, logged[0].at);
        assert_eq!((change.actor.subject.as_str(), change.actor.organization), ("somebody-of-dsi", Some(dsi)));
        let whose = match said(change).as_str() {
            "Created Consumer" => Some(emergency),
            "Created ExternalReference" => Some(dsi),
            _ => None,
        };
        assert_eq!(change.organization_id, whose, "{}", said(change));
    }
    assert_eq!(logged[0].entity_id, service.0);
    assert_eq!(field(&logged[0], "name"), (Value::Null, json!({ "en": "Laundry", "fr": "Blanchisserie" })));
    assert_eq!(field(&logged[1], "revision"), (Value::Null, json!(1)));
    let cost = logged.iter().find(|one| said(one) == "Created Cost").unwrap();
    assert_eq!(field(cost, "amount"), (Value::Null, json!({ "amount": "12.50", "currency": "EUR" })));
    let indicator = logged.iter().find(|one| said(one) == "Created Indicator").unwrap();
    assert_eq!(field(indicator, "parent"), (Value::Null, json!("outcomes/clean")));
}

#[tokio::test]
async fn an_edit_logs_what_it_changed_in_every_language() {
    let app = App::hospital().await;
    let provider = app.provider();
    provider.applied(laundry()).await;
    let before = app.rows().await.count("change");
    provider.applied(of_laundry(json!({ "outcomes": [{ "key": "clean", "statement": { "en": "Spotless" } }] }))).await;
    let logged = app.logged(before).await;
    assert_eq!(logged.iter().map(said).collect::<Vec<_>>(), ["Created Definition", "Updated Outcome"]);
    assert_eq!(logged[1].fields.0.len(), 1);
    assert_eq!(
        field(&logged[1], "statement"),
        (
            json!({ "en": "Linen is clean", "fr": "Le linge est propre" }),
            json!({ "en": "Spotless", "fr": "Le linge est propre" })
        )
    );
    // Removing tells what there was; a consumer's changes are about that consumer.
    let before = app.rows().await.count("change");
    provider
        .applied(of_laundry(json!({
            "outcomes": [{ "key": "clean", "remove": true }],
            "escalation": null,
            "lifecycle": "RETIRED",
            "consumers": [{ "organization": { "slug": "emergency" }, "remove": true }, { "organization": { "slug": "pharmacy" } }],
        })))
        .await;
    let logged = app.logged(before).await;
    assert_eq!(
        logged.iter().map(said).collect::<Vec<_>>(),
        [
            "Updated Service",
            "Created Definition",
            "Deleted Outcome",
            "Deleted Indicator",
            "Deleted EscalationPolicy",
            "Deleted Consumer",
            "Created Consumer",
        ]
    );
    assert_eq!(field(&logged[0], "lifecycle"), (json!("LIVE"), json!("RETIRED")));
    assert_eq!(field(&logged[2], "statement").1, Value::Null);
    assert_eq!(logged[5].organization_id, Some(organization_id(&app, "emergency").await));
    assert_eq!(field(&logged[5], "offering"), (json!("daily"), Value::Null));
    assert_eq!(logged[6].organization_id, Some(organization_id(&app, "pharmacy").await));
}

#[tokio::test]
async fn refusals_and_dry_runs_log_nothing() {
    let app = App::hospital().await;
    let before = app.rows().await;
    let provider = app.provider();
    provider.apply(laundry(), json!({ "dryRun": true })).await;
    provider.apply(laundry(), json!({ "expectedRevision": 3 })).await;
    provider.apply(of_laundry(json!({})), json!({})).await;
    provider.organizations(json!([{ "slug": "dsi", "name": "IT" }]), true).await;
    provider.organizations(json!([{ "slug": "dsi", "name": "IT" }, { "slug": "finance", "name": "IT" }]), false).await;
    app.assert_unchanged(&before).await;
}

#[tokio::test]
async fn organizations_log_their_names_and_places() {
    let app = App::hospital().await;
    let logged = app.logged(0).await;
    let made = logged.iter().filter(|one| said(one) == "Created Organization");
    let slugs: Vec<Value> = made.map(|one| field(one, "slug").1).collect();
    assert_eq!(slugs[0], "chu");
    assert_eq!(slugs.len(), 6);
    let chu = organization_id(&app, "chu").await;
    let dsi = logged.iter().find(|one| one.entity_id != chu.0 && said(one) == "Created Organization").unwrap();
    assert_eq!(field(dsi, "parent"), (Value::Null, json!(chu.to_string())));
    let reference = logged.iter().find(|one| said(one) == "Created ExternalReference").unwrap();
    assert_eq!(field(reference, "key").1, "221f79b7c6112284005d646b76ab978c");
    assert_eq!(reference.organization_id, Some(organization_id(&app, "dsi").await));
}
