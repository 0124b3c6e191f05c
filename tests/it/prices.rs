//! What is dear has its price: as many as would keep the server busy are refused, as many as a page asks for are answered.

use entente::policy::Scope;
use serde_json::json;

use crate::app::App;

/// So many of one field, each with other arguments.
fn several(count: usize, field: impl Fn(usize) -> String) -> String {
    (0..count).map(|number| format!("f{number}: {} ", field(number))).collect()
}

#[tokio::test]
async fn a_few_dear_fields_are_answered_and_many_refused() {
    let app = App::hospital().await;
    let asker = app.someone("dsi", &[Scope::Read, Scope::CmdbRead]);
    let search = |number: usize| {
        format!("search(text: \"record {number}\", first: 10) {{ totalCount nodes {{ score snippet node {{ id }} }} }}")
    };
    let impact = |number: usize| {
        format!("impact(of: [{{ref: {{system: \"servicenow\", key: \"san-{number}\"}}}}]) {{ notFound services {{ effect service {{ slug }} path {{ name }}
            outcomes {{ effect outcome {{ key }} }} consumers {{ organization {{ slug }} }} openEscalations }} }}")
    };
    let perception =
        |number: usize| format!("perception(window: \"P{}D\") {{ average count distribution }}", number + 1);
    let of_outcomes =
        |count| format!("services(first: 200) {{ nodes {{ outcomes {{ {} }} }} }}", several(count, perception));
    let revisions = |first: usize| {
        format!(
            "services(first: {first}) {{ nodes {{ outcomes {{ service {{ revisions {{ nodes {{ document changes {{ path }} }} }} }} }} }} }}"
        )
    };
    let of_one = "service(by: {slug: \"patient-management\"}) { revisions(first: 200) { nodes { document changes { path before after action } } } }";
    for (what, few, many) in [
        ("searches", several(5, search), several(20, search)),
        ("impacts", several(5, impact), several(8, impact)),
        ("perceptions", of_outcomes(5), of_outcomes(25)),
        ("revisions", of_one.to_owned(), revisions(50)),
        (
            "digests",
            "services(first: 100) { nodes { definition { digest } } }".to_owned(),
            "services(first: 100) { nodes { revisions(first: 20) { nodes { digest } } } }".to_owned(),
        ),
        (
            "suggestions",
            "threads(first: 100) { nodes { suggestion { adopted } } }".to_owned(),
            "services(first: 20) { nodes { threads(first: 100) { nodes { suggestion { adopted } } } } }".to_owned(),
        ),
        (
            "lists below lists",
            "services(first: 100) { nodes { consumers { organization { consumedServices(first: 1) { totalCount } } } } }".to_owned(),
            "services(first: 100) { nodes { consumers { organization { consumedServices(first: 100) { nodes { slug } } } } } }".to_owned(),
        ),
    ] {
        asker.get(&format!("{{ {few} }}")).await;
        let (code, _) = asker.refusal(&format!("{{ {many} }}"), json!({})).await;
        assert_eq!(code, "LIMIT_EXCEEDED", "{what}");
    }
}

#[tokio::test]
async fn a_query_that_asks_for_too_much_is_told_its_price_or_its_depth_and_the_limit() {
    let app = App::hospital().await;
    let asker = app.someone("dsi", &[Scope::Read]);
    let error = async |query: &str, variables: serde_json::Value| {
        let answer = asker.ask(query, variables).await;
        (answer["errors"][0]["message"].as_str().unwrap().to_owned(), answer["errors"][0]["extensions"].clone())
    };
    let dear = "query($n: Int!) { organizations(first: $n) { nodes { providedServices(first: $n) { nodes {
        revisions(first: $n) { nodes { revision } } } } } } }";
    let (message, extensions) = error(dear, json!({ "n": 200 })).await;
    let price = extensions["price"].as_u64().unwrap();
    assert!(price > 8_000_000, "{price}");
    let expected = json!({ "code": "LIMIT_EXCEEDED", "limit": "price", "allowed": 200_000, "price": price });
    assert_eq!(extensions, expected);
    assert_eq!(
        message,
        format!(
            "Limit exceeded: the price of the query is {price}; 200000 are allowed: ask for fewer entries a page, or for fewer fields."
        )
    );
    // Also where the document was found valid before.
    asker.data(dear, json!({ "n": 1 })).await;
    assert_eq!(error(dear, json!({ "n": 200 })).await.1, expected);
    let mut deep = "slug".to_owned();
    for _ in 0..25 {
        deep = format!("parent {{ {deep} }}");
    }
    let (message, extensions) =
        error(&format!("{{ organization(by: {{slug: \"dsi\"}}) {{ {deep} }} }}"), json!({})).await;
    assert_eq!(extensions, json!({ "code": "LIMIT_EXCEEDED", "limit": "depth", "allowed": 24, "depth": 27 }));
    assert_eq!(message, "Limit exceeded: the query nests fields 27 deep; 24 are allowed.");
}

#[tokio::test]
async fn no_depth_makes_a_price_so_high_that_it_is_none() {
    let app = App::hospital().await;
    let mut query = "impactIfFailed { notFound }".to_owned();
    for _ in 0..11 {
        query = format!("dependsOn(first: 200) {{ nodes {{ {query} }} }}");
    }
    let (code, _) =
        app.provider().refusal(&format!("{{ configurationItems {{ nodes {{ {query} }} }} }}"), json!({})).await;
    assert_eq!(code, "LIMIT_EXCEEDED");
}
