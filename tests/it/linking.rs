//! Other systems' keys: linking, unlinking and looking up.

use entente::policy::Scope;
use serde_json::{Value, json};

use crate::{
    app::{App, Asker, problems},
    threads::{desk, open, thread},
};

/// Links or unlinks a key; the payload.
pub async fn write(asker: &Asker<'_>, mutation: &str, entity: &Value, reference: Value) -> Value {
    let query = format!(
        "mutation($input: ReferenceLinkInput!) {{ {mutation}(input: $input) {{
            entity {{ id externalReferences {{ system type key url organization {{ slug }} }} }} userErrors {{ code message path }} }} }}"
    );
    let input = json!({ "input": { "entity": entity, "reference": reference } });
    asker.data(&query, input).await[mutation].take()
}

async fn lookup(asker: &Asker<'_>, key: &str) -> Vec<Value> {
    let query = "query($key: String!) { lookup(ref: {system: \"tool\", key: $key}) { __typename id } }";
    asker.data(query, json!({ "key": key })).await["lookup"].as_array().unwrap().clone()
}

/// One thing of each kind that can have keys, with its type.
async fn things(app: &App) -> Vec<(&'static str, Value)> {
    let query = "{ organization(by: {slug: \"dsi\"}) { id } service(by: {slug: \"patient-management\"}) { id outcomes { id } offerings { id } }
        configurationItem(by: {ref: {system: \"servicenow\", key: \"san-a\"}}) { id } }";
    let data = app.provider().get(query).await;
    let opened = open(&desk(app), json!({ "consumer": { "slug": "emergency" } })).await;
    let opened = thread(&opened);
    vec![
        ("Organization", data["organization"]["id"].clone()),
        ("Service", data["service"]["id"].clone()),
        ("Outcome", data["service"]["outcomes"][0]["id"].clone()),
        ("ServiceOffering", data["service"]["offerings"][0]["id"].clone()),
        ("ConfigurationItem", data["configurationItem"]["id"].clone()),
        ("Thread", opened["id"].clone()),
        ("Message", opened["messages"]["nodes"][0]["id"].clone()),
    ]
}

#[tokio::test]
async fn every_kind_of_thing_is_linked_found_and_unlinked() {
    let app = App::hospital().await;
    let scopes: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| *scope != Scope::Admin).collect();
    let provider = app.someone("dsi", &scopes);
    for (kind, id) in things(&app).await {
        let reference = json!({ "system": "tool", "type": "t", "key": kind, "url": "https://tool.example/1" });
        let linked = write(&provider, "referenceLink", &id, reference.clone()).await;
        assert_eq!(problems(&linked), []);
        let has = |payload: &Value| {
            payload["entity"]["externalReferences"].as_array().unwrap().iter().filter(|it| it["key"] == kind).count()
        };
        assert_eq!(has(&linked), 1);
        assert_eq!(lookup(&provider, kind).await, [json!({ "__typename": kind, "id": id })]);
        let again = write(&provider, "referenceLink", &id, reference).await;
        assert_eq!((problems(&again), has(&again)), (vec![], 1));
        for _ in 0..2 {
            let unlinked = write(&provider, "referenceUnlink", &id, json!({ "system": "tool", "key": kind })).await;
            assert_eq!((problems(&unlinked), has(&unlinked)), (vec![], 0));
        }
        assert_eq!(lookup(&provider, kind).await, [json!(null); 0]);
    }
}

#[tokio::test]
async fn a_key_is_taken_and_says_by_what_to_who_may_see_it() {
    let app = App::hospital().await;
    let (provider, things) = (app.provider(), things(&app).await);
    let reference = json!({ "system": "tool", "key": "1" });
    write(&provider, "referenceLink", &things[4].1, reference.clone()).await;
    for (kind, id) in &things[..4] {
        let refused = write(&provider, "referenceLink", id, reference.clone()).await;
        assert_eq!(problems(&refused), [("TAKEN".into(), "reference".into())], "{kind}");
        assert_eq!(refused["userErrors"][0]["message"], "this external key names configuration item SAN-A already");
        let french = write(&provider.clone().reading("fr"), "referenceLink", id, reference.clone()).await;
        let message = "cette clé externe désigne déjà l'élément de configuration « SAN-A »";
        assert_eq!(french["userErrors"][0]["message"], message);
    }
    let definer = app.someone("dsi", &[Scope::Read, Scope::DefinitionsWrite]);
    let refused = write(&definer, "referenceLink", &things[1].1, reference.clone()).await;
    assert_eq!(refused["userErrors"][0]["message"], "this external key names something else already");
    // Another organization calls by the key what it will.
    let ward = app.someone("emergency", &[Scope::Read, Scope::DefinitionsWrite]);
    assert_eq!(problems(&write(&ward, "referenceLink", &things[1].1, reference).await), []);
    assert_eq!(lookup(&ward, "1").await.len(), 1);
    // The provider sees both: its own first.
    let kinds: Vec<_> = lookup(&provider, "1").await.iter().map(|it| it["__typename"].clone()).collect();
    assert_eq!(kinds, ["ConfigurationItem", "Service"]);
    assert_eq!(lookup(&app.ward("pharmacy"), "1").await, [json!(null); 0]);
}

#[tokio::test]
async fn linking_takes_the_write_scope_of_the_thing() {
    let app = App::hospital().await;
    let reference = json!({ "system": "tool", "key": "1" });
    for (kind, id) in things(&app).await {
        let scope = match kind {
            "Organization" => Scope::OrganizationsWrite,
            "ConfigurationItem" => Scope::CmdbWrite,
            "Thread" | "Message" => Scope::ThreadsWrite,
            _ => Scope::DefinitionsWrite,
        };
        let others: Vec<Scope> = Scope::ALL.iter().copied().filter(|it| *it != scope && *it != Scope::Admin).collect();
        for mutation in ["referenceLink", "referenceUnlink"] {
            let refused = write(&app.someone("dsi", &others), mutation, &id, reference.clone()).await;
            assert_eq!(problems(&refused), [("FORBIDDEN".into(), "".into())], "{kind}");
        }
        // For a stranger, the object does not exist.
        let stranger = app.someone("finance", &[Scope::Read, scope]);
        let refused = write(&stranger, "referenceLink", &id, reference.clone()).await;
        assert_eq!(problems(&refused), [("NOT_FOUND".into(), "entity".into())], "{kind}");
    }
    for id in ["", "service_", "nothing", "cost_01jd0000000000000000000000"] {
        let refused = write(&app.provider(), "referenceLink", &json!(id), reference.clone()).await;
        assert_eq!(problems(&refused), [("NOT_FOUND".into(), "entity".into())]);
    }
}

#[tokio::test]
async fn dependencies_follow_the_keys_of_an_item() {
    let app = App::hospital().await;
    let provider = app.provider();
    let a = json!([{ "ref": { "system": "tool", "key": "a" }, "name": "A", "class": "x", "dependsOn": [{ "system": "tool", "key": "storage" }] }]);
    assert_eq!(provider.items(a, json!({})).await["unresolved"], 1);
    let item = things(&app).await.into_iter().find(|(kind, _)| *kind == "ConfigurationItem").unwrap().1;
    let depends = async || {
        let query = "{ configurationItem(by: {ref: {system: \"tool\", key: \"a\"}}) { dependsOn { nodes { name } } unresolvedDependencies } }";
        provider.get(query).await["configurationItem"].take()
    };
    let reference = json!({ "system": "tool", "key": "storage" });
    write(&provider, "referenceLink", &item, reference.clone()).await;
    assert_eq!(
        depends().await,
        json!({ "dependsOn": { "nodes": [{ "name": "SAN-A" }] }, "unresolvedDependencies": 0 })
    );
    write(&provider, "referenceUnlink", &item, reference).await;
    assert_eq!(depends().await["unresolvedDependencies"], 1);
    let last = write(&provider, "referenceUnlink", &item, json!({ "system": "servicenow", "key": "san-a" })).await;
    assert_eq!(problems(&last), [("INVALID_STATE".into(), "reference".into())]);
}

#[tokio::test]
async fn what_strangers_call_an_organization_is_not_shown_to_it() {
    let app = App::hospital().await;
    app.admin().organizations(json!([{ "slug": "stranger", "name": "Stranger" }]), false).await;
    let data = app.admin().get(r#"{ organization(by: {slug: "dsi"}) { id } }"#).await;
    let stranger = app.someone("stranger", &[Scope::Read, Scope::DefinitionsWrite, Scope::OrganizationsWrite]);
    let planted = json!({ "system": "tool", "key": "planted", "url": "https://stranger.example" });
    write(&stranger, "referenceLink", &data["organization"]["id"], planted).await;
    let seen = app.provider().get(r#"{ organization(by: {slug: "dsi"}) { externalReferences { key } } }"#).await;
    assert!(!seen.to_string().contains("planted"), "{seen}");
    assert_eq!(lookup(&app.provider(), "planted").await, Vec::<Value>::new());
}

#[tokio::test]
async fn linking_and_unlinking_with_one_idempotency_key_are_two_requests() {
    let app = App::hospital().await;
    let (_, id) = things(&app).await.remove(0);
    let reference = json!({ "system": "tool", "key": "k" });
    let once = app.provider().once("one-key");
    for _ in 0..2 {
        assert_eq!(problems(&write(&once, "referenceLink", &id, reference.clone()).await), []);
        assert_eq!(lookup(&app.provider(), "k").await.len(), 1);
    }
    for _ in 0..2 {
        assert_eq!(problems(&write(&once, "referenceUnlink", &id, reference.clone()).await), []);
        assert_eq!(lookup(&app.provider(), "k").await.len(), 0);
    }
    // It was linked before: the key still identifies it.
    assert_eq!(problems(&write(&once, "referenceLink", &id, reference).await), []);
    assert_eq!(lookup(&app.provider(), "k").await.len(), 0);
    let other = write(&once, "referenceUnlink", &id, json!({ "system": "tool", "key": "other" })).await;
    assert_eq!(problems(&other), [("CONFLICT".into(), "".into())]);
}

#[tokio::test]
async fn going_round_through_lists_ends_at_a_limit() {
    let app = App::hospital().await;
    let round = "outcomes { service { ".repeat(6);
    let query = format!("{{ services {{ nodes {{ {round} slug {} }} }} }}", "} }".repeat(6));
    let answer = app.ward("emergency").ask(&query, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{answer:.300}");
}

#[tokio::test]
async fn an_item_is_known_by_its_own_organizations_keys_whoever_writes_them() {
    let app = App::hospital().await;
    let (provider, admin) = (app.provider(), app.someone("emergency", &[Scope::Admin]));
    let of_ward = app.someone("emergency", &[Scope::CmdbRead, Scope::CmdbWrite]);
    let on = json!([{ "system": "tool", "key": "array" }]);
    let waits = json!([{ "ref": { "system": "tool", "key": "host" }, "name": "Host", "class": "x", "dependsOn": on }]);
    for asker in [&provider, &of_ward] {
        let payload = asker.items(waits.clone(), json!({})).await;
        assert_eq!((&payload["unresolved"], problems(&payload)), (&json!(1), vec![]), "{payload}");
    }
    let found = provider.get(r#"{ configurationItem(by: {ref: {system: "servicenow", key: "san-a"}}) { id } }"#).await;
    let id = &found["configurationItem"]["id"];
    write(&admin, "referenceLink", id, json!({ "system": "tool", "key": "array" })).await;
    let query = r#"{ known: configurationItem(by: {ref: {system: "tool", key: "array"}}) { id }
        host: configurationItem(by: {ref: {system: "tool", key: "host"}}) { dependsOn { nodes { id } } } }"#;
    let (own, wards) = (provider.get(query).await, of_ward.get(query).await);
    assert_eq!((&own["known"]["id"], &own["host"]["dependsOn"]["nodes"]), (id, &json!([{ "id": id }])));
    assert_eq!((&wards["known"], &wards["host"]["dependsOn"]["nodes"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn what_a_consumer_called_a_service_is_free_again_when_it_sees_that_service_no_more() {
    let app = App::hospital().await;
    let reference = json!({ "system": "tool", "type": "t", "key": "HELP-1" });
    let ward = app.someone("emergency", &[Scope::Read, Scope::DefinitionsWrite, Scope::OrganizationsWrite]);
    let both = json!([{ "organization": { "slug": "emergency" } }, { "organization": { "slug": "pharmacy" } }]);
    for slug in ["first", "second"] {
        app.provider().applied(json!({ "slug": slug, "name": slug, "consumers": both })).await;
    }
    let ids = ward
        .get("{ first: service(by: {slug: \"first\"}) { id } second: service(by: {slug: \"second\"}) { id } }")
        .await;
    assert_eq!(problems(&write(&ward, "referenceLink", &ids["first"]["id"], reference.clone()).await), []);
    // As long as it consumes both, the key is taken, by name.
    let taken = write(&ward, "referenceLink", &ids["second"]["id"], reference.clone()).await;
    assert_eq!(problems(&taken), [("TAKEN".to_owned(), "reference".to_owned())]);
    let before = app.rows().await;
    let gone = json!([{ "organization": { "slug": "emergency" }, "remove": true }]);
    app.provider().applied(json!({ "slug": "first", "consumers": gone })).await;
    let linked = write(&ward, "referenceLink", &ids["second"]["id"], reference.clone()).await;
    assert_eq!(problems(&linked), [], "{linked:#}");
    assert_eq!(app.rows().await.count("external_reference"), before.count("external_reference"));
    let found = ward.get("{ service(by: {ref: {system: \"tool\", key: \"HELP-1\"}}) { slug } }").await;
    assert_eq!(found["service"]["slug"], "second");
    // The same in a document of its own, and for what an element was called.
    app.provider().applied(json!({ "slug": "second", "outcomes": [{ "key": "o", "statement": "O" }] })).await;
    let outcome =
        ward.get("{ service(by: {slug: \"second\"}) { outcomes { id } } }").await["service"]["outcomes"][0]["id"]
            .take();
    let of_outcome = json!({ "system": "tool", "key": "HELP-2" });
    assert_eq!(problems(&write(&ward, "referenceLink", &outcome, of_outcome.clone()).await), []);
    app.provider().applied(json!({ "slug": "second", "consumers": gone })).await;
    let own = json!({ "slug": "own", "name": "Own", "externalReferences": [reference, of_outcome] });
    ward.applied(own).await;
    let found = ward.get("{ service(by: {ref: {system: \"tool\", key: \"HELP-2\"}}) { slug } }").await;
    assert_eq!(found["service"]["slug"], "own");
}

#[tokio::test]
async fn what_a_consumer_called_its_provider_is_free_again_when_it_sees_that_provider_no_more() {
    let app = App::hospital().await;
    let admin = app.someone("emergency", &[Scope::Admin]);
    let organizations = json!([{ "slug": "vendor", "name": "Vendor" }, { "slug": "other", "name": "Other" }]);
    assert_eq!(problems(&admin.organizations(organizations, false).await), []);
    let consumers = json!([{ "organization": { "slug": "emergency" } }]);
    for (slug, provider) in [("of-vendor", "vendor"), ("of-other", "other")] {
        let provider = json!({ "slug": provider });
        app.admin().applied(json!({ "slug": slug, "name": slug, "provider": provider, "consumers": consumers })).await;
    }
    let ids = admin
        .get(
            "{ vendor: organization(by: {slug: \"vendor\"}) { id } other: organization(by: {slug: \"other\"}) { id } }",
        )
        .await;
    let ward = app.someone("emergency", &[Scope::Read, Scope::OrganizationsWrite]);
    let reference = json!({ "system": "erp", "key": "K1" });
    assert_eq!(problems(&write(&ward, "referenceLink", &ids["vendor"]["id"], reference.clone()).await), []);
    let taken = write(&ward, "referenceLink", &ids["other"]["id"], reference.clone()).await;
    assert_eq!(problems(&taken), [("TAKEN".to_owned(), "reference".to_owned())]);
    let gone = json!([{ "organization": { "slug": "emergency" }, "remove": true }]);
    app.admin().applied(json!({ "slug": "of-vendor", "consumers": gone })).await;
    assert_eq!(problems(&write(&ward, "referenceLink", &ids["other"]["id"], reference).await), []);
}
