//! Who may do what: every field and every mutation of the schema, as nobody, as a stranger, as a consumer, as the
//! provider. `authz/expected.rs` contains what each may see; an unknown field fails here.

mod canaries;
mod expected;
mod logged;
mod scopes;
mod threads;
mod unseen;

use std::collections::{BTreeMap, BTreeSet};

use entente::policy::Scope;
use entente_entity::id::ServiceId;
use serde_json::{Value, json};

use crate::{
    app::App,
    sdl::{Types, named},
    world::{canaries, of, reader, slug, world},
};
use expected::{ARGUMENTS, ELSEWHERE, FIELDS, MUTATIONS, PAYLOADS, REACH, Sight, TARGETS};

const WHERE: &str = "tests/it/authz/expected.rs";

fn sights() -> BTreeMap<(&'static str, &'static str), Sight> {
    let words = FIELDS.iter().flat_map(|(of, sight, fields)| fields.split(' ').map(|field| ((*of, field), *sight)));
    words.collect()
}

#[test]
fn every_field_and_mutation_of_the_schema_is_known() {
    let (types, sights, mut unknown) = (Types::read(), sights(), Vec::new());
    for of in types.objects().filter(|of| !PAYLOADS.contains(of)) {
        if !REACH.iter().any(|(name, _)| *name == of) {
            unknown.push(format!(
                "type {of}: say in REACH how it is reached (in PAYLOADS if mutations alone answer with it)"
            ));
        }
        for field in types.fields(of) {
            let field = field.name.node.as_str();
            if !sights.contains_key(&(of, field)) {
                unknown.push(format!("{of}.{field}: say in FIELDS who sees what in it"));
            }
        }
    }
    for field in types.fields("Mutation") {
        let name = field.name.node.as_str();
        let elsewhere = ELSEWHERE.iter().any(|(mutation, _)| *mutation == name);
        if !elsewhere && !MUTATIONS.iter().any(|mutation| mutation.0 == name) {
            unknown.push(format!("mutation {name}: say in MUTATIONS what it answers to whom"));
        }
    }
    assert!(unknown.is_empty(), "new in the schema, and not in {WHERE}:\n{}", unknown.join("\n"));
    for (of, field) in sights.keys() {
        assert!(types.field(of, field).is_some(), "{of}.{field} is gone from the schema: take it out of {WHERE}");
    }
}

/// What a field of an object selects: those of its fields that all see alike, and that need no argument.
fn within(types: &Types, of: &str) -> String {
    let sights = sights();
    let alike = |field: &str| {
        sights.get(&(of, field)).is_none_or(|sight| *sight == Sight::Shared)
            && !ARGUMENTS.iter().any(|(name, _)| *name == format!("{of}.{field}"))
    };
    let leaves = types.fields(of).into_iter().filter(|field| types.is_leaf(named(&field.ty.node)));
    let mut fields: Vec<&str> = leaves.map(|field| field.name.node.as_str()).filter(|field| alike(field)).collect();
    fields.push(if of.ends_with("Connection") { "totalCount" } else { "__typename" });
    format!("{{ {} }}", fields.join(" "))
}

fn has_value(data: &Value) -> bool {
    match data {
        Value::Null => false,
        Value::Array(entries) => entries.iter().any(has_value),
        Value::Object(fields) => fields.values().any(has_value),
        _ => true,
    }
}

