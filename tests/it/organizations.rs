//! Organizations: written in any order, by viewers who may write them.

use entente::policy::Scope;
use serde_json::{Value, json};

use crate::{
    app::{App, Asker, ORGANIZATIONS, file, problems},
    kit::{reference, said},
};

fn counts(payload: &Value) -> [i64; 3] {
    ["created", "updated", "unchanged"].map(|name| payload[name].as_i64().unwrap())
}

fn party(slug: &str, parent: Option<&str>) -> Value {
    let mut party = json!({ "slug": slug, "name": "A" });
    if let Some(parent) = parent {
        party["parent"] = json!({ "slug": parent });
    }
    party
}

fn one(code: &str, path: &str) -> Vec<(String, String)> {
    vec![(code.to_owned(), path.to_owned())]
}

/// What a call is refused for; nothing must have been written.
async fn refused(app: &App, asker: &Asker<'_>, organizations: Value) -> Vec<(String, String)> {
    let before = app.rows().await;
    let payload = asker.organizations(organizations, false).await;
    assert_eq!((&payload["organizations"], counts(&payload)), (&Value::Null, [0, 0, 0]));
    app.assert_unchanged(&before).await;
    problems(&payload)
}

#[tokio::test]
async fn they_come_change_and_stay() {
    let app = App::new().await;
    let admin = app.admin();
    // Children before their parents.
    let tree = json!([party("leaf", Some("branch")), party("branch", Some("root")), party("root", None)]);
    let before = app.rows().await;
    let dry = admin.organizations(tree.clone(), true).await;
    assert_eq!((counts(&dry), &dry["organizations"]), ([3, 0, 0], &Value::Null));
    app.assert_unchanged(&before).await;
    let done = admin.organizations(tree.clone(), false).await;
    assert_eq!((problems(&done), counts(&done)), (vec![], [3, 0, 0]));
    let slugs: Vec<&Value> = done["organizations"].as_array().unwrap().iter().map(|one| &one["slug"]).collect();
    assert_eq!(slugs, ["leaf", "branch", "root"]);
    let query = r#"{ organization(by: {slug: "leaf"}) { id name parent { slug parent { slug parent { slug } } } } }"#;
    let leaf = admin.get(query).await["organization"].take();
    assert_eq!(leaf["parent"], json!({ "slug": "branch", "parent": { "slug": "root", "parent": null } }));
    let before = app.rows().await;
    let again = admin.organizations(tree, false).await;
    assert_eq!((counts(&again), &again["organizations"]), ([0, 0, 3], &done["organizations"]));
    app.assert_unchanged(&before).await;
    // Left out keeps, null clears, languages are merged.
    let edit = json!([{ "slug": "leaf", "name": { "fr": "Feuille" } }, { "slug": "branch", "parent": null }, { "slug": "root" }]);
    let dry = admin.organizations(edit.clone(), true).await;
    app.assert_unchanged(&before).await;
    let edited = admin.organizations(edit, false).await;
    assert_eq!((counts(&edited), counts(&dry)), ([0, 2, 1], [0, 2, 1]));
    let now = admin.reading("fr").get(query).await["organization"].take();
    assert_eq!(now, json!({ "id": leaf["id"], "name": "Feuille", "parent": { "slug": "branch", "parent": null } }));
    let logged: Vec<_> = app.logged(3).await.iter().map(|one| (said(one), one.fields.0[0].name.clone())).collect();
    let updated = |field: &str| ("Updated Organization".to_owned(), field.to_owned());
    assert_eq!(logged.len(), 2);
    assert!(logged.contains(&updated("name")) && logged.contains(&updated("parent")), "{logged:?}");
}

#[tokio::test]
async fn nobody_stands_below_itself() {
    let app = App::hospital().await;
    let admin = app.admin();
    let invalid = |indexes: &[usize]| -> Vec<(String, String)> {
        indexes.iter().map(|index| ("INVALID".to_owned(), format!("organizations/{index}/parent"))).collect()
    };
    assert_eq!(refused(&app, &admin, json!([party("a", Some("a"))])).await, invalid(&[0]));
    let two = json!([party("a", Some("b")), party("b", Some("a")), party("c", None)]);
    assert_eq!(refused(&app, &admin, two).await, invalid(&[0, 1]));
    let three = json!([party("a", Some("b")), party("b", Some("c")), party("c", Some("a"))]);
    assert_eq!(refused(&app, &admin, three).await, invalid(&[0, 1, 2]));
    // With the stored state: the hospital is the parent of the IT department.
    let against = json!([{ "slug": "chu", "parent": { "slug": "dsi" } }]);
    assert_eq!(refused(&app, &admin, against).await, invalid(&[0]));
    let longer = json!([party("new", Some("dsi")), { "slug": "chu", "parent": { "slug": "new" } }]);
    assert_eq!(refused(&app, &admin, longer).await, invalid(&[0, 1]));
    // Turning a family over in one call is none.
    let turned = json!([{ "slug": "chu", "parent": { "slug": "dsi" } }, { "slug": "dsi", "parent": null }]);
    assert_eq!(counts(&admin.organizations(turned, false).await), [0, 2, 0]);
}

