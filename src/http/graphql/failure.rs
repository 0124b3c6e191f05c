//! The answer to a request that is not executed: one error with its code, and a status.

use async_graphql::ServerError;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use graphql_strict::Exceeded;
use serde_json::{Map, Value, json};

use super::media::Media;
use crate::words::{Speech, translate};

/// The value of `Retry-After`: one second.
pub(super) const IN_A_SECOND: HeaderValue = HeaderValue::from_static("1");

/// The codes of errors of the server. The API has more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    BadRequest,
    Unauthenticated,
    Forbidden,
    LimitExceeded,
    RateLimited,
    Unavailable,
    Internal,
}

impl Code {
    /// The value of `extensions.code`.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::RateLimited => "RATE_LIMITED",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

/// Why a request is not executed.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    code: Code,
    message: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    extensions: Vec<(&'static str, Value)>,
}

impl Failure {
    /// A failure with this message, without headers.
    pub fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new(), extensions: Vec::new() }
    }

    /// A malformed request.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadRequest, message)
    }

    /// The server cannot answer now. The client may repeat the request after a second.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, message).header(header::RETRY_AFTER, IN_A_SECOND)
    }

    /// The client has sent too many requests. It may repeat this one after a second.
    pub fn rate_limited(message: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited, message).header(header::RETRY_AFTER, IN_A_SECOND)
    }

    /// A body of more than `limit` bytes.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("The request's body is larger than {limit} bytes.");
        // The rest of the body is not read. It must not be read as another request.
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, Code::LimitExceeded, message).closing()
    }

    /// An internal error, without its details.
    pub fn internal(request_id: &str) -> Self {
        let message =
            format!("An internal error occurred. The server's log has the details under the request id {request_id}.");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, message).extension("requestId", request_id)
    }

    /// The failure with its message in the language of the reader, if there is a translation.
    pub fn translated(mut self, speech: Speech) -> Self {
        if let Some(message) = translate(&self.message, speech) {
            self.message = message;
        }
        self
    }

    /// The reason, if the token is refused or missing.
    pub fn refusal(&self) -> Option<&str> {
        (self.status == StatusCode::UNAUTHORIZED).then_some(self.message.as_str())
    }

    /// Whether the reason is the sender's own requests.
    pub fn is_rate_limited(&self) -> bool {
        self.code == Code::RateLimited
    }

    /// The failure with this header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The failure with this member of the error's `extensions`.
    pub fn extension(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.extensions.push((name, value.into()));
        self
    }

    /// The failure, after which the connection is closed.
    pub fn closing(self) -> Self {
        self.header(header::CONNECTION, HeaderValue::from_static("close"))
    }

    /// Replaces the message and the extensions of an error. Its path and locations stay.
    pub fn replace(self, error: &mut ServerError) {
        let mut replaced = ServerError::new(self.message, None);
        replaced.locations = std::mem::take(&mut error.locations);
        replaced.path = std::mem::take(&mut error.path);
        let extensions = replaced.extensions.get_or_insert_default();
        extensions.set("code", self.code.name());
        for (name, value) in self.extensions {
            extensions.set(name, value.as_str().unwrap_or_default());
        }
        *error = replaced;
    }

    /// The answer: a GraphQL response with one error and no data.
    pub fn into_response(self, media: Media) -> Response<Body> {
        let code = ("code", self.code.name().into());
        let extensions: Map<_, _> =
            [code].into_iter().chain(self.extensions).map(|(name, value)| (name.to_owned(), value)).collect();
        let body = json!({ "errors": [{ "message": self.message, "extensions": extensions }] });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, media.header());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers);
        response
    }
}

impl From<Exceeded> for Failure {
    fn from(exceeded: Exceeded) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::LimitExceeded, format!("Limit exceeded: {exceeded}."))
            .extension("limit", exceeded.limit.name())
            .extension("allowed", exceeded.allowed)
    }
}
