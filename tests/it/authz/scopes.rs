//! What a token lets its bearer do.

use entente::policy::Scope::{
    Admin, AgreementsWrite, CmdbRead, CmdbWrite, DefinitionsWrite, MeasurementsWrite, OrganizationsWrite, Read,
    ThreadsWrite,
};
use serde_json::{Value, json};

use crate::{
    app::{Asker, problems},
    world::{slug, world},
};

/// What a viewer sees of services, organizations, threads and configuration items: a number, or the code of the
/// refusal.
async fn sees(asker: &Asker<'_>) -> [String; 4] {
    let ask = async |list: &str| {
        let answer = asker.ask(&format!("{{ {list} {{ totalCount }} }}"), json!({})).await;
        match &answer["data"][list]["totalCount"] {
            Value::Null => answer["errors"][0]["extensions"]["code"].as_str().unwrap().to_owned(),
            count => count.to_string(),
        }
    };
    [ask("services").await, ask("organizations").await, ask("threads").await, ask("configurationItems").await]
}

#[tokio::test]
async fn reading_needs_read_or_a_write_scope_for_what_it_writes() {
    let app = world().await;
    let dsi = |scopes| app.someone(&slug("dsi"), scopes);
    const NO: &str = "FORBIDDEN";
    for (asker, expected) in [
        (app.nobody(), ["UNAUTHENTICATED"; 4]),
        (dsi(&[]), [NO; 4]),
        (dsi(&[Read]), ["3", "7", "6", NO]),
        // Its own services, and not the one that it consumes.
        (dsi(&[DefinitionsWrite]), ["2", "7", NO, NO]),
        (dsi(&[OrganizationsWrite]), [NO, "1", NO, NO]),
        // Whom it may open a thread for, and of whom threads are.
        (dsi(&[ThreadsWrite]), [NO, "7", "6", NO]),
        (dsi(&[DefinitionsWrite, ThreadsWrite]), ["2", "7", "6", NO]),
        (dsi(&[MeasurementsWrite]), [NO, "1", NO, NO]),
        (dsi(&[AgreementsWrite]), [NO, "1", NO, NO]),
        (dsi(&[CmdbRead]), [NO, "1", NO, "2"]),
        (dsi(&[CmdbWrite]), [NO, "1", NO, "2"]),
        (dsi(&[Admin]), ["4", "7", "6", "4"]),
        (app.someone(&slug("ward-a"), &[DefinitionsWrite]), ["0", "7", NO, NO]),
        // Itself, and who provides what it consumes.
        (app.someone(&slug("ward-a"), &[ThreadsWrite]), [NO, "2", "3", NO]),
        (app.someone(&slug("lab"), &[ThreadsWrite]), [NO, "7", "0", NO]),
        (app.someone(&slug("stranger"), &[ThreadsWrite]), [NO, "1", "0", NO]),
        // Those below it, which it may write.
        (app.someone(&slug("root"), &[OrganizationsWrite]), [NO, "5", NO, NO]),
        (app.someone(&slug("root"), &[Read]), ["0", "1", "0", NO]),
        (app.someone("nobody-here", &[Read, DefinitionsWrite, OrganizationsWrite, ThreadsWrite]), ["0", "0", "0", NO]),
        (app.loner(&[Read, DefinitionsWrite, OrganizationsWrite, ThreadsWrite]), ["0", "0", "0", NO]),
        (app.loner(&[Admin]), ["4", "7", "6", "4"]),
    ] {
        assert_eq!(sees(&asker).await, expected, "{:?}", asker.caller.claims);
    }
}

