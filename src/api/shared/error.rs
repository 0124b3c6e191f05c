//! Every error leaves with a code, decided here. Faults of ours are logged, and say no more than that they are.

use async_graphql::{Context, Response, ServerError, SimpleObject, Value};
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
        let (code, message) = match error.source::<Error>() {
            Some(known) => explain(known, speech),
            None => match error.source::<Denied>() {
                Some(denied) => explain_denied(*denied, speech),
                None => continue,
            },
        };
        if let Some(message) = message {
            error.message = message;
        }
        set_code(error, code);
    }
    for error in &mut response.errors {
        if error.extensions.as_ref().is_none_or(|extensions| extensions.get("code").is_none()) {
            let code = if is_over_a_limit(&error.message) { "LIMIT_EXCEEDED" } else { "BAD_REQUEST" };
            set_code(error, code);
        }
        if let Some(message) = translate(&error.message, speech) {
            error.message = message;
        }
    }
}

/// Whether the library refuses what is too deep or asks for too much; it says so in words alone.
fn is_over_a_limit(message: &str) -> bool {
    message == "Query is too complex."
        || message == "Query is nested too deep."
        || message.starts_with("The recursion depth of the query cannot be greater than")
}

fn set_code(error: &mut ServerError, code: &str) {
    error.extensions.get_or_insert_default().set("code", code);
}

fn explain(error: &Error, speech: Speech) -> (&'static str, Option<String>) {
    match error {
        Error::Denied(denied) => explain_denied(*denied, speech),
        Error::BadRequest(_) => ("BAD_REQUEST", None),
        Error::RateLimited => ("RATE_LIMITED", translate(&error.to_string(), speech)),
        Error::TooMuch(max) => ("LIMIT_EXCEEDED", Some(Words::TooManyEntries { max: *max }.say(speech))),
        Error::TooManyFields(max) => ("LIMIT_EXCEEDED", Some(Words::TooManyFields { max: *max }.say(speech))),
        Error::ReadsTooMuch(max) => ("LIMIT_EXCEEDED", Some(Words::ReadsTooMuch { max: *max }.say(speech))),
        Error::TooLong(max) => ("LIMIT_EXCEEDED", Some(Words::TooMuchText { max: *max }.say(speech))),
        Error::Unavailable(cause) => {
            tracing::warn!(%error, "a request could not be answered");
            let words = match Lack::of(cause) {
                Lack::Connection | Lack::Access => Words::DatabaseUnavailable,
                Lack::Writing => Words::DatabaseReadOnly,
                Lack::Space => Words::DatabaseFull,
                Lack::Time => Words::DatabaseBusy,
            };
            ("UNAVAILABLE", Some(words.say(speech)))
        }
        Error::Database(_)
        | Error::Url(_)
        | Error::NoFile(_)
        | Error::Encoding(_)
        | Error::Newer(_)
        | Error::Corrupt(_) => {
            tracing::error!(%error, "a request failed");
            ("INTERNAL", Some(Words::FaultOfOurs.say(speech)))
        }
    }
}

fn explain_denied(denied: Denied, speech: Speech) -> (&'static str, Option<String>) {
    let (code, words) = match denied {
        Denied::Unauthenticated => ("UNAUTHENTICATED", Words::NeedsToken),
        Denied::IntrospectionWithoutToken => ("UNAUTHENTICATED", Words::SchemaNeedsToken),
        Denied::ProviderOnly => ("FORBIDDEN", Words::ProviderOnly),
        Denied::ScopeNeeded(scope) => ("FORBIDDEN", Words::LacksScope { scope: scope.to_string() }),
    };
    (code, Some(words.say(speech)))
}
