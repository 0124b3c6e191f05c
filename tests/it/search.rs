//! Search: what is found in definitions, in which order, and by whom.

use entente::policy::Scope;
use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};

use crate::app::{App, Asker, problems};

const HITS: &str = "query($text: String!, $types: [SearchType!], $first: Int, $after: String) {
    search(text: $text, types: $types, first: $first, after: $after) {
        edges { cursor node { score snippet locale service { slug } node { __typename id ... on Service { slug } ... on Outcome { key } ... on Cost { key } ... on Risk { key } ... on Benefit { key } ... on Expectation { key } } } }
        pageInfo { hasNextPage hasPreviousPage endCursor } totalCount } }";

impl Asker<'_> {
    async fn search(&self, variables: Value) -> Value {
        self.data(HITS, variables).await["search"].take()
    }

    /// What is found, by slug or key, best first.
    async fn found(&self, text: &str) -> Vec<String> {
        names(&self.search(json!({ "text": text })).await)
    }

    /// The services whose texts have the words.
    async fn listed(&self, text: &str) -> Vec<String> {
        let query = "query($text: String) { services(filter: {text: $text}) { nodes { slug } totalCount } }";
        let data = self.data(query, json!({ "text": text })).await;
        let nodes = data["services"]["nodes"].as_array().unwrap();
        assert_eq!(data["services"]["totalCount"], nodes.len());
        nodes.iter().map(|node| node["slug"].as_str().unwrap().to_owned()).collect()
    }
}

fn hits(search: &Value) -> &Vec<Value> {
    search["edges"].as_array().unwrap()
}

fn name(edge: &Value) -> String {
    let node = &edge["node"]["node"];
    node["slug"].as_str().or(node["key"].as_str()).unwrap().to_owned()
}

fn names(search: &Value) -> Vec<String> {
    hits(search).iter().map(name).collect()
}

/// A service of the hospital's IT department with a few words of its own.
fn service(slug: &str, consumers: &[&str]) -> Value {
    let consumers: Vec<Value> = consumers.iter().map(|slug| json!({ "organization": { "slug": slug } })).collect();
    json!({ "slug": slug, "name": format!("Service {slug}"), "consumers": consumers })
}

#[tokio::test]
async fn every_language_is_searched_whatever_the_accents_and_the_case() {
    let app = App::hospital().await;
    let provider = app.provider();
    assert_eq!(provider.found("infirmière").await, ["right-priority", "one-record"]);
    assert_eq!(provider.found("INFIRMIERE d'accueil").await, ["right-priority"]);
    assert_eq!(provider.found("triage nurse").await, ["right-priority"]);
    assert_eq!(provider.found("Réplication").await, provider.found("replication").await);
    assert_eq!(provider.found("replication").await, ["data-loss"]);
    assert_eq!(provider.found("patient-management").await, ["patient-management"]);
    assert_eq!(provider.found("soignants").await, ["engaged-staff"]);
    assert_eq!(provider.found("maintenance seven").await, ["tell-of-maintenance"]);
    assert_eq!(provider.found("licenses").await, [] as [&str; 0]);
}

#[tokio::test]
async fn all_words_or_their_beginnings_are_in_one_text_of_one_language() {
    let app = App::hospital().await;
    let provider = app.provider();
    assert_eq!(provider.found("pres phar").await, ["safe-prescription"]);
    assert_eq!(provider.found("pharmacy prescription").await, ["safe-prescription"]);
    // The end of a word is not its beginning, and words of two languages are of two texts.
    assert_eq!(provider.found("armacy").await, [] as [&str; 0]);
    assert_eq!(provider.found("prescription pharmacie").await, [] as [&str; 0]);
    assert_eq!(provider.found("pharmacy hosting").await, [] as [&str; 0]);
    // The filter of services asks for every word somewhere in the definition.
    assert_eq!(provider.listed("pharmacie HOSTING patient-man").await, ["patient-management"]);
    assert_eq!(provider.listed("pharmacie nowhere").await, [] as [&str; 0]);
    assert_eq!(provider.listed(" ** ").await, ["patient-management"]);
}