#[tokio::test]
async fn bad_input_is_refused_whole() {
    let app = App::hospital().await;
    let admin = app.admin();
    let many: Vec<Value> = (0..1_001).map(|n| party(&format!("o{n}"), None)).collect();
    assert_eq!(refused(&app, &admin, json!(many)).await, one("LIMIT_EXCEEDED", "organizations"));
    for slug in ["", "No Slug", "nu\u{0}ll", &"a".repeat(65)] {
        assert_eq!(
            refused(&app, &admin, json!([party("a", None), party(slug, None)])).await,
            one("INVALID", "organizations/1/slug")
        );
    }
    assert_eq!(
        refused(&app, &admin, json!([party("a", None), party("a", None)])).await,
        one("INVALID", "organizations/1/slug")
    );
    assert_eq!(
        refused(&app, &admin, json!([party("dsi", None), party("dsi", None)])).await,
        one("INVALID", "organizations/1/slug")
    );
    assert_eq!(
        refused(&app, &admin, json!([{ "slug": "a" }, { "slug": "dsi", "name": null }])).await,
        [one("REQUIRED", "organizations/0/name"), one("REQUIRED", "organizations/1/name")].concat()
    );
    assert_eq!(
        refused(&app, &admin, json!([{ "slug": "dsi", "name": { "en": null, "fr": null } }])).await,
        one("REQUIRED", "organizations/0/name")
    );
    assert_eq!(
        refused(&app, &admin, json!([{ "slug": "a", "name": { "xx-nonsense-tag": "A" } }])).await[0].0,
        "INVALID"
    );
    assert_eq!(
        refused(&app, &admin, json!([{ "slug": "a", "name": "x".repeat(10_001) }])).await,
        one("TOO_LONG", "organizations/0/name")
    );
    for parent in [
        json!({ "slug": "nowhere" }),
        json!({ "id": "nonsense" }),
        json!({ "ref": { "system": "a", "key": "b" } }),
        json!({ "slug": "nu\u{0}ll" }),
    ] {
        assert_eq!(
            refused(&app, &admin, json!([{ "slug": "a", "name": "A", "parent": parent }])).await,
            one("NOT_FOUND", "organizations/0/parent")
        );
    }
    let payload = admin.reading("fr").organizations(json!([party("a", Some("a"))]), false).await;
    assert_eq!(
        payload["userErrors"][0]["message"],
        "une organisation ne peut pas dépendre d'elle-même, directement ou indirectement"
    );
    let thousand: Vec<Value> = (0..1_000)
        .map(|n: usize| party(&format!("o{n}"), n.checked_sub(1).map(|n| format!("o{n}")).as_deref()))
        .collect();
    assert_eq!(counts(&app.admin().organizations(json!(thousand), false).await), [1_000, 0, 0]);
}

