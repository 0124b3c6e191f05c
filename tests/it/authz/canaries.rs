//! The secrets of each party, and every way by which they could leak.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    app::{App, Asker},
    sdl::Types,
    world::{KEYS, PARTIES, SERVICES, canaries, reader, slug, world},
};

/// Each canary with those who see it. The names and slugs of parties follow from `NAMES`.
const SEEN: &[(&str, &str)] = &[
    ("canary-slug-care", "dsi lab ward-a ward-b"),
    ("canary-text-care", "dsi lab ward-a ward-b"),
    ("canary-owner-care", "dsi lab ward-a ward-b"),
    ("canary-slug-internal", "dsi"),
    ("canary-text-internal", "dsi"),
    ("canary-owner-internal", "dsi"),
    ("canary-slug-hosting", "dsi lab"),
    ("canary-text-hosting", "dsi lab"),
    ("canary-owner-hosting", "dsi lab"),
    ("canary-slug-other", "elsewhere ward-b"),
    ("canary-text-other", "elsewhere ward-b"),
    ("canary-owner-other", "elsewhere ward-b"),
    // Configuration items, by their organization.
    ("canary-item-app", "dsi"),
    ("canary-named-app", "dsi"),
    ("canary-item-database", "dsi"),
    ("canary-named-database", "dsi"),
    ("canary-item-of-lab", "lab"),
    ("canary-named-of-lab", "lab"),
    ("canary-item-of-ward-a", "ward-a"),
    ("canary-named-of-ward-a", "ward-a"),
    // A consumer's contacts: it, and the provider.
    ("canary-contact-ward-a-care", "dsi ward-a"),
    ("canary-contact-ward-b-care", "dsi ward-b"),
    ("canary-contact-lab-care", "dsi lab"),
    ("canary-contact-dsi-hosting", "dsi lab"),
    ("canary-contact-ward-b-other", "elsewhere ward-b"),
    // A provider's keys: it, and its consumers.
    ("canary-ref-dsi-care", "dsi lab ward-a ward-b"),
    ("canary-ref-dsi-outcome", "dsi lab ward-a ward-b"),
    ("canary-ref-dsi-offering", "dsi lab ward-a ward-b"),
    ("canary-ref-lab-hosting", "dsi lab"),
    // A consumer's keys: it, and the provider.
    ("canary-ref-ward-a-care", "dsi ward-a"),
    ("canary-ref-ward-a-outcome", "dsi ward-a"),
    ("canary-ref-ward-a-offering", "dsi ward-a"),
    ("canary-ref-ward-b-care", "dsi ward-b"),
    ("canary-ref-ward-b-outcome", "dsi ward-b"),
    ("canary-ref-ward-b-offering", "dsi ward-b"),
    ("canary-ref-lab-care", "dsi lab"),
    ("canary-ref-lab-outcome", "dsi lab"),
    ("canary-ref-lab-offering", "dsi lab"),
    ("canary-ref-dsi-hosting", "dsi lab"),
    // A key of an organization: who linked it, and the organization.
    ("canary-ref-dsi-on-ward-a", "dsi ward-a"),
    ("canary-ref-ward-a-on-dsi", "dsi ward-a"),
    ("canary-ref-ward-a-on-ward-a", "ward-a"),
    ("canary-ref-dsi-on-dsi", "dsi"),
    // What a consumer raises: it, and the provider.
    ("canary-thread-ward-a", "dsi ward-a"),
    ("canary-said-ward-a", "dsi ward-a"),
    ("canary-said-better-ward-a", "dsi ward-a"),
    ("canary-behalf-ward-a", "dsi ward-a"),
    ("canary-assigned-ward-a", "dsi ward-a"),
    ("canary-closed-ward-a", "dsi ward-a"),
    ("canary-ref-ward-a-thread", "dsi ward-a"),
    ("canary-ref-ward-a-said-first", "dsi ward-a"),
    ("canary-ref-dsi-on-thread-of-ward-a", "dsi ward-a"),
    ("canary-thread-ward-b", "dsi ward-b"),
    ("canary-said-ward-b", "dsi ward-b"),
    ("canary-said-better-ward-b", "dsi ward-b"),
    ("canary-behalf-ward-b", "dsi ward-b"),
    ("canary-assigned-ward-b", "dsi ward-b"),
    ("canary-closed-ward-b", "dsi ward-b"),
    ("canary-ref-ward-b-thread", "dsi ward-b"),
    ("canary-ref-ward-b-said-first", "dsi ward-b"),
    ("canary-ref-dsi-on-thread-of-ward-b", "dsi ward-b"),
    // From which source a consumer measured: it, and the provider.
    ("canary-source-dsi", "dsi lab ward-a ward-b"),
    ("canary-source-ward-a", "dsi ward-a"),
    ("canary-source-ward-b", "dsi ward-b"),
    // What a consumer decides and asks for: it, and the provider.
    ("canary-agreed-ward-a", "dsi ward-a"),
    ("canary-agreed-ward-b", "dsi ward-b"),
    ("canary-agreed-lab", "dsi lab"),
    ("canary-objected-ward-a", "dsi ward-a"),
    ("canary-objected-ward-b", "dsi ward-b"),
    ("canary-asked-ward-a", "dsi ward-a"),
    ("canary-asked-ward-b", "dsi ward-b"),
    // What the provider keeps to itself.
    ("canary-note-ward-a", "dsi"),
    ("canary-ref-dsi-on-note-of-ward-a", "dsi"),
    ("canary-note-ward-b", "dsi"),
    ("canary-ref-dsi-on-note-of-ward-b", "dsi"),
];

