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
    /// The time limit for the head of a request, from its first byte.
    pub header_timeout: Duration,
    /// The time limit for the body of a request.
    pub body_timeout: Duration,
    /// The time limit for the execution of a request.
    pub request_timeout: Duration,
    /// The time limit for a connection without a request.
    pub idle_timeout: Duration,
    /// The time limit for a client to read a part of its answer.
    pub write_timeout: Duration,
    /// How long the server still serves after it was told to end, so that a load balancer notices it.
    pub drain: Duration,
    /// The time limit for a client to read its complete answer.
    pub answer_timeout: Duration,
    /// The time limit for requests to finish after the drain.
    pub shutdown_grace: Duration,
    /// The most connections at a time.
    pub max_connections: usize,
    /// The most connections from one address. `None`: no limit.
    pub max_connections_per_address: Option<usize>,
    /// The most requests to the API at a time.
    pub max_requests: usize,
    /// The most large requests at a time.
    pub max_large_requests: usize,
    /// The address at which clients reach the server. `None`: that of the request.
    pub public_url: Option<HeaderValue>,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<Network>,
    /// The origins whose pages may call the API.
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
