//! Naming a service or an organization: by id, by slug, by another system's key.

use entente::policy::Scope;
use serde_json::{Value, json};

use crate::app::{App, Asker};

const SERVICE: &str = "query($by: ServiceKey!) { service(by: $by) { slug } }";
const ORGANIZATION: &str = "query($by: OrganizationKey!) { organization(by: $by) { slug } }";

async fn service(asker: &Asker<'_>, by: Value) -> Value {
    asker.data(SERVICE, json!({ "by": by })).await["service"]["slug"].take()
}

async fn organization(asker: &Asker<'_>, by: Value) -> Value {
    asker.data(ORGANIZATION, json!({ "by": by })).await["organization"]["slug"].take()
}

fn by_ref(system: &str, kind: Option<&str>, key: &str) -> Value {
    json!({ "ref": { "system": system, "type": kind, "key": key } })
}

#[tokio::test]
async fn a_thing_is_found_by_its_id_its_slug_and_any_key_that_was_linked() {
    let app = App::hospital().await;
    let asker = app.provider();
    let ids = asker
        .get(r#"{ service(by: {slug: "patient-management"}) { id } organization(by: {slug: "dsi"}) { id } }"#)
        .await;
    let (id, own) = (&ids["service"]["id"], &ids["organization"]["id"]);
    let there = json!("patient-management");
    for (by, expected) in [
        (json!({ "id": id }), &there),
        (json!({ "id": own }), &Value::Null),
        (json!({ "id": "x" }), &Value::Null),
        (json!({ "slug": "patient-management" }), &there),
        (json!({ "slug": "Patient-Management" }), &Value::Null),
        (json!({ "slug": "" }), &Value::Null),
        (by_ref("jira", None, "PMS"), &there),
        (json!({ "ref": { "system": "jira", "key": "PMS" } }), &there),
        (by_ref("jira", Some("service"), "PMS"), &there),
        (by_ref("jira", Some("other"), "PMS"), &Value::Null),
        (by_ref("jira", Some(""), "PMS"), &Value::Null),
        (by_ref("servicenow", None, "PMS"), &Value::Null),
        (by_ref("jira", None, "pms"), &Value::Null),
        (by_ref("servicenow", Some("cmdb_ci_service"), "27d32778c0a8000b00db970eeaa60f16"), &there),
        // The key of an organization names no service.
        (by_ref("servicenow", None, "221f79b7c6112284005d646b76ab978c"), &Value::Null),
    ] {
        assert_eq!(service(&asker, by.clone()).await, *expected, "{by}");
    }
    let there = json!("dsi");
    for (by, expected) in [
        (json!({ "id": own }), &there),
        (json!({ "id": id }), &Value::Null),
        (json!({ "slug": "dsi" }), &there),
        (by_ref("servicenow", None, "221f79b7c6112284005d646b76ab978c"), &there),
        (by_ref("servicenow", Some("cmn_department"), "221f79b7c6112284005d646b76ab978c"), &there),
        (by_ref("jira", None, "PMS"), &Value::Null),
    ] {
        assert_eq!(organization(&asker, by.clone()).await, *expected, "{by}");
    }
}

#[tokio::test]
async fn a_key_that_names_several_things_is_refused_and_its_type_tells_them_apart() {
    let app = App::hospital().await;
    let asker = app.provider();
    for (slug, kind) in [("one", "service"), ("two", "application")] {
        let reference = json!([{ "system": "jira", "type": kind, "key": "HELP" }]);
        asker.applied(json!({ "slug": slug, "name": slug, "externalReferences": reference })).await;
    }
    let (code, message) = asker.refusal(SERVICE, json!({ "by": by_ref("jira", None, "HELP") })).await;
    assert_eq!(code, "BAD_REQUEST");
    assert_eq!(message, "the external key names several things: give its type too, or the id");
    assert_eq!(service(&asker, by_ref("jira", Some("application"), "HELP")).await, "two");
    // Twice for one thing is not several things.
    let again = json!([{ "system": "jira", "type": "service", "key": "SAME" }, { "system": "jira", "type": "board", "key": "SAME" }]);
    asker.applied(json!({ "slug": "one", "externalReferences": again })).await;
    assert_eq!(service(&asker, by_ref("jira", None, "SAME")).await, "one");
    let filter = json!({ "filter": { "provider": by_ref("jira", None, "HELP") } });
    let query = "query($filter: ServiceFilter) { services(filter: $filter) { totalCount } }";
    assert_eq!(asker.data(query, filter).await["services"]["totalCount"], 0);
}

#[tokio::test]
async fn what_ones_own_organization_calls_so_goes_before_what_another_does() {
    let app = App::hospital().await;
    let emergency = json!([{ "organization": { "slug": "emergency" } }]);
    let reference = json!([{ "system": "tool", "key": "1" }]);
    app.provider()
        .applied(json!({ "slug": "of-dsi", "name": "A", "consumers": emergency, "externalReferences": reference }))
        .await;
    app.provider().applied(json!({ "slug": "of-emergency", "name": "B", "consumers": emergency })).await;
    let admin = app.someone("emergency", &[Scope::Admin]);
    admin.applied(json!({ "slug": "of-emergency", "externalReferences": reference })).await;
    assert_eq!(service(&app.ward("emergency"), by_ref("tool", None, "1")).await, "of-emergency");
    assert_eq!(service(&app.provider(), by_ref("tool", None, "1")).await, "of-dsi");
    // A viewer without an own key for it finds both.
    let (code, _) = app.admin().refusal(SERVICE, json!({ "by": by_ref("tool", None, "1") })).await;
    assert_eq!(code, "BAD_REQUEST");
    assert_eq!(service(&app.ward("pharmacy"), by_ref("tool", None, "1")).await, Value::Null);
}

#[tokio::test]
async fn a_key_is_exactly_one_of_its_ways() {
    let app = App::hospital().await;
    let asker = app.provider();
    for by in [
        json!({}),
        json!({ "slug": "dsi", "id": "x" }),
        json!({ "slug": null }),
        json!({ "slug": "dsi", "id": null }),
        json!({ "name": "dsi" }),
        json!({ "ref": { "key": "x" } }),
        json!("dsi"),
        Value::Null,
    ] {
        for query in [SERVICE, ORGANIZATION] {
            let (code, _) = asker.refusal(query, json!({ "by": by })).await;
            assert_eq!(code, "BAD_REQUEST", "{by}");
        }
    }
    for by in ["{}", r#"{slug: "a", id: "b"}"#, "{slug: null}", "{slug: $missing}", "null"] {
        let define = if by.contains('$') { "query($missing: String)" } else { "" };
        let (code, _) = asker.refusal(&format!("{define} {{ service(by: {by}) {{ slug }} }}"), json!({})).await;
        assert_eq!(code, "BAD_REQUEST", "{by}");
    }
}

#[tokio::test]
async fn a_key_with_a_character_that_no_database_keeps_names_nothing_and_breaks_nothing() {
    let app = App::hospital().await;
    let asker = app.provider();
    for by in [
        json!({ "slug": "a\u{0}" }),
        json!({ "id": "\u{0}" }),
        by_ref("jira", None, "PMS\u{0}"),
        by_ref("jira\u{0}", None, "PMS"),
    ] {
        for query in [SERVICE, ORGANIZATION] {
            let answer = asker.ask(query, json!({ "by": by })).await;
            let code = answer["errors"][0]["extensions"]["code"].as_str();
            assert!(matches!(code, None | Some("BAD_REQUEST")), "{by}: {answer}");
            assert!(answer["data"].as_object().unwrap().values().all(Value::is_null), "{by}: {answer}");
        }
    }
}
