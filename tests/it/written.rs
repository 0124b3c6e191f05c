//! The number of statements of a write: it does not depend on the size of the input, except that one statement writes
//! at most 500 rows.

use entente::policy::Scope;
use serde_json::{Value, json};

use crate::{
    app::{App, Asker},
    kit::laundry,
    threads::{desk, open},
};

const FEW: usize = 10;
const MANY: usize = 1_000;

/// The provider, with all scopes: its links belong to it.
fn powerful(app: &App) -> Asker<'_> {
    app.someone("dsi", &[Scope::Admin])
}

fn key(of: &str) -> Value {
    json!({ "system": "tool", "key": of })
}

/// So many organizations with a key each.
fn wards(count: usize, name: &str) -> Value {
    let ward = |number: usize| json!({ "slug": format!("ward-{number}"), "name": format!("{name} {number}"), "externalReferences": [key(&format!("ward-{number}"))] });
    (0..count).map(ward).collect()
}

/// What the write of few costs and that of many; what is read back is not asked for.
async fn costs(app: &App, mutation: &str, few: Value, many: Value) -> (u64, u64) {
    let asker = powerful(app);
    let ty = format!("{}{}Input!", mutation[..1].to_uppercase(), &mutation[1..]);
    let query =
        format!("mutation($input: {ty}) {{ {mutation}(input: $input) {{ userErrors {{ code path message }} }} }}");
    let mut costs = Vec::new();
    for input in [few, many] {
        let (data, cost) = asker.counted(&query, json!({ "input": input })).await;
        assert_eq!(data[mutation]["userErrors"], json!([]), "{mutation}");
        costs.push(cost);
    }
    (costs[0], costs[1])
}

/// Many cost at most so many statements more than few: one for each further 500 rows of a table.
fn assert_alike((few, many): (u64, u64), chunks: u64, what: &str) {
    assert!(few <= many && many <= few + chunks, "{what}: {few} for few, {many} for many");
}

#[tokio::test]
async fn organizations_are_written_together() {
    let app = App::hospital().await;
    let input = |organizations: Value| json!({ "organizations": organizations });
    for (name, chunks) in [("Ward", 5), ("Ward", 0), ("Renamed", 2)] {
        let costs = costs(&app, "organizationsApply", input(wards(FEW, name)), input(wards(MANY, name))).await;
        assert_alike(costs, chunks, name);
    }
    let moved = |count: usize, above: &str| -> Value {
        (0..count).map(|number| json!({ "slug": format!("ward-{number}"), "parent": { "ref": key(above) } })).collect()
    };
    powerful(&app)
        .organizations(json!([{ "slug": "above", "name": "Above", "externalReferences": [key("above")] }]), false)
        .await;
    let costs = costs(&app, "organizationsApply", input(moved(FEW, "above")), input(moved(MANY, "above"))).await;
    assert_alike(costs, 2, "moved");
}

#[tokio::test]
async fn however_deep_the_tree_of_organizations_is_it_is_read_at_once() {
    let app = App::hospital().await;
    let chain: Value = (0..200)
        .map(|number: usize| {
            let parent = number.checked_sub(1).map(|above| json!({ "slug": format!("below-{above}") }));
            json!({ "slug": format!("below-{number}"), "name": format!("Below {number}"), "parent": parent })
        })
        .collect();
    powerful(&app).organizations(chain, false).await;
    let below = |of: usize| json!({ "organizations": [{ "slug": format!("new-{of}"), "name": "New", "parent": { "slug": format!("below-{of}") } }] });
    let (shallow, deep) = costs(&app, "organizationsApply", below(1), below(199)).await;
    assert_eq!(shallow, deep);
}

#[tokio::test]
async fn consumers_are_looked_for_and_written_together() {
    let app = App::hospital().await;
    powerful(&app).organizations(wards(MANY, "Ward"), false).await;
    powerful(&app).applied(laundry()).await;
    let consumers = |count: usize, more: Value| -> Value {
        let consumer = |number: usize| {
            let mut consumer = json!({ "organization": { "ref": key(&format!("ward-{number}")) } });
            consumer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            consumer
        };
        (0..count).map(consumer).collect()
    };
    let input = |count: usize, more: Value, dry_run: bool| json!({ "definition": { "slug": "laundry", "consumers": consumers(count, more) }, "dryRun": dry_run });
    let mut tried = Vec::new();
    for (what, more, dry_run, chunks) in [
        ("a dry run", json!({}), true, 3),
        ("new", json!({}), false, 5),
        ("changed", json!({ "contacts": [{ "role": "USER", "name": "Ward" }] }), false, 4),
        ("removed", json!({ "remove": true }), false, 2),
    ] {
        let costs = costs(&app, "definitionApply", input(FEW, more.clone(), dry_run), input(MANY, more, dry_run)).await;
        assert_alike(costs, chunks, what);
        tried.push(costs);
    }
    let (dry, _) = tried[0];
    assert!(dry <= 14, "{tried:?}");
}

