//! Where operations are sent: a database, or a server. Both answer the same.

use std::time::Duration;

use async_graphql::{Request, Variables};
use serde_json::{Value, json};

use crate::{
    api::{Api, Caller},
    policy::Viewer,
    store::Store,
};

/// How often an operation is tried in all, where the answer is to try again.
const TRIES: u32 = 5;

/// What answers operations.
pub(super) enum Endpoint {
    /// The API of this program over a database, asked by Entente itself.
    Local(Box<Api>),
}

/// An operation that was answered with errors.
#[derive(Debug, thiserror::Error)]
#[error("{message} ({code})")]
pub(super) struct Answered {
    /// What went wrong, for programs.
    pub code: String,
    /// What went wrong, for people.
    pub message: String,
}

/// What one try came to.
enum Tried {
    Answered(Value),
    /// It may go better after so long.
    Later(Duration, anyhow::Error),
}

impl Endpoint {
    /// The API over a database.
    pub fn local(store: Store) -> Self {
        Self::Local(Box::new(Api::new(store)))
    }

    /// The data that answers an operation. Where the answer is to try again, it is tried again a few times.
    ///
    /// # Errors
    ///
    /// [`Answered`] where the API answers with errors; others where it cannot be asked.
    pub async fn execute(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let body = json!({ "query": query, "variables": variables });
        let mut tried = 1;
        loop {
            match self.attempt(&body).await? {
                Tried::Answered(answer) => return data(answer),
                Tried::Later(_, error) if tried == TRIES => return Err(error),
                Tried::Later(pause, _) => tokio::time::sleep(pause).await,
            }
            tried += 1;
        }
    }

    async fn attempt(&self, body: &Value) -> anyhow::Result<Tried> {
        match self {
            Self::Local(api) => {
                let query = body["query"].as_str().unwrap_or_default();
                let request = Request::new(query).variables(Variables::from_json(body["variables"].clone()));
                let caller = Caller {
                    claims: Some(Viewer::system().claims),
                    accept_language: Some("en".to_owned()),
                    idempotency_key: None,
                };
                let answer = serde_json::to_value(api.execute(request, caller).await)?;
                match error_of(&answer) {
                    Some(error) if error.code == "UNAVAILABLE" => {
                        Ok(Tried::Later(Duration::from_secs(1), error.into()))
                    }
                    _ => Ok(Tried::Answered(answer)),
                }
            }
        }
    }
}

/// The data of an answer; its first error where it has any.
fn data(mut answer: Value) -> anyhow::Result<Value> {
    match error_of(&answer) {
        Some(error) => Err(error.into()),
        None => Ok(answer["data"].take()),
    }
}

fn error_of(answer: &Value) -> Option<Answered> {
    let error = answer["errors"].get(0)?;
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    Some(Answered { code: text(&error["extensions"]["code"]), message: text(&error["message"]) })
}
