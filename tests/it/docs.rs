//! What the documents for integrators show is what the API takes.

use std::collections::HashSet;

use entente::{
    definition::shape::{self, Field, Type},
    policy::Scope,
};
use serde_json::{Value, json};

use crate::app::App;

const DEFINITIONS: &str = include_str!("../../docs/definitions.md");
const AGREEMENT: &str = include_str!("../../docs/agreement.md");
const MEASUREMENTS: &str = include_str!("../../docs/measurements.md");
const ITEMS: &str = include_str!("../../docs/configuration-items.md");

/// The code blocks of a document, each with its language and its text.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let parts: Vec<&str> = text.split("\n```").collect();
    let fenced = parts.iter().skip(1).step_by(2);
    fenced.map(|part| part.split_once('\n').unwrap()).collect()
}

#[tokio::test]
async fn requests_and_files_of_the_document_on_configuration_items_are_taken_as_they_stand() {
    let app = App::hospital().await;
    let (provider, blocks) = (app.provider(), blocks(ITEMS));
    let mut kinds = Vec::new();
    for (index, (kind, text)) in blocks.iter().enumerate() {
        match *kind {
            "graphql" => {
                let variables = match blocks.get(index + 1) {
                    Some(("json", variables)) => serde_json::from_str(variables).unwrap(),
                    _ => json!({ "since": "2026-01-01T00:00:00Z" }),
                };
                let data = provider.data(text, variables).await;
                let payload = data.as_object().unwrap().values().next().unwrap();
                assert!(payload.is_object() && payload.get("userErrors").is_none_or(|it| *it == json!([])), "{data:#}");
                if text.contains("impact(") {
                    assert_eq!((&payload["notFound"], payload["services"].as_array().unwrap().len()), (&json!([1]), 1));
                }
                if text.contains("unresolved: true") {
                    assert_eq!(payload["totalCount"], 1);
                }
            }
            "yaml" => drop::<Value>(provider.apply_file(text).await),
            _ => continue,
        }
        kinds.push(*kind);
    }
    assert_eq!(kinds, ["graphql", "graphql", "graphql", "yaml", "graphql", "yaml"]);
}

#[tokio::test]
async fn requests_and_tables_of_the_document_on_measurements_are_taken_as_they_stand() {
    let app = App::hospital().await;
    let asker = app.someone("dsi", &[Scope::Read, Scope::MeasurementsWrite]);
    let blocks = blocks(MEASUREMENTS);
    let mut kinds = Vec::new();
    for (index, (kind, text)) in blocks.iter().enumerate() {
        match *kind {
            "graphql" => {
                let variables = match blocks.get(index + 1) {
                    Some(("json", variables)) => serde_json::from_str(variables).unwrap(),
                    _ => json!({}),
                };
                let data = asker.data(text, variables).await;
                let payload = data.as_object().unwrap().values().next().unwrap();
                assert!(payload.get("userErrors").is_none_or(|it| *it == json!([])), "{data:#}");
                if text.contains("realization") {
                    assert_eq!(payload["value"]["realization"]["notMeasured"], 8, "{data:#}");
                }
            }
            "csv" => drop(app.run_reading(&["measure", "-"], text).ends(0)),
            _ => continue,
        }
        kinds.push(*kind);
    }
    assert_eq!(kinds, ["graphql", "csv", "graphql"]);
}

#[tokio::test]
async fn the_story_of_the_document_on_agreement_is_answered_as_it_stands() {
    let app = App::hospital().await;
    let parties = [
        ("The IT department", "dsi"),
        ("he emergency department", "emergency"),
        ("he outpatient clinics", "outpatients"),
        ("he pharmacy", "pharmacy"),
    ];
    let blocks = blocks(AGREEMENT);
    let json = |index: usize| match blocks.get(index) {
        Some(("json", text)) => Some(serde_json::from_str::<Value>(text).unwrap()),
        _ => None,
    };
    let mut asked = 0;
    for (index, (_, text)) in blocks.iter().enumerate().filter(|(_, (kind, _))| *kind == "graphql") {
        let first = json(index + 1).unwrap();
        let (variables, answer) = match first.get("data") {
            None => (first, json(index + 2).unwrap()),
            Some(_) => (json!({}), first),
        };
        let named = text.lines().next().unwrap();
        for (_, organization) in parties.iter().filter(|(name, _)| named.contains(name)) {
            let scopes = [Scope::Read, Scope::DefinitionsWrite, Scope::AgreementsWrite, Scope::ThreadsWrite];
            let said = app.someone(organization, &scopes).ask(text, variables.clone()).await;
            assert_eq!(said, answer, "{organization}: {said:#}");
            asked += 1;
        }
    }
    assert_eq!(asked, 10);
}

#[tokio::test]
async fn files_of_the_document_on_definitions_apply_in_their_order_and_show_every_field() {
    let app = App::hospital().await;
    let blocks = blocks(DEFINITIONS);
    let files: Vec<&str> =
        blocks.iter().filter(|(kind, text)| *kind == "yaml" && !text.starts_with('#')).map(|(_, text)| *text).collect();
    for file in &files {
        app.run_reading(&["apply", "-"], file).ends(0);
    }
    let whole = files.iter().find(|file| file.contains("\nlocale: ")).unwrap();
    let (mut types, mut seen) = (vec!["DefinitionInput"], HashSet::new());
    while let Some(name) = types.pop() {
        let Type::Object { fields, .. } = shape::named(name).0 else { continue };
        if !seen.insert(name) {
            continue;
        }
        types.extend(fields.iter().map(|field| field.ty.trim_matches(['[', ']', '!'])));
        let is_shown = |field: &&Field| whole.contains(&format!("{}:", field.name)) || field.name == "remove";
        let missing: Vec<&str> = fields.iter().filter(|field| !is_shown(field)).map(|field| field.name).collect();
        // By which else something is named is told below the example of organizations.
        if !name.ends_with("Key") {
            assert_eq!(missing, [""; 0], "{name}");
        }
    }
}
