//! The names of a request in the log: its id, and the name of its operation.

use axum::http::{HeaderMap, HeaderName};
use uuid::Uuid;

/// The header with the id of a request.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_ID: usize = 64;

/// The id of a request.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub String);

impl RequestId {
    /// The id that the client sent, so that the logs of both sides can be joined. A new one if there is none or it is not a plain word.
    pub fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| {
            (1..=MAX_ID).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        });
        Self(given.map_or_else(|| Uuid::new_v4().simple().to_string(), str::to_owned))
    }
}

/// The name of the executed operation, for the log.
#[derive(Clone, Debug)]
pub(super) struct OperationName(pub String);
