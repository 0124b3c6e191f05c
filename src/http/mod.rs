//! The server: GraphQL over HTTP, with tokens and limits.

mod app;
mod asker;
mod connections;
mod engine;
mod etag;
pub mod files;
mod framing;
mod graphql;
mod health;
mod ide;
mod listen;
pub mod log;
mod memory;
mod metadata;
mod named;
mod observe;
mod readiness;
mod router;
mod server;
mod settings;
mod stream;
#[cfg(test)]
mod tests;
pub mod token;

pub use self::{
    app::App,
    engine::Engine,
    listen::bind,
    server::{serve, shutdown_signal},
    settings::{Settings, large_places},
};
