//! Every text and every list that the schema takes, far too long: refused with the name of the argument or field, on every
//! path. What is tried is read from the schema, so that a new argument is tried as well.

use std::collections::BTreeMap;

use async_graphql::parser::types::{BaseType, InputValueDefinition, Type, TypeDefinition, TypeKind};
use serde_json::{Map, Value, json};

use crate::{
    app::App,
    sdl::{Types, named},
};

/// Bytes of a text: more than any can have, and still a document's literal.
const TEXT: usize = 60_000;
/// Entries of a list, as far as they fit into [`LIST_BYTES`].
const ENTRIES: usize = 100_000;
const LIST_BYTES: usize = 300_000;

/// The smallest valid value of an input type, if the schema does not define it.
struct Smallest(BTreeMap<&'static str, Value>);

impl Smallest {
    fn of(&self, types: &Types, ty: &Type) -> Value {
        let name = match &ty.base {
            BaseType::List(_) => return json!([]),
            BaseType::Named(name) => name.as_str(),
        };
        if let Some(value) = self.0.get(name) {
            return value.clone();
        }
        match types.0.get(name).map(|ty| &ty.kind) {
            Some(TypeKind::Enum(ty)) => json!(ty.values[0].node.value.node.as_str()),
            Some(TypeKind::InputObject(ty)) => {
                let required = ty.fields.iter().map(|field| &field.node).filter(|field| is_required(field));
                required.map(|field| (field.name.node.to_string(), self.of(types, &field.ty.node))).collect()
            }
            _ => panic!("say in `smallest` what a value of the type {name} is"),
        }
    }
}

fn is_required(input: &InputValueDefinition) -> bool {
    !input.ty.node.nullable && input.default_value.is_none()
}

fn is_one_of(ty: &TypeDefinition) -> bool {
    ty.directives.iter().any(|directive| directive.node.name.node == "oneOf")
}

/// A value with one part that is far too long, and the names of the argument and the fields that lead to it.
type Long = (String, Value);

/// Every way in which a value of the type can be far too long.
fn long(types: &Types, smallest: &Smallest, name: &str, ty: &Type) -> Vec<Long> {
    let of = match &ty.base {
        BaseType::List(item) => {
            let one = smallest.of(types, item);
            let count = ENTRIES.min(LIST_BYTES / (one.to_string().len() + 1));
            let within = long(types, smallest, name, item).into_iter().map(|(name, value)| (name, json!([value])));
            return within.chain([(name.to_owned(), json!(vec![one; count]))]).collect();
        }
        BaseType::Named(of) => of.as_str(),
    };
    match types.0.get(of) {
        Some(definition) => match &definition.kind {
            TypeKind::InputObject(object) => {
                let base = if is_one_of(definition) { json!({}) } else { smallest.of(types, ty) };
                let fields = object.fields.iter().map(|field| &field.node);
                let within = fields.flat_map(|field| {
                    let (outer, name) = (name, field.name.node.as_str());
                    let with = |(inner, value): Long| {
                        let mut object = base.clone();
                        object[name] = value;
                        (format!("{outer}.{inner}"), object)
                    };
                    long(types, smallest, name, &field.ty.node).into_iter().map(with).collect::<Vec<_>>()
                });
                within.collect()
            }
            TypeKind::Scalar => vec![(name.to_owned(), json!("x".repeat(TEXT)))],
            _ => Vec::new(),
        },
        None if matches!(of, "String" | "ID") => vec![(name.to_owned(), json!("x".repeat(TEXT)))],
        None => Vec::new(),
    }
}

fn last(names: &str) -> &str {
    names.rsplit('.').next().unwrap_or_default()
}

/// The document around the field that is tested, and its variables.
#[derive(Clone, Default)]
struct Path {
    before: String,
    behind: String,
    definitions: Vec<String>,
    variables: Map<String, Value>,
}

impl Path {
    fn enter(&self, text: &str) -> Self {
        let mut path = self.clone();
        path.before += &format!("{text} {{ ");
        path.behind += " }";
        path
    }

    /// Arguments that must be given, as variables, and the path with these.
    fn required(&self, types: &Types, smallest: &Smallest, given: &[&InputValueDefinition]) -> (String, Self) {
        let (mut path, mut arguments) = (self.clone(), String::new());
        for argument in given {
            let variable = format!("p{}", path.definitions.len());
            path.definitions.push(format!("${variable}: {}", argument.ty.node));
            path.variables.insert(variable.clone(), smallest.of(types, &argument.ty.node));
            arguments += &format!("{}: ${variable} ", argument.name.node);
        }
        (arguments, path)
    }
}

/// The shortest way to every object from a query.
fn paths(types: &Types, smallest: &Smallest) -> BTreeMap<String, Path> {
    let mut found = BTreeMap::from([("Query".to_owned(), Path::default())]);
    let mut next = vec!["Query".to_owned()];
    while let Some(of) = (!next.is_empty()).then(|| next.remove(0)) {
        let path = found[&of].clone();
        let mut reach = |name: &str, path: Path| {
            if !types.is_leaf(name) && !found.contains_key(name) {
                found.insert(name.to_owned(), path);
                next.push(name.to_owned());
            }
        };
        for field in types.fields(&of) {
            let given: Vec<_> = field.arguments.iter().map(|it| &it.node).filter(|it| is_required(it)).collect();
            let (arguments, path) = path.required(types, smallest, &given);
            let arguments = if given.is_empty() { String::new() } else { format!("({arguments})") };
            reach(named(&field.ty.node), path.enter(&format!("{}{arguments}", field.name.node)));
        }
        for member in types.possible(&of) {
            reach(member, path.enter(&format!("... on {member}")));
        }
    }
    found
}

/// The errors of an answer, if none is internal: the messages, codes and paths.
fn told(answer: &Value, what: &str) -> Vec<String> {
    let text = answer.to_string();
    assert!(!text.contains("INTERNAL"), "{what}: {}", &text[..text.len().min(2_000)]);
    let mut told = Vec::new();
    for error in answer["errors"].as_array().into_iter().flatten() {
        told.push(format!("{} {}", error["extensions"]["code"], error["message"]));
    }
    for payload in answer["data"].as_object().into_iter().flat_map(|data| data.values()) {
        for error in payload["userErrors"].as_array().into_iter().flatten() {
            told.push(format!("{} {} {}", error["code"], error["path"], error["message"]));
        }
    }
    told
}

#[tokio::test]
async fn every_text_and_list_of_every_query_has_a_limit_that_is_told() {
    let (app, types) = (App::hospital().await, Types::read());
    let admin = app.admin();
    let smallest = smallest(json!("a"), json!("a"));
    let (paths, mut tried, mut wrong) = (paths(&types, &smallest), 0, Vec::new());
    for of in types.objects().filter(|of| *of != "Mutation") {
        for field in types.fields(of) {
            for argument in field.arguments.iter().map(|argument| &argument.node) {
                let path = paths.get(of).unwrap_or_else(|| panic!("{of} takes arguments and no query reaches it"));
                let others: Vec<_> = field.arguments.iter().map(|other| &other.node).collect();
                let others: Vec<_> =
                    others.into_iter().filter(|it| is_required(it) && it.name.node != argument.name.node).collect();
                let (others, path) = path.required(&types, &smallest, &others);
                let name = argument.name.node.as_str();
                let below = if types.is_leaf(named(&field.ty.node)) { "" } else { "{ __typename }" };
                for (long, value) in long(&types, &smallest, name, &argument.ty.node) {
                    let document = |definition: &str, value: &str| {
                        let definitions = format!("{}{definition}", path.definitions.join(" "));
                        let definitions = if definitions.is_empty() { definitions } else { format!("({definitions})") };
                        let selected = format!("{}({others} {name}: {value}) {below}", field.name.node);
                        format!("query{definitions} {{ {} {selected} {} }}", path.before, path.behind)
                    };
                    let mut variables = path.variables.clone();
                    let mut ways = vec![];
                    if value.is_string() {
                        ways.push((document("", &value.to_string()), Value::Object(variables.clone())));
                    }
                    variables.insert("long".into(), value);
                    ways.push((document(&format!(" $long: {}", argument.ty.node), "$long"), Value::Object(variables)));
                    for (query, variables) in ways {
                        tried += 1;
                        let what = format!("{of}.{}({name}): {long}", field.name.node);
                        let told = told(&admin.ask(&query, variables).await, &what);
                        let says = format!("`{}` has ", last(&long));
                        if !matches!(&told[..], [one] if one.contains("BAD_REQUEST") && one.contains(&says)) {
                            wrong.push(format!("{what}: {}", told.join("; ").chars().take(300).collect::<String>()));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 100, "{tried}");
}

#[tokio::test]
async fn every_text_and_list_of_every_mutation_has_a_limit_that_is_told() {
    let (app, types) = (App::hospital().await, Types::read());
    let admin = app.admin();
    let opened = admin
        .get(
            r#"mutation { threadOpen(input: { kind: ESCALATION, title: "T", body: "B",
            service: {slug: "patient-management"}, consumer: {slug: "emergency"} }) {
                thread { id messages { nodes { id } } } userErrors { message } } }"#,
        )
        .await;
    let thread = &opened["threadOpen"]["thread"];
    let smallest = smallest(thread["id"].clone(), thread["messages"]["nodes"][0]["id"].clone());
    let before = app.rows().await;
    let (mut tried, mut wrong) = (0, Vec::new());
    for field in types.fields("Mutation") {
        for argument in field.arguments.iter().map(|argument| &argument.node) {
            let name = argument.name.node.as_str();
            let ty = &argument.ty.node;
            let query = format!(
                "mutation($long: {ty}) {{ {}({name}: $long) {{ userErrors {{ code path message }} }} }}",
                field.name.node
            );
            for (long, value) in long(&types, &smallest, name, ty) {
                tried += 1;
                let what = format!("{}: {long}", field.name.node);
                let told = told(&admin.ask(&query, json!({ "long": value })).await, &what);
                // What no key can be names nothing: the path is that of the key.
                let key = long.rsplit('.').skip(1).find(|name| *name != "ref").unwrap_or_default();
                let names = |one: &String| {
                    one.contains(last(&long))
                        || ["TOO_LONG", "LIMIT_EXCEEDED"].iter().any(|code| one.contains(code))
                        || (one.contains("NOT_FOUND") && one.contains(key))
                        // What a link contains is not looked at where links are not allowed.
                        || (long.contains("suggestion") && one.contains("only terms can be proposed"))
                };
                if !told.iter().any(names) {
                    wrong.push(format!("{what}: {}", told.join("; ").chars().take(300).collect::<String>()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 100, "{tried}");
    app.assert_unchanged(&before).await;
}

/// The smallest values of the types that the schema does not describe, and of keys: those of things that exist.
fn smallest(thread: Value, id: Value) -> Smallest {
    Smallest(BTreeMap::from([
        ("String", json!("a")),
        ("ID", id),
        ("Int", json!(1)),
        ("Float", json!(1.5)),
        ("Boolean", json!(true)),
        ("DateTime", json!("2026-11-22T08:30:00Z")),
        ("Duration", json!("P1D")),
        ("Decimal", json!("1")),
        ("Locale", json!("en")),
        ("LocalizedText", json!("a")),
        ("URL", json!("https://a.example")),
        ("ServiceKey", json!({ "slug": "patient-management" })),
        ("OrganizationKey", json!({ "slug": "emergency" })),
        ("ThreadKey", json!({ "id": thread })),
        ("ConfigurationItemKey", json!({ "id": "a" })),
        ("OrganizationInput", json!({ "slug": "a", "name": "A" })),
        ("DefinitionInput", json!({ "slug": "patient-management" })),
        ("DefinitionProposeInput", json!({ "definition": { "slug": "patient-management", "summary": "Other" } })),
        (
            "AgreementDecideInput",
            json!({ "service": { "slug": "patient-management" }, "revision": 1, "decision": "OBJECT", "comment": "a" }),
        ),
    ]))
}
