//! Texts in the reader's language.

use serde_json::{Value, json};

use crate::app::App;

/// A service with texts in different languages.
async fn service() -> App {
    let app = App::hospital().await;
    app.provider()
        .applied(json!({ "slug": "record", "name": { "en": "Record", "fr": "Dossier", "fr-CA": "Dossier québécois", "de": "Akte" },
            "summary": { "nl": "Een dossier", "de": "Eine Akte" } }))
        .await;
    app
}

#[tokio::test]
async fn a_text_is_read_in_the_language_asked_for_then_the_header_then_the_default_then_the_first() {
    let app = service().await;
    let query = r#"query($locale: Locale) { service(by: {slug: "record"}) { name(locale: $locale) summary(locale: $locale)
        definition { name(locale: $locale) summary(locale: $locale) } } }"#;
    for (header, locale, name, summary) in [
        ("", None, "Record", "Eine Akte"),
        ("", Some("fr"), "Dossier", "Eine Akte"),
        ("", Some("FR"), "Dossier", "Eine Akte"),
        ("", Some("fr-BE"), "Dossier", "Eine Akte"),
        ("", Some("fr-CA"), "Dossier québécois", "Eine Akte"),
        ("", Some("fr-ca"), "Dossier québécois", "Eine Akte"),
        ("de", Some("nl"), "Akte", "Een dossier"),
        ("de", Some("ja"), "Akte", "Eine Akte"),
        ("ja", Some("ja"), "Record", "Eine Akte"),
        ("fr", None, "Dossier", "Eine Akte"),
        ("fr-CH, de;q=0.9", None, "Dossier", "Eine Akte"),
        ("en;q=0.1, de;q=0.4, fr;q=0.3", None, "Akte", "Eine Akte"),
        ("nl, fr;q=0.5", None, "Dossier", "Een dossier"),
        ("fr;q=0, nl", None, "Record", "Een dossier"),
        ("*", None, "Record", "Eine Akte"),
        ("fr;q=1.5, ;;;, \u{1F600}, de", None, "Akte", "Eine Akte"),
        ("zh-Hant-TW, fr-CA", None, "Dossier québécois", "Eine Akte"),
    ] {
        let data = app.provider().reading(header).data(query, json!({ "locale": locale })).await["service"].take();
        let frozen = &data["definition"];
        assert_eq!((&data["name"], &data["summary"]), (&json!(name), &json!(summary)), "{header:?} {locale:?}");
        assert_eq!((&frozen["name"], &frozen["summary"]), (&json!(name), &json!(summary)), "{header:?} {locale:?}");
    }
}

#[tokio::test]
async fn a_language_is_looked_up_part_by_part_whatever_way_its_tag_is_written() {
    let app = App::hospital().await;
    let name =
        json!({ "zh": "汉", "zh-Hant": "漢", "sr": "ћ", "sr-Latn": "ć", "deu": "Akte", "en-US-u-hc-h12": "Record" });
    app.provider().applied(json!({ "slug": "record", "name": name, "locale": "fra", "summary": "Dossier" })).await;
    let query = r#"query($locale: Locale) { service(by: {slug: "record"}) { name(locale: $locale) summary(locale: $locale) } }"#;
    for (tag, said) in [
        ("zh-Hant-TW", "漢"),
        ("zh-Hans-CN", "汉"),
        ("sr-Latn-RS", "ć"),
        ("sr-Cyrl-RS", "ћ"),
        ("de-CH-1996", "Akte"),
        ("ger", "Akte"),
        ("en-US-u-hc-h12", "Record"),
        ("en-US-x-ward", "Record"),
    ] {
        for (header, locale) in [("", json!(tag)), (tag, Value::Null)] {
            let data = app.provider().reading(header).data(query, json!({ "locale": locale })).await;
            assert_eq!(data["service"]["name"], said, "{tag} {header}");
        }
    }
    // The same language twice, and the same document again.
    let payload = app.provider().apply(json!({ "slug": "record", "name": { "de": "A", "deu": "B" } }), json!({})).await;
    assert_eq!(crate::app::problems(&payload), [("INVALID".into(), "definition/name/deu".into())]);
    let again =
        app.provider().applied(json!({ "slug": "record", "name": name, "locale": "fr", "summary": "Dossier" })).await;
    assert_eq!((&again["applied"], &again["changes"]), (&json!(false), &json!([])), "{again:#}");
    let document = app.provider().get(r#"{ service(by: {slug: "record"}) { document(format: JSON) } }"#).await;
    let document = document["service"]["document"].as_str().unwrap();
    assert!(document.contains("\"de\"") && document.contains("\"en-US\"") && !document.contains("deu"), "{document}");
}

#[tokio::test]
async fn a_reader_may_mix_languages_in_one_query() {
    let app = App::hospital().await;
    let query = r#"{ organization(by: {slug: "dsi"}) { fr: name(locale: "fr") en: name(locale: "en") name }
        service(by: {slug: "patient-management"}) { fr: name(locale: "fr") name
            risks { fr: mitigation(locale: "fr") mitigation }
            escalationPolicy { levels { fr: name(locale: "fr") name } } offerings { fr: description(locale: "fr") description }
            value { benefits { fr: stakeholder(locale: "fr") } } } }"#;
    let data = app.provider().get(query).await;
    assert_eq!(
        data["organization"],
        json!({ "fr": "Direction des systèmes d'information", "en": "IT department", "name": "IT department" })
    );
    let service = &data["service"];
    assert_eq!(service["fr"], "Gestion du parcours patient");
    assert_eq!(service["name"], "Patient journey management");
    assert_eq!(service["risks"][1], json!({ "fr": null, "mitigation": null }));
    assert_eq!(service["risks"][2]["fr"], "Procédure papier affichée dans chaque service");
    assert_eq!(
        service["escalationPolicy"]["levels"][0],
        json!({ "fr": "Équipe applicative", "name": "Application team" })
    );
    assert_eq!(service["offerings"][0]["fr"], "Assistance 24 h sur 24, 7 jours sur 7");
    assert_eq!(service["value"]["benefits"][1]["fr"], "Personnel soignant");
}

