//! `userErrors`: errors in the input of a mutation.

use async_graphql::{Context, SimpleObject};
use entente_entity::enums::UserErrorCode;

use super::reader::Reader;
use crate::{
    problem::Problem,
    store::{Error, Refusal, Written},
    words::Speech,
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

/// Separates the result of a mutation from the errors in its input.
///
/// # Errors
///
/// Any error that does not concern the input.
pub fn done_or_problems<D>(
    ctx: &Context<'_>,
    result: Result<Written<D>, Refusal>,
) -> Result<Result<D, Vec<UserError>>, Error> {
    match result {
        Ok(written) => Ok(Ok(written.done)),
        Err(Refusal::Problems(problems)) => {
            let speech = Reader::of(ctx).speech();
            Ok(Err(problems.into_iter().map(|problem| UserError::new(problem, speech)).collect()))
        }
        Err(Refusal::Error(error)) => Err(error),
    }
}
