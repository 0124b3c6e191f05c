//! Confirming: anyone may name anyone as a consumer, and nothing of that resolves by key before the consumer accepts it.

use entente::policy::Scope;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{
    app::{App, Asker, problems},
    linking::write,
    threads::{act, open, post, thread},
};

/// All that a party of a service may write.
const WRITES: [Scope; 4] = [Scope::Read, Scope::ThreadsWrite, Scope::DefinitionsWrite, Scope::OrganizationsWrite];

fn ward(app: &App) -> Asker<'_> {
    app.someone("emergency", &WRITES)
}

fn stranger(app: &App) -> Asker<'_> {
    app.someone("supplier", &WRITES)
}

fn key(key: &str) -> Value {
    json!({ "system": "jira", "key": key })
}

/// The hospital, and a supplier of another tree that names one of its wards as a consumer. What the supplier links has the
/// keys `own`, which the ward has for its own service, and `free`, which the ward has for nothing.
async fn named_by_a_stranger() -> App {
    let app = App::hospital().await;
    let written = app.admin().organizations(json!([{ "slug": "supplier", "name": "Supplier" }]), false).await;
    assert_eq!(problems(&written), []);
    let own = json!({ "slug": "triage", "name": "Triage", "externalReferences": [key("own")],
        "outcomes": [{ "key": "fast", "statement": "Fast", "externalReferences": [key("own-outcome")] }] });
    ward(&app).applied(own).await;
    let definition = json!({ "slug": "hosting", "name": "Hosting", "consumers": [{ "organization": { "slug": "emergency" } }],
        "externalReferences": [key("own"), key("free")],
        "outcomes": [{ "key": "up", "statement": "Up", "externalReferences": [key("own-outcome"), key("free-outcome")] }] });
    stranger(&app).applied(definition).await;
    let id =
        stranger(&app).get(r#"{ organization(by: {slug: "emergency"}) { id } }"#).await["organization"]["id"].take();
    assert_eq!(problems(&write(&stranger(&app), "referenceLink", &id, key("who")).await), []);
    app
}

/// A thread that the supplier opens for the ward, under a ticket of its own.
async fn opened_by_the_stranger(app: &App) -> Value {
    let input = json!({ "service": { "slug": "hosting" }, "consumer": { "slug": "emergency" }, "externalReferences": [key("ticket")] });
    thread(&open(&stranger(app), input).await).clone()
}

async fn service(asker: &Asker<'_>, name: &str) -> Value {
    let query = "query($key: ExternalKey!) { service(by: {ref: $key}) { slug } }";
    asker.data(query, json!({ "key": key(name) })).await["service"]["slug"].take()
}

async fn found(asker: &Asker<'_>, name: &str) -> usize {
    let query = "query($key: ExternalKey!) { lookup(ref: $key) { id } threads(filter: {ref: $key}) { totalCount } }";
    let data = asker.data(query, json!({ "key": key(name) })).await;
    let threads = usize::try_from(data["threads"]["totalCount"].as_u64().unwrap()).unwrap();
    data["lookup"].as_array().unwrap().len() + threads
}

async fn confirmed_at(asker: &Asker<'_>, slug: &str) -> Value {
    let query =
        "query($slug: String!) { service(by: {slug: $slug}) { consumers { organization { slug } confirmedAt } } }";
    let data = asker.data(query, json!({ "slug": slug })).await;
    let consumers = data["service"]["consumers"].as_array().unwrap();
    consumers.iter().find(|one| one["organization"]["slug"] == "emergency").unwrap()["confirmedAt"].clone()
}

#[tokio::test]
async fn what_a_stranger_links_neither_answers_for_keys_of_others_nor_hides_theirs() {
    let app = named_by_a_stranger().await;
    let ward = ward(&app);
    opened_by_the_stranger(&app).await;
    // The service is there to be agreed to, and marked.
    assert_eq!(confirmed_at(&ward, "hosting").await, Value::Null);
    assert_eq!(service(&ward, "own").await, "triage");
    assert_eq!(service(&ward, "free").await, Value::Null);
    assert_eq!(found(&ward, "own").await, 1);
    assert_eq!(found(&ward, "own-outcome").await, 1);
    for name in ["free", "free-outcome", "ticket", "who"] {
        assert_eq!(found(&ward, name).await, 0, "{name}");
    }
    let query = "query($key: ExternalKey!) { thread(by: {ref: $key}) { id } organization(by: {ref: $key}) { id } }";
    for name in ["ticket", "who"] {
        let data = ward.data(query, json!({ "key": key(name) })).await;
        assert_eq!(data, json!({ "thread": null, "organization": null }), "{name}");
    }
    // Neither in what is written: a thread, what is done to one, a document.
    let opened = open(&ward, json!({ "service": { "ref": key("free") } })).await;
    assert_eq!(problems(&opened), [("NOT_FOUND".to_owned(), "service".to_owned())]);
    let posted = "mutation($key: ExternalKey!) { messagePost(input: {thread: {ref: $key}, body: \"Words.\"}) { userErrors { code path message } } }";
    let mut posted = ward.data(posted, json!({ "key": key("ticket") })).await;
    assert_eq!(problems(&posted["messagePost"].take()), [("NOT_FOUND".to_owned(), "thread".to_owned())]);
    let names = json!({ "slug": "triage", "consumers": [{ "organization": { "ref": key("who") } }] });
    let applied = ward.apply(names, json!({})).await;
    assert_eq!(problems(&applied), [("NOT_FOUND".to_owned(), "definition/consumers/0/organization".to_owned())]);
    // Who linked them finds them.
    assert_eq!(service(&stranger(&app), "free").await, "hosting");
    assert_eq!(confirmed_at(&ward, "hosting").await, Value::Null);
}

#[tokio::test]
async fn a_write_of_the_consumers_own_confirms() {
    type Confirm = for<'a> fn(&'a App) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>>;
    let ways: [(&str, Confirm); 6] = [
        ("opening", |app| {
            Box::pin(async {
                let input = json!({ "service": { "slug": "hosting" } });
                assert_eq!(problems(&open(&ward(app), input).await), []);
            })
        }),
        ("posting", |app| {
            Box::pin(async {
                let opened = opened_by_the_stranger(app).await;
                assert_eq!(problems(&post(&ward(app), &opened["number"], json!({})).await), []);
            })
        }),
        ("closing", |app| {
            Box::pin(async {
                let opened = opened_by_the_stranger(app).await;
                thread(&act(&ward(app), "threadClose", &opened["number"], json!({})).await);
            })
        }),
        ("linking to a thread", |app| {
            Box::pin(async {
                let opened = opened_by_the_stranger(app).await;
                assert_eq!(problems(&write(&ward(app), "referenceLink", &opened["id"], key("mine")).await), []);
            })
        }),
        ("linking to the service", |app| Box::pin(link(app, "id"))),
        ("linking to an outcome", |app| Box::pin(link(app, "outcomes"))),
    ];
    for (way, confirm) in ways {
        let app = named_by_a_stranger().await;
        let ward = ward(&app);
        assert_eq!(service(&ward, "free").await, Value::Null, "{way}");
        let before = app.rows().await.count("change");
        confirm(&app).await;
        assert!(confirmed_at(&ward, "hosting").await.is_string(), "{way}");
        assert_eq!(service(&ward, "free").await, "hosting", "{way}");
        assert_eq!(found(&ward, "free-outcome").await, 1, "{way}");
        assert_eq!(found(&ward, "who").await, 1, "{way}");
        // What it called so itself is still meant, and both are listed.
        assert_eq!(service(&ward, "own").await, "triage", "{way}");
        assert_eq!(found(&ward, "own").await, 2, "{way}");
        let logged = app.logged(before).await;
        let told = logged.iter().filter(|change| change.fields.0.iter().any(|field| field.name == "confirmedAt"));
        assert_eq!(told.count(), 1, "{way}");
    }
}