#[tokio::test]
async fn a_locale_that_is_none_is_refused_where_it_stands() {
    let app = App::hospital().await;
    for tag in ["klingon", "", "x", "fr_", "../", "xx"] {
        let query =
            r#"query($locale: Locale) { service(by: {slug: "patient-management"}) { slug name(locale: $locale) } }"#;
        let answer = app.provider().ask(query, json!({ "locale": tag })).await;
        assert_eq!(answer["data"], json!({ "service": null }), "{tag:?}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{tag:?}");
        assert_eq!(answer["errors"][0]["path"], json!(["service", "name"]), "{tag:?}");
    }
}

#[tokio::test]
async fn a_refused_nullable_field_is_null_with_its_error_and_the_rest_intact() {
    let app = App::hospital().await;
    let query = r#"{ service(by: {slug: "patient-management"}) { slug summary(locale: "klingon")
        risks { key mitigation(locale: "klingon") } both: definition(revision: 1, asOf: "2026-01-01T00:00:00Z") { revision }
        offerings { key description(locale: "klingon") } } }"#;
    let answer = app.provider().ask(query, json!({})).await;
    let service = &answer["data"]["service"];
    assert_eq!(service["slug"], "patient-management");
    assert_eq!(service["summary"], Value::Null);
    assert_eq!(service["both"], Value::Null);
    assert_eq!(service["risks"][0], json!({ "key": "data-loss", "mitigation": null }));
    // Also where there is no text to read.
    assert_eq!(service["offerings"][1], json!({ "key": "office-hours", "description": null }));
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 1 + 3 + 1 + 2, "{answer:#}");
    assert!(errors.iter().all(|error| error["extensions"]["code"] == "BAD_REQUEST"));
    assert!(errors.iter().any(|error| error["path"] == json!(["service", "risks", 1, "mitigation"])));
}

#[tokio::test]
async fn problems_and_errors_are_told_in_the_readers_language() {
    let app = App::hospital().await;
    let wrong = json!({ "slug": "Not A Slug", "name": "x" });
    let english = app.provider().apply(wrong.clone(), json!({})).await;
    let french = app.provider().reading("nl, fr-BE;q=0.5, en;q=0.2").apply(wrong, json!({})).await;
    assert_eq!(english["userErrors"][0]["code"], french["userErrors"][0]["code"]);
    assert_eq!(english["userErrors"][0]["path"], french["userErrors"][0]["path"]);
    assert_ne!(english["userErrors"][0]["message"], french["userErrors"][0]["message"]);

    let refused = app.someone("dsi", &[]);
    let (_, message) = refused.refusal("{ services { totalCount } }", json!({})).await;
    assert_eq!(message, "the token lacks the scope read");
    let (_, message) = refused.reading("fr").refusal("{ services { totalCount } }", json!({})).await;
    assert_eq!(message, "il manque au jeton la portée read");
    let (code, message) = app.nobody().reading("fr").refusal("{ viewer { locale } }", json!({})).await;
    assert_eq!((code.as_str(), message.as_str()), ("UNAUTHENTICATED", "il faut un jeton : Authorization: Bearer …"));
}

#[tokio::test]
async fn a_viewers_locale_is_the_language_that_it_likes_best() {
    let app = App::hospital().await;
    for (header, expected) in [("", "en"), ("fr-ca;q=0.8, de;q=0.2", "fr-CA"), ("de;q=0.2, nl", "nl"), ("xx", "en")] {
        let data = app.provider().reading(header).get("{ viewer { locale } }").await;
        assert_eq!(data["viewer"]["locale"], expected, "{header}");
    }
}

#[tokio::test]
async fn one_refused_question_leaves_the_others_of_a_query_their_answers() {
    let app = App::hospital().await;
    let query = r#"{ ok: organization(by: {slug: "dsi"}) { slug } no: service(by: {slug: "patient-management"}) { slug }
        node(id: "service_01h455vb4pex5vsknk084sn02q") { id } viewer { organization { slug } } }"#;
    let answer = app.someone("dsi", &[entente::policy::Scope::OrganizationsWrite]).ask(query, json!({})).await;
    assert_eq!(
        answer["data"],
        json!({ "ok": { "slug": "dsi" }, "no": null, "node": null, "viewer": { "organization": { "slug": "dsi" } } })
    );
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 2, "{answer:#}");
    assert!(errors.iter().all(|error| error["extensions"]["code"] == "FORBIDDEN"));
}
