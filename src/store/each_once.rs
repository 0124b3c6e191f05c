//! What is loaded once for each key, when it is first asked for, however many ask at a time.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;

/// A cell for each key.
pub(super) struct EachOnce<K, V>(Mutex<Cells<K, V>>);

type Cells<K, V> = HashMap<K, Arc<OnceCell<V>>>;

impl<K, V> Default for EachOnce<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> EachOnce<K, V> {
    /// The cell of a key.
    pub(super) fn cell(&self, key: K) -> Arc<OnceCell<V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone()
    }
}
