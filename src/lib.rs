//! Entente: the shared definition of IT services, served over GraphQL from a database.

/// The GraphQL API: one file a noun.
pub mod api;
/// The commands.
pub mod cli;
/// The time, passed in.
pub mod clock;
/// Flags and `ENTENTE_*` variables.
pub mod config;
/// The document: its types, merging, difference. Pure.
pub mod definition;
/// Texts as people search and sort them.
pub mod fold;
/// The server: requests in, answers out.
pub mod http;
/// What the failure of configuration items means. Pure.
pub mod impact;
/// Workers beside the server.
pub mod jobs;
/// Measurements: how far an indicator is from its target. Pure.
pub mod measurement;
/// Who may do what, and which rows.
pub mod policy;
/// What a text says to the search. Pure.
pub mod search;
/// The door to the database.
pub mod store;
/// Threads: the status machine, deadlines, levels. Pure.
pub mod thread;
/// Whose turn it is, and what is done apart.
pub mod turns;
