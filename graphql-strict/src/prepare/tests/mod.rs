//! Each fault of the library is tested twice: the library alone accepts (or refuses) what it should not, and the prepared document is
//! right. If the first half fails after an upgrade, the correction can be removed.

mod any_text;
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

use super::{Documents, Prepared, rules::Rules};
use crate::{Guarded, Limits, Refusal, Why};
use schema::{Small, small};

static DOCUMENTS: LazyLock<Documents> = LazyLock::new(documents);

/// The documents of the small schema. A suggested name has the length and the first letter of the wrong one.
fn documents() -> Documents {
    let meant = |given: &str, names: &[&str]| {
        let name = names.iter().find(|name| name.len() == given.len() && name[..1] == given[..1]);
        name.map(ToString::to_string)
    };
    Documents::new(&small().sdl(), Rules { meant, ..Rules::default() })
}

/// The prepared operation with this name, without limits of the guard.
fn prepare(documents: &Documents, text: &str, name: Option<&str>, variables: Variables) -> Result<Prepared, Refusal> {
    let guarded = Guarded::new(text, &Limits::NONE).unwrap();
    documents.choose(&guarded, name)?.prepare(variables)
}

/// The answer of the library alone.
async fn raw(text: &str, variables: Value) -> Value {
    answer(small().execute(Request::new(text).variables(Variables::from_json(variables))).await)
}

/// The answer to the prepared document. A refusal has no data.
async fn run(text: &str, variables: Value) -> Value {
    run_on(&small(), text, None, variables).await
}

async fn run_on(schema: &Small, text: &str, name: Option<&str>, variables: Value) -> Value {
    match prepared(text, name, variables) {
        Ok(request) => answer(schema.execute(request).await),
        Err(error) => error,
    }
}

/// The answers to the prepared document of a subscription.
async fn stream(text: &str, variables: Value) -> Vec<Value> {
    match prepared(text, None, variables) {
        Ok(request) => small().execute_stream(request).map(answer).collect().await,
        Err(error) => vec![error],
    }
}

fn prepared(text: &str, name: Option<&str>, variables: Value) -> Result<Request, Value> {
    match prepare(&DOCUMENTS, text, name, Variables::from_json(variables)) {
        Ok(prepared) => Ok(prepared.into_request()),
        Err(Refusal { why, message, locations, path }) => {
            let why = format!("{why:?}");
            Err(json!({ "errors": [{ "why": why, "message": message, "locations": locations, "variable": path }] }))
        }
    }
}

fn answer(response: Response) -> Value {
    serde_json::to_value(response).unwrap()
}

/// The message of a refusal.
fn refused(answer: &Value) -> &str {
    assert!(answer.get("data").is_none(), "not refused: {answer}");
    assert_eq!(answer["errors"][0]["why"], format!("{:?}", Why::Invalid), "{answer}");
    answer["errors"][0]["message"].as_str().unwrap()
}

/// The data of an answer without errors.
fn data(answer: &Value) -> &Value {
    assert_eq!(answer.get("errors"), None, "{answer}");
    &answer["data"]
}
