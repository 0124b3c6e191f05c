//! Every error leaves with a code, decided here. Faults of ours are logged, and say no more than that they are.

use async_graphql::{Context, PathSegment, Response, ServerError, SimpleObject, Value};
use entente_entity::{
    enums::UserErrorCode,
    problem::{Problem, Speech},
    translated::translate,
    words::Words,
};

use crate::{
    api::shared::reader::Reader,
    policy::Denied,
    store::{Error, Lack, Refusal},
};

/// An error in the input of a mutation. A mutation with user errors changed nothing.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// The code, for programs.
    code: UserErrorCode,
    /// The message, for people: what is wrong and how to correct it, in the viewer's language.
    message: String,
    /// The place of the error: the field names of the input from the outside to the inside; a list index is a string.
    /// Empty if the error concerns the whole input.
    path: Option<Vec<String>>,
}

impl UserError {
    fn new(problem: Problem, speech: Speech) -> Self {
        Self { code: problem.rule.code(), message: problem.rule.say(speech), path: Some(problem.path) }
    }
}

/// What was done, or why nothing was.
pub fn done_or_problems<D>(ctx: &Context<'_>, result: Result<D, Refusal>) -> Result<Result<D, Vec<UserError>>, Error> {
    match result {
        Ok(done) => Ok(Ok(done)),
        Err(Refusal::Problems(problems)) => {
            let speech = Reader::of(ctx).speech();
            Ok(Err(problems.into_iter().map(|problem| UserError::new(problem, speech)).collect()))
        }
        Err(Refusal::Error(error)) => Err(error),
    }
}

/// So many faults of one document are told.
const TOLD: usize = 20;
/// What a nullable field answers: where it is refused, null with its error, and the rest of the answer intact. (The library
/// takes the whole object away where the `Result` is the outer one.)
pub type Nullable<T> = Option<async_graphql::Result<T>>;

/// Makes a nullable field's answer of what was found, if anything.
pub fn nullable<T>(found: Result<Option<T>, Error>) -> Nullable<T> {
    found.map_err(async_graphql::Error::from).transpose()
}

/// An error of the whole request.
pub fn of_request(failed: impl std::error::Error + Send + Sync + 'static) -> ServerError {
    let mut error = ServerError::new(failed.to_string(), None);
    error.source = Some(std::sync::Arc::new(failed));
    error
}

/// Leaves nothing of an answer that grew too large but that it did; and says once that it has too many entries.
pub fn refuse_too_long(response: &mut Response) {
    let is_too_long =
        |error: &ServerError| matches!(error.source::<Error>(), Some(Error::TooLong(_) | Error::TooManyFields(_)));
    if let Some(at) = response.errors.iter().position(is_too_long) {
        response.errors = vec![response.errors.swap_remove(at)];
        response.data = Value::Null;
    }
    // The others are of the same limit, one for each place that is beyond it.
    let mut is_told = false;
    response.errors.retain(|error| match error.source::<Error>() {
        Some(Error::TooMuch(_)) => !std::mem::replace(&mut is_told, true),
        _ => true,
    });
}

/// Introspection without a token.
pub fn without_token_no_schema() -> ServerError {
    of_request(Denied::IntrospectionWithoutToken)
}

/// Gives every error of an answer its code and the words that a caller may read.
pub fn encode(response: &mut Response, speech: Speech) {
    // A fault of the document has no path; one document can have thousands.
    let faults = response.errors.iter().filter(|error| error.path.is_empty()).count();
    if faults > TOLD {
        let mut told = 0;
        response.errors.retain(|error| {
            told += usize::from(error.path.is_empty());
            !error.path.is_empty() || told <= TOLD
        });
        response.errors.push(ServerError::new(format!("and {} more faults of this document", faults - TOLD), None));
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

/// How the library begins what it says, without a code, where one of its own limits is exceeded.
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

/// The code of an error, and its message where it is another one than its own.
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
