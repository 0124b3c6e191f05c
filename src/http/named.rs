//! By what the log names a request: its id, and the name of its operation.

use axum::http::{HeaderMap, HeaderName};
use uuid::Uuid;

/// Names a request in answers and logs.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_ID: usize = 64;

/// The id of the request at hand.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub String);

impl RequestId {
    /// The client's, where it is a plain word, so that logs of both sides can be joined; else a new one.
    pub fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| {
            (1..=MAX_ID).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        });
        Self(given.map_or_else(|| Uuid::new_v4().simple().to_string(), str::to_owned))
    }
}

/// The name of the operation that was chosen, for the log.
#[derive(Clone, Debug)]
pub(super) struct OperationName(pub String);
