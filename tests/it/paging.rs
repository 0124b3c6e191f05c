//! Pages of lists: forward and backward, of every size, in every order.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{App, Asker};

/// 120 services, some of one name, some made at one instant, some changed later.
async fn many() -> App {
    let app = App::hospital().await;
    for index in 0..120 {
        if index % 3 == 0 {
            app.pass(TimeDelta::milliseconds(1500));
        }
        app.provider()
            .applied(json!({ "slug": format!("s-{index}"), "name": format!("Name {:02}", index * 7 % 40), "lifecycle": "LIVE",
                "consumers": if index % 4 == 0 { json!([{ "organization": { "slug": "finance" } }]) } else { json!([]) } }))
            .await;
    }
    for index in (0..120).step_by(5) {
        app.provider().applied(json!({ "slug": format!("s-{index}"), "summary": "Changed" })).await;
    }
    app
}

const PAGE: &str =
    "query($filter: ServiceFilter, $order: ServiceOrder, $first: Int, $after: String, $last: Int, $before: String) {
    services(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last, before: $before) {
        totalCount edges { cursor node { slug } } nodes { slug name createdAt updatedAt id }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";

async fn page(asker: &Asker<'_>, variables: Value) -> Value {
    let page = asker.data(PAGE, variables).await["services"].take();
    let edges = page["edges"].as_array().unwrap();
    let of_edges: Vec<_> = edges.iter().map(|edge| &edge["node"]["slug"]).collect();
    assert_eq!(of_edges, slugs(&page).iter().collect::<Vec<_>>());
    assert_eq!(page["pageInfo"]["startCursor"], edges.first().map_or(Value::Null, |edge| edge["cursor"].clone()));
    assert_eq!(page["pageInfo"]["endCursor"], edges.last().map_or(Value::Null, |edge| edge["cursor"].clone()));
    page
}

fn slugs(page: &Value) -> Vec<Value> {
    page["nodes"].as_array().unwrap().iter().map(|node| node["slug"].clone()).collect()
}

/// The whole list, page by page.
async fn walk(asker: &Asker<'_>, order: &Value, size: usize, backward: bool) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), Value::Null);
    loop {
        let variables = match backward {
            false => json!({ "order": order, "first": size, "after": cursor }),
            true => json!({ "order": order, "last": size, "before": cursor }),
        };
        let page = page(asker, variables).await;
        let info = &page["pageInfo"];
        let (more, next) = match backward {
            false => (&info["hasNextPage"], &info["endCursor"]),
            true => (&info["hasPreviousPage"], &info["startCursor"]),
        };
        let some = slugs(&page);
        assert!(some.len() == size || *more == false, "a page of {} instead of {size}", some.len());
        if backward {
            all.splice(0..0, some);
        } else {
            all.extend(some);
        }
        if *more == false {
            return all;
        }
        cursor = next.clone();
    }
}

#[tokio::test]
async fn every_order_is_walked_both_ways_with_every_size_of_page() {
    let app = many().await;
    let asker = app.provider();
    for field in ["NAME", "CREATED_AT", "UPDATED_AT"] {
        let ascending = json!({ "field": field });
        let whole = page(&asker, json!({ "order": ascending, "first": 200 })).await;
        assert_eq!(whole["totalCount"], 121);
        let key = |node: &Value| match field {
            "NAME" => (node["name"].as_str().unwrap().to_lowercase(), node["id"].to_string()),
            "CREATED_AT" => (node["createdAt"].to_string(), node["id"].to_string()),
            _ => (node["updatedAt"].to_string(), node["id"].to_string()),
        };
        let keys: Vec<_> = whole["nodes"].as_array().unwrap().iter().map(key).collect();
        let mut sorted = keys.clone();
        sorted.sort();
        assert_eq!(keys, sorted, "{field}");
        let forward = slugs(&whole);
        let reversed: Vec<_> = forward.iter().rev().cloned().collect();
        for (direction, expected) in [("ASC", &forward), ("DESC", &reversed)] {
            let order = json!({ "field": field, "direction": direction });
            for size in [1, 2, 3, 7, 40, 60, 120, 121, 200] {
                for backward in [false, true] {
                    assert_eq!(
                        walk(&asker, &order, size, backward).await,
                        *expected,
                        "{order} by {size}, backward: {backward}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn a_walk_misses_and_repeats_nothing_while_services_come_and_change() {
    let app = many().await;
    let asker = app.provider();
    let order = json!({ "field": "CREATED_AT" });
    let before = walk(&asker, &order, 200, false).await;
    let (mut seen, mut cursor) = (Vec::new(), Value::Null);
    for round in 0.. {
        let page = page(&asker, json!({ "order": order, "first": 20, "after": cursor })).await;
        seen.extend(slugs(&page));
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        cursor = page["pageInfo"]["endCursor"].clone();
        app.pass(TimeDelta::seconds(1));
        asker.applied(json!({ "slug": format!("late-{round}"), "name": "A late one" })).await;
        asker.applied(json!({ "slug": format!("s-{round}"), "name": "Another name" })).await;
    }
    let old: Vec<_> = seen.iter().filter(|slug| before.contains(slug)).cloned().collect();
    assert_eq!(old, before);
    let late = seen.iter().filter(|slug| slug.as_str().unwrap().starts_with("late-")).count();
    assert_eq!(seen.len(), before.len() + late);

    // A page continues from its cursor even if the row of the cursor is no longer visible.
    let finance = app.ward("finance");
    let first = page(&finance, json!({ "order": order, "first": 10 })).await;
    let rest = page(&finance, json!({ "order": order, "after": first["pageInfo"]["endCursor"], "first": 200 })).await;
    let last = slugs(&first)[9].clone();
    asker
        .applied(json!({ "slug": last, "consumers": [{ "organization": { "slug": "finance" }, "remove": true }] }))
        .await;
    let again = page(&finance, json!({ "order": order, "after": first["pageInfo"]["endCursor"], "first": 200 })).await;
    assert_eq!(slugs(&again), slugs(&rest));
    assert_eq!(first["totalCount"], 30);
    assert_eq!(again["totalCount"], 29);
}

#[tokio::test]
async fn the_ends_of_a_list_say_that_they_are() {
    let app = many().await;
    let asker = app.provider();
    let info = |page: &Value| (page["pageInfo"]["hasPreviousPage"] == true, page["pageInfo"]["hasNextPage"] == true);
    let first = page(&asker, json!({ "first": 60 })).await;
    assert_eq!(info(&first), (false, true));
    let end = &first["pageInfo"]["endCursor"];
    let second = page(&asker, json!({ "first": 61, "after": end })).await;
    assert_eq!(info(&second), (true, false));
    let none = page(&asker, json!({ "first": 5, "after": second["pageInfo"]["endCursor"] })).await;
    assert_eq!((slugs(&none).len(), info(&none)), (0, (true, false)));
    let back = page(&asker, json!({ "last": 60, "before": second["pageInfo"]["startCursor"] })).await;
    assert_eq!((slugs(&back), info(&back)), (slugs(&first), (false, true)));
    let between = page(&asker, json!({ "first": 200, "after": end, "before": second["pageInfo"]["endCursor"] })).await;
    assert_eq!(slugs(&between), slugs(&second)[..60]);
    let nothing = page(&asker, json!({ "first": 0 })).await;
    assert_eq!((slugs(&nothing).len(), info(&nothing), &nothing["totalCount"]), (0, (false, true), &json!(121)));
    let usual = page(&asker, json!({})).await;
    assert_eq!((slugs(&usual).len(), info(&usual)), (50, (false, true)));
}

#[tokio::test]
async fn a_window_that_cannot_be_is_refused_with_the_reason() {
    let app = App::hospital().await;
    let asker = app.provider();
    let foreign = asker.get("{ organizations { edges { cursor } } service(by: {slug: \"patient-management\"}) { revisions { edges { cursor } } }
        services { edges { cursor } } }").await;
    let cursor = |list: &Value| list["edges"][0]["cursor"].clone();
    let of_organizations = cursor(&foreign["organizations"]);
    let of_revisions = cursor(&foreign["service"]["revisions"]);
    let by_name = cursor(&foreign["services"]);
    let updated = json!({ "field": "UPDATED_AT" });
    for (variables, expected) in [
        (json!({ "first": 201 }), "`first` is 201; a page holds 200 at most"),
        (json!({ "last": 1000 }), "`last` is 1000; a page holds 200 at most"),
        (json!({ "first": -1 }), "`first` must not be negative"),
        (json!({ "last": -7 }), "`last` must not be negative"),
        (json!({ "first": 1, "last": 1 }), "give `first` or `last`, not both"),
        (json!({ "after": "x" }), "`after` is not a cursor of this list"),
        (json!({ "before": "" }), "`before` is not a cursor of this list"),
        (json!({ "after": of_organizations }), "`after` is not a cursor of this list"),
        (json!({ "after": of_revisions }), "`after` is not a cursor of this list"),
        (json!({ "after": of_revisions, "order": updated }), "`after` is not a cursor of this list"),
        (json!({ "before": by_name, "order": updated }), "`before` is not a cursor of this list"),
    ] {
        let refusal = asker.refusal(PAGE, variables.clone()).await;
        assert_eq!(refusal, ("BAD_REQUEST".into(), expected.into()), "{variables}");
    }
    let query = "query($after: String) { organizations(after: $after) { nodes { slug } } }";
    let (code, _) = asker.refusal(query, json!({ "after": by_name })).await;
    assert_eq!(code, "BAD_REQUEST");
    for field in ["providedServices", "consumedServices"] {
        let query =
            format!("{{ organization(by: {{slug: \"dsi\"}}) {{ {field}(first: 201) {{ nodes {{ slug }} }} }} }}");
        let answer = asker.ask(&query, json!({})).await;
        assert_eq!(answer["errors"][0]["message"], "`first` is 201; a page holds 200 at most", "{answer}");
    }
}

#[tokio::test]
async fn too_much_at_once_is_refused_as_that() {
    let app = App::hospital().await;
    let deep = "services(first: 200) { nodes { provider { providedServices(first: 200) { nodes { slug provider { slug name } consumers { since } } } } } }";
    let (code, _) = app.provider().refusal(&format!("{{ {deep} }}"), json!({})).await;
    assert_eq!(code, "LIMIT_EXCEEDED");
    let nested = (0..15).fold("id".to_owned(), |inner, _| {
        format!("provider {{ providedServices(first: 1) {{ nodes {{ {inner} }} }} }}")
    });
    let query = format!("{{ service(by: {{slug: \"patient-management\"}}) {{ {nested} }} }}");
    let (code, _) = app.provider().refusal(&query, json!({})).await;
    assert_eq!(code, "LIMIT_EXCEEDED");
}
