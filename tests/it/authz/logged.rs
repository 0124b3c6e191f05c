//! The audience of each change in the log. Who may see a change follows from the columns of its row, whatever it is about.

use std::collections::{BTreeMap, BTreeSet};

use entente_entity::{
    change::{self, Audience, Fields},
    enums::{ChangeAction, ChangeEntityType},
    id::{OrganizationId, ServiceId},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use super::canaries::expected;
use crate::{
    app::{App, problems},
    kit::said,
    linking::write,
    world::{PARTIES, canaries, of, reader, reference, slug, world},
};

/// A service, who provides it, and who consumes it.
struct Relation {
    service: ServiceId,
    provider: OrganizationId,
    consumers: Vec<OrganizationId>,
}

fn organization(id: &Value) -> OrganizationId {
    OrganizationId::parse(id.as_str().unwrap()).unwrap()
}

async fn relations(app: &App) -> Vec<Relation> {
    let query = "{ services(first: 50) { nodes { id provider { id } consumers { organization { id } } } } }";
    let services = app.admin().get(query).await["services"]["nodes"].take();
    let relation = |row: &Value| Relation {
        service: ServiceId::parse(row["id"].as_str().unwrap()).unwrap(),
        provider: organization(&row["provider"]["id"]),
        consumers: row["consumers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| organization(&it["organization"]["id"]))
            .collect(),
    };
    services.as_array().unwrap().iter().map(relation).collect()
}

/// The rule that [`Audience`] describes, without its scopes. `seen`: the organizations that the reader sees.
fn sees(own: OrganizationId, seen: &BTreeSet<OrganizationId>, relations: &[Relation], change: &change::Model) -> bool {
    let of_it: Vec<&Relation> = relations.iter().filter(|it| Some(it.service) == change.service_id).collect();
    let (provides, consumes) =
        (of_it.iter().any(|it| it.provider == own), of_it.iter().any(|it| it.consumers.contains(&own)));
    let is_own = change.organization_id == Some(own);
    let deals_with = |other: OrganizationId| {
        relations.iter().any(|it| {
            (it.provider == own && it.consumers.contains(&other))
                || (it.provider == other && it.consumers.contains(&own))
        })
    };
    match change.audience.unwrap() {
        Audience::Service => provides || consumes,
        Audience::Consumer => provides || (is_own && (consumes || change.action == ChangeAction::Deleted)),
        Audience::Thread => provides || (is_own && consumes),
        Audience::Internal => provides,
        Audience::Items => change.organization_id.map_or(provides, |owner| owner == own),
        Audience::Organization => change.organization_id.is_some_and(|id| seen.contains(&id)),
        Audience::Partners => {
            is_own || (change.partner_id == Some(own) && change.organization_id.is_some_and(deals_with))
        }
    }
}

fn canaries_of<'c>(changes: impl IntoIterator<Item = &'c change::Model>) -> BTreeSet<String> {
    let all = changes.into_iter().map(|change| json!({ "fields": change.fields, "actor": change.actor }));
    all.flat_map(|change| canaries(&change)).collect()
}

#[tokio::test]
async fn the_columns_of_a_change_say_who_may_see_it() {
    let app = world().await;
    let (log, relations) = (app.logged(0).await, relations(&app).await);
    let all = canaries_of(&log);
    for viewer in PARTIES {
        let reader = reader(&app, viewer);
        let data = reader.get("{ viewer { organization { id } } organizations(first: 50) { nodes { id } } }").await;
        let own = organization(&data["viewer"]["organization"]["id"]);
        let found =
            data["organizations"]["nodes"].as_array().unwrap().iter().map(|it| organization(&it["id"])).collect();
        let seen = canaries_of(log.iter().filter(|change| sees(own, &found, &relations, change)));
        let mut expected: BTreeSet<String> = expected(viewer).intersection(&all).cloned().collect();
        // The log has what a message said before it was edited.
        let wards = ["ward-a", "ward-b"].into_iter().filter(|ward| ["dsi", ward].contains(&viewer));
        expected.extend(wards.map(|ward| format!("canary-said-first-{ward}")));
        // The log names the service in the suggestions of the wards alone.
        if !["dsi", "ward-a", "ward-b"].contains(&viewer) {
            expected.remove(&slug("care"));
        }
        let leaked: Vec<_> = seen.difference(&expected).collect();
        let missing: Vec<_> = expected.difference(&seen).collect();
        assert!(leaked.is_empty() && missing.is_empty(), "{viewer} sees {leaked:?}, and does not see {missing:?}");
    }
}

#[tokio::test]
async fn each_kind_of_change_has_its_audience() {
    let app = world().await;
    let item = of(&app, "dsi")
        .get(r#"{ configurationItem(by: {ref: {system: "tool", key: "canary-item-app"}}) { id } }"#)
        .await;
    let linked = write(&of(&app, "dsi"), "referenceLink", &item["configurationItem"]["id"], reference("more")).await;
    assert_eq!(problems(&linked), []);
    let before = app.rows().await.count("change");
    // What goes: an outcome with items, and with keys of several organizations; and a relationship.
    let removed = json!({ "slug": slug("care"), "outcomes": [{ "key": "outcome", "remove": true }],
        "consumers": [{ "organization": { "slug": slug("lab") }, "remove": true }] });
    of(&app, "dsi").applied(removed).await;
    let log = app.logged(0).await;

    let mut found: BTreeMap<ChangeEntityType, BTreeSet<String>> = BTreeMap::new();
    for change in &log {
        let audience = change.audience.unwrap();
        found.entry(change.entity_type).or_default().insert(format!("{audience:?}"));
        let has = (change.service_id.is_some(), change.thread_id.is_some(), change.organization_id.is_some());
        let fits = match audience {
            Audience::Service => has.0 && !has.1,
            Audience::Consumer => has == (true, false, true),
            Audience::Thread | Audience::Internal => has == (true, true, true),
            Audience::Items => !has.1 && has.0 != has.2,
            Audience::Organization | Audience::Partners => has == (false, false, true),
        };
        assert!(fits && (change.partner_id.is_none() || audience == Audience::Partners), "{change:?}");
    }
    for kind in ChangeEntityType::ALL {
        let expected: &[&str] = match kind {
            ChangeEntityType::Organization => &["Organization"],
            ChangeEntityType::Service | ChangeEntityType::Outcome => &["Items", "Service"],
            ChangeEntityType::Consumer | ChangeEntityType::Agreement => &["Consumer"],
            ChangeEntityType::ConfigurationItem => &["Items"],
            ChangeEntityType::Thread => &["Thread"],
            ChangeEntityType::Message => &["Internal", "Thread"],
            ChangeEntityType::Measurement => &["Consumer", "Service"],
            ChangeEntityType::ExternalReference => &["Consumer", "Internal", "Items", "Partners", "Service", "Thread"],
            ChangeEntityType::Definition
            | ChangeEntityType::JourneyStage
            | ChangeEntityType::Cost
            | ChangeEntityType::Risk
            | ChangeEntityType::Benefit
            | ChangeEntityType::Expectation
            | ChangeEntityType::Offering
            | ChangeEntityType::Indicator
            | ChangeEntityType::EscalationPolicy => &["Service"],
        };
        let found: Vec<&str> = found.get(kind).into_iter().flatten().map(String::as_str).collect();
        assert_eq!(found, expected, "{kind:?}");
    }

    let gone: Vec<_> = log[before..].iter().map(|change| (said(change), change.audience.unwrap())).collect();
    let place = |words: &str, audience| gone.iter().position(|one| *one == (words.to_owned(), audience));
    let (items, outcome) = (place("Updated Outcome", Audience::Items), place("Deleted Outcome", Audience::Service));
    assert!(items.is_some() && items < outcome, "{gone:?}");
    assert!(place("Deleted Consumer", Audience::Consumer).is_some(), "{gone:?}");
    // The provider's own, and one of each consumer.
    for (audience, count) in [(Audience::Service, 1), (Audience::Consumer, 3)] {
        let keys = gone.iter().filter(|one| **one == ("Deleted ExternalReference".to_owned(), audience));
        assert_eq!(keys.count(), count, "{gone:?}");
    }
}

#[tokio::test]
async fn a_log_of_a_version_before_gets_its_audiences() {
    let app = world().await;
    let mut log = app.logged(0).await;
    // That version had neither measurements nor agreements.
    let is_later = |of| matches!(of, ChangeEntityType::Measurement | ChangeEntityType::Agreement);
    log.retain(|change| !is_later(change.entity_type));
    let own = app.connection().await;
    // That version logged configuration items together with the other fields, and had no audiences.
    for items in log.iter().filter(|change| change.audience == Some(Audience::Items) && change.service_id.is_some()) {
        let is_same = |change: &&change::Model| change.entity_id == items.entity_id && change.id != items.id;
        let rest = log.iter().find(is_same).unwrap();
        let fields = Fields(items.fields.0.iter().chain(&rest.fields.0).cloned().collect());
        let together = change::ActiveModel { id: Set(rest.id), fields: Set(fields), ..Default::default() };
        change::Entity::update(together).exec(&own).await.unwrap();
        change::Entity::delete_by_id(items.id).exec(&own).await.unwrap();
    }
    for sql in [
        "DELETE FROM change WHERE entity_type IN ('MEASUREMENT', 'AGREEMENT')",
        "UPDATE change SET internal = (audience = 'INTERNAL')",
        "UPDATE change SET organization_id = NULL WHERE entity_type = 'ORGANIZATION'",
        "ALTER TABLE change DROP COLUMN audience",
        "ALTER TABLE change DROP COLUMN thread_id",
        "ALTER TABLE change DROP COLUMN partner_id",
        "ALTER TABLE idempotency DROP COLUMN first_change",
        "DELETE FROM seaql_migrations WHERE version LIKE '%_change_audience'",
    ] {
        own.execute_unprepared(sql).await.unwrap();
    }
    own.close().await.unwrap();
    assert_eq!(app.store.migrate().await.unwrap().len(), 1);
    let without_ids = |log: Vec<change::Model>| -> BTreeSet<String> {
        log.into_iter().map(|change| format!("{:?}", change::Model { id: 0, ..change })).collect()
    };
    assert_eq!(without_ids(app.logged(0).await), without_ids(log));
}
