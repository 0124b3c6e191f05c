//! The orders of lists of services.

use async_graphql::{Enum, InputObject};

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum OrderDirection {
    /// Ascending: smallest or oldest first.
    Asc,
    /// Descending: greatest or newest first.
    Desc,
}

/// The order of a list of services. Services with equal values are ordered by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, InputObject)]
pub struct ServiceOrder {
    /// The field to order by.
    pub field: ServiceOrderField,
    /// The direction of the order.
    #[graphql(default_with = "OrderDirection::Asc")]
    pub direction: OrderDirection,
}

impl Default for ServiceOrder {
    fn default() -> Self {
        Self { field: ServiceOrderField::Name, direction: OrderDirection::Asc }
    }
}

/// The fields by which services can be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum ServiceOrderField {
    /// The name in the server's default language; case and accents are ignored.
    Name,
    /// The time of creation.
    CreatedAt,
    /// The time of the last change: `updatedAt`.
    UpdatedAt,
}
