//! The output types of lists, and the limit of the entries of lists without pages in one request.
//!
//! The price of a query does not limit these entries: it is computed before the query runs, when the lengths of such lists are not
//! known. And a query can go from an entry back to its service, and down again. Therefore the entries are counted while they are
//! resolved.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{
    ContextSelectionSet, OutputType, Positioned, ServerError, ServerResult, Value, parser::types::Field,
    resolver_utils::ContainerType,
};

use super::in_place;
use crate::store::Error;

/// The most entries of lists without pages in one request: about 200 complete services.
pub const ENTRIES: usize = 50_000;

/// The number of entries that the request may still have.
pub struct Budget(AtomicUsize);

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicUsize::new(ENTRIES))
    }
}

impl Budget {
    /// Checks that the request may have so many more entries.
    ///
    /// # Errors
    ///
    /// [`Error::TooMuch`] if it may not.
    pub fn check(&self, entries: usize) -> Result<(), Error> {
        if entries <= self.0.load(Ordering::Relaxed) { Ok(()) } else { Err(Error::TooMuch(ENTRIES)) }
    }

    fn spend(&self, entries: usize) -> Result<(), Error> {
        let spent = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(entries));
        spent.map(drop).map_err(|_| Error::TooMuch(ENTRIES))
    }
}

/// In an output type: the type has the same description in the schema as a `Vec`.
macro_rules! same_as_vec {
    ($of:ty) => {
        fn type_name() -> std::borrow::Cow<'static, str> {
            Vec::<$of>::type_name()
        }

        fn qualified_type_name() -> String {
            Vec::<$of>::qualified_type_name()
        }

        fn create_type_info(registry: &mut async_graphql::registry::Registry) -> String {
            Vec::<$of>::create_type_info(registry)
        }
    };
}

/// A list without pages; in the schema the same as `Vec<T>`.
pub struct List<T>(pub Vec<T>);

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl<T> List<T> {
    /// Subtracts the entries of a field from the budget of the request.
    fn spend(ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>, entries: usize) -> ServerResult<()> {
        ctx.data_unchecked::<Budget>().spend(entries).map_err(|error| ServerError {
            message: error.to_string(),
            source: Some(Arc::new(error)),
            locations: vec![field.pos],
            path: Vec::new(),
            extensions: None,
        })
    }
}

impl<T: ContainerType> OutputType for List<T> {
    same_as_vec!(T);

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        Self::spend(ctx, field, self.0.len())?;
        in_place::all(&self.0, ctx, field).await
    }
}

/// The nodes of a page; in the schema the same as `Vec<T>`.
pub struct Nodes<'a, T>(pub &'a [T]);

impl<T: ContainerType> OutputType for Nodes<'_, T> {
    same_as_vec!(T);

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        in_place::all(self.0, ctx, field).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_spent_once_and_a_refused_spend_costs_nothing() {
        let budget = Budget::default();
        assert!(budget.spend(ENTRIES - 1).is_ok());
        assert_eq!(
            budget.spend(2).unwrap_err().to_string(),
            "the answer would have more than 50000 entries in lists without pages"
        );
        assert!(budget.spend(1).is_ok());
        assert!(budget.spend(1).is_err());
    }
}
