//! What stands between a request's text and its execution. The library takes documents that it should refuse, refuses
//! some that it should take, and makes null of a variable that is left out; here that is set right, so that absent, null
//! and a value mean three things however they are written. The tests name each fault.
//!
//! The text has passed the guard: it is short, nests little, and its fragments neither go round nor double.

mod introspection;
mod literal;
mod merge;
mod overlap;
mod plan;
pub mod rules;
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

use async_graphql::{Request, Variables, parser::types::OperationType};
use moka::sync::Cache;

use crate::{Guarded, Refusal};
use literal::Short;
use plan::Plan;
use rules::{Rules, Size};
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
type Plans = Result<Arc<Vec<Plan>>, Refusal>;

/// The operation of a document that a request asks for, before its variables are looked at.
pub struct Chosen<'d> {
    types: &'d Types,
    plans: Arc<Vec<Plan>>,
    at: usize,
}

/// An operation ready to run.
#[derive(Debug)]
pub struct Prepared {
    /// The operation with its name, the fragments that it uses and its variables, and nothing else. Its data has [`Valid`].
    pub request: Request,
    /// Whether some field stands twice under one key, so that the library merges what it answers.
    pub repeated: bool,
}

/// What the library found out about a document, for those who send it again. What its rules look at stands in the
/// document alone, but for the values of variables: these have been held to their types here.
#[derive(Clone, Debug, Default)]
pub struct Valid {
    known: Arc<AtomicBool>,
    /// What the introspection that the operation asks for comes to, or why it is not answered; `None` when it asks for none.
    pub introspection: Option<Result<Size, Refusal>>,
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
    /// Reads the types from the schema in the schema definition language; their owner adds what it does not say.
    ///
    /// # Panics
    ///
    /// When it cannot be read, which is a fault of the program that exported it.
    pub fn new(sdl: &str, rules: Rules) -> Self {
        let types = match Types::parse(sdl, rules) {
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

    /// The operation of this name, checked but for its variables.
    ///
    /// # Errors
    ///
    /// When the text or the name do not fit the schema, or fields overlap so often that checking them would take long. What
    /// else is wrong the library finds before it runs the document.
    pub fn choose(&self, text: &Guarded<'_>, operation_name: Option<&str>) -> Result<Chosen<'_>, Refusal> {
        let plans = self.plans(text)?;
        let at = choose(&plans, operation_name)?;
        Ok(Chosen { types: &self.types, plans, at })
    }

    fn plans(&self, text: &Guarded<'_>) -> Plans {
        if let Some(plans) = self.cache.get(text.text()) {
            return plans;
        }
        let plans = plan::plans(&self.types, text).map(Arc::new);
        self.cache.insert(text.text().into(), plans.clone());
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
    /// When the variables do not fit the operation.
    pub fn prepare(&self, variables: Variables) -> Result<Prepared, Refusal> {
        let plan = self.plan();
        let (variables, absent) = variables::complete(self.types, plan, variables)?;
        let mut document = plan.document.clone();
        // Without the absent variables it is another document, of which nothing is known.
        let mut valid = plan.valid.clone();
        if !absent.is_empty() {
            variables::leave_out(&mut document, &absent);
            valid.known = Arc::default();
        }
        let mut request = Request::new("").variables(variables).data(valid);
        request.operation_name = plan.name.as_ref().map(ToString::to_string);
        request.set_parsed_query(document);
        Ok(Prepared { request, repeated: plan.repeated })
    }

    fn plan(&self) -> &Plan {
        &self.plans[self.at]
    }
}

/// Where the operation of this name is; without a name, or with an empty one, the only one.
fn choose(plans: &[Plan], name: Option<&str>) -> Result<usize, Refusal> {
    match (name.filter(|name| !name.is_empty()), plans) {
        (Some(name), plans) => plans
            .iter()
            .position(|plan| plan.name.as_deref() == Some(name))
            .ok_or_else(|| Refusal::invalid(format!("The document has no operation named \"{}\".", Short(name)), None)),
        (None, [_]) => Ok(0),
        (None, _) => {
            let message = "The document has several operations: \"operationName\" must name the one to run.";
            Err(Refusal::invalid(message, None))
        }
    }
}
