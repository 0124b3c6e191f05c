//! The characters of texts: every input refuses characters that change the direction of text, noncharacters, and
//! invisible texts.

use entente::policy::Scope;
use serde_json::{Value, json};

use crate::{
    app::{App, Asker},
    threads,
};

/// The places of all texts in an input.
fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| texts(item, &format!("{at}/{index}"), found));
        }
        Value::Object(fields) => fields.iter().for_each(|(name, field)| texts(field, &format!("{at}/{name}"), found)),
        _ => {}
    }
}

/// Whether the answer refuses what was sent.
fn is_refused(answer: &Value) -> bool {
    let data = answer["data"].as_object().into_iter().flat_map(|fields| fields.values());
    answer["errors"].is_array() || data.into_iter().any(|payload| payload["userErrors"] != json!([]))
}

/// An input of every mutation that takes texts, with all the texts that it takes.
fn inputs(thread: &Value, message: &Value) -> Vec<(&'static str, &'static str, Value)> {
    let reference =
        |key: &str| json!({ "system": "jira", "type": "incident", "key": key, "url": "https://jira.example/1" });
    let references = |key: &str| json!([reference(key)]);
    let indicator =
        |key: &str| json!([{ "key": key, "name": "I", "unit": "min", "direction": "LOWER_IS_BETTER", "target": 1 }]);
    let contact = json!({ "role": "OWNER", "name": "Claire", "email": "claire@chu.example" });
    let levels =
        json!([{ "level": 1, "kind": "FUNCTIONAL", "name": { "en": "Team" }, "after": "PT1H", "contact": contact }]);
    let targets = json!([{ "severity": "LOW", "acknowledgeWithin": "PT1H", "resolveWithin": "PT2H" }]);
    let escalation = json!({ "levels": levels, "targets": targets });
    let definition = json!({
        "slug": "laundry", "locale": "en", "provider": { "slug": "dsi" }, "name": { "en": "Laundry" }, "summary": "Linen",
        "journey": [{ "key": "wash", "name": "Wash", "renamedFrom": "washing" }],
        "outcomes": [{ "key": "clean", "statement": "Clean", "stage": "wash", "indicators": indicator("a"),
            "externalReferences": references("HELP-1") }],
        "costs": [{ "key": "soap", "statement": "Soap", "effect": "IMPOSED", "amount": "1.50", "currency": "EUR", "period": "P1Y" }],
        "risks": [{ "key": "red", "statement": "Red", "effect": "REMOVED", "mitigation": "Sort" }],
        "benefits": [{ "key": "calm", "statement": "Calm", "stakeholder": "Staff", "indicators": indicator("b") }],
        "expectations": [{ "key": "sort", "of": "CONSUMER", "statement": "Sort" }],
        "offerings": [{ "key": "weekly", "name": "Weekly", "description": "Once", "indicators": indicator("c"),
            "escalation": escalation }],
        "escalation": escalation, "contacts": [contact],
        "consumers": [{ "organization": { "slug": "pharmacy" }, "offering": "weekly", "contacts": [contact] }],
    });
    let item = json!({ "ref": reference("HELP-0"), "name": "A", "class": "x", "environment": "test", "status": "up",
        "dependsOn": [{ "system": "cmdb", "type": "table", "key": "below" }] });
    vec![
        ("definitionApply", "DefinitionApplyInput", json!({ "definition": definition, "comment": "Why" })),
        (
            "organizationsApply",
            "OrganizationsApplyInput",
            json!({ "organizations": [
            { "slug": "ward-9", "name": "Ward", "parent": { "slug": "dsi" }, "externalReferences": references("HELP-2") }] }),
        ),
        ("configurationItemsApply", "ConfigurationItemsApplyInput", json!({ "items": [item] })),
        ("referenceLink", "ReferenceLinkInput", json!({ "entity": thread["id"], "reference": reference("HELP-9") })),
        (
            "threadOpen",
            "ThreadOpenInput",
            json!({ "kind": "ESCALATION", "service": { "slug": "patient-management" },
            "element": "one-record", "title": "Title", "body": "Body", "onBehalfOf": "Alix", "consumer": { "slug": "pharmacy" },
            "externalReferences": references("HELP-3") }),
        ),
        (
            "threadUpdate",
            "ThreadUpdateInput",
            json!({ "thread": { "number": thread["number"] }, "title": "Other",
            "assignee": contact, "comment": "Why" }),
        ),
        (
            "threadAcknowledge",
            "ThreadActionInput",
            json!({ "thread": { "number": thread["number"] }, "comment": "Why",
            "onBehalfOf": "Alix" }),
        ),
        (
            "messagePost",
            "MessagePostInput",
            json!({ "thread": { "number": thread["number"] }, "body": "Body",
            "onBehalfOf": "Alix", "externalReferences": references("HELP-4") }),
        ),
        ("messageEdit", "MessageEditInput", json!({ "message": message, "body": "Other" })),
        ("messageRedact", "MessageRedactInput", json!({ "message": message, "reason": "Patient" })),
    ]
}

