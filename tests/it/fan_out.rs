//! The number of statements of a query does not depend on the number of rows: queries are generated from the schema,
//! and sent with 1, 10 and 100 rows of everything.

use std::time::Duration;

use entente::policy::Scope;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};

use crate::{
    app::{App, Asker},
    sdl::{Types, named},
};

/// How many queries are made; `ENTENTE_QUERIES` makes more, or less.
const QUERIES: u64 = 60;
/// How deep they go below the list that they start from.
const DEPTH: usize = 4;
/// After this time, a query has failed.
const LONG: Duration = Duration::from_secs(60);

/// A viewer who may see everything of the only provider.
fn everything(app: &App) -> Asker<'_> {
    app.someone(
        "dsi",
        Scope::ALL.iter().filter(|scope| **scope != Scope::Admin).copied().collect::<Vec<_>>().as_slice(),
    )
}

async fn written(asker: &Asker<'_>, mutation: &str, input: Value) -> Value {
    let ty = format!("{}{}Input!", mutation[..1].to_uppercase(), &mutation[1..]);
    let of = if mutation == "threadOpen" { "thread { id number }" } else { "" };
    let query = format!("mutation($input: {ty}) {{ {mutation}(input: $input) {{ {of} userErrors {{ message }} }} }}");
    let data = asker.data(&query, json!({ "input": input })).await[mutation].take();
    assert_eq!(data["userErrors"], json!([]), "{mutation}");
    data
}

fn key(of: &str) -> Value {
    json!([{ "system": "tool", "key": of }])
}

/// So many of everything: services with elements, consumers, items, threads, messages, each with keys, and as many
/// wards that consume the services.
async fn world(count: usize) -> App {
    let app = App::hospital().await;
    let admin = app.someone("dsi", &[Scope::Admin]);
    let provider = everything(&app);
    // Of links between many and many, the first few are enough.
    let few = count.min(10);
    let wards: Value = (0..count)
        .map(|n| json!({ "slug": format!("ward-{n}"), "name": format!("Ward {n}"), "parent": { "slug": "dsi" }, "externalReferences": key(&format!("ward-{n}")) }))
        .collect();
    written(&admin, "organizationsApply", json!({ "organizations": wards })).await;
    // Each item depends on others, others depend on it, and services run on it.
    let all = count.max(3);
    let others = all.min(11) - 1;
    let item = |n: usize| json!({ "system": "tool", "key": format!("item-{}", n % all) });
    let items: Value = (0..all)
        .map(|n| {
            let below: Vec<Value> = (1..=others).map(|step| item(n + step)).collect();
            json!({ "ref": item(n), "name": format!("Item {n}"), "class": "x", "dependsOn": below })
        })
        .collect();
    written(&provider, "configurationItemsApply", json!({ "items": items })).await;
    let indicators = |of: &str| json!([{ "key": format!("{of}-time"), "name": "Time", "unit": "min", "direction": "LOWER_IS_BETTER", "target": 5 }]);
    for n in 0..count {
        let consumers: Vec<Value> = (0..few)
            .map(|step| json!({ "organization": { "slug": format!("ward-{}", (n + step) % count) }, "offering": "day", "contacts": [{ "role": "USER", "name": "Ward" }] }))
            .collect();
        let linked: Vec<Value> = (0..=others).map(|step| json!({ "ref": item(n + step) })).collect();
        let definition = json!({
            "slug": format!("service-{n}"), "name": format!("Service {n}"), "summary": "Of many",
            "journey": [{ "key": "stage", "name": "Stage" }],
            "outcomes": [{ "key": "outcome", "statement": "Done", "stage": "stage", "indicators": indicators("outcome"), "externalReferences": key(&format!("outcome-{n}")), "configurationItems": linked }],
            "costs": [{ "key": "cost", "statement": "Cost", "effect": "REMOVED" }],
            "risks": [{ "key": "risk", "statement": "Risk", "effect": "REMOVED" }],
            "benefits": [{ "key": "benefit", "statement": "Benefit", "stakeholder": "Staff", "indicators": indicators("benefit") }],
            "expectations": [{ "key": "expectation", "of": "CONSUMER", "statement": "Asked" }],
            "offerings": [{ "key": "day", "name": "Day", "indicators": indicators("day"), "externalReferences": key(&format!("day-{n}")) }],
            "consumers": consumers, "configurationItems": linked, "contacts": [{ "role": "OWNER", "name": "Owner" }],
            "externalReferences": key(&format!("service-{n}")),
        });
        written(&provider, "definitionApply", json!({ "definition": definition })).await;
        written(
            &provider,
            "definitionApply",
            json!({ "definition": { "slug": format!("service-{n}"), "summary": "Of many, said better" } }),
        )
        .await;
        for step in 0..few {
            let ward = app.someone(&format!("ward-{}", (n + step) % count), &[Scope::Read, Scope::AgreementsWrite]);
            let decided = json!({ "service": { "slug": format!("service-{n}") }, "revision": 2, "decision": "AGREE" });
            written(&ward, "agreementDecide", decided).await;
        }
        let proposed = json!({ "definition": { "slug": format!("service-{n}"), "summary": "Of many, said best" } });
        written(&provider, "definitionPropose", proposed).await;
        // So that each alignment has a gap with an organization.
        let escalated = json!({ "kind": "ESCALATION", "service": { "slug": format!("service-{n}") }, "consumer": { "slug": format!("ward-{n}") },
            "title": "Of many", "body": "Of many", "severity": "HIGH" });
        written(&provider, "threadOpen", escalated).await;
        let opened = written(
            &provider,
            "threadOpen",
            json!({ "kind": "FEEDBACK", "rating": 4, "service": { "slug": format!("service-{n}") }, "consumer": { "slug": format!("ward-{n}") },
                "element": "outcome", "title": "Many", "body": "Of many", "suggestion": { "slug": format!("service-{n}"), "summary": "Of many, asked for" }, "externalReferences": key(&format!("thread-{n}")) }),
        )
        .await;
        let thread = json!({ "number": opened["thread"]["number"] });
        written(
            &provider,
            "messagePost",
            json!({ "thread": thread, "body": "Answer", "externalReferences": key(&format!("message-{n}")) }),
        )
        .await;
    }
    // Two of each indicator.
    let measurement = |number: usize| {
        let (n, day) = (number / 6, number % 2 + 1);
        let indicator = ["outcome-time", "benefit-time", "day-time"][number % 3];
        json!({ "service": { "slug": format!("service-{n}") }, "indicator": indicator, "at": format!("2020-01-0{day}T00:00:00Z"), "value": day })
    };
    let measurements: Value = (0..6 * count).map(measurement).collect();
    written(&provider, "measurementsRecord", json!({ "measurements": measurements })).await;
    app
}

