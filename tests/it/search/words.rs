//! The words of a search: every text is accepted, and words are compared without case, accents and width.

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::json;

use super::HITS;
use crate::app::App;

#[tokio::test]
async fn whatever_is_typed_is_text() {
    let app = App::hospital().await;
    let provider = app.provider();
    let hostile = [
        "",
        " ",
        "*",
        "\"",
        "'",
        "''",
        "\\",
        "%",
        "_",
        "\0",
        "\"dossier",
        "dossier*",
        "*dossier",
        "-dossier",
        "+dossier",
        "dossier AND",
        "OR dossier",
        "NOT dossier",
        "NEAR(dossier patient, 2)",
        "words:dossier",
        "{words}:dossier",
        "^dossier",
        "dossier & !patient",
        "dossier <-> patient",
        "dossier:*",
        "dossier:AB",
        "'dossier':*",
        "('dossier')",
        "dossier | ''",
        "'; DROP TABLE passage; --",
        "$1",
        "?",
        ":1",
        "\u{feff}dossier",
        "\u{202e}dossier",
        "🏥 dossier",
        "病歴",
        "%' OR '1'='1",
    ];
    for text in hostile {
        let search = provider.search(json!({ "text": text })).await;
        let wanted = entente::search::SearchWords::parse(text).unwrap();
        assert_eq!(wanted.is_empty(), text.chars().all(|c| !c.is_alphanumeric()), "{text:?}");
        if wanted.words() == ["dossier"] {
            assert_eq!(search["totalCount"], 6, "{text:?}");
        }
        provider.listed(text).await;
    }
    let mut runner = TestRunner::deterministic();
    let texts = "(\\PC|[\"'*:^(){}&|!<>@#\\-+~]|AND|OR|NOT|NEAR|dossier|[\\x00-\\x1f]){0,40}";
    for _ in 0..200 {
        let text = proptest::string::string_regex(texts).unwrap().new_tree(&mut runner).unwrap().current();
        let answer = provider.ask(HITS, json!({ "text": text })).await;
        match answer["errors"][0]["message"].as_str() {
            None => assert!(answer["data"]["search"]["totalCount"].as_i64().is_some(), "{text:?}: {answer}"),
            Some(message) => assert!(message.contains("at most can be searched for"), "{text:?}: {answer}"),
        }
    }
}

#[tokio::test]
async fn width_has_no_meaning_and_marks_outside_european_scripts_make_another_word() {
    let app = App::hospital().await;
    let provider = app.provider();
    for (slug, name) in [
        ("gas", "ｶﾞｽ漏れ"),
        ("bridge", "はし"),
        ("edge", "ばし"),
        ("fort", "किला"),
        ("nail", "कीला"),
        ("cafe", "Café crème"),
    ] {
        provider.applied(json!({ "slug": slug, "name": name })).await;
    }
    for (text, found) in [
        ("ガス", &["gas"][..]),
        ("ｶﾞｽ", &["gas"]),
        ("カス", &[]),
        ("はし", &["bridge"]),
        ("ば", &["edge"]),
        ("ハ\u{ff9e}", &[]),
        ("は\u{3099}し", &["edge"]),
        ("किला", &["fort"]),
        ("कीला", &["nail"]),
        ("ＣＡＦＥ creme", &["cafe"]),
    ] {
        assert_eq!(provider.found(text).await, found, "{text}");
        assert_eq!(provider.listed(text).await, found, "{text}");
    }
    let item = |key: &str, name: &str| json!({ "ref": { "system": "cmdb", "key": key }, "name": name, "class": "x" });
    provider.items(json!([item("1", "ﾃﾞｰﾀﾍﾞｰｽ"), item("2", "テータ")]), json!({})).await;
    let query = "query($text: String) { configurationItems(filter: {text: $text}) { nodes { name } }
        organizations(text: $text) { nodes { slug } } }";
    let names = async |text: &str| provider.data(query, json!({ "text": text })).await;
    assert_eq!(names("データ").await["configurationItems"]["nodes"], json!([{ "name": "ﾃﾞｰﾀﾍﾞｰｽ" }]));
    provider.organizations(json!([{ "slug": "ward-9", "name": "ｶﾞﾝ病棟", "parent": { "slug": "dsi" } }]), false).await;
    assert_eq!(names("ガン").await["organizations"]["nodes"], json!([{ "slug": "ward-9" }]));
}
