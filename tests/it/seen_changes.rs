//! What a consumer does not see moves nothing that it sees: neither instants, nor orders, nor what it follows by.

use chrono::TimeDelta;
use entente::policy::Scope;
use serde_json::{Value, json};

use crate::{
    agreement::kit::{decide, proposal, propose},
    app::{App, Asker, problems},
    linking::write,
    threads::post,
    world::{item, reference, slug, world},
};

/// Every way to read a time of a service or a thread.
const ALL: &str = r#"query($since: DateTime!, $own: String!, $care: String!) {
    services(orderBy: { field: UPDATED_AT, direction: DESC }) { edges { cursor node { slug updatedAt } } }
    later: services(filter: { updatedSince: $since }) { totalCount nodes { slug } }
    service(by: { slug: $care }) { id updatedAt }
    organization(by: { slug: $own }) { consumedServices { nodes { slug updatedAt } } }
    threads(orderBy: { field: UPDATED_AT, direction: DESC }) { edges { cursor node { title updatedAt service { updatedAt } } } }
    laterThreads: threads(filter: { updatedSince: $since }) { totalCount nodes { title } }
    search(text: "canary") { nodes { node { ... on Service { updatedAt } ... on Thread { updatedAt service { updatedAt } } } } }
}"#;

fn party<'a>(app: &'a App, of: &str) -> Asker<'a> {
    let scopes: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| *scope != Scope::Admin).collect();
    app.someone(&slug(of), &scopes)
}

async fn seen(app: &App, of: &str, since: &Value) -> Value {
    let variables = json!({ "since": since, "own": slug(of), "care": slug("care") });
    let asker = party(app, of);
    let mut seen = asker.data(ALL, variables).await;
    let id = seen["service"]["id"].take();
    let by_id = "query($id: ID!) { node(id: $id) { ... on Service { updatedAt } } }";
    seen["node"] = asker.data(by_id, json!({ "id": id })).await["node"].take();
    seen
}

/// Follows one consumer of `care` and its provider.
struct Followed {
    app: App,
    care: Value,
}

impl Followed {
    async fn new() -> Self {
        let app = world().await;
        let query = "query($slug: String!) { service(by: { slug: $slug }) { id outcomes { id } } }";
        let care = party(&app, "dsi").data(query, json!({ "slug": slug("care") })).await["service"].take();
        Self { app, care }
    }

    async fn now(&self) -> Value {
        self.app.pass(TimeDelta::seconds(1));
        party(&self.app, "dsi").get("{ settledAt }").await["settledAt"].take()
    }

    /// What is done moves this for the provider, and nothing for `ward-a`.
    async fn is_hidden(&self, what: &str, done: impl AsyncFnOnce(&App)) {
        let since = self.now().await;
        let (before, of_provider) = (seen(&self.app, "ward-a", &since).await, seen(&self.app, "dsi", &since).await);
        done(&self.app).await;
        assert_eq!(seen(&self.app, "ward-a", &since).await, before, "{what}");
        let after = seen(&self.app, "dsi", &since).await;
        assert_ne!(after, of_provider, "{what}");
        let found = (&after["later"]["totalCount"], &after["laterThreads"]["totalCount"]);
        assert_ne!(found, (&json!(0), &json!(0)), "{what}: the provider finds it");
    }

    /// What is done moves `care` for both.
    async fn is_seen(&self, what: &str, done: impl AsyncFnOnce(&App)) {
        let since = self.now().await;
        done(&self.app).await;
        for of in ["ward-a", "dsi"] {
            let after = seen(&self.app, of, &since).await;
            assert_eq!(after["later"]["nodes"], json!([{ "slug": slug("care") }]), "{what}: {of}");
            assert_eq!(after["services"]["edges"][0]["node"]["slug"], slug("care"), "{what}: {of}");
            let instants = [&after["service"], &after["node"]];
            assert!(instants.iter().all(|of| of["updatedAt"].as_str() >= since.as_str()), "{what}: {after:#}");
        }
    }

    async fn provider(&self, more: Value) {
        let mut definition = json!({ "slug": slug("care") });
        definition.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        party(&self.app, "dsi").applied(definition).await;
    }

    async fn link(&self, of: &str, mutation: &str, to: &Value, key: &str) {
        let payload = write(&party(&self.app, of), mutation, to, reference(key)).await;
        assert_eq!(problems(&payload), []);
    }
}

fn contacts(name: &str) -> Value {
    json!([{ "role": "USER", "name": name }])
}