/// Who sees the name and the slug of each party: who provides something, those of all.
const NAMES: &[(&str, &str)] = &[
    ("root", "dsi lab elsewhere"),
    ("dsi", "dsi lab elsewhere ward-a ward-b"),
    ("lab", "dsi lab elsewhere"),
    ("elsewhere", "dsi lab elsewhere ward-b"),
    ("ward-a", "dsi lab elsewhere ward-a"),
    ("ward-b", "dsi lab elsewhere ward-b"),
    ("stranger", "dsi lab elsewhere stranger"),
];

/// The keys of threads and of messages.
const TICKETS: [&str; 8] = [
    "canary-ref-ward-a-thread",
    "canary-ref-ward-a-said-first",
    "canary-ref-dsi-on-thread-of-ward-a",
    "canary-ref-dsi-on-note-of-ward-a",
    "canary-ref-ward-b-thread",
    "canary-ref-ward-b-said-first",
    "canary-ref-dsi-on-thread-of-ward-b",
    "canary-ref-dsi-on-note-of-ward-b",
];
/// Words by which the search finds things.
const WORDS: [&str; 5] = ["canary", "canary-note", "canary-said", "canary-thread", "canary-text"];

/// The keys of configuration items.
const ITEMS: [&str; 4] = ["canary-item-app", "canary-item-database", "canary-item-of-lab", "canary-item-of-ward-a"];

/// The canaries that a viewer sees.
pub(super) fn expected(viewer: &str) -> BTreeSet<String> {
    let sees = |who: &str| who.split(' ').any(|one| one == viewer);
    let own = SEEN.iter().filter(|(_, who)| sees(who)).map(|(canary, _)| (*canary).to_owned());
    let names = NAMES.iter().filter(|(_, who)| sees(who));
    own.chain(names.flat_map(|(of, _)| [slug(of), format!("canary-name-{of}")])).collect()
}

/// All that a viewer can ask for, and what is answered.
async fn answers(asker: &Asker<'_>, ids: &[String]) -> Vec<Value> {
    let asker = Tolerant(asker);
    let types = Types::read();
    let (service, organization) = (types.everything("Service", 4), types.everything("Organization", 4));
    let items = types.everything("ConfigurationItemConnection", 3);
    let of = ITEMS.map(|key| format!("{{ref: {{system: \"tool\", key: {key:?}}}}}"));
    let mut asked = vec![
        asker.get(&format!("{{ configurationItems(first: 9) {items} }}")).await,
        asker.get(&format!("{{ impact(of: [{}]) {} }}", of.join(" "), types.everything("Impact", 2))).await,
        asker.get(&format!("{{ services(first: 9) {} }}", types.everything("ServiceConnection", 3))).await,
        asker.get(&format!("{{ organizations(first: 9) {} }}", types.everything("OrganizationConnection", 3))).await,
        asker.get(&format!("{{ viewer {} }}", types.everything("Viewer", 4))).await,
    ];
    let threads = types.everything("ThreadConnection", 4);
    for list in ["threads(first: 9)", "threads(last: 9, orderBy: {field: UPDATED_AT})"] {
        asked.push(asker.get(&format!("{{ {list} {threads} }}")).await);
    }
    let messages = types.everything("MessageConnection", 3);
    asked.push(asker.get(&format!("{{ threads(first: 9) {{ nodes {{ messages(last: 9) {messages} }} }} }}")).await);
    for key in TICKETS {
        let filter = format!("{{ref: {{system: \"tool\", key: {key:?}}}}}");
        asked.push(asker.get(&format!("{{ threads(filter: {filter}, first: 9) {threads} }}")).await);
    }
    for number in 1..=7 {
        let thread = types.everything("Thread", 3);
        asked.push(asker.get(&format!("{{ thread(by: {{number: {number}}}) {thread} }}")).await);
    }
    for word in WORDS {
        let (hits, said) = (types.everything("SearchConnection", 3), "{ totalCount nodes { id title } }");
        asked.push(asker.get(&format!("{{ search(text: {word:?}, first: 50) {hits} }}")).await);
        asked.push(asker.get(&format!("{{ threads(filter: {{text: {word:?}}}, first: 50) {said} }}")).await);
    }
    let by_service = format!("query($by: ServiceKey!) {{ service(by: $by) {service} }}");
    let by_organization = format!("query($by: OrganizationKey!) {{ organization(by: $by) {organization} }}");
    for of in SERVICES {
        asked.push(asker.data(&by_service, json!({ "by": { "slug": slug(of) } })).await);
    }
    for of in PARTIES {
        asked.push(asker.data(&by_organization, json!({ "by": { "slug": slug(of) } })).await);
    }
    for key in KEYS.map(|(key, _)| key).into_iter().chain(ITEMS).chain(TICKETS) {
        let query = "query($ref: ExternalKey!) { lookup(ref: $ref) { __typename id externalReferences { key } } }";
        asked.push(asker.data(query, json!({ "ref": { "system": "tool", "key": key } })).await);
    }
    for (key, names_service) in KEYS {
        let query = if names_service { &by_service } else { &by_organization };
        asked.push(asker.data(query, json!({ "by": { "ref": { "system": "tool", "key": key } } })).await);
    }
    for of in types.nodes() {
        let query = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {of} {} }} }}", types.everything(of, 1));
        for some in ids.chunks(30) {
            asked.push(asker.data(&query, json!({ "ids": some })).await);
        }
    }
    asked
}

