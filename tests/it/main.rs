//! The API as its users meet it: one file a noun, each test in a database of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a test tells the time itself")]

mod app;
mod authz;
mod definitions;
mod documents;
mod idempotency;
mod languages;
mod organizations;
mod reading;
mod schema;
mod statements;
mod threads;
