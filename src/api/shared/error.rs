//! The code and the message of every error. The details of internal errors are only in the log.

use async_graphql::{PathSegment, Response, ServerError, Value};

use crate::{
    policy::Denied,
    store::{Error, Lack},
    words::{Speech, Words, translate},
};

/// The most errors of one document that a response contains.
const MOST_FAULTS: usize = 20;
/// The result of a nullable field. With an error, only the field is null. (If `Result` were the outer type, the library would
/// make the parent object null.)
pub type Nullable<T> = Option<async_graphql::Result<T>>;

/// Converts the result of a read to the result of a nullable field.
pub fn nullable<T>(found: Result<Option<T>, Error>) -> Nullable<T> {
    found.map_err(async_graphql::Error::from).transpose()
}

/// An error of the whole request.
pub fn of_request(failed: impl std::error::Error + Send + Sync + 'static) -> ServerError {
    let mut error = ServerError::new(failed.to_string(), None);
    error.source = Some(std::sync::Arc::new(failed));
    error
}

/// If the answer became too large, leaves only this error in the response. An error about too many entries is kept only once.
pub fn refuse_too_large(response: &mut Response) {
    let is_too_long =
        |error: &ServerError| matches!(error.source::<Error>(), Some(Error::TooLong(_) | Error::TooManyFields(_)));
    if let Some(at) = response.errors.iter().position(is_too_long) {
        response.errors = vec![response.errors.swap_remove(at)];
        response.data = Value::Null;
    }
    // Each field beyond the limit has returned this error.
    let mut is_reported = false;
    response.errors.retain(|error| match error.source::<Error>() {
        Some(Error::TooMuch(_)) => !std::mem::replace(&mut is_reported, true),
        _ => true,
    });
}

/// The error of introspection without a token.
pub fn introspection_needs_token() -> ServerError {
    of_request(Denied::IntrospectionWithoutToken)
}

/// Sets the code of every error of a response, and the message that the client may read.
pub fn encode(response: &mut Response, speech: Speech) {
    // The errors of an invalid document have no path. One document can have thousands of them.
    let faults = response.errors.iter().filter(|error| error.path.is_empty()).count();
    if faults > MOST_FAULTS {
        let mut kept = 0;
        response.errors.retain(|error| {
            kept += usize::from(error.path.is_empty());
            !error.path.is_empty() || kept <= MOST_FAULTS
        });
        response
            .errors
            .push(ServerError::new(format!("and {} more faults of this document", faults - MOST_FAULTS), None));
    }
    for error in &mut response.errors {
        let (code, message) = if let Some(known) = error.source::<Error>() {
            explain(known, speech)
        } else if let Some(denied) = error.source::<Denied>() {
            explain_denied(*denied, speech)
        } else if has_code(error) {
            (None, None)
        } else if error.source.is_some() {
            (Some("INTERNAL"), Some(Words::FaultOfOurs.say(speech)))
        } else if LIBRARY_LIMITS.iter().any(|limit| error.message.starts_with(limit)) {
            (Some("LIMIT_EXCEEDED"), None)
        } else {
            (Some("BAD_REQUEST"), None)
        };
        if code == Some("INTERNAL") {
            let path: Vec<String> = error.path.iter().map(step).collect();
            tracing::error!(path = path.join("."), error = %error.message, "a request failed");
        }
        if let Some(code) = code {
            error.extensions.get_or_insert_default().set("code", code);
        }
        if let Some(message) = message.or_else(|| translate(&error.message, speech)) {
            error.message = message;
        }
    }
}

/// The first words of the library's errors, which have no code, if one of its own limits is exceeded.
const LIBRARY_LIMITS: [&str; 2] = ["The recursion depth", "The number of directives"];

fn has_code(error: &ServerError) -> bool {
    error.extensions.as_ref().is_some_and(|extensions| extensions.get("code").is_some())
}

fn step(step: &PathSegment) -> String {
    match step {
        PathSegment::Field(name) => name.clone(),
        PathSegment::Index(index) => index.to_string(),
    }
}

/// The code of an error, and the message that replaces its own. `None` if it keeps its own.
type Explained = (Option<&'static str>, Option<String>);

fn explain(error: &Error, speech: Speech) -> Explained {
    let (code, words) = match error {
        Error::Denied(denied) => return explain_denied(*denied, speech),
        Error::BadRequest(_) => return (Some("BAD_REQUEST"), None),
        Error::RateLimited => return (Some("RATE_LIMITED"), None),
        Error::TooMuch(max) => ("LIMIT_EXCEEDED", Words::TooManyEntries { max: *max }),
        Error::TooManyFields(max) => ("LIMIT_EXCEEDED", Words::TooManyFields { max: *max }),
        Error::ReadsTooMuch(max) => ("LIMIT_EXCEEDED", Words::ReadsTooMuch { max: *max }),
        Error::TooLong(max) => ("LIMIT_EXCEEDED", Words::TooMuchText { max: *max }),
        Error::Unavailable(cause) => {
            tracing::warn!(%error, "a request could not be answered");
            let words = match Lack::of(cause) {
                Lack::Connection | Lack::Access => Words::DatabaseUnavailable,
                Lack::Writing => Words::DatabaseReadOnly,
                Lack::Space => Words::DatabaseFull,
                Lack::Time => Words::DatabaseBusy,
            };
            ("UNAVAILABLE", words)
        }
        Error::Database(_)
        | Error::Url(_)
        | Error::NoFile(_)
        | Error::Encoding(_)
        | Error::Newer(_)
        | Error::Corrupt(_) => ("INTERNAL", Words::FaultOfOurs),
    };
    (Some(code), Some(words.say(speech)))
}

fn explain_denied(denied: Denied, speech: Speech) -> Explained {
    let (code, words) = match denied {
        Denied::Unauthenticated => ("UNAUTHENTICATED", Words::NeedsToken),
        Denied::IntrospectionWithoutToken => ("UNAUTHENTICATED", Words::SchemaNeedsToken),
        Denied::ProviderOnly => ("FORBIDDEN", Words::ProviderOnly),
        Denied::ScopeNeeded(scope) => ("FORBIDDEN", Words::LacksScope { scope: scope.to_string() }),
    };
    (Some(code), Some(words.say(speech)))
}
