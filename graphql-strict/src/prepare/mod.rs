//! What stands between a request's text and its execution. The library takes documents that it should refuse, refuses
//! some that it should take, and makes null of a variable that is left out; here that is set right, so that absent, null
//! and a value mean three things however they are written. The tests name each fault.
//!
//! The text has passed the guard: it is short, nests little, and its fragments neither go round nor double.

mod bounds;
mod introspection;
mod literal;
mod merge;
mod overlap;
mod plan;
mod repeats;
mod types;
mod uses;
mod variables;
mod walk;

#[cfg(test)]
mod tests;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{
    ErrorExtensionValues, Pos, ServerError, Variables,
    parser::types::{ExecutableDocument, OperationType},
};
use moka::sync::Cache;

use literal::Short;
use plan::Plan;
use types::Types;

/// How many bytes the cache of documents may take.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// What a selection, an argument or a value takes in memory, with its name: rather more than less.
const NODE_BYTES: usize = 320;

/// The documents seen last, parsed and checked, by their text; refusals too.
#[derive(Clone)]
pub struct Documents {
    types: Arc<Types>,
    cache: Cache<Box<str>, Plans>,
}

/// The operations of a document, or why it is refused.
type Plans = Result<Arc<Vec<Plan>>, ServerError>;

/// The operation of a document that a request asks for, before its variables are looked at.
pub struct Chosen<'d> {
    types: &'d Types,
    plans: Arc<Vec<Plan>>,
    at: usize,
}

/// An operation ready to run.
#[derive(Debug)]
pub struct Prepared {
    /// The operation with the fragments that it uses, and nothing else: for `Request::set_parsed_query`.
    pub document: ExecutableDocument,
    /// What kind of operation was chosen.
    pub operation_type: OperationType,
    /// Its name, which the request must then carry; `None` if it has none.
    pub operation_name: Option<String>,
    /// Whether some field stands twice under one key, so that the library merges what it answers.
    pub repeated: bool,
    /// Whether the document is known to be valid, for `Request::data`.
    pub valid: Valid,
}

/// What the library found out about a document, for those who send it again. What its rules look at stands in the
/// document alone, but for the values of variables: these have been held to their types here.
#[derive(Clone, Debug, Default)]
pub struct Valid {
    known: Arc<AtomicBool>,
    /// Whether the introspection that the operation asks for can be answered; `None` when it asks for none.
    pub introspection: Option<Result<(), ServerError>>,
}

impl Valid {
    /// Whether the document was found valid before.
    pub fn is_known(&self) -> bool {
        self.known.load(Ordering::Relaxed)
    }

    /// The document was found valid.
    pub fn note(&self) {
        self.known.store(true, Ordering::Relaxed);
    }
}

impl Documents {
    /// Reads the types from the schema in the schema definition language.
    ///
    /// # Panics
    ///
    /// When it cannot be read, which is a fault of the program that exported it.
    pub fn new(sdl: &str) -> Self {
        let types = match Types::parse(sdl) {
            Ok(types) => Arc::new(types),
            Err(error) => panic!("the exported schema cannot be read: {error}"),
        };
        #[expect(clippy::borrowed_box, reason = "the cache's keys are boxes")]
        let weigh = |text: &Box<str>, plans: &Plans| {
            let bytes = match plans {
                Ok(plans) => plans.iter().map(|plan| plan.size * NODE_BYTES).sum(),
                Err(error) => error.message.len(),
            };
            u32::try_from(bytes + text.len() + NODE_BYTES).unwrap_or(u32::MAX)
        };
        Self { types, cache: Cache::builder().weigher(weigh).max_capacity(CACHE_BYTES).build() }
    }

    /// The chosen operation, ready to run with these variables, which are checked and completed.
    ///
    /// # Errors
    ///
    /// `BAD_REQUEST` when the text, the name or the variables do not fit the schema; `LIMIT_EXCEEDED` when fields overlap
    /// so often that checking them would take long. What else is wrong the library finds before it runs the document.
    pub fn prepare(
        &self,
        text: &str,
        operation_name: Option<&str>,
        variables: &mut Variables,
    ) -> Result<Prepared, ServerError> {
        self.choose(text, operation_name)?.prepare(variables)
    }

    /// The operation of this name, checked but for its variables.
    ///
    /// # Errors
    ///
    /// As [`Documents::prepare`], where it is not the variables that are at fault.
    pub fn choose(&self, text: &str, operation_name: Option<&str>) -> Result<Chosen<'_>, ServerError> {
        let plans = self.plans(text)?;
        let at = choose(&plans, operation_name)?;
        Ok(Chosen { types: &self.types, plans, at })
    }

    fn plans(&self, text: &str) -> Plans {
        if let Some(plans) = self.cache.get(text) {
            return plans;
        }
        let plans = plan::plans(&self.types, text).map(Arc::new);
        self.cache.insert(text.into(), plans.clone());
        plans
    }
}

impl Chosen<'_> {
    /// What kind of operation it is.
    pub fn operation_type(&self) -> OperationType {
        self.plan().ty
    }

    /// The operation, ready to run with these variables, which are checked and completed.
    ///
    /// # Errors
    ///
    /// `BAD_REQUEST` when the variables do not fit the operation.
    pub fn prepare(&self, variables: &mut Variables) -> Result<Prepared, ServerError> {
        let plan = self.plan();
        let absent = variables::complete(self.types, plan, variables)?;
        let mut document = plan.document.clone();
        // Without the absent variables it is another document, of which nothing is known.
        let mut valid = plan.valid.clone();
        if !absent.is_empty() {
            variables::leave_out(&mut document, &absent);
            valid.known = Arc::default();
        }
        let operation_name = plan.name.as_ref().map(ToString::to_string);
        Ok(Prepared { document, operation_type: plan.ty, operation_name, repeated: plan.repeated, valid })
    }

    fn plan(&self) -> &Plan {
        &self.plans[self.at]
    }
}

/// Where the operation of this name is; without a name, or with an empty one, the only one.
fn choose(plans: &[Plan], name: Option<&str>) -> Result<usize, ServerError> {
    match (name.filter(|name| !name.is_empty()), plans) {
        (Some(name), plans) => plans
            .iter()
            .position(|plan| plan.name.as_deref() == Some(name))
            .ok_or_else(|| bad_request(format!("The document has no operation named \"{}\".", Short(name)), None)),
        (None, [_]) => Ok(0),
        (None, _) => {
            Err(bad_request("The document has several operations: \"operationName\" must name the one to run.", None))
        }
    }
}

fn bad_request(message: impl Into<String>, pos: Option<Pos>) -> ServerError {
    refusal("BAD_REQUEST", message, pos)
}

fn limit_exceeded(message: impl Into<String>) -> ServerError {
    refusal("LIMIT_EXCEEDED", message, None)
}

fn refusal(code: &str, message: impl Into<String>, pos: Option<Pos>) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    let mut error = ServerError::new(message, pos);
    error.extensions = Some(extensions);
    error
}
