//! The schema as a promise: the one committed, described, and named alike throughout.

use async_graphql::parser::types::{InputValueDefinition, TypeDefinition, TypeKind};

use serde_json::json;

use crate::{
    app::App,
    sdl::{Types, named},
};

fn ours(types: &Types) -> impl Iterator<Item = (&str, &TypeDefinition)> {
    types.0.iter().map(|(name, ty)| (name.as_str(), ty))
}

fn inputs(ty: &TypeDefinition) -> Vec<&InputValueDefinition> {
    match &ty.kind {
        TypeKind::InputObject(input) => input.fields.iter().map(|field| &field.node).collect(),
        _ => Vec::new(),
    }
}

fn values(ty: &TypeDefinition) -> Vec<(&str, bool)> {
    match &ty.kind {
        TypeKind::Enum(of) => {
            of.values.iter().map(|value| (value.node.value.node.as_str(), value.node.description.is_some())).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn everything_is_described() {
    let (types, mut silent) = (Types::read(), Vec::new());
    for (name, ty) in ours(&types) {
        if ty.description.is_none() {
            silent.push(name.to_owned());
        }
        for field in types.fields(name) {
            if field.description.is_none() {
                silent.push(format!("{name}.{}", field.name.node));
            }
        }
        for field in inputs(ty) {
            if field.description.is_none() {
                silent.push(format!("{name}.{}", field.name.node));
            }
        }
        silent.extend(
            values(ty).into_iter().filter(|(_, described)| !described).map(|(value, _)| format!("{name}.{value}")),
        );
    }
    assert!(
        silent.is_empty(),
        "say what these mean to the reader of the API, in their doc comments:\n{}",
        silent.join("\n")
    );
}

/// Arguments whose name and type are enough, the same in all fields.
const PLAIN_ARGUMENTS: &[&str] =
    &["first", "after", "last", "before", "locale", "format", "input", "filter", "orderBy", "by"];

#[test]
fn arguments_are_few_and_plain_or_told_by_their_field() {
    let types = Types::read();
    for (name, _) in ours(&types) {
        for field in types.fields(name) {
            let told = field.description.as_ref().map(|text| text.node.to_lowercase()).unwrap_or_default();
            for argument in &field.arguments {
                let argument = &argument.node;
                let word = argument.name.node.as_str();
                let is_known = PLAIN_ARGUMENTS.contains(&word) || argument.description.is_some();
                // The description of the field must contain a word of the argument's name, or of its type.
                let of = named(&argument.ty.node).to_lowercase();
                let stem = word.to_lowercase();
                let stem = stem.trim_end_matches('s').trim_start_matches("as");
                assert!(
                    is_known
                        || told.contains(stem)
                        || told.contains(&of)
                        || ["of", "effect", "role", "since"].contains(&word),
                    "{name}.{}({word}:) is told nowhere",
                    field.name.node
                );
            }
        }
    }
}

fn is_camel(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
}

fn is_pascal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric())
}

#[test]
fn names_follow_one_convention() {
    let types = Types::read();
    for (name, ty) in ours(&types) {
        assert!(is_pascal(name), "{name}");
        for (value, _) in values(ty) {
            assert!(value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'), "{name}.{value}");
        }
        for field in inputs(ty) {
            assert!(is_camel(&field.name.node), "{name}.{}", field.name.node);
        }
        for field in types.fields(name) {
            assert!(is_camel(&field.name.node), "{name}.{}", field.name.node);
            assert!(
                field.arguments.iter().all(|argument| is_camel(&argument.node.name.node)),
                "{name}.{}",
                field.name.node
            );
        }
        if let Some(of) = name.strip_suffix("Connection") {
            let fields: Vec<_> = types.fields(name).into_iter().map(|field| field.name.node.to_string()).collect();
            assert_eq!(fields[..3], ["edges", "nodes", "pageInfo"], "{name}");
            assert!(types.0.contains_key(&format!("{of}Edge")), "{name}");
        }
        if name.ends_with("Payload") {
            let errors = types.field(name, "userErrors").unwrap_or_else(|| panic!("{name} has no userErrors"));
            assert_eq!(errors.ty.node.to_string(), "[UserError!]!");
        }
    }
    for mutation in types.fields("Mutation") {
        let payload = named(&mutation.ty.node);
        assert!(payload.ends_with("Payload") && !mutation.ty.node.nullable, "{}", mutation.name.node);
    }
}

#[test]
fn every_list_that_is_paged_takes_the_four_arguments() {
    let types = Types::read();
    for (name, _) in ours(&types) {
        for field in types.fields(name).into_iter().filter(|field| named(&field.ty.node).ends_with("Connection")) {
            let given: Vec<_> = field.arguments.iter().map(|argument| argument.node.name.node.as_str()).collect();
            // What is found is read from the best on.
            let is_search = field.name.node == "search";
            let wanted = if is_search { &["first", "after"][..] } else { &["first", "after", "last", "before"] };
            assert!(given.ends_with(wanted), "{name}.{}: {given:?}", field.name.node);
        }
    }
}

/// Introspection contains the description of the schema, and which input objects take exactly one field.
#[tokio::test]
async fn introspection_tells_the_description_and_one_of() {
    let app = App::hospital().await;
    let asked = "{ __schema { description } key: __type(name: \"ServiceKey\") { isOneOf } filter: __type(name: \"ServiceFilter\") { isOneOf } }";
    let data = app.admin().data(asked, json!({})).await;
    let description = data["__schema"]["description"].as_str().unwrap();
    assert!(description.starts_with("The shared definition of IT services"), "{description}");
    assert_eq!((&data["key"]["isOneOf"], &data["filter"]["isOneOf"]), (&json!(true), &json!(false)));
    let written = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql")).unwrap();
    assert!(written.contains(&format!("\"\"\"\n{description}\n\"\"\"\nschema {{")), "{description}");
}
