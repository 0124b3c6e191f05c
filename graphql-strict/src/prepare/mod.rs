//! The preparation of a text for its execution. The library accepts documents that it should refuse, refuses some that it should accept,
//! and makes an absent variable null. The preparation corrects this, so that absent, null and a value are always different. The tests
//! contain each fault.
//!
//! The text has passed the guard: it is short, has few nested brackets, and its fragments are small when they are expanded.

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

/// The most bytes of the cache of documents.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// The bytes of a selection, an argument or a value in memory, with its name. Usually it needs less.
const NODE_BYTES: usize = 320;

/// The documents of a schema: parses and checks texts, and caches the results, also refusals.
#[derive(Clone)]
pub struct Documents {
    types: Arc<Types>,
    cache: Cache<Box<str>, Plans>,
}

/// The operations of a document, or why it is refused.
type Plans = Result<Arc<Vec<Plan>>, Refusal>;

/// The operation of a document that a request has chosen, before its variables are checked.
pub struct Chosen<'d> {
    types: &'d Types,
    plans: Arc<Vec<Plan>>,
    at: usize,
}

/// An operation that is ready to run. Its only constructor is [`Chosen::prepare`]: a function that takes a `Prepared` cannot
/// receive a text that has not passed the guard and the checks.
#[derive(Debug)]
pub struct Prepared {
    request: Request,
    introspection: Option<Result<Size, Refusal>>,
    valid: Valid,
    repeats_fields: bool,
}

impl Prepared {
    /// The name of the operation. `None` if the document does not name it.
    pub fn operation_name(&self) -> Option<&str> {
        self.request.operation_name.as_deref()
    }

    /// The size of the result of the introspection that the operation selects, or why that is refused. `None` if it selects
    /// no introspection.
    pub fn introspection(&self) -> Option<&Result<Size, Refusal>> {
        self.introspection.as_ref()
    }

    /// Whether the library has found the document valid before.
    pub fn valid(&self) -> &Valid {
        &self.valid
    }

    /// Whether the document selects a field twice under one response key, so that the library may merge its values.
    pub fn repeats_fields(&self) -> bool {
        self.repeats_fields
    }

    /// The request for the library: the operation with its name, the fragments that it uses and its variables, and nothing else.
    pub fn into_request(self) -> Request {
        self.request
    }
}

/// Whether the library has found a document valid. All requests with the same document share it. The library's rules read
/// only the document and the values of the variables; [`Chosen::prepare`] checks these values in each request.
#[derive(Clone, Debug, Default)]
pub struct Valid(Arc<AtomicBool>);

impl Valid {
    /// Whether the document was found valid before.
    pub fn is_known(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Records that the document was found valid.
    pub fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Documents {
    /// The documents of a schema in the schema definition language. `rules` contains what the schema does not define.
    ///
    /// # Panics
    ///
    /// If the schema cannot be parsed, which is a fault of the program that exported it.
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

    /// The operation with this name, checked without its variables.
    ///
    /// # Errors
    ///
    /// If the text or the name does not match the schema, or if so many fields overlap that the check would take long. The library
    /// refuses other faults before it executes the document.
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
    /// The type of the operation.
    pub fn operation_type(&self) -> OperationType {
        self.plan().ty
    }

    /// The operation with these variables, which are checked and completed by their defaults.
    ///
    /// # Errors
    ///
    /// If the variables do not match the operation.
    pub fn prepare(&self, variables: Variables) -> Result<Prepared, Refusal> {
        let plan = self.plan();
        let (variables, absent) = variables::complete(self.types, plan, variables)?;
        let mut document = plan.document.clone();
        // Without the absent variables it is another document, about which nothing is known.
        let mut valid = plan.valid.clone();
        if !absent.is_empty() {
            variables::leave_out(&mut document, &absent);
            valid = Valid::default();
        }
        let mut request = Request::new("").variables(variables);
        request.operation_name = plan.name.as_ref().map(ToString::to_string);
        request.set_parsed_query(document);
        let introspection = plan.introspection.clone();
        Ok(Prepared { request, introspection, valid, repeats_fields: plan.repeats_fields })
    }

    fn plan(&self) -> &Plan {
        &self.plans[self.at]
    }
}

/// The index of the operation with this name. Without a name, or with an empty one: of the only operation.
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