#[tokio::test]
async fn an_organization_writes_itself_and_those_below_it() {
    let app = App::hospital().await;
    let provider = app.provider();
    // New ones below itself, and below those in one call.
    let below = json!([party("hosting", Some("dsi")), party("night-shift", Some("hosting"))]);
    assert_eq!(counts(&provider.organizations(below, false).await), [2, 0, 0]);
    assert_eq!(counts(&provider.organizations(json!([{ "slug": "dsi", "name": "IT" }, { "slug": "night-shift", "name": "Nights", "parent": { "slug": "dsi" } }]), false).await), [0, 2, 0]);
    let forbidden = |path: &str| one("FORBIDDEN", &format!("organizations/0/{path}"));
    assert_eq!(refused(&app, &provider, json!([{ "slug": "finance", "name": "Ours" }])).await, forbidden("slug"));
    assert_eq!(refused(&app, &provider, json!([{ "slug": "chu", "name": "Ours" }])).await, forbidden("slug"));
    assert_eq!(refused(&app, &provider, json!([party("free", None)])).await, forbidden("parent"));
    assert_eq!(refused(&app, &provider, json!([party("other", Some("finance"))])).await, forbidden("parent"));
    assert_eq!(
        refused(&app, &provider, json!([{ "slug": "hosting", "parent": { "slug": "finance" } }])).await,
        forbidden("parent")
    );
    assert_eq!(refused(&app, &provider, json!([{ "slug": "hosting", "parent": null }])).await, forbidden("parent"));
    assert_eq!(refused(&app, &provider, json!([{ "slug": "dsi", "parent": null }])).await, forbidden("parent"));
    assert_eq!(
        refused(&app, &provider, json!([{ "slug": "finance", "parent": { "slug": "dsi" } }])).await,
        forbidden("slug")
    );
    // The current parent is no change.
    assert_eq!(
        counts(&provider.organizations(json!([{ "slug": "dsi", "parent": { "slug": "chu" } }]), false).await),
        [0, 0, 1]
    );
    let without = app.someone("dsi", &[Scope::Read, Scope::DefinitionsWrite]);
    assert_eq!(refused(&app, &without, json!([{ "slug": "dsi", "name": "IT" }])).await, one("FORBIDDEN", ""));
    let nobody = app.someone("nowhere", &[Scope::OrganizationsWrite]);
    assert_eq!(refused(&app, &nobody, json!([party("new", None)])).await, forbidden("parent"));
}

#[tokio::test]
async fn what_is_unseen_is_only_ever_taken() {
    let app = App::hospital().await;
    let ward = app.someone("emergency", &[Scope::Read, Scope::OrganizationsWrite]);
    let taken = one("TAKEN", "organizations/0/slug");
    assert_eq!(refused(&app, &ward, json!([{ "slug": "pharmacy", "name": "Ours" }])).await, taken);
    // Nor that it is the parent.
    assert_eq!(refused(&app, &ward, json!([{ "slug": "chu", "parent": { "slug": "emergency" } }])).await, taken);
    assert_eq!(
        refused(&app, &ward, json!([{ "slug": "emergency", "parent": { "slug": "pharmacy" } }])).await,
        one("NOT_FOUND", "organizations/0/parent")
    );
    // The provider of what it consumes, it sees.
    assert_eq!(
        refused(&app, &ward, json!([{ "slug": "dsi", "name": "Ours" }])).await,
        one("FORBIDDEN", "organizations/0/slug")
    );
    assert_eq!(counts(&ward.organizations(json!([{ "slug": "emergency", "name": "ER" }]), false).await), [0, 1, 0]);
}

