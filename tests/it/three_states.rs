//! Left out, null and a value are three things, however they are written.

use serde_json::{Value, json};

use crate::app::App;

/// Each field of the terms and links that null deletes: how it is written, its value, and where it is read.
const FIELDS: &[(&str, &str, &str)] = &[
    ("summary: @", r#""Said""#, "summary"),
    ("contacts: @", r#"[{role: OWNER, name: "Someone"}]"#, "contacts { name }"),
    ("costs: @", r#"[{key: "new", statement: "New", effect: IMPOSED}]"#, "costs { key }"),
    (r#"outcomes: [{key: "o", stage: @}]"#, r#""second""#, "outcomes { stage { key } }"),
    (r#"outcomes: [{key: "o", supported: @}]"#, "true", "outcomes { supported }"),
    (r#"outcomes: [{key: "o", indicators: [{key: "i", baseline: @}]}]"#, "2.5", "outcomes { indicators { baseline } }"),
    (r#"costs: [{key: "c", amount: @, currency: @}]"#, "", "costs { amount { amount } }"),
    (r#"costs: [{key: "c", period: @}]"#, r#""P1M""#, "costs { period }"),
    (r#"risks: [{key: "r", likelihood: @}]"#, "HIGH", "risks { likelihood }"),
    (r#"risks: [{key: "r", mitigation: @}]"#, r#""Otherwise""#, "risks { mitigation }"),
    (r#"offerings: [{key: "f", description: @}]"#, r#""Otherwise""#, "offerings { description }"),
    (
        r#"offerings: [{key: "f", escalation: @}]"#,
        "{targets: []}",
        "offerings { escalationPolicy { targets { severity } } }",
    ),
    (r#"consumers: [{organization: {slug: "emergency"}, offering: @}]"#, r#""g""#, "consumers { offering { key } }"),
];

fn standing() -> Value {
    json!({
        "slug": "s", "name": "S", "summary": "Stands", "lifecycle": "RETIRED", "contacts": [{ "role": "USER", "name": "Stands" }],
        "journey": [{ "key": "first", "name": "First" }, { "key": "second", "name": "Second" }],
        "outcomes": [{ "key": "o", "statement": "O", "stage": "first", "supported": false,
            "indicators": [{ "key": "i", "name": "I", "unit": "min", "direction": "LOWER_IS_BETTER", "baseline": 1, "target": 0 }] }],
        "costs": [{ "key": "c", "statement": "C", "effect": "REMOVED", "amount": "1.00", "currency": "EUR", "period": "P1Y" }],
        "risks": [{ "key": "r", "statement": "R", "effect": "REMOVED", "likelihood": "LOW", "mitigation": "Stands" }],
        "offerings": [{ "key": "f", "name": "F", "description": "Stands", "escalation": { "targets": [
            { "severity": "HIGH", "acknowledgeWithin": "PT1H", "resolveWithin": "PT2H" }] } }, { "key": "g", "name": "G" }],
        "consumers": [{ "organization": { "slug": "emergency" }, "offering": "f" }],
    })
}

/// The state after a mutation of a new service, with the problems.
async fn after(
    app: &App,
    number: &mut u32,
    define: &str,
    written: &str,
    variables: Value,
    read: &str,
) -> (Value, Value) {
    *number += 1;
    let slug = format!("s-{number}");
    let mut document = standing();
    document["slug"] = json!(slug);
    app.provider().applied(document).await;
    let mutation = format!(
        "mutation {define} {{ definitionApply(input: {{definition: {{slug: {slug:?}, {written}}}}}) {{ userErrors {{ code path }} }} }}"
    );
    let payload = app.provider().data(&mutation, variables).await;
    let now = app.provider().get(&format!("{{ service(by: {{slug: {slug:?}}}) {{ {read} }} }}")).await;
    (now["service"].clone(), payload["definitionApply"]["userErrors"].clone())
}

#[tokio::test]
async fn left_out_keeps_null_clears_and_a_value_sets_as_literal_and_as_variable() {
    let app = App::hospital().await;
    let number = &mut 0;
    for (written, value, read) in FIELDS {
        let before = after(&app, number, "", "", json!({}), read).await.0;
        let plain = |with: &str| match *value {
            "" => written.replacen('@', if with == "null" { with } else { r#""2.00""# }, 1).replacen(
                '@',
                if with == "null" { with } else { r#""CHF""# },
                1,
            ),
            _ => written.replace('@', with),
        };
        let cleared = after(&app, number, "", &plain("null"), json!({}), read).await;
        let set = after(&app, number, "", &plain(value), json!({}), read).await;
        assert_ne!(before, cleared.0, "{written}: null clears");
        assert_ne!(before, set.0, "{written}: a value sets");
        // Whether an outcome is supported has two values, of which null gives the usual one.
        assert!(cleared.0 != set.0 || written.contains("supported"), "{written}: null and a value differ");
        assert_eq!((&cleared.1, &set.1), (&json!([]), &json!([])), "{written}");

        let (define, with_variable) = variable(written);
        let as_variable =
            async |number: &mut u32, variables| after(&app, number, &define, &with_variable, variables, read).await;
        assert_eq!(as_variable(number, json!({})).await.0, before, "{written}: a variable left out");
        let null = if value.is_empty() { json!({ "a": null, "b": null }) } else { json!({ "a": null }) };
        assert_eq!(as_variable(number, null).await, cleared, "{written}: a variable null");
        assert_eq!(as_variable(number, given(value)).await, set, "{written}: a variable with a value");
    }
}

/// The field's type, for a variable in its place.
fn variable(written: &str) -> (String, String) {
    let name = written[..written.find(": @").unwrap()].rsplit([' ', '{', '[']).next().unwrap();
    if name == "amount" {
        let written = written.replacen('@', "$a", 1).replacen('@', "$b", 1);
        return ("($a: Decimal, $b: String)".into(), written);
    }
    let of = match name {
        "summary" | "mitigation" | "description" => "LocalizedText",
        "contacts" => "[ContactInput!]",
        "costs" => "[CostInput!]",
        "supported" => "Boolean",
        "baseline" => "Float",
        "period" => "Duration",
        "likelihood" => "Level",
        "escalation" => "EscalationInput",
        _ => "String",
    };
    (format!("($a: {of})"), written.replace('@', "$a"))
}

/// The value as JSON.
fn given(value: &str) -> Value {
    match value {
        "" => json!({ "a": "2.00", "b": "CHF" }),
        "HIGH" => json!({ "a": value }),
        "{targets: []}" => json!({ "a": { "targets": [] } }),
        r#"[{role: OWNER, name: "Someone"}]"# => json!({ "a": [{ "role": "OWNER", "name": "Someone" }] }),
        r#"[{key: "new", statement: "New", effect: IMPOSED}]"# => {
            json!({ "a": [{ "key": "new", "statement": "New", "effect": "IMPOSED" }] })
        }
        other => json!({ "a": serde_json::from_str::<Value>(other).unwrap() }),
    }
}

#[tokio::test]
async fn null_for_what_is_required_is_a_problem_and_changes_nothing() {
    let app = App::hospital().await;
    let number = &mut 0;
    for (written, path) in [
        ("name: null", "definition/name"),
        ("provider: null", "definition/provider"),
        ("lifecycle: null", "definition/lifecycle"),
        (r#"outcomes: [{key: "o", statement: null}]"#, "definition/outcomes/0/statement"),
        (r#"costs: [{key: "c", effect: null}]"#, "definition/costs/0/effect"),
        (
            r#"outcomes: [{key: "o", indicators: [{key: "i", target: null}]}]"#,
            "definition/outcomes/0/indicators/0/target",
        ),
    ] {
        let (now, problems) = after(&app, number, "", written, json!({}), "revision").await;
        assert_eq!(problems[0]["code"], "REQUIRED", "{written}: {problems}");
        let steps: Vec<_> = problems[0]["path"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect();
        assert_eq!(steps.join("/"), path);
        assert_eq!(now["revision"], 1, "{written}");
    }
}
