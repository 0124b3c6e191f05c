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
