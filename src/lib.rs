//! Entente: the shared definition of IT services, served over GraphQL from a database.

/// The GraphQL API: one file a noun.
pub mod api;
/// The time, passed in.
pub mod clock;
/// The document: its types, merging, difference. Pure.
pub mod definition;
/// Texts as people search and sort them.
pub mod fold;
/// Who may do what, and which rows.
pub mod policy;
/// The door to the database.
pub mod store;
