//! The state of a running server.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;

use super::{
    engine::Engine, graphql::persisted::PersistedQueries, memory::Memory, readiness::Readiness, settings::Settings,
    token::Verifier,
};
use crate::{
    api::{Access, Place},
    clock::Clock,
    turns::{Shares, Turns},
};

/// The part of the places for large requests that one principal may hold.
const LARGE_SHARE: f64 = 0.25;
/// How many large requests of one principal may wait.
const LARGE_QUEUE: usize = 16;

/// The state that all handlers share.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    engine: Box<dyn Engine>,
    persisted_queries: PersistedQueries,
    verifier: Verifier,
    settings: Settings,
    clock: Clock,
    in_flight: Arc<Semaphore>,
    /// The turns of large requests.
    large: Arc<Turns>,
    memory: Arc<Memory>,
    readiness: Readiness,
    draining: AtomicBool,
}

impl App {
    /// The state of a server without a request.
    pub fn new(engine: impl Engine, verifier: Verifier, settings: Settings, clock: Clock) -> Self {
        let in_flight = Arc::new(Semaphore::new(settings.max_requests));
        let large = Turns::new(settings.max_large_requests, Shares { part: LARGE_SHARE, queue: LARGE_QUEUE });
        Self(Arc::new(Shared {
            persisted_queries: PersistedQueries::default(),
            engine: Box::new(engine),
            verifier,
            settings,
            clock,
            in_flight,
            large,
            memory: Arc::default(),
            readiness: Readiness::default(),
            draining: AtomicBool::new(false),
        }))
    }

    pub(super) fn engine(&self) -> &dyn Engine {
        &*self.0.engine
    }

    pub(super) fn persisted_queries(&self) -> &PersistedQueries {
        &self.0.persisted_queries
    }

    pub(super) fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// What can be done with the database. `None` if the database does not answer or lacks a migration. The result is at most
    /// half a second old.
    pub(super) async fn access(&self) -> Option<Access> {
        self.0.readiness.access(self.engine()).await
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.0.clock.now().0
    }

    /// A place among the requests in flight, or `None` if all are taken. It is free again when no work on the request is left.
    pub(super) fn take_place(&self) -> Option<Place> {
        Arc::clone(&self.0.in_flight).try_acquire_owned().ok().map(Arc::new)
    }

    pub(super) fn large(&self) -> &Arc<Turns> {
        &self.0.large
    }

    pub(super) fn memory(&self) -> &Arc<Memory> {
        &self.0.memory
    }

    pub(super) fn begin_draining(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }
}