#[tokio::test]
async fn an_export_is_applied_again_whole() {
    let app = App::hospital().await;
    let provider = app.provider();
    let sample = file(ORGANIZATIONS)["organizations"].take();
    let before = app.rows().await;
    assert_eq!(counts(&provider.organizations(sample, false).await), [0, 0, 6]);
    let mine =
        json!([{ "slug": "finance", "name": { "en": "Finance department" }, "externalReferences": [reference("f")] }]);
    assert_eq!(refused(&app, &provider, mine).await, one("FORBIDDEN", "organizations/0/slug"));
    let id = provider.get(r#"{ organization(by: {slug: "finance"}) { id } }"#).await["organization"]["id"].take();
    let link = "mutation($input: ReferenceLinkInput!) { referenceLink(input: $input) { userErrors { message } } }";
    app.assert_unchanged(&before).await;
    let linked = provider.data(link, json!({ "input": { "entity": id, "reference": reference("f") } })).await;
    assert_eq!(linked["referenceLink"]["userErrors"], json!([]));
    let data = provider.get("{ organizations { nodes { document(format: JSON) } } }").await;
    let nodes = data["organizations"]["nodes"].as_array().unwrap().iter();
    let read = |node: &Value| -> Value { serde_json::from_str(node["document"].as_str().unwrap()).unwrap() };
    let mut exported: Vec<Value> = nodes.map(|node| read(node)["organizations"][0].take()).collect();
    assert!(json!(exported).to_string().contains(r#""key":"f""#));
    let before = app.rows().await;
    assert_eq!(counts(&provider.organizations(json!(exported), false).await), [0, 0, 6]);
    app.assert_unchanged(&before).await;
    // An own organization can change in the same call; another one cannot.
    let place = |slug: &str| exported.iter().position(|one| one["slug"] == slug).unwrap();
    let (own, other) = (place("dsi"), place("finance"));
    exported[own]["name"]["en"] = json!("IT");
    assert_eq!(counts(&provider.organizations(json!(exported), true).await), [0, 1, 5]);
    for (field, value) in [
        ("name", json!({ "en": "Money" })),
        ("name", json!({ "de": "Finanzen" })),
        ("parent", json!(null)),
        ("parent", json!({ "slug": "dsi" })),
        ("externalReferences", json!([reference("g")])),
        ("externalReferences", json!([{ "system": "servicenow", "key": "f", "url": "https://other.example" }])),
    ] {
        let mut changed = exported.clone();
        changed[other][field] = value;
        assert_eq!(
            refused(&app, &provider, json!(changed)).await,
            one("FORBIDDEN", &format!("organizations/{other}/slug")),
            "{field}"
        );
    }
}

#[tokio::test]
async fn guessing_right_tells_a_stranger_no_more_than_guessing_wrong() {
    let app = App::hospital().await;
    let ward = app.someone("emergency", &[Scope::Read, Scope::OrganizationsWrite]);
    let taken = one("TAKEN", "organizations/0/slug");
    let forbidden = |index: usize| one("FORBIDDEN", &format!("organizations/{index}/slug"));
    // It does not see the pharmacy, the finance department and the hospital: neither their names nor their parents.
    for (name, parent) in [("Hospital pharmacy", "chu"), ("Pharmacy", "dsi")] {
        let guess = json!([{ "slug": "pharmacy", "name": { "en": name } }]);
        assert_eq!(refused(&app, &ward, guess).await, taken);
        let guess = json!([{ "slug": "pharmacy", "parent": { "slug": parent } }, { "slug": "chu" }]);
        let expected = [taken.clone(), one("TAKEN", "organizations/1/slug")].concat();
        assert_eq!(refused(&app, &ward, guess).await, expected);
    }
    assert_eq!(refused(&app, &ward, json!([{ "slug": "pharmacy" }])).await, taken);
    // It sees the IT department, but not its parent.
    let place = |parent: &str| json!([{ "slug": "dsi", "parent": { "slug": parent } }, { "slug": parent }]);
    for parent in ["chu", "finance"] {
        let expected = [forbidden(0), one("TAKEN", "organizations/1/slug")].concat();
        assert_eq!(refused(&app, &ward, place(parent)).await, expected, "{parent}");
    }
    assert_eq!(refused(&app, &ward, json!([{ "slug": "dsi", "parent": null }])).await, forbidden(0));
    app.admin().organizations(json!([{ "slug": "dsi", "parent": null }]), false).await;
    assert_eq!(refused(&app, &ward, json!([{ "slug": "dsi", "parent": null }])).await, forbidden(0));
    assert_eq!(
        counts(&ward.organizations(json!([{ "slug": "dsi" }, { "slug": "emergency" }]), false).await),
        [0, 0, 2]
    );
}

#[tokio::test]
async fn references_are_added_to_them() {
    let app = App::hospital().await;
    let provider = app.provider();
    let linking = |slug: &str, key: &str| json!({ "slug": slug, "externalReferences": [reference(key)] });
    assert_eq!(counts(&provider.organizations(json!([linking("dsi", "d")]), true).await), [0, 1, 0]);
    assert_eq!(counts(&provider.organizations(json!([linking("dsi", "d")]), false).await), [0, 1, 0]);
    let before = app.rows().await;
    assert_eq!(counts(&provider.organizations(json!([linking("dsi", "d")]), false).await), [0, 0, 1]);
    app.assert_unchanged(&before).await;
    let mut new = party("hosting", Some("dsi"));
    new["externalReferences"] = json!([reference("d")]);
    assert_eq!(
        refused(&app, &provider, json!([new.clone()])).await,
        one("TAKEN", "organizations/0/externalReferences/0")
    );
    // One name for two things of one call.
    new["externalReferences"] = json!([reference("new")]);
    assert_eq!(
        refused(&app, &provider, json!([new, linking("dsi", "new")])).await,
        one("TAKEN", "organizations/1/externalReferences/0")
    );
    let twice = json!([{ "slug": "dsi", "externalReferences": [reference("e"), reference("e")] }]);
    assert_eq!(refused(&app, &provider, twice).await, one("INVALID", "organizations/0/externalReferences/1"));
    // A caller that writes for several organizations gives each its own references.
    assert_eq!(
        counts(&app.admin().organizations(json!([linking("finance", "x"), linking("pharmacy", "x")]), false).await),
        [0, 2, 0]
    );
    let query = r#"{ organization(by: {ref: { system: "servicenow", key: "d" }}) { slug externalReferences { key organization { slug } } } }"#;
    let found = provider.get(query).await["organization"].take();
    assert_eq!(found["slug"], "dsi");
}