#[tokio::test]
async fn each_field_shows_to_each_what_it_may() {
    let (app, types) = (world().await, Types::read());
    let [provider, consumer, stranger] = ["dsi", "ward-a", "stranger"].map(|party| reader(&app, party));
    let care = provider
        .data("query($slug: String!) { service(by: {slug: $slug}) { id } }", json!({ "slug": slug("care") }))
        .await;
    let there = |query: &str| fill(query, &slug("care"), care["service"]["id"].as_str().unwrap(), &slug("dsi"));
    let nowhere = |query: &str| fill(query, "nothing-here", &ServiceId::new().to_string(), "nobody-here");
    let mut wrong = Vec::new();
    for ((of, field), sight) in sights() {
        let Some((_, path)) = REACH.iter().find(|(name, _)| *name == of) else { continue };
        let Some(definition) = types.field(of, field) else { continue };
        let arguments =
            ARGUMENTS.iter().find(|(name, _)| *name == format!("{of}.{field}")).map_or("", |(_, given)| given);
        let to = named(&definition.ty.node);
        let selected = if types.is_leaf(to) { String::new() } else { within(&types, to) };
        let query = format!("{{ {} }}", path.replace('@', &format!("{field}{arguments} {selected}")));
        let mut say = |what: &str, answer: &Value| wrong.push(format!("{of}.{field}: {what}\n{query}\n{answer}"));

        let seen = provider.ask(&there(&query), json!({})).await;
        let shared = consumer.ask(&there(&query), json!({})).await;
        let unseen = stranger.ask(&there(&query), json!({})).await;
        let absent = stranger.ask(&nowhere(&query), json!({})).await;
        let refused = app.nobody().ask(&there(&query), json!({})).await;

        for answer in [&seen, &shared, &unseen] {
            let refused = sight == Sight::Own && std::ptr::eq(answer, &shared);
            let errors = answer["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
            let fits = |error: &Value| refused && error["extensions"]["code"] == "FORBIDDEN";
            if !errors.iter().all(fits) || errors.is_empty() == refused {
                say("other errors than those that are due", answer);
            }
        }
        let fits = match sight {
            Sight::Shared => has_value(&seen) && seen == shared,
            Sight::Each => has_value(&seen) && seen != shared,
            Sight::Own => has_value(&seen["data"]) && !has_value(&shared["data"]),
            Sight::Unset => !has_value(&seen) && !has_value(&shared),
            Sight::Anyone => has_value(&seen) && has_value(&shared) && has_value(&unseen),
        };
        if !fits {
            say(&format!("not {sight:?}: the provider sees {seen}, the consumer sees"), &shared);
        }
        if sight != Sight::Anyone && serde_json::to_vec(&unseen).unwrap() != serde_json::to_vec(&absent).unwrap() {
            say(&format!("a stranger sees that it is there: {absent} for what is not, else"), &unseen);
        }
        let own = BTreeSet::from([slug("stranger"), "canary-name-stranger".into()]);
        if !canaries(&unseen).is_subset(&own) {
            say("a stranger sees", &unseen);
        }
        if has_value(&refused["data"]) || refused["errors"][0]["extensions"]["code"] != "UNAUTHENTICATED" {
            say("an answer without a token", &refused);
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

fn fill(query: &str, slug: &str, id: &str, party: &str) -> String {
    let text = |text: &str| format!("{text:?}");
    query.replace("SLUG", &text(slug)).replace("PARTY", &text(party)).replace("ID", &text(id))
}

#[tokio::test]
async fn each_mutation_does_for_each_what_it_may_and_a_refused_one_changes_nothing() {
    let app = world().await;
    of(&app, "ward-a").applied(json!({ "slug": slug("own"), "name": "canary-text-own" })).await;
    let types = Types::read();
    for (name, scope, input, targets, expected) in MUTATIONS {
        let payload = types.field("Mutation", name).map(|field| named(&field.ty.node)).unwrap();
        let mutation = |target: &str, more: &str| {
            let input = input.replace("TARGET", target);
            format!("mutation {{ {name}(input: {{{input} {more}}}) {} }}", types.everything(payload, 1))
        };
        for (who, codes) in *expected {
            let asker = app.someone(&slug(who), &[Scope::Read, *scope]);
            for ((target, is), code) in targets.iter().zip(TARGETS).zip(codes) {
                let here = format!("{name} as {who} of {is}: {target}");
                let before = standing(&app).await;
                let more = if *code == "ok" { "dryRun: true" } else { "" };
                let answer = asker.ask(&mutation(target, more), json!({})).await;
                let done = &answer["data"][name];
                let found = done["userErrors"][0]["code"].as_str().unwrap_or("ok");
                assert_eq!(found, *code, "{here}: {answer:#}");
                let told = canaries(&json!(done["userErrors"]));
                assert!(told.is_subset(&BTreeSet::from([target.to_string()])), "{here}: {answer:#}");
                assert_eq!(standing(&app).await, before, "{here} was refused, or a dry run, and changed something");

                let without = app.someone(&slug(who), &[Scope::Read]);
                let answer = without.ask(&mutation(target, more), json!({})).await;
                let codes = &answer["data"][name]["userErrors"];
                assert_eq!(codes[0]["code"], "FORBIDDEN", "{here}, without {scope}: {answer:#}");
                assert!(canaries(codes).is_empty(), "{here}, without {scope}: {answer:#}");
            }
        }
        let (code, _) = app.nobody().refusal(&mutation(targets[0], ""), json!({})).await;
        assert_eq!(code, "UNAUTHENTICATED", "{name}");
    }
}

/// All stored rows.
async fn standing(app: &App) -> Value {
    let query = "{ services { nodes { slug updatedAt document } } organizations { nodes { slug document } } }";
    app.admin().get(query).await
}
