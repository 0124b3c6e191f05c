//! The API as its users meet it: one file a noun, each test in a database of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod app;
mod authz;
mod definitions;
mod documents;
mod idempotency;
mod keys;
mod languages;
mod nodes;
mod organizations;
mod paging;
mod reading;
mod rooms;
mod schema;
mod sdl;
mod statements;
mod three_states;
mod world;
