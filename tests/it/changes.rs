//! The log of changes: what each write leaves in it.

use chrono::TimeDelta;
use entente_entity::{
    change::{self, Audience},
    enums::ActorKind,
    id::OrganizationId,
};
use serde_json::{Value, json};

use crate::{
    app::{App, Asker, problems},
    kit::{laundry, of_laundry, reference, said, service_id},
    linking::write,
    threads::{act, desk, message, open, pass, post, thread, ward},
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
    // A deletion contains the old values; changes of a consumer are about that consumer.
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

/// What was logged since, with whether it is internal; each is about the thread's service and its consumer.
async fn of_thread(app: &App, before: &mut usize, consumer: OrganizationId) -> Vec<(String, bool, change::Model)> {
    let logged = app.logged(*before).await;
    *before += logged.len();
    assert!(logged.iter().all(|one| one.service_id.is_some() && one.organization_id == Some(consumer)), "{logged:?}");
    logged.into_iter().map(|one| (said(&one), one.audience == Some(Audience::Internal), one)).collect()
}

fn words(logged: &[(String, bool, change::Model)]) -> Vec<(&str, bool)> {
    logged.iter().map(|(words, internal, _)| (words.as_str(), *internal)).collect()
}

/// Posts a message with a key, corrects it, gives it another key, takes that away, and redacts it.
async fn say_and_redact(asker: &Asker<'_>, number: &Value, visibility: &str) {
    let said = json!({ "body": "Jeanne is in bed 12", "visibility": visibility, "externalReferences": [reference(visibility)] });
    let posted = post(asker, number, said).await;
    assert_eq!(problems(&posted), []);
    let id = &posted["message"]["id"];
    let edit = json!({ "message": id, "body": "Jeanne is in bed 13" });
    assert_eq!(problems(&message(asker, "messageEdit", "MessageEditInput", edit).await), []);
    for mutation in ["referenceLink", "referenceUnlink"] {
        assert_eq!(problems(&write(asker, mutation, id, reference("another")).await), []);
    }
    let redact = json!({ "message": id, "reason": "a patient's name" });
    assert_eq!(problems(&message(asker, "messageRedact", "MessageRedactInput", redact).await), []);
}

#[tokio::test]
async fn threads_log_all_that_becomes_of_them() {
    let app = App::hospital().await;
    let (ward, desk) = (ward(&app, "emergency"), desk(&app));
    let emergency = organization_id(&app, "emergency").await;
    let mut before = app.rows().await.count("change");
    let opened = open(&ward, json!({ "element": "one-record", "externalReferences": [reference("1")] })).await;
    let (number, id) = (&thread(&opened)["number"], &thread(&opened)["id"]);
    let logged = of_thread(&app, &mut before, emergency).await;
    let shared =
        |said: &[&'static str]| -> Vec<(&'static str, bool)> { said.iter().map(|said| (*said, false)).collect() };
    assert_eq!(words(&logged), shared(&["Created Thread", "Created Message", "Created ExternalReference"]));
    let (created, first, linked) = (&logged[0].2, &logged[1].2, &logged[2].2);
    assert_eq!(field(created, "status"), (Value::Null, json!("OPEN")));
    assert_eq!(field(created, "title"), (Value::Null, json!("The record is slow")));
    assert_eq!(field(created, "element"), (Value::Null, json!("one-record")));
    assert_eq!(field(created, "deadlines/resolveBy").1, thread(&opened)["deadlines"]["resolveBy"]);
    assert_eq!(field(first, "body"), (Value::Null, json!("Opening a record takes a minute.")));
    assert_eq!(field(first, "visibility"), (Value::Null, json!("SHARED")));
    assert_eq!(field(linked, "key"), (Value::Null, json!("1")));
    assert!(logged.iter().all(|(.., one)| one.actor.subject == "somebody-of-emergency" && one.at == created.at));
    let sent_again = json!({ "element": "one-record", "externalReferences": [reference("1")] });
    assert_eq!(thread(&open(&ward, sent_again).await)["id"], *id);

    // What each action changes, before and after. One that changes nothing logs nothing.
    let assignee = json!({ "role": "SUPPORT", "name": "Équipe PMS" });
    for (who, mutation, more, changes) in [
        (
            &desk,
            "threadAcknowledge",
            json!({ "comment": "Seen." }),
            vec![("status", json!("OPEN"), json!("ACKNOWLEDGED"))],
        ),
        (
            &desk,
            "threadUpdate",
            json!({ "title": "Slow", "severity": "LOW" }),
            vec![("title", json!("The record is slow"), json!("Slow")), ("severity", json!("HIGH"), json!("LOW"))],
        ),
        (&desk, "threadUpdate", json!({ "assignee": assignee }), vec![("assignee", Value::Null, assignee.clone())]),
        (&ward, "threadRaise", json!({}), vec![("level", Value::Null, json!(1))]),
        (&desk, "threadResolve", json!({}), vec![("status", json!("ACKNOWLEDGED"), json!("RESOLVED"))]),
        (&ward, "threadReopen", json!({}), vec![("status", json!("RESOLVED"), json!("IN_PROGRESS"))]),
    ] {
        app.pass(TimeDelta::seconds(1));
        let payload = act(who, mutation, number, more.clone()).await;
        thread(&payload);
        let logged = of_thread(&app, &mut before, emergency).await;
        let comment = more.get("comment").map(|_| "Created Message");
        let expected: Vec<&str> = comment.into_iter().chain(["Updated Thread"]).collect();
        assert_eq!(words(&logged), shared(&expected), "{mutation}");
        let (.., changed) = logged.last().unwrap();
        assert_eq!(changed.actor.organization == Some(emergency), std::ptr::eq(who, &ward), "{mutation}");
        for (name, was, is) in changes {
            assert_eq!(field(changed, name), (was, is), "{mutation}");
        }
    }
    act(&desk, "threadStart", number, json!({ "comment": "It is already." })).await;
    assert_eq!(words(&of_thread(&app, &mut before, emergency).await), []);

    // The clock's are Entente's own.
    assert!(pass(&app, TimeDelta::days(30)).await > 0);
    let logged = of_thread(&app, &mut before, emergency).await;
    assert_eq!(words(&logged), shared(&["Updated Thread"]));
    assert_eq!(logged[0].2.actor.kind, ActorKind::System);
    assert_eq!(field(&logged[0].2, "level").0, json!(1));

    // The same for those that are due when someone acts before the clock checks.
    let late = open(&ward, json!({})).await;
    before = app.rows().await.count("change");
    app.pass(TimeDelta::minutes(70));
    act(&desk, "threadAcknowledge", &thread(&late)["number"], json!({})).await;
    let logged = of_thread(&app, &mut before, emergency).await;
    assert_eq!(words(&logged), shared(&["Updated Thread", "Updated Thread"]));
    assert_eq!(logged[0].2.actor.kind, ActorKind::System);
    assert_eq!(field(&logged[0].2, "deadlines/acknowledgeBreached"), (json!(false), json!(true)));
    assert_eq!(logged[1].2.actor.subject, "somebody-of-dsi");
    assert_eq!(field(&logged[1].2, "status"), (json!("OPEN"), json!("ACKNOWLEDGED")));
    assert!(logged[1].2.fields.0.iter().all(|field| !field.name.starts_with("deadlines")));

    // Messages: only the provider sees internal ones.
    for (visibility, internal) in [("SHARED", false), ("INTERNAL", true)] {
        say_and_redact(&desk, number, visibility).await;
        let logged = of_thread(&app, &mut before, emergency).await;
        let expected = [
            "Created Message",
            "Created ExternalReference",
            "Updated Message",
            "Created ExternalReference",
            "Deleted ExternalReference",
            "Updated Message",
        ];
        assert_eq!(words(&logged), expected.map(|said| (said, internal)), "{visibility}");
        assert_eq!(field(&logged[0].2, "body"), (Value::Null, Value::Null), "it said what is redacted now");
        assert_eq!(field(&logged[0].2, "visibility"), (Value::Null, json!(visibility)));
        assert_eq!(field(&logged[1].2, "key"), (Value::Null, json!(visibility)));
        assert_eq!(field(&logged[2].2, "body"), (Value::Null, Value::Null));
        assert_eq!(field(&logged[4].2, "key"), (json!("another"), Value::Null));
        assert_eq!(field(&logged[5].2, "reason"), (Value::Null, json!("a patient's name")));
    }
    let kept = post(&desk, number, json!({ "body": "One" })).await;
    let edit = json!({ "message": kept["message"]["id"], "body": "Another" });
    message(&desk, "messageEdit", "MessageEditInput", edit).await;
    let logged = of_thread(&app, &mut before, emergency).await;
    assert_eq!(field(&logged[1].2, "body"), (json!("One"), json!("Another")), "what is not redacted stays");
    assert!(!format!("{:?}", app.logged(0).await).contains("Jeanne"), "the redacted text is in no row");
}