async fn link(app: &App, to: &str) {
    let query = r#"{ service(by: {slug: "hosting"}) { id outcomes { id } } }"#;
    let mut service = ward(app).get(query).await["service"].take();
    let id = if to == "id" { service["id"].take() } else { service["outcomes"][0]["id"].take() };
    assert_eq!(problems(&write(&ward(app), "referenceLink", &id, key("mine")).await), []);
}

#[tokio::test]
async fn what_others_do_confirms_nothing_and_neither_does_what_is_refused() {
    let app = named_by_a_stranger().await;
    let (ward, stranger) = (ward(&app), stranger(&app));
    let opened = opened_by_the_stranger(&app).await;
    assert_eq!(problems(&post(&stranger, &opened["number"], json!({})).await), []);
    stranger.applied(json!({ "slug": "hosting", "summary": "Said better" })).await;
    let before = app.rows().await;
    let hosting = ward.get(r#"{ service(by: {slug: "hosting"}) { id } }"#).await["service"]["id"].take();
    assert_eq!(problems(&write(&ward, "referenceUnlink", &hosting, key("never linked")).await), []);
    assert_ne!(problems(&act(&ward, "threadResolve", &opened["number"], json!({})).await), []);
    assert_ne!(problems(&open(&ward, json!({ "service": { "slug": "hosting" }, "title": "" })).await), []);
    app.assert_unchanged(&before).await;
    assert_eq!(confirmed_at(&ward, "hosting").await, Value::Null);
    assert_eq!(confirmed_at(&stranger, "hosting").await, Value::Null);
}

#[tokio::test]
async fn within_one_tree_it_is_confirmed_from_the_start_and_once_one_moves_into_the_others() {
    let app = named_by_a_stranger().await;
    let (ward, admin) = (ward(&app), app.admin());
    assert!(confirmed_at(&app.provider(), "patient-management").await.is_string());
    let moved = async |slug: &str, parent: Value| {
        let written = admin.organizations(json!([{ "slug": slug, "parent": parent }]), false).await;
        assert_eq!(problems(&written), []);
    };
    moved("pharmacy", json!({ "slug": "dsi" })).await;
    assert_eq!(confirmed_at(&ward, "hosting").await, Value::Null);
    moved("supplier", json!({ "slug": "dsi" })).await;
    let at = confirmed_at(&ward, "hosting").await;
    assert!(at.is_string());
    assert_eq!(service(&ward, "free").await, "hosting");
    // Who leaves has still agreed; who is named now has not.
    moved("supplier", Value::Null).await;
    let consumers = json!([{ "organization": { "slug": "pharmacy" } }]);
    stranger(&app).applied(json!({ "slug": "hosting", "consumers": consumers })).await;
    assert_eq!(confirmed_at(&ward, "hosting").await, at);
    assert_eq!(service(&app.ward("pharmacy"), "free").await, Value::Null);
    // A provider from the consumers' tree takes the service over.
    admin.applied(json!({ "slug": "hosting", "provider": { "slug": "dsi" } })).await;
    assert_eq!(service(&app.ward("pharmacy"), "free").await, Value::Null);
    let query = r#"{ service(by: {slug: "hosting"}) { consumers { confirmedAt } } }"#;
    let consumers = app.ward("pharmacy").get(query).await;
    assert!(consumers["service"]["consumers"][0]["confirmedAt"].is_string());
}

#[tokio::test]
async fn a_provider_finds_what_its_consumers_call_its_service_after_what_itself_does() {
    let app = named_by_a_stranger().await;
    let query = r#"{ service(by: {slug: "hosting"}) { id } }"#;
    let id = ward(&app).get(query).await["service"]["id"].take();
    assert_eq!(problems(&write(&ward(&app), "referenceLink", &id, key("of-the-ward")).await), []);
    assert_eq!(service(&stranger(&app), "of-the-ward").await, "hosting");
    stranger(&app)
        .applied(json!({ "slug": "other", "name": "Other", "externalReferences": [key("of-the-ward")] }))
        .await;
    assert_eq!(service(&stranger(&app), "of-the-ward").await, "other");
    assert_eq!(found(&stranger(&app), "of-the-ward").await, 2);
}

#[tokio::test]
async fn a_database_of_before_has_confirmed_what_is_of_one_tree_or_was_written_on() {
    let app = named_by_a_stranger().await;
    let again = async || {
        let own = app.connection().await;
        own.execute_unprepared("ALTER TABLE service_consumer DROP COLUMN confirmed_at").await.unwrap();
        let forgotten = "DELETE FROM seaql_migrations WHERE version LIKE '%_confirmed'";
        own.execute_unprepared(forgotten).await.unwrap();
        own.close().await.unwrap();
        app.store.migrate().await.unwrap();
    };
    opened_by_the_stranger(&app).await;
    again().await;
    assert_eq!(confirmed_at(&ward(&app), "hosting").await, Value::Null);
    assert!(confirmed_at(&app.provider(), "patient-management").await.is_string());
    thread(&open(&ward(&app), json!({ "service": { "slug": "hosting" } })).await);
    again().await;
    assert!(confirmed_at(&ward(&app), "hosting").await.is_string());
}

#[tokio::test]
async fn a_replica_of_before_names_consumers_that_are_found_by_its_keys() {
    let app = named_by_a_stranger().await;
    let own = app.connection().await;
    // A file of SQLite's has one version at work on it.
    if own.get_database_backend() == sea_orm::DatabaseBackend::Sqlite {
        return;
    }
    let named = "INSERT INTO service_consumer (id, service_id, organization_id, contacts, since)
        SELECT gen_random_uuid(), service.id, organization.id, '[]', now() FROM service, organization
        WHERE service.slug = 'hosting' AND organization.slug = 'pharmacy'";
    own.execute_unprepared(named).await.unwrap();
    own.close().await.unwrap();
    assert_eq!(service(&app.ward("pharmacy"), "free").await, "hosting");
}
