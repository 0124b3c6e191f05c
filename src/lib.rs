//! Entente: the shared definition of IT services, served over GraphQL from a database.

pub mod config;
pub mod definition;
pub mod http;
pub mod api;
pub mod policy;
