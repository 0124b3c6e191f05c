//! The API as its users meet it: one file a noun, each test in a database of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "a test tells the time itself")]

mod app;
mod authz;
mod bad_input;
mod changes;
mod characters;
mod cli;
mod concurrency;
mod confirming;
mod definitions;
mod docs;
mod documents;
mod fan_out;
mod given;
mod idempotency;
mod impact;
mod impact_walk;
mod in_place;
mod introspection;
mod items;
mod keys;
mod kit;
mod languages;
mod limits;
mod linking;
mod merging;
mod nodes;
mod one_row;
mod organizations;
mod paging;
mod prices;
mod reading;
mod references;
mod refusals;
mod revisions;
mod rooms;
mod schema;
mod sdl;
mod search;
mod seen_changes;
mod settled;
mod sizes;
mod statements;
mod threads;
mod threads_clock;
mod threads_costs;
mod threads_reading;
mod threads_rights;
mod threads_writing;
mod three_states;
mod tickets;
mod turns;
mod world;
mod written;