#[tokio::test]
async fn what_a_consumer_does_not_see_moves_nothing_for_it() {
    let it = Followed::new().await;
    let (service, outcome) = (&it.care["id"], &it.care["outcomes"][0]["id"]);
    let of_other = |more: Value| {
        let mut consumer = json!({ "organization": { "slug": slug("ward-b") } });
        consumer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "consumers": [consumer] })
    };
    it.is_hidden("another consumer's contacts", async |_| {
        it.provider(of_other(json!({ "contacts": contacts("New") }))).await
    })
    .await;
    it.is_hidden("another consumer's key", async |_| it.link("ward-b", "referenceLink", service, "new").await).await;
    it.is_hidden("and again", async |_| it.link("ward-b", "referenceLink", outcome, "newer").await).await;
    it.is_seen("a term", async |_| it.provider(json!({ "summary": "canary-text-care, at last" })).await).await;
    it.is_hidden("another's key goes", async |_| it.link("ward-b", "referenceUnlink", service, "new").await).await;
    it.is_hidden("a new consumer", async |_| {
        it.provider(json!({ "consumers": [{ "organization": { "slug": slug("stranger") } }] })).await;
    })
    .await;
    it.is_hidden("a new consumer accepts", async |app| {
        let mine =
            json!({ "kind": "FEEDBACK", "service": { "slug": slug("care") }, "title": "T", "body": "B", "rating": 1 });
        crate::threads::open(&party(app, "stranger"), mine).await;
    })
    .await;
    it.is_hidden("a consumer ends", async |_| it.provider(of_other(json!({ "remove": true }))).await).await;
    for decision in ["AGREE", "WITHDRAW", "OBJECT"] {
        it.is_hidden("another consumer decides", async |app| {
            let more = json!({ "service": { "slug": slug("care") }, "comment": "Words" });
            let decided = decide(&party(app, "lab"), 4, decision, more).await;
            assert_eq!(problems(&decided), []);
        })
        .await;
    }
    it.is_hidden("what it runs on", async |_| it.provider(json!({ "configurationItems": [] })).await).await;
    it.is_hidden("what an outcome runs on", async |app| {
        let gone = json!([{ "ref": item("database")["ref"], "remove": true }]);
        assert_eq!(problems(&party(app, "dsi").items(gone, json!({})).await), []);
    })
    .await;
    it.is_hidden("an internal message", async |app| {
        let number =
            party(app, "ward-a").get("{ threads { nodes { number } } }").await["threads"]["nodes"][0]["number"].take();
        let note = json!({ "body": "note", "visibility": "INTERNAL" });
        assert_eq!(problems(&post(&party(app, "dsi"), &number, note).await), []);
    })
    .await;
}

#[tokio::test]
async fn what_a_consumer_sees_moves_for_it_whatever_changed_before() {
    let it = Followed::new().await;
    let service = &it.care["id"];
    let hidden = async |n: u32| it.link("ward-b", "referenceLink", service, &format!("hidden-{n}")).await;
    hidden(1).await;
    it.is_seen("the portfolio", async |_| it.provider(json!({ "lifecycle": "RETIRED" })).await).await;
    hidden(2).await;
    it.is_seen("contacts", async |_| it.provider(json!({ "contacts": contacts("Owner") })).await).await;
    hidden(3).await;
    it.is_seen("the provider's key", async |_| it.link("dsi", "referenceLink", service, "dsi-new").await).await;
    hidden(4).await;
    it.is_seen("the provider's key, in a document", async |_| {
        it.provider(json!({ "externalReferences": [reference("dsi-newer")] })).await;
    })
    .await;
    hidden(5).await;
    it.is_seen("its own key", async |_| it.link("ward-a", "referenceLink", service, "own").await).await;
    hidden(6).await;
    it.is_seen("its own contacts", async |_| {
        let own = json!([{ "organization": { "slug": slug("ward-a") }, "contacts": contacts("Own") }]);
        it.provider(json!({ "consumers": own })).await;
    })
    .await;
    hidden(7).await;
    it.is_seen("a proposal", async |app| {
        let definition = json!({ "slug": slug("care"), "summary": "canary-text-care, again" });
        assert_eq!(problems(&propose(&party(app, "dsi"), definition, json!({})).await), []);
    })
    .await;
    hidden(8).await;
    it.is_seen("its withdrawal", async |app| {
        let done =
            proposal(&party(app, "dsi"), "definitionWithdraw", 4, json!({ "service": { "slug": slug("care") } })).await;
        assert_eq!(problems(&done), []);
    })
    .await;
    hidden(9).await;
    it.is_seen("its own decision", async |app| {
        let more = json!({ "service": { "slug": slug("care") }, "comment": "Words" });
        assert_eq!(problems(&decide(&party(app, "ward-a"), 2, "WITHDRAW", more).await), []);
    })
    .await;
    hidden(10).await;
    // Its own data is hidden from others; what they have seen stays.
    let since = it.now().await;
    let before = seen(&it.app, "lab", &since).await;
    it.link("ward-a", "referenceUnlink", service, "own").await;
    assert_eq!(seen(&it.app, "lab", &since).await, before);
}

#[tokio::test]
async fn a_consumer_sees_a_new_relationship_as_a_change() {
    let it = Followed::new().await;
    let since = it.now().await;
    it.provider(json!({ "consumers": [{ "organization": { "slug": slug("stranger") } }] })).await;
    let found = seen(&it.app, "stranger", &since).await;
    assert_eq!(found["later"]["nodes"], json!([{ "slug": slug("care") }]));
}
