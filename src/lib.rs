//! Entente: the shared definition of IT services, served over GraphQL from a database.

pub mod api;
pub mod config;
pub mod definition;
/// The document guard: limits a request's text must hold before anything parses it.
pub mod guard;
pub mod http;
pub mod policy;
