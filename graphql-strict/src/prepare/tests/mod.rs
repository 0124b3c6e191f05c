//! Each fault of the library is shown twice: the library alone takes (or refuses) what it should not, and a prepared
//! document is right. When the first half fails after an upgrade, the cure can go.

mod documents;
mod faults;
mod fields;
mod library;
mod schema;
mod states;

use std::sync::LazyLock;

use async_graphql::{Request, Response, Variables};
use futures_util::StreamExt;
use serde_json::{Value, json};

use super::{Documents, Prepared};
use schema::{Small, small};

static DOCUMENTS: LazyLock<Documents> = LazyLock::new(|| Documents::new(&small().sdl()));

/// What the library answers by itself.
async fn raw(text: &str, variables: Value) -> Value {
    answer(small().execute(Request::new(text).variables(Variables::from_json(variables))).await)
}

/// What is answered when the document was prepared. A refusal has no data.
async fn run(text: &str, variables: Value) -> Value {
    run_on(&small(), text, None, variables).await
}

async fn run_on(schema: &Small, text: &str, name: Option<&str>, variables: Value) -> Value {
    match prepared(text, name, variables) {
        Ok(request) => answer(schema.execute(request).await),
        Err(error) => error,
    }
}

/// The answers of a subscription whose document was prepared.
async fn stream(text: &str, variables: Value) -> Vec<Value> {
    match prepared(text, None, variables) {
        Ok(request) => small().execute_stream(request).map(answer).collect().await,
        Err(error) => vec![error],
    }
}

fn prepared(text: &str, name: Option<&str>, variables: Value) -> Result<Request, Value> {
    let mut variables = Variables::from_json(variables);
    let prepared = DOCUMENTS.prepare(text, name, &mut variables);
    let Prepared { document, operation_name, .. } = prepared.map_err(|error| json!({ "errors": [error] }))?;
    let mut request = Request::new("").variables(variables);
    request.operation_name = operation_name;
    request.set_parsed_query(document);
    Ok(request)
}

fn answer(response: Response) -> Value {
    serde_json::to_value(response).unwrap()
}

/// The message of a refusal, which must have a code.
fn refused(answer: &Value) -> &str {
    assert!(answer.get("data").is_none(), "not refused: {answer}");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{answer}");
    answer["errors"][0]["message"].as_str().unwrap()
}

/// The data of an answer without errors.
fn data(answer: &Value) -> &Value {
    assert_eq!(answer.get("errors"), None, "{answer}");
    &answer["data"]
}
