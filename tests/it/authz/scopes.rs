//! What a token lets its bearer do.

use entente::policy::Scope::{Admin, DefinitionsWrite, OrganizationsWrite, Read};
use serde_json::{Value, json};

use crate::{
    app::{Asker, problems},
    world::{slug, world},
};

/// What is seen of services and organizations: a number, or the code of the refusal.
async fn sees(asker: &Asker<'_>) -> [String; 2] {
    let ask = async |list: &str| {
        let answer = asker.ask(&format!("{{ {list} {{ totalCount }} }}"), json!({})).await;
        match &answer["data"] {
            Value::Null => answer["errors"][0]["extensions"]["code"].as_str().unwrap().to_owned(),
            data => data[list]["totalCount"].to_string(),
        }
    };
    [ask("services").await, ask("organizations").await]
}

#[tokio::test]
async fn reading_needs_read_or_a_write_scope_for_what_it_writes() {
    let app = world().await;
    let dsi = |scopes| app.someone(&slug("dsi"), scopes);
    for (asker, expected) in [
        (app.nobody(), ["UNAUTHENTICATED", "UNAUTHENTICATED"]),
        (dsi(&[]), ["FORBIDDEN", "FORBIDDEN"]),
        (dsi(&[Read]), ["3", "7"]),
        // Its own services, and not the one that it consumes.
        (dsi(&[DefinitionsWrite]), ["2", "7"]),
        (dsi(&[OrganizationsWrite]), ["FORBIDDEN", "1"]),
        (dsi(&[Admin]), ["4", "7"]),
        (app.someone(&slug("ward-a"), &[DefinitionsWrite]), ["0", "7"]),
        // Those below it, which it may write.
        (app.someone(&slug("root"), &[OrganizationsWrite]), ["FORBIDDEN", "5"]),
        (app.someone(&slug("root"), &[Read]), ["0", "1"]),
        (app.someone("nobody-here", &[Read, DefinitionsWrite, OrganizationsWrite]), ["0", "0"]),
        (app.loner(&[Read, DefinitionsWrite, OrganizationsWrite]), ["0", "0"]),
        (app.loner(&[Admin]), ["4", "7"]),
    ] {
        assert_eq!(sees(&asker).await, expected, "{:?}", asker.caller.claims);
    }
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
async fn without_a_token_the_schema_can_be_read_and_nothing_else() {
    let app = world().await;
    let data =
        app.nobody().get("{ __typename __schema { queryType { name } } __type(name: \"Service\") { name } }").await;
    assert_eq!(data["__typename"], "Query");
    for query in [
        r#"{ node(id: "x") { id } }"#,
        r#"{ nodes(ids: []) { id } }"#,
        r#"{ service(by: {id: "x"}) { id } }"#,
        r#"{ organization(by: {id: "x"}) { id } }"#,
        r#"{ services(first: 201) { totalCount } }"#,
        r#"{ organizations { totalCount } }"#,
        r#"{ viewer { locale } }"#,
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