#[tokio::test]
async fn the_best_comes_first_on_every_database() {
    let app = App::hospital().await;
    let provider = app.provider();
    provider
        .applied(json!({ "slug": "records", "name": "Dossier", "summary": "Le dossier du patient, partout", "locale": "fr",
            "outcomes": [
                { "key": "long", "statement": "Le dossier suit le patient de son arrivée à sa sortie, quel que soit le service" },
                { "key": "short", "statement": "Un dossier unique" },
                { "key": "begun", "statement": "Des dossiers uniques" },
            ] }))
        .await;
    let search = provider.search(json!({ "text": "dossier" })).await;
    let scores: Vec<f64> = hits(&search).iter().map(|edge| edge["node"]["score"].as_f64().unwrap()).collect();
    assert!(scores.is_sorted_by(|one, other| one >= other), "{scores:?}");
    // The name, then short texts before long ones, whole words before beginnings, and outcomes before the rest.
    let best = [
        "records",
        "short",
        "quick-admission",
        "begun",
        "one-record",
        "long",
        "confidentiality",
        "report-at-once",
        "data-loss",
        "outage",
    ];
    assert_eq!(names(&search), best);
}

#[tokio::test]
async fn the_snippet_marks_the_words_in_the_readers_language_if_they_are_there() {
    let app = App::hospital().await;
    let ask = async |language: &str, text: &str| {
        let search = app.provider().reading(language).search(json!({ "text": text, "types": ["OUTCOME"] })).await;
        let hit = &hits(&search)[0]["node"];
        format!("{} {}", hit["locale"].as_str().unwrap(), hit["snippet"].as_str().unwrap())
    };
    assert_eq!(
        ask("fr", "patient admis").await,
        "fr Le **patient** est identifié et **admis** sans ressaisir son dossier."
    );
    // "patient" begins a word of the English text too, "admitted" only with "adm".
    assert_eq!(
        ask("en", "patient adm").await,
        "en A **patient** is identified and **admitted** without typing the record again."
    );
    assert_eq!(
        ask("fr-CA", "patient adm").await,
        "fr Le **patient** est identifié et **admis** sans ressaisir son dossier."
    );
    assert_eq!(ask("en", "ressaisir").await, "fr Le patient est identifié et admis sans **ressaisir** son dossier.");
    let search = app.provider().reading("en").search(json!({ "text": "rehearsed" })).await;
    assert_eq!(
        hits(&search)[0]["node"]["snippet"],
        "Losing a patient's record · Replication, and a restore **rehearsed** every month"
    );
}

#[tokio::test]
async fn types_narrow_what_is_found() {
    let app = App::hospital().await;
    let provider = app.provider();
    let typed = async |types: Value| {
        let search = provider.search(json!({ "text": "patient", "types": types })).await;
        let mut found: Vec<String> =
            hits(&search).iter().map(|edge| edge["node"]["node"]["__typename"].as_str().unwrap().to_owned()).collect();
        assert_eq!(search["totalCount"], found.len());
        found.sort_unstable();
        found.dedup();
        found
    };
    assert_eq!(typed(json!(["SERVICE"])).await, ["Service"]);
    assert_eq!(typed(json!(["OUTCOME"])).await, ["Outcome"]);
    assert_eq!(typed(json!(["RISK", "BENEFIT"])).await, ["Benefit", "Risk"]);
    assert_eq!(typed(json!(["THREAD"])).await, [] as [&str; 0]);
    assert_eq!(typed(json!([])).await, [] as [&str; 0]);
    assert!(typed(json!(null)).await.len() > 3);
}

