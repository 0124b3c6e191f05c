//! Lists of elements, and the nodes of pages, are written directly; the library must give the same bytes, for every
//! selection.

use std::{collections::BTreeMap, fmt::Write};

use async_graphql::{
    Response,
    parser::{
        parse_schema,
        types::{BaseType, TypeKind, TypeSystemDefinition},
    },
};
use entente::{
    api::{Api, json},
    policy::Scope,
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::Value;

use crate::{
    app::{App, Asker},
    threads::{desk, open, post, thread, ward},
};

/// How many selections are tried for each who asks.
const SELECTIONS: u64 = 80;
/// Fields of elements that need a read. Two of three selections do not contain these, nor a field twice.
const OUTSIDE: &[&str] = &[
    "service",
    "provider",
    "definition",
    "consumers",
    "externalReferences",
    "configurationItems",
    "escalationPolicy",
    "revisions",
    "changes",
    "author",
    "contacts",
    "document",
    "consumer",
    "openedBy",
    "assignee",
    "level",
    "deadlines",
    "timeline",
    "edges",
    "pageInfo",
    "totalCount",
];

/// A field that can be selected without an argument.
struct Field {
    name: String,
    /// The object or interface that it is made of, if it is.
    of: Option<String>,
    takes_locale: bool,
}

/// What can be selected, by type.
struct Fields(BTreeMap<String, Vec<Field>>);

impl Fields {
    fn of_schema() -> Self {
        let sdl = parse_schema(Api::sdl()).unwrap();
        let types: BTreeMap<String, _> = sdl
            .definitions
            .iter()
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(ty) => match &ty.node.kind {
                    TypeKind::Object(object) => Some((ty.node.name.node.to_string(), &object.fields)),
                    TypeKind::Interface(interface) => Some((ty.node.name.node.to_string(), &interface.fields)),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        let is_union = |name: &str| {
            sdl.definitions.iter().any(|definition| match definition {
                TypeSystemDefinition::Type(ty) => {
                    ty.node.name.node == name && matches!(ty.node.kind, TypeKind::Union(_))
                }
                _ => false,
            })
        };
        let base = |mut ty: &BaseType| loop {
            match ty {
                BaseType::Named(name) => return name.to_string(),
                BaseType::List(inner) => ty = &inner.base,
            }
        };
        let fields = types.iter().map(|(name, fields)| {
            let plain = fields.iter().filter(|field| field.node.arguments.iter().all(|it| it.node.ty.node.nullable));
            let plain = plain.filter(|field| !is_union(&base(&field.node.ty.node.base)));
            let fields = plain.map(|field| Field {
                name: field.node.name.node.to_string(),
                of: Some(base(&field.node.ty.node.base)).filter(|of| types.contains_key(of)),
                takes_locale: field.node.arguments.iter().any(|it| it.node.name.node == "locale"),
            });
            (name.clone(), fields.collect())
        });
        Self(fields.collect())
    }

    /// Some of a type's fields: under aliases, in fragments, in other languages, under conditions.
    fn select(&self, random: &mut StdRng, ty: &str, (depth, calm): (usize, bool), out: &mut String) {
        out.push_str("{ __typename ");
        let mut taken = Vec::new();
        for at in 0..random.random_range(2..7) {
            let field = self.0[ty].choose(random).unwrap();
            if calm && (OUTSIDE.contains(&field.name.as_str()) || taken.contains(&&field.name)) {
                continue;
            }
            taken.push(&field.name);
            if depth == 0 && field.of.is_some() {
                continue;
            }
            if !calm && random.random_bool(0.1) {
                let on = [format!("on {ty}"), "on DefinitionElement".into(), String::new()];
                let on = if ty == "Outcome" { on.choose(random).unwrap() } else { &on[0] };
                let inner = if on == "on DefinitionElement" { "DefinitionElement" } else { ty };
                let _ = write!(out, "... {on} ");
                self.select(random, inner, (depth, calm), out);
                continue;
            }
            match random.random_range(0..8) {
                0 => write!(out, "again{at}: {}", field.name),
                // A field that is selected twice must be the same field.
                _ => write!(out, "{}", field.name),
            }
            .unwrap();
            if field.takes_locale && random.random_bool(0.3) {
                let locale = ["fr", "en", "fr-CA", "de", "klingon"].choose(random).unwrap();
                let _ = write!(out, "(locale: \"{locale}\")");
            }
            match random.random_range(0..20) {
                0 => out.push_str(" @include(if: true)"),
                1 => out.push_str(" @skip(if: true)"),
                _ => {}
            }
            out.push(' ');
            let (depth, fragment) = (depth.saturating_sub(1), random.random_bool(0.2));
            match &field.of {
                Some(of) if fragment => {
                    let _ = write!(out, "{{ ... on {of} ");
                    self.select(random, of, (depth, calm), out);
                    out.push_str("} ");
                }
                Some(of) => self.select(random, of, (depth, calm), out),
                None => {}
            }
        }
        out.push_str("} ");
    }
}

fn written(response: &Response) -> (String, Value) {
    let mut data = Vec::new();
    json::write(&response.data, &mut data).unwrap();
    (String::from_utf8(data).unwrap(), serde_json::to_value(&response.errors).unwrap())
}

/// The answer with lists written in place, and the answer of the library: a field that is selected twice, anywhere, makes
/// all lists values of the library. Both queries have the same length, so that their errors have the same locations.
async fn both(asker: &Asker<'_>, query: &str) -> (Response, Response) {
    let fields = query.strip_prefix('{').unwrap();
    let answer =
        async |first: &str| asker.answer(&format!("{{ {first:16} type: __typename {fields}"), Value::Null).await;
    (answer("").await, answer("type: __typename").await)
}

/// Two threads with two messages each.
async fn open_two(app: &App) {
    for title in ["The record is slow", "Prescriptions are lost"] {
        let opened = open(&ward(app, "emergency"), serde_json::json!({ "title": title })).await;
        post(&desk(app), &thread(&opened)["number"], serde_json::json!({ "body": "Looking \"into\" it" })).await;
    }
}

#[tokio::test]
async fn whatever_is_selected_of_them_is_answered_alike() {
    let app = App::hospital().await;
    open_two(&app).await;
    let fields = Fields::of_schema();
    let scopes = [Scope::Read, Scope::DefinitionsWrite, Scope::CmdbRead];
    let askers = [app.admin(), app.someone("dsi", &scopes).reading("fr"), app.someone("emergency", &[Scope::Read])];
    let (mut answered, mut with_text) = (0, 0);
    for (number, asker) in askers.iter().enumerate() {
        for seed in 0..SELECTIONS {
            let random = &mut StdRng::seed_from_u64(seed * 10 + number as u64);
            let mut query = String::new();
            let (ty, before, after) = match seed % 4 {
                0 | 2 => ("Service", "services(first: 5) { nodes", "}"),
                1 => ("Definition", "services(first: 5) { nodes { definition", "} }"),
                _ => ("Thread", "threads { nodes", "}"),
            };
            fields.select(random, ty, (3, seed % 3 > 0), &mut query);
            let query = format!("{{ {before} {query} {after} }}");
            let (texts, values) = both(asker, &query).await;
            assert_eq!(written(&texts), written(&values), "{query}");
            answered += u64::from(values.data != async_graphql::Value::Null);
            with_text += u64::from(format!("{:?}", texts.data).contains("private::RawValue"));
        }
    }
    // The test tests something.
    assert!(answered > SELECTIONS && with_text > SELECTIONS / 4, "{answered} answered, {with_text} with text");
}

/// Data that is read with a page, or once for the whole page, is also written in place.
#[tokio::test]
async fn pages_are_answered_alike() {
    let app = App::hospital().await;
    open_two(&app).await;
    let scopes = [Scope::Read, Scope::CmdbRead];
    let messages = "id body visibility createdAt editedAt redactedAt";
    for query in [
        "{ services { nodes { __typename id slug provider { __typename ...Party } } } } fragment Party on Organization { slug name }".to_owned(),
        "{ services { nodes { summary(locale: \"de\") value: outcomes { key } offerings { name } expectations { of } } } }".to_owned(),
        "{ threads { nodes { number service { __typename ... on Service { slug } ...Name } } } } fragment Name on Service { name }".to_owned(),
        format!("{{ threads {{ nodes {{ title messages(last: 1) {{ __typename nodes {{ {messages} author {{ __typename displayName kind }} }} }} }} }} }}"),
        "{ organizations { nodes { id slug name } } configurationItems { nodes { name class status seenAt } } }".to_owned(),
        "{ threads { nodes { service { slug provider { slug } } } } }".to_owned(),
        "{ services { nodes { slug contacts { name } consumers { organization { name } contacts { role } } externalReferences { key } } } }".to_owned(),
        "{ services { nodes { definition { revision changes { path } } outcomes { key externalReferences { key } } offerings { consumers { organization { slug } } } } } }".to_owned(),
        "{ threads { nodes { messages(after: null) { nodes { body } } } } }".to_owned(),
        "{ threads { nodes { messages { totalCount nodes { thread { number } } } } } }".to_owned(),
    ] {
        for asker in [app.someone("dsi", &scopes).reading("fr"), app.someone("emergency", &[Scope::Read])] {
            let (texts, values) = both(&asker, &query).await;
            assert_eq!(written(&texts), written(&values), "{query}");
            let async_graphql::Value::Object(roots) = &texts.data else { panic!("{query}") };
            let Some(async_graphql::Value::Object(page)) = roots.values().nth(1) else { panic!("{query}") };
            // A list that is written in place is a text of its own.
            let outermost = !matches!(page["nodes"], async_graphql::Value::List(_));
            assert!(outermost, "{query}: {:?}", texts.data);
        }
    }
}

#[tokio::test]
async fn a_list_that_stands_twice_is_merged() {
    let app = App::hospital().await;
    let query = "query($yes: Boolean!) { services { nodes {
        outcomes { id } outcomes @include(if: $yes) { key indicators { key } } ...More } } }
        fragment More on Service { outcomes @include(if: $yes) { supported } }";
    let answer = app.admin().data(query, serde_json::json!({ "yes": true })).await;
    let outcome = &answer["services"]["nodes"][0]["outcomes"][0];
    for field in ["id", "key", "supported", "indicators"] {
        assert!(!outcome[field].is_null(), "{field} of {outcome}");
    }
}
