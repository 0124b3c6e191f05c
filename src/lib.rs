//! Entente: the shared definition of IT services, served over GraphQL from a database.

pub mod definition;
pub mod api;
pub mod policy;