/// Takes answers in which fields that only the provider sees are refused.
struct Tolerant<'a>(&'a Asker<'a>);

impl Tolerant<'_> {
    async fn get(&self, query: &str) -> Value {
        self.data(query, json!({})).await
    }

    async fn data(&self, query: &str, variables: Value) -> Value {
        let answer = self.0.ask(query, variables).await;
        for error in answer["errors"].as_array().into_iter().flatten() {
            let path = error["path"].as_array().unwrap_or_else(|| panic!("{error} {}", &query[..query.len().min(200)]));
            let field = path.iter().rfind(|step| step.is_string()).unwrap();
            assert!(error["extensions"]["code"] == "FORBIDDEN" && field == "configurationItems", "{error}");
        }
        answer
    }
}

#[tokio::test]
async fn each_party_sees_every_canary_that_it_may_and_no_other() {
    let app = world().await;
    let ids = ids(&app).await;
    for viewer in PARTIES {
        let seen: BTreeSet<_> = answers(&reader(&app, viewer), &ids).await.iter().flat_map(canaries).collect();
        let expected = expected(viewer);
        let leaked: Vec<_> = seen.difference(&expected).collect();
        let missing: Vec<_> = expected.difference(&seen).collect();
        assert!(leaked.is_empty() && missing.is_empty(), "{viewer} sees {leaked:?}, and does not see {missing:?}");
    }
}

/// The ids of everything, frozen elements too.
async fn ids(app: &App) -> Vec<String> {
    let types = Types::read();
    let mut found = BTreeMap::new();
    let admin = app.admin();
    for of in SERVICES {
        let query = format!("{{ service(by: {{slug: {:?}}}) {} }}", slug(of), types.everything("Service", 3));
        collect(&admin.get(&query).await, &mut found);
    }
    for of in PARTIES {
        let query = format!("{{ organization(by: {{slug: {:?}}}) {} }}", slug(of), types.everything("Organization", 1));
        collect(&admin.get(&query).await, &mut found);
    }
    let query = format!("{{ threads(first: 9) {} }}", types.everything("ThreadConnection", 4));
    collect(&admin.get(&query).await, &mut found);
    let kinds: BTreeSet<&String> = found.values().collect();
    for kind in types.nodes() {
        assert!(kinds.contains(&kind.to_owned()), "there is no {kind} in the world");
    }
    found.into_keys().collect()
}

fn collect(answer: &Value, found: &mut BTreeMap<String, String>) {
    match answer {
        Value::Array(entries) => entries.iter().for_each(|entry| collect(entry, found)),
        Value::Object(fields) => {
            if let (Some(Value::String(id)), Some(Value::String(kind))) = (fields.get("id"), fields.get("__typename")) {
                found.insert(id.clone(), kind.clone());
            }
            fields.values().for_each(|value| collect(value, found));
        }
        _ => {}
    }
}

#[tokio::test]
async fn what_one_may_not_see_answers_to_an_id_as_what_does_not_exist() {
    let app = world().await;
    for id in ids(&app).await {
        for viewer in PARTIES {
            let asker = reader(&app, viewer);
            let query = "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }";
            let answer = asker.ask(query, json!({ "id": id })).await;
            let whole = asker.ask(query, json!({ "id": other(&id) })).await;
            let seen = json!({ "data": { "node": { "id": id }, "nodes": [{ "id": id }] } });
            assert!(
                answer == seen || serde_json::to_vec(&answer).unwrap() == serde_json::to_vec(&whole).unwrap(),
                "{viewer} asks for {id}: {answer}"
            );
        }
        let stranger = reader(&app, "stranger").get(&format!("{{ node(id: {id:?}) {{ id __typename }} }}")).await;
        assert!(stranger["node"].is_null() || stranger["node"]["__typename"] == "Organization", "{stranger}");
    }
}

/// An id of the same kind that identifies nothing: with another timestamp.
fn other(id: &str) -> String {
    let at = id.find('_').unwrap() + 2;
    let digit = if id[at..].starts_with('1') { '2' } else { '1' };
    format!("{}{digit}{}", &id[..at], &id[at + 1..])
}