#[tokio::test]
async fn words_find_what_the_scopes_let_be_read() {
    let app = world().await;
    let threads = r#"{ threads(filter: {text: "canary"}) { totalCount nodes { service { slug } } } }"#;
    let search = r#"{ search(text: "canary") { totalCount nodes { node { __typename } } } }"#;
    for (who, seen) in [("dsi", 6), ("ward-a", 3), ("lab", 0), ("stranger", 0)] {
        for scopes in [&[ThreadsWrite][..], &[DefinitionsWrite, ThreadsWrite], &[Read]] {
            let found = app.someone(&slug(who), scopes).get(threads).await["threads"].take();
            assert_eq!(found["totalCount"], seen, "{who} {scopes:?}");
            let nodes = found["nodes"].as_array().unwrap();
            assert!(nodes.len() == seen && nodes.iter().all(|node| node["service"]["slug"] == slug("care")));
        }
        let types = async |scopes| {
            let found = app.someone(&slug(who), scopes).get(search).await["search"].take();
            let nodes = found["nodes"].as_array().unwrap().iter();
            let types: Vec<String> = nodes.map(|hit| hit["node"]["__typename"].as_str().unwrap().to_owned()).collect();
            assert_eq!(found["totalCount"], types.len());
            types
        };
        assert_eq!(types(&[ThreadsWrite]).await, vec!["Thread"; seen], "{who}");
        let defined = types(&[DefinitionsWrite]).await;
        assert!(!defined.contains(&"Thread".to_owned()), "{who}: {defined:?}");
        let both = types(&[DefinitionsWrite, ThreadsWrite]).await;
        assert_eq!(both.iter().filter(|of| *of == "Thread").count(), seen, "{who}: {both:?}");
        assert_eq!(both.len(), seen + defined.len(), "{who}: {both:?}");
    }
    for scopes in [&[][..], &[OrganizationsWrite, CmdbRead, CmdbWrite]] {
        for query in [threads, search] {
            let (code, _) = app.someone(&slug("dsi"), scopes).refusal(query, json!({})).await;
            assert_eq!(code, "FORBIDDEN", "{scopes:?} {query}");
        }
    }
    let (code, _) = app.someone(&slug("dsi"), &[DefinitionsWrite]).refusal(threads, json!({})).await;
    assert_eq!(code, "FORBIDDEN");
}

