//! What preparing costs. Printed, not asserted: `cargo test --release prepare::tests::cost -- --ignored --nocapture`.

use std::time::Instant;

use async_graphql::{Request, Variables, parser::parse_query};
use serde_json::json;

use super::{super::Documents, schema::small};

const ORDINARY: &str = r#"query Page($first: Int = 3, $name: String, $colour: Colour, $tags: [String], $all: Boolean = true) {
    a: number(n: $first) b: numberOrFive(n: $first)
    patch(input: {name: $name, colour: $colour, tags: $tags, inner: {size: $first, colour: RED, tags: ["a", "b"]}})
    person { ...P friend { name ... on Robot { model } } mate { ...P } }
    maybePerson @include(if: $all) { ...P mate { mate { name age(times: 2) } } }
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
    let each = |what: &str, run: &mut dyn FnMut()| {
        run();
        let started = Instant::now();
        for _ in 0..20_000 {
            run();
        }
        println!("{what}: {:.2} µs", started.elapsed().as_secs_f64() * 1e6 / 20_000.0);
    };
    each("variables cloned", &mut || drop(given.clone()));
    each("prepared, from the cache", &mut || drop(documents.prepare(ORDINARY, None, &mut given.clone()).unwrap()));
    each("prepared, two variables absent", &mut || {
        drop(documents.prepare(ORDINARY, None, &mut absent.clone()).unwrap());
    });
    let document = documents.prepare(ORDINARY, None, &mut given.clone()).unwrap().document;
    each("document cloned", &mut || drop(document.clone()));
    each("parsed", &mut || drop(parse_query(ORDINARY).unwrap()));
    each("planned", &mut || drop(super::super::plan::plans(&documents.types, ORDINARY).unwrap()));
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
