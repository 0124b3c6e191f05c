//! The session of a request: its viewer, and the data that it has read.

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

/// The place of a request among the running requests. It is released with its last clone.
pub type Place = Arc<tokio::sync::OwnedSemaphorePermit>;

/// Reads for one viewer, during one request.
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    store: Store,
    viewer: Option<Viewer>,
    idempotency_key: Option<String>,
    /// Held by every task of the request.
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

    /// A session for a viewer; `None`: for nobody.
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

    /// The viewer; UNAUTHENTICATED if there is none.
    pub fn viewer(&self) -> Result<&Viewer, Denied> {
        self.0.viewer.as_ref().ok_or(Denied::Unauthenticated)
    }

    /// The store behind the session.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The gate at which the request waits if it is large; `None` if it has no limits.
    pub(in crate::store) fn gate(&self) -> Option<&Gate> {
        self.0.gate.as_ref()
    }

    pub(in crate::store) fn idempotency_key(&self) -> Option<&str> {
        self.0.idempotency_key.as_deref()
    }

    /// The number of earlier calls with this name in the request.
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

    /// The values that are kept during the request.
    pub(in crate::store) fn kept(&self) -> &Kept {
        &self.0.kept
    }
}
