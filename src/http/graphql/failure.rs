//! A request that is not answered with data: one error, a code, a status.

use async_graphql::ServerError;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use entente_entity::{problem::Speech, translated::translate};
use graphql_strict::Exceeded;
use serde_json::{Map, Value, json};

use super::media::Media;

/// When to come again.
pub(super) const IN_A_SECOND: HeaderValue = HeaderValue::from_static("1");

/// The codes that this room gives; the API has more.
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
    /// As it stands in `extensions.code`.
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

/// Why a request is not carried out.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    code: Code,
    message: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    extensions: Vec<(&'static str, Value)>,
}

impl Failure {
    /// A failure of one message.
    pub fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new(), extensions: Vec::new() }
    }

    /// A request that is not formed as it should be.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadRequest, message)
    }

    /// What may be asked again in a second.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, message).header(header::RETRY_AFTER, IN_A_SECOND)
    }

    /// What whoever asks too much may ask again in a second.
    pub fn rate_limited(message: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, Code::RateLimited, message).header(header::RETRY_AFTER, IN_A_SECOND)
    }

    /// A body beyond what is read.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("The request's body is larger than {limit} bytes.");
        // What the client still sends is not read: it must not be taken for another request.
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, Code::LimitExceeded, message).closing()
    }

    /// A fault of the server, told without what it was.
    pub fn internal(request_id: &str) -> Self {
        let message =
            format!("An internal error occurred. The server's log has the details under the request id {request_id}.");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, message).extension("requestId", request_id)
    }

    /// In the reader's language, where it is known in it.
    pub fn said_in(mut self, speech: Speech) -> Self {
        if let Some(message) = translate(&self.message, speech) {
            self.message = message;
        }
        self
    }

    /// Why the token is not accepted, if that is it.
    pub fn refusal(&self) -> Option<&str> {
        (self.status == StatusCode::UNAUTHORIZED).then_some(self.message.as_str())
    }

    /// Whether it is for what whoever asks has under way itself.
    pub fn is_rate_limited(&self) -> bool {
        self.code == Code::RateLimited
    }

    /// With a header.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// With another member of the error's `extensions`.
    pub fn extension(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.extensions.push((name, value.into()));
        self
    }

    /// With the end of the connection.
    pub fn closing(self) -> Self {
        self.header(header::CONNECTION, HeaderValue::from_static("close"))
    }

    /// Puts its message and its code in the place of what an error of an answer says.
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
