//! The settings of the server.

use std::time::Duration;

use axum::http::HeaderValue;

use crate::config::{Network, ServeOptions};

const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// How many large requests run at the same time: half of the processors, so that small requests have the other half.
pub fn large_places() -> usize {
    std::thread::available_parallelism().map_or(1, |processors| (processors.get() / 2).max(1))
}

/// The limits of the server, and the origins whose pages may call it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For the head of a request, from its first byte.
    pub header_timeout: Duration,
    /// For the body of a request.
    pub body_timeout: Duration,
    /// For a request to be answered.
    pub request_timeout: Duration,
    /// For a connection without a request.
    pub idle_timeout: Duration,
    /// For a client to read a part of its answer.
    pub write_timeout: Duration,
    /// For a balancer to see that the server is told to end, while it still serves.
    pub drain: Duration,
    /// For a client to read all of its answer.
    pub answer_timeout: Duration,
    /// For requests to finish once the server is told to end.
    pub shutdown_grace: Duration,
    /// Connections at a time.
    pub max_connections: usize,
    /// The same from one address.
    pub max_connections_per_address: Option<usize>,
    /// Requests to the API at a time.
    pub max_requests: usize,
    /// Large requests at a time.
    pub max_large_requests: usize,
    /// The address at which clients reach the server.
    pub public_url: Option<HeaderValue>,
    /// Proxies that are believed when they say whose request it is.
    pub trusted_proxies: Vec<Network>,
    /// Origins whose pages may call the API.
    pub cors_origins: Vec<HeaderValue>,
}

impl From<&ServeOptions> for Settings {
    fn from(options: &ServeOptions) -> Self {
        Self {
            header_timeout: options.header_timeout,
            body_timeout: options.body_timeout,
            request_timeout: options.request_timeout,
            idle_timeout: options.idle_timeout,
            write_timeout: WRITE_TIMEOUT,
            drain: if options.demo { Duration::ZERO } else { options.drain },
            answer_timeout: options.answer_timeout,
            shutdown_grace: options.shutdown_grace,
            public_url: options.public_url.clone(),
            trusted_proxies: options.trusted_proxies.clone(),
            max_connections: options.max_connections as usize,
            max_connections_per_address: options.max_connections_per_address.map(|count| count as usize),
            max_requests: options.max_requests as usize,
            max_large_requests: large_places(),
            cors_origins: options.cors_origins.clone(),
        }
    }
}
