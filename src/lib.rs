//! Entente: the shared definition of IT services, served over GraphQL from a database.

// The nouns of the API contain one another: the compiler follows their futures that deep.
#![recursion_limit = "256"]

/// Agreements: what follows from the decisions of the consumers. Pure.
pub mod agreement;
/// Alignment: what is missing for a shared view of a service. Pure.
pub mod alignment;
/// The GraphQL API: a file or folder for each noun.
pub mod api;
/// The characters of input texts: which are allowed, how they are stored.
pub mod characters;
/// The commands.
pub mod cli;
/// The time, passed in.
pub mod clock;
/// Flags and `ENTENTE_*` variables.
pub mod config;
/// The document: its types, merging, difference, files. Pure.
pub mod definition;
/// Texts as people search and sort them.
pub mod fold;
/// The server: requests in, answers out.
pub mod http;
/// Configuration items: checks and merging of an input; the impact of a failure. Pure.
pub mod item;
/// Workers beside the server.
pub mod jobs;
/// Measurements: how far an indicator is from its target. Pure.
pub mod measurement;
/// Organizations: checks and merging of an input. Pure.
pub mod organization;
/// Who may do what, and which rows are visible.
pub mod policy;
/// Problems in an input: the rules that it can break, and their messages.
pub mod problem;
/// The searchable texts of services, threads and items, and the words of a search. Pure.
pub mod search;
/// The only access to the database.
pub mod store;
/// Threads: the status machine, deadlines, levels. Pure.
pub mod thread;
/// Queues for writes and large requests; threads for large requests.
pub mod turns;
/// All other messages for people, in English and French.
pub mod words;