#[tokio::test]
async fn a_token_without_read_learns_nothing_from_what_exists() {
    let app = world().await;
    let query = format!(
        "{{ service(by: {{slug: {:?}}}) {{ id definition {{ id outcomes {{ id }} }} outcomes {{ id }} consumers {{ id }} externalReferences {{ id }} }} }}",
        slug("care")
    );
    let service = app.admin().get(&query).await["service"].take();
    for asker in [app.someone(&slug("ward-a"), &[]), app.someone(&slug("ward-a"), &[OrganizationsWrite])] {
        for id in [
            &service["id"],
            &service["definition"]["id"],
            &service["definition"]["outcomes"][0]["id"],
            &service["outcomes"][0]["id"],
            &service["consumers"][0]["id"],
            &service["externalReferences"][0]["id"],
        ] {
            let id = id.as_str().unwrap();
            let at = id.find('_').unwrap() + 2;
            let node =
                async |id: &str| asker.ask("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
            let (unseen, absent) = (node(id).await, node(&format!("{}7{}", &id[..at], &id[at + 1..])).await);
            assert_eq!(unseen.to_string(), absent.to_string(), "{id}");
            assert!(unseen["data"]["node"].is_null(), "{unseen}");
        }
        let by_slug = async |slug: &str| {
            asker.ask("query($s: String!) { service(by: {slug: $s}) { id } }", json!({ "s": slug })).await
        };
        assert_eq!(by_slug(&slug("care")).await.to_string(), by_slug("nothing-here").await.to_string());
    }
}

#[tokio::test]
async fn a_write_scope_reads_what_it_wrote() {
    let app = world().await;
    let writer = app.someone(&slug("dsi"), &[DefinitionsWrite]);
    let payload = writer.applied(json!({ "slug": slug("care"), "summary": "another" })).await;
    assert_eq!(payload["service"]["slug"], slug("care"));
    let root = app.someone(&slug("root"), &[OrganizationsWrite]);
    let new = json!([{ "slug": "new", "name": "New", "parent": { "slug": slug("root") } }]);
    assert_eq!(problems(&root.organizations(new, false).await), []);
    // Below what it wrote before.
    let below = json!([{ "slug": "below", "name": "Below", "parent": { "slug": "new" } }]);
    let payload = root.organizations(below, false).await;
    assert_eq!(problems(&payload), []);
    assert_eq!(payload["organizations"][0]["slug"], "below");
    let found = root.get(r#"{ organization(by: {slug: "below"}) { slug parent { slug } } }"#).await;
    assert_eq!(found["organization"], json!({ "slug": "below", "parent": { "slug": "new" } }));
}

#[tokio::test]
async fn without_a_token_nothing_can_be_read() {
    let app = world().await;
    assert_eq!(app.nobody().get("{ __typename }").await["__typename"], "Query");
    for query in [
        r#"{ node(id: "x") { id } }"#,
        r#"{ nodes(ids: []) { id } }"#,
        r#"{ service(by: {id: "x"}) { id } }"#,
        r#"{ organization(by: {id: "x"}) { id } }"#,
        r#"{ services(first: 201) { totalCount } }"#,
        r#"{ organizations { totalCount } }"#,
        r#"{ viewer { locale } }"#,
        r"{ __schema { queryType { name } } }",
        r#"{ __typename ... { type: __type(name: "Service") { name } } }"#,
        r"{ ...Q } fragment Q on Query { __schema { queryType { name } } }",
    ] {
        let answer = app.nobody().ask(query, json!({})).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert!(code == "UNAUTHENTICATED" || (query.contains("201") && code == "BAD_REQUEST"), "{query}: {answer}");
    }
}

#[tokio::test]
async fn one_sees_oneself_whatever_the_scopes() {
    let app = world().await;
    let data =
        app.someone(&slug("stranger"), &[]).get("{ viewer { scopes organization { slug } tokenExpiresAt } }").await;
    assert_eq!(data["viewer"]["organization"]["slug"], slug("stranger"));
    assert_eq!(data["viewer"]["scopes"], json!([]));
    let data = app.someone("nobody-here", &[Read]).get("{ viewer { scopes organization { slug } } }").await;
    assert_eq!(data, json!({ "viewer": { "scopes": ["read"], "organization": null } }));
    let data = app.admin().get("{ viewer { actor { kind organization { slug } } tokenExpiresAt } }").await;
    assert_eq!(
        data,
        json!({ "viewer": { "actor": { "kind": "SYSTEM", "organization": null }, "tokenExpiresAt": null } })
    );
}

#[tokio::test]
async fn whoever_may_not_see_partners_is_not_told_of_them_by_what_they_call_its_organization() {
    let app = world().await;
    let own =
        |of: &str| format!("{{ organization(by: {{slug: {:?}}}) {{ id externalReferences {{ key }} }} }}", slug(of));
    let lookup = |key: &str| {
        format!(
            "{{ lookup(ref: {{system: \"tool\", key: {key:?}}}) {{ id }} organization(by: {{ref: {{system: \"tool\", key: {key:?}}}}}) {{ id }} }}"
        )
    };
    let partner_sees = [&[Read][..], &[ThreadsWrite]];
    let unseen = [&[CmdbRead][..], &[CmdbWrite], &[OrganizationsWrite], &[OrganizationsWrite, CmdbRead, CmdbWrite]];
    for (of, own_key, partners_key, provides) in [
        ("dsi", "canary-ref-dsi-on-dsi", "canary-ref-ward-a-on-dsi", true),
        ("ward-a", "canary-ref-ward-a-on-ward-a", "canary-ref-dsi-on-ward-a", false),
    ] {
        let keys = async |scopes: &[entente::policy::Scope]| {
            let found = app.someone(&slug(of), scopes).get(&own(of)).await["organization"].take();
            let keys = found["externalReferences"].as_array().unwrap().iter();
            keys.map(|reference| reference["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let found = async |scopes: &[entente::policy::Scope]| {
            let found = app.someone(&slug(of), scopes).get(&lookup(partners_key)).await;
            (found["lookup"].as_array().unwrap().len(), !found["organization"].is_null())
        };
        for scopes in partner_sees {
            assert_eq!(keys(scopes).await.len(), 2, "{of} {scopes:?}");
            assert_eq!(found(scopes).await, (1, true), "{of} {scopes:?}");
        }
        for scopes in unseen {
            assert_eq!(keys(scopes).await, [own_key], "{of} {scopes:?}");
            assert_eq!(found(scopes).await, (0, false), "{of} {scopes:?}");
        }
        // A viewer that writes definitions knows their consumers, but not the providers of the services that it
        // consumes.
        assert_eq!(keys(&[DefinitionsWrite]).await.len(), if provides { 2 } else { 1 }, "{of}");
    }
}