#[tokio::test]
async fn what_has_keys_that_are_taken_is_told_together() {
    let app = App::hospital().await;
    let admin = powerful(&app);
    admin.organizations(wards(100, "Ward"), false).await;
    let taken = |count: usize| -> Value { (0..count).map(|number| key(&format!("ward-{number}"))).collect() };
    // What is kept in memory is there from the first on.
    admin.get("{ service(by: {slug: \"patient-management\"}) { name } }").await;
    let mut told = Vec::new();
    for count in [FEW, 100] {
        let before = app.store.statements();
        let payload =
            admin.apply(json!({ "slug": "patient-management", "externalReferences": taken(count) }), json!({})).await;
        let of_service = app.store.statements() - before;
        let items: Value = (0..count)
            .map(|number| json!({ "ref": key(&format!("ward-{number}")), "name": "Item", "class": "x" }))
            .collect();
        let before = app.store.statements();
        let of_items = admin.items(items, json!({})).await;
        let errors = [&payload["userErrors"], &of_items["userErrors"]].map(|errors| errors.as_array().unwrap());
        for errors in errors {
            assert_eq!((errors.len(), &errors[0]["code"]), (count, &json!("TAKEN")));
            let last = errors[count - 1]["message"].as_str().unwrap();
            assert!(last.contains(&format!("organization ward-{}", count - 1)), "{last}");
        }
        told.push((of_service, app.store.statements() - before));
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn keys_and_names_of_elements_are_written_together() {
    let app = App::hospital().await;
    let admin = powerful(&app);
    let risks = |count: usize, from: Option<&str>, to: &str| -> Value {
        let risk = |number: usize| json!({ "key": format!("{to}-risk-{number}"), "renamedFrom": from.map(|from| format!("{from}-risk-{number}")), "statement": "Loss", "effect": "REMOVED" });
        (0..count).map(risk).collect()
    };
    let offerings = |count: usize, from: Option<&str>, to: &str| -> Value {
        let offering = |number: usize| {
            json!({ "key": format!("{to}-{number}"), "renamedFrom": from.map(|from| format!("{from}-{number}")), "name": "Day",
            "externalReferences": [{ "system": "tool", "key": format!("day-{number}"), "url": format!("https://tool.example/{to}/{number}") }] })
        };
        (0..count).map(offering).collect()
    };
    let document = |slug: &str, count: usize, from: Option<&str>, to: &str| {
        json!({ "slug": slug, "name": "Service", "risks": risks(count, from, to), "offerings": offerings(count, from, to),
            "consumers": [{ "organization": { "slug": "emergency" }, "offering": format!("{to}-0") }] })
    };
    let mut renamed = Vec::new();
    for (slug, count) in [("little", 2), ("much", 200)] {
        admin.applied(document(slug, count, None, "old")).await;
        let before = app.store.statements();
        let payload = admin.applied(document(slug, count, Some("old"), "new")).await;
        assert_eq!(payload["service"]["revision"], 2);
        renamed.push(app.store.statements() - before);
        let kept = admin
            .get(&format!("{{ service(by: {{slug: \"{slug}\"}}) {{ consumers {{ offering {{ key }} }} }} }}"))
            .await;
        assert_eq!(kept["service"]["consumers"][0]["offering"]["key"], "new-0");
        // They go, and their keys with them.
        admin.applied(json!({ "slug": slug, "offerings": null, "consumers": null })).await;
    }
    // What is logged of many takes a statement more.
    assert!(renamed[0] <= renamed[1] && renamed[1] <= renamed[0] + 1, "{renamed:?}");
}

#[tokio::test]
async fn tickets_of_threads_are_linked_together() {
    let app = App::hospital().await;
    let desk = desk(&app);
    let tickets = |from: usize, count: usize, url: &str| -> Value {
        let ticket = |number: usize| json!({ "system": "zammad", "key": format!("HELP-{from}-{number}"), "url": format!("https://zammad.example/{url}/{number}") });
        (0..count).map(ticket).collect()
    };
    // The organization of the token is looked up once, and the terms are read once.
    open(&desk, json!({ "consumer": { "slug": "emergency" } })).await;
    let mut counted = Vec::new();
    for (from, count) in [(0, 2), (1, 100)] {
        let open = "mutation($input: ThreadOpenInput!) { threadOpen(input: $input) { thread { number } userErrors { message } } }";
        let input = json!({ "kind": "ESCALATION", "service": { "slug": "patient-management" }, "title": "T", "body": "B",
            "consumer": { "slug": "emergency" }, "externalReferences": tickets(from, count, "a") });
        let (opened, opened_in) = desk.counted(open, json!({ "input": input })).await;
        let number = &opened["threadOpen"]["thread"]["number"];
        let post = "mutation($input: MessagePostInput!) { messagePost(input: $input) { userErrors { message } } }";
        let input =
            json!({ "thread": { "number": number }, "body": "B", "externalReferences": tickets(from + 2, count, "a") });
        let (_, posted_in) = desk.counted(post, json!({ "input": input })).await;
        counted.push((opened_in, posted_in));
    }
    assert_eq!(counted[0], counted[1]);
}
