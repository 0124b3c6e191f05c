//! The orders of lists of threads.

use async_graphql::{Enum, InputObject};

use crate::definition::order::OrderDirection;

/// The order of a list of threads. Threads with equal values are ordered by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, InputObject)]
pub struct ThreadOrder {
    /// The field to order by.
    pub field: ThreadOrderField,
    /// The direction of the order.
    #[graphql(default_with = "OrderDirection::Desc")]
    pub direction: OrderDirection,
}

impl Default for ThreadOrder {
    fn default() -> Self {
        Self { field: ThreadOrderField::OpenedAt, direction: OrderDirection::Desc }
    }
}

/// The fields by which threads can be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum ThreadOrderField {
    /// The time of opening.
    OpenedAt,
    /// The time of the last change: `updatedAt`.
    UpdatedAt,
    /// The severity.
    Severity,
    /// The deadline for the resolution. Threads without a deadline are last in both directions.
    ResolveBy,
}
