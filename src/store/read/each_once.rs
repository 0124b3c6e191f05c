//! What is loaded or made once for each key, when it is first asked for, however many ask at a time.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;

use crate::store::db::error::Error;

/// A cell for each key.
pub(in crate::store) struct EachOnce<K, V>(Mutex<Cells<K, V>>);

type Cells<K, V> = HashMap<K, Arc<OnceCell<V>>>;

impl<K, V> Default for EachOnce<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> EachOnce<K, V> {
    /// The cell of a key.
    pub(in crate::store) fn cell(&self, key: K) -> Arc<OnceCell<V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone()
    }
}

/// A cell for each key, for what may fail.
pub(in crate::store) type MadeOnce<K, V> = EachOnce<K, Result<V, Error>>;

impl<K: Eq + Hash, V: Clone> MadeOnce<K, V> {
    /// What is made for a key. Where that fails, it fails for all who ask: it is not tried again for each of them.
    pub(in crate::store) async fn made<F: Future<Output = Result<V, Error>>>(
        &self,
        key: K,
        make: impl FnOnce() -> F,
    ) -> Result<V, Error> {
        self.cell(key).get_or_init(make).await.clone()
    }
}