async fn send(asker: &Asker<'_>, mutation: &str, r#type: &str, input: &Value) -> Value {
    let query =
        format!("mutation($input: {type}!) {{ {mutation}(input: $input) {{ userErrors {{ code path message }} }} }}");
    asker.ask(&query, json!({ "input": input })).await
}

#[tokio::test]
async fn every_text_that_is_written_refuses_what_turns_it_is_no_character_or_cannot_be_seen() {
    let app = App::hospital().await;
    let desk = app.someone("dsi", Scope::ALL);
    let payload = threads::open(&desk, json!({ "consumer": { "slug": "emergency" } })).await;
    let thread = threads::thread(&payload);
    let message = &threads::thread(&payload)["messages"]["nodes"][0]["id"];
    let before = app.rows().await;
    let mut sent = 0;
    for (mutation, r#type, input) in inputs(thread, message) {
        let mut places = Vec::new();
        texts(&input, "", &mut places);
        for place in &places {
            let text = input.pointer(place).unwrap().as_str().unwrap();
            let wrong =
                ['\u{202e}', '\u{2066}', '\u{2069}', '\u{fffe}', '\u{10ffff}', '\0'].map(|c| format!("{text}{c}"));
            // An optional text that is invisible counts as not given.
            let last = place.rsplit('/').next().unwrap();
            let is_none = ["type", "environment", "status", "url", "email", "comment", "onBehalfOf"].contains(&last);
            let unseen = (!is_none).then(|| "\u{200b}\u{2060}".to_owned());
            // Texts for programs contain no invisible characters, and only an empty one counts as not given.
            let is_code = ["type", "key", "url", "email"].contains(&last);
            let is_reference =
                place.contains("externalReferences") || place.contains("/ref") || place.contains("dependsOn");
            let hidden = (is_code && (is_reference || last == "email")).then(|| {
                let (first, rest) = text.split_at(1);
                ['\u{200b}', '\u{200f}', '\u{ad}', '\u{e0041}'].map(|c| format!("{first}{c}{rest}"))
            });
            let alone = is_none.then(|| "\u{202e}\u{202e}".to_owned());
            for given in wrong.into_iter().chain(unseen).chain(hidden.into_iter().flatten()).chain(alone) {
                let mut input = input.clone();
                *input.pointer_mut(place).unwrap() = json!(given);
                let answer = send(&desk, mutation, r#type, &input).await;
                assert!(is_refused(&answer), "{mutation} {place} {given:?}: {answer:#}");
                assert!(!answer.to_string().contains("INTERNAL"), "{mutation} {place} {given:?}: {answer:#}");
                sent += 1;
            }
        }
    }
    app.assert_unchanged(&before).await;
    assert!(sent > 700, "{sent}");
    // All of them are accepted.
    for (mutation, r#type, input) in inputs(thread, message) {
        let answer = send(&desk, mutation, r#type, &input).await;
        assert!(!is_refused(&answer), "{mutation}: {answer:#}");
    }
}

#[tokio::test]
async fn bodies_turn_direction_in_pairs_and_lines_never() {
    let app = App::hospital().await;
    let desk = threads::desk(&app);
    let open = async |title: &str, body: &str| {
        let payload =
            threads::open(&desk, json!({ "consumer": { "slug": "emergency" }, "title": title, "body": body })).await;
        crate::app::problems(&payload)
    };
    let paired = "Le dossier \u{2067}שלום\u{2069} est lent.\n\u{202b}سلام\u{202c}\u{2028}Fin.";
    assert_eq!(open("Lent", paired).await, []);
    assert_eq!(open("Lent", "a\u{2067}b\nc\u{2069}").await, [("INVALID".into(), "body".into())]);
    assert_eq!(open("Lent \u{2067}b\u{2069}", "a").await, [("INVALID".into(), "title".into())]);
    assert_eq!(open("Lent\u{2028}", "a").await, [("INVALID".into(), "title".into())]);
    assert_eq!(open("שלום\u{200f} (A)", "a").await, [("INVALID".into(), "title".into())]);
    assert_eq!(open("שלום (A)", "שלום\u{200f} (A)").await, []);
}
