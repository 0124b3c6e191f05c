//! What preparing costs. Printed, not asserted: `cargo test --release prepare::tests::cost -- --ignored --nocapture`.

use std::time::Instant;

use async_graphql::{Request, Variables, parser::parse_query};
use serde_json::json;

use super::{super::Documents, schema::small};

const ORDINARY: &str = r#"query Page($first: Int = 3, $name: String, $colour: Colour, $tags: [String], $all: Boolean = true) {
    a: number(n: $first) b: numberOrFive(n: $first)
    patch(input: {name: $name, colour: $colour, tags: $tags, inner: {size: $first, colour: RED, tags: ["a", "b"]}})
    person { ...P friend { name ... on Robot { model } } mate { ...P } }
    maybePerson @include(if: $all) { ...P mate { mate { name older: age(times: 2) } } }
    beings { __typename name ... on Person { age mate { name } } ... on Robot { model } }
}
fragment P on Person { name age mate { name age mate { name age } } friend { name } }"#;

#[tokio::test]
#[ignore = "a measurement"]
async fn of_an_ordinary_document() {
    let schema = small();
    let documents = Documents::new(&schema.sdl());
    let given = Variables::from_json(json!({"name": "Ada", "colour": "RED", "tags": ["a"]}));
    let absent = Variables::from_json(json!({"name": "Ada"}));
    let each = |what: &str, times: u32, run: &mut dyn FnMut()| {
        let started = Instant::now();
        for _ in 0..times {
            run();
        }
        println!("{what}: {:.2} µs", started.elapsed().as_secs_f64() * 1e6 / f64::from(times));
    };
    each("variables cloned", 20_000, &mut || drop(given.clone()));
    each("prepared, from the cache", 20_000, &mut || {
        drop(documents.prepare(ORDINARY, None, &mut given.clone()).unwrap())
    });
    each("prepared, two variables absent", 20_000, &mut || {
        drop(documents.prepare(ORDINARY, None, &mut absent.clone()).unwrap());
    });
    let document = documents.prepare(ORDINARY, None, &mut given.clone()).unwrap().document;
    each("document cloned", 20_000, &mut || drop(document.clone()));
    each("parsed", 20_000, &mut || drop(parse_query(ORDINARY).unwrap()));
    each("planned", 20_000, &mut || drop(super::super::plan::plans(&documents.types, ORDINARY).unwrap()));
    // The largest that the guard lets through.
    let same = format!("{{ person {{ {} }} }}", "name ".repeat(1_990));
    let mut nested = String::from("name");
    for _ in 0..26 {
        nested =
            format!("friend {{ ... on Person {{ friend {{ name }} }} ... on Robot {{ friend {{ name }} }} {nested} }}");
    }
    let nested = format!("{{ beings {{ {nested} }} }}");
    let mut doubled = String::from("{ person { ...F0 ...F0 } }");
    for index in 0..9 {
        let next = index + 1;
        doubled += &format!(" fragment F{index} on Person {{ name mate {{ ...F{next} }} a: mate {{ ...F{next} }} }}");
    }
    doubled += " fragment F9 on Person { name }";
    for (what, text) in [("one field 1,990 times", same), ("overlaps nested", nested), ("fragments doubled", doubled)] {
        each("parsed", 100, &mut || drop(parse_query(&text).unwrap()));
        let mut plans = super::super::plan::plans(&documents.types, &text);
        each(what, 100, &mut || plans = super::super::plan::plans(&documents.types, &text));
        let size = plans.map(|plans| plans.iter().map(|plan| plan.size).sum::<usize>());
        println!("    {:?}", size.map_err(|error| error.message));
    }
    let started = Instant::now();
    for _ in 0..5_000 {
        let mut variables = given.clone();
        let prepared = documents.prepare(ORDINARY, None, &mut variables).unwrap();
        let mut request = Request::new("").variables(variables);
        request.operation_name = prepared.operation_name;
        request.set_parsed_query(prepared.document);
        assert!(schema.execute(request).await.errors.is_empty());
    }
    println!("prepared and run: {:.2} µs", started.elapsed().as_secs_f64() * 1e6 / 5_000.0);
}
