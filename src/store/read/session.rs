//! What one request reads through: who asks, and what was read for it already.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{kept::Kept, rounds::Rounds};
use crate::{
    policy::{Denied, Viewer},
    store::{Store, db::readers::Readers},
    turns::apart::Gate,
};

/// A place among the requests in flight, until the last who holds it lets go.
pub type Place = Arc<tokio::sync::OwnedSemaphorePermit>;

/// Reads for one viewer, for as long as one request lasts.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    store: Store,
    viewer: Option<Viewer>,
    idempotency_key: Option<String>,
    /// Held by whatever works on the request.
    _place: Option<Place>,
    gate: Option<Gate>,
    read: Readers,
    rounds: Rounds,
    kept: Kept,
    writes: Mutex<HashMap<&'static str, usize>>,
}

impl Session {
    /// A session for Entente itself.
    pub fn system(store: &Store) -> Self {
        Self::open(store, Some(Viewer::system()), None, None, None)
    }

    /// A session for a viewer, or for nobody.
    pub fn open(
        store: &Store,
        viewer: Option<Viewer>,
        idempotency_key: Option<String>,
        place: Option<Place>,
        gate: Option<Gate>,
    ) -> Self {
        Self(Arc::new(Inner {
            store: store.clone(),
            viewer,
            idempotency_key,
            _place: place,
            read: store.database.read.of_request(gate.clone()),
            gate,
            rounds: Rounds::default(),
            kept: Kept::default(),
            writes: Mutex::default(),
        }))
    }

    /// Who asks.
    pub fn viewer(&self) -> Result<&Viewer, Denied> {
        self.0.viewer.as_ref().ok_or(Denied::Unauthenticated)
    }

    /// The store behind the session.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Where the request said that it is large, if it could.
    pub(in crate::store) fn gate(&self) -> Option<&Gate> {
        self.0.gate.as_ref()
    }

    pub(in crate::store) fn idempotency_key(&self) -> Option<&str> {
        self.0.idempotency_key.as_deref()
    }

    /// How many writes of this name the request asked for before this one.
    pub(in crate::store) fn count_write(&self, name: &'static str) -> usize {
        let mut writes = self.0.writes.lock().unwrap_or_else(PoisonError::into_inner);
        let count = writes.entry(name).or_default();
        *count += 1;
        *count - 1
    }

    pub(in crate::store) fn read(&self) -> &Readers {
        &self.0.read
    }

    pub(in crate::store) fn rounds(&self) -> &Rounds {
        &self.0.rounds
    }

    /// What is kept for as long as the request lasts.
    pub(in crate::store) fn kept(&self) -> &Kept {
        &self.0.kept
    }
}