/// The lists that queries start from, with the type of their nodes; so many of each.
const STARTS: [(&str, &str); 4] = [
    ("services(first: $first, filter: {text: \"many\"})", "Service"),
    ("organizations(first: $first, text: \"ward\")", "Organization"),
    ("configurationItems(first: $first, filter: {system: \"tool\"})", "ConfigurationItem"),
    ("threads(first: $first)", "Thread"),
];

/// What is below lists, and of each of them.
const CHOSEN: [(usize, &str); 11] = [
    (0, "alignment { state score gaps { code message element { key service { slug } } organization { slug parent { slug } } } }
        value { realization { met } } outcomes { indicators { latest { value } } }"),
    (0, "value { realization { met notMeasured } benefits { indicators { latest { value } attainment { status } } } }
        outcomes { indicators { latest { recordedBy { organization { slug } } } measurements(last: 1) { totalCount nodes { at value source } }
            earlier: measurements(first: 1, to: \"2020-01-02T00:00:00Z\") { totalCount nodes { recordedBy { displayName } } } } }
        definition(revision: 1) { offerings { indicators { latest { value } attainment { progress } } } }"),
    (0, "agreements { state definition { revision } organization { slug } thread { number suggestion { adopted } } decidedBy { organization { slug } } }
        proposedDefinition { revision state digest agreements { state } } agreedDefinition { revision digest agreements { state } }
        consumers { agreement { state } older: agreement(revision: 1) { state decidedAt } } revisions(first: 2) { nodes { agreements { comment } } }"),
    (3, "suggestion { adopted changes { path after } document }"),
    (0, "consumers { organization { consumedServices(first: 1) { totalCount nodes { slug consumers { since } } } providedServices { totalCount } } }"),
    (0, "revisions(first: 1) { totalCount nodes { document name provider { slug } author { organization { slug } } changes { path } } }
        first: definition(revision: 1) { document changes { path } } then: definition(asOf: \"2099-01-01T00:00:00Z\") { changes(since: 1) { path } }"),
    (0, "threads(last: 1, filter: {consumer: {slug: \"ward-0\"}, service: {slug: \"service-0\"}}) { totalCount }
        all: threads(first: 1) { totalCount nodes { openedBy { organization { slug } } consumer { parent { slug } }
            messages(first: 1) { totalCount nodes { author { organization { slug } } externalReferences { organization { slug } } } }
            timeline(first: 2) { totalCount nodes { actor { organization { slug } } } } } }"),
    (0, "document externalReferences { organization { document externalReferences { organization { slug } } } }"),
    (1, "document parent { parent { slug } externalReferences { key } } externalReferences { organization { slug } entity { id } }
        consumedServices(first: 2) { totalCount nodes { provider { slug } threads(first: 1) { nodes { subject { __typename } } } } }"),
    (2, "document organization { slug } impactIfFailed { services { path { name services { slug } } openEscalations consumers { organization { slug } }
            service { slug document } outcomes { path { name document } } } } dependsOn(first: 1) { totalCount nodes { dependents(first: 1) { totalCount nodes { name } } } }"),
    (3, "service { slug consumers { organization { consumedServices(first: 1) { totalCount } } } } messages(first: 1) { nodes { thread { number } } }"),
];

/// Some of a type's fields, with some of their arguments, each under a name of its own.
fn select(types: &Types, random: &mut StdRng, ty: &str, depth: usize, out: &mut String) {
    out.push_str("{ __typename ");
    let fields = types.fields(ty);
    let objects: Vec<_> = fields.iter().filter(|field| !types.is_leaf(named(&field.ty.node))).collect();
    for at in 0..random.random_range(1..3) {
        // What waits for nothing costs nothing.
        let Some(field) = (if depth > 0 { objects.choose(random).map(|field| **field) } else { None })
            .or_else(|| fields.choose(random).copied())
        else {
            break;
        };
        let of = named(&field.ty.node);
        if depth == 0 && !types.is_leaf(of) {
            continue;
        }
        out.push_str(&format!("f{at}: {}", field.name.node));
        let has = |name: &str| field.arguments.iter().any(|argument| argument.node.name.node == name);
        let mut arguments = Vec::new();
        if has("first") {
            arguments.push(["first: 2", "last: 1", "first: 5"][random.random_range(0..3)].to_owned());
        }
        if has("asOf") && random.random_bool(0.5) {
            arguments.push(["revision: 1", "asOf: \"2099-01-01T00:00:00Z\""][random.random_range(0..2)].to_owned());
        }
        if has("filter") && random.random_bool(0.5) && of == "ServiceConnection" {
            arguments.push("filter: {provider: {slug: \"dsi\"}}".to_owned());
        }
        if has("filter") && random.random_bool(0.5) && of == "ThreadConnection" {
            arguments.push("filter: {kind: FEEDBACK}".to_owned());
        }
        if !arguments.is_empty() {
            out.push_str(&format!("({})", arguments.join(", ")));
        }
        out.push(' ');
        if types.is_leaf(of) {
            continue;
        }
        // A connection and its nodes are one step.
        let depth = if of.ends_with("Connection") { depth } else { depth.saturating_sub(1) };
        match &types.possible(of)[..] {
            [] => select(types, random, of, depth, out),
            members => {
                let member = members.choose(random).unwrap();
                out.push_str(&format!("{{ __typename ... on {member} "));
                select(types, random, member, depth, out);
                out.push_str("} ");
            }
        }
    }
    out.push_str("} ");
}

/// What a query costs once it was asked before: what is kept in memory is there.
async fn cost(app: &App, query: &str, first: usize) -> Result<u64, String> {
    let asker = everything(app);
    let ask = async || asker.ask(query, json!({ "first": first })).await;
    let within = async |ask| tokio::time::timeout(LONG, ask).await.unwrap_or_else(|_| panic!("it never ends: {query}"));
    within(ask()).await;
    let before = app.store.statements();
    let answer = within(ask()).await;
    let cost = app.store.statements() - before;
    match answer.get("errors") {
        None => Ok(cost),
        Some(errors) => Err(errors.to_string()),
    }
}

#[tokio::test]
async fn however_much_there_is_of_everything_a_query_takes_as_many_statements() {
    let types = Types::read();
    let worlds = [world(1).await, world(10).await, world(100).await];
    let queries = std::env::var("ENTENTE_QUERIES").map_or(QUERIES, |queries| queries.parse().unwrap());
    let made = (0..queries).map(|seed| {
        let random = &mut StdRng::seed_from_u64(seed);
        let start = seed as usize % STARTS.len();
        let mut selected = String::new();
        select(&types, random, STARTS[start].1, DEPTH, &mut selected);
        (start, selected)
    });
    let chosen = CHOSEN.map(|(start, selected)| (start, format!("{{ {selected} }}")));
    let (mut compared, mut wrong) = (0, Vec::new());
    for (at, (start, selected)) in chosen.into_iter().chain(made).enumerate() {
        let query = format!("query($first: Int) {{ {} {{ nodes {selected} }} }}", STARTS[start].0);
        let mut costs = Vec::new();
        for (app, first) in worlds.iter().zip([1, 10, 100]) {
            match cost(app, &query, first).await {
                Ok(cost) => costs.push(cost),
                // Of so many it is too much.
                Err(errors) if errors.contains("LIMIT_EXCEEDED") => {}
                Err(errors) => panic!("{query}: {errors}"),
            }
        }
        assert!(at >= CHOSEN.len() || costs.len() > 1, "it is not answered: {query}");
        compared += usize::from(costs.len() == worlds.len());
        if costs.iter().any(|cost| *cost != costs[0]) {
            wrong.push(format!("{costs:?} for 1, 10 and 100: {query}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared > queries as usize / 2, "{compared}");
}