#[tokio::test]
async fn pages_follow_one_another_and_are_counted_only_when_asked() {
    let app = App::hospital().await;
    let provider = app.provider();
    for number in 0..7 {
        provider.applied(service(&format!("equal-{number}"), &[])).await;
    }
    let all = provider.found("equal").await;
    // What is equally good: the newest first.
    assert_eq!(all, (0..7).rev().map(|number| format!("equal-{number}")).collect::<Vec<_>>());
    let (mut paged, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = provider.search(json!({ "text": "equal", "first": 3, "after": after })).await;
        assert_eq!(page["totalCount"], 7);
        assert_eq!(page["pageInfo"]["hasPreviousPage"], !after.is_null());
        paged.extend(names(&page));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(paged, all);
    let statements = async |query: &str| {
        let before = app.store.statements();
        provider.get(query).await;
        app.store.statements() - before
    };
    provider.get(r#"{ search(text: "equal") { nodes { snippet service { name } } } }"#).await;
    let one = statements(r#"{ search(text: "equal", first: 1) { nodes { snippet service { name } } } }"#).await;
    let many = statements(r#"{ search(text: "equal") { nodes { snippet service { name } } } }"#).await;
    let counted = statements(r#"{ search(text: "equal") { nodes { snippet service { name } } totalCount } }"#).await;
    assert_eq!((one, many, counted), (3, 3, 4));
}

#[tokio::test]
async fn pages_and_texts_out_of_bounds_are_refused_and_say_so() {
    let app = App::hospital().await;
    for (variables, message) in [
        (json!({ "text": "a", "first": 201 }), "`first` is 201; a page holds 200 at most"),
        (json!({ "text": "a", "after": "x" }), "`after` is not a cursor of this list"),
        (json!({ "text": "é".repeat(201) }), "Variable \"$text\": `text` has 201 characters; 200 at most are allowed."),
    ] {
        let answer = app.provider().ask(HITS, variables).await;
        assert_eq!(answer["errors"][0]["message"], message);
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST");
    }
    let cursor =
        app.provider().get("{ services { edges { cursor } } }").await["services"]["edges"][0]["cursor"].clone();
    let answer = app.provider().ask(HITS, json!({ "text": "patient", "after": cursor })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST");
}

#[tokio::test]
async fn what_is_written_is_found_at_once_and_what_is_removed_no_more() {
    let app = App::hospital().await;
    let provider = app.provider();
    let found = async |text| provider.found(text).await;
    let none: [&str; 0] = [];
    let change = |outcome: Value| json!({ "slug": "patient-management", "outcomes": [outcome] });
    // A dry run and a refused document leave nothing behind.
    let said = change(json!({ "key": "one-record", "statement": { "en": "A zebrafish record" } }));
    provider.apply(said.clone(), json!({ "dryRun": true })).await;
    assert_eq!(found("zebrafish").await, none);
    let refused = provider.apply(said.clone(), json!({ "expectedRevision": 9 })).await;
    assert_eq!(problems(&refused).len(), 1);
    assert_eq!(found("zebrafish").await, none);
    // A text that changes is found by its new words only, in its language only.
    provider.applied(said).await;
    assert_eq!(found("zebrafish").await, ["one-record"]);
    assert_eq!(found("bedside").await, none);
    assert_eq!(found("infirmières").await, ["one-record"]);
    provider.applied(change(json!({ "key": "one-record", "statement": { "fr": null } }))).await;
    assert_eq!(found("infirmières").await, none);
    // A deleted element is not found, and found again when it is created again.
    provider.applied(change(json!({ "key": "one-record", "remove": true }))).await;
    assert_eq!(found("zebrafish").await, none);
    provider.applied(change(json!({ "key": "one-record", "statement": "The zebrafish is back" }))).await;
    assert_eq!(found("zebrafish").await, ["one-record"]);
    // The name and the summary are the service's.
    provider.applied(json!({ "slug": "patient-management", "summary": { "en": "Quokka" } })).await;
    assert_eq!(found("quokka").await, ["patient-management"]);
    provider.applied(json!({ "slug": "patient-management", "summary": null })).await;
    assert_eq!(found("quokka").await, none);
    assert_eq!(found("parcours").await, ["patient-management"]);
}

#[tokio::test]
async fn nobody_finds_or_counts_what_is_not_theirs() {
    let app = App::hospital().await;
    let provider = app.provider();
    provider.applied(service("canary-for-pharmacy", &["pharmacy"])).await;
    provider.applied(service("canary-for-nobody", &[])).await;
    assert_eq!(provider.found("canary").await, ["canary-for-nobody", "canary-for-pharmacy"]);
    assert_eq!(app.ward("pharmacy").found("canary").await, ["canary-for-pharmacy"]);
    assert_eq!(app.ward("pharmacy").listed("canary").await, ["canary-for-pharmacy"]);
    assert_eq!(app.admin().found("canary").await.len(), 2);
    // The answer for an invisible object is exactly the answer for an object that does not exist.
    for asker in [app.ward("emergency"), app.ward("nowhere"), app.someone("radiology", &[Scope::Read])] {
        let ask = async |text: &str| asker.ask(HITS, json!({ "text": text })).await.to_string();
        assert_eq!(ask("canary").await, ask("absent").await);
        assert!(ask("canary").await.contains("\"totalCount\":0"));
        assert_eq!(asker.listed("canary").await, [] as [&str; 0]);
    }
    // A former consumer finds nothing more.
    let gone = json!({ "slug": "canary-for-pharmacy", "consumers": [{ "organization": { "slug": "pharmacy" }, "remove": true }] });
    provider.applied(gone).await;
    assert_eq!(app.ward("pharmacy").found("canary").await, [] as [&str; 0]);
    let code = async |asker: Asker<'_>| {
        asker.ask(HITS, json!({ "text": "canary" })).await["errors"][0]["extensions"]["code"].take()
    };
    assert_eq!(code(app.nobody()).await, "UNAUTHENTICATED");
    assert_eq!(code(app.someone("dsi", &[])).await, "FORBIDDEN");
    assert_eq!(app.someone("dsi", &[Scope::DefinitionsWrite]).found("canary").await.len(), 2);
    assert_eq!(app.someone("pharmacy", &[Scope::DefinitionsWrite]).found("patient").await, [] as [&str; 0]);
}

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
        let words = entente::search::SearchWords::parse(text).unwrap();
        assert_eq!(words.is_empty(), text.chars().all(|c| !c.is_alphanumeric()), "{text:?}");
        if words.words() == ["dossier"] {
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
async fn definitions_that_were_there_before_the_search_are_found() {
    let app = App::hospital().await;
    let provider = app.provider();
    let before = provider.search(json!({ "text": "patient" })).await;
    assert!(before["totalCount"].as_i64().unwrap() > 5);
    run(&app.url, "DELETE FROM passage").await;
    assert_eq!(provider.found("patient").await, [] as [&str; 0]);
    for _ in 0..2 {
        app.store.migrate().await.unwrap();
        assert_eq!(provider.search(json!({ "text": "patient" })).await, before);
    }
    // And a change finds the rows that it replaces.
    provider
        .applied(json!({ "slug": "patient-management", "outcomes": [{ "key": "quick-admission", "remove": true }] }))
        .await;
    assert!(!provider.found("patient").await.contains(&"quick-admission".to_owned()));
}

async fn run(url: &str, sql: &'static str) {
    if url.starts_with("sqlite") {
        SqliteConnection::connect(url).await.unwrap().execute(sql).await.unwrap();
    } else {
        PgConnection::connect(url).await.unwrap().execute(sql).await.unwrap();
    }
}

#[tokio::test]
async fn width_says_nothing_and_marks_outside_european_scripts_make_another_word() {
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
