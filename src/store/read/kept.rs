//! Values that are kept with a request or with the rows of a list: one for each type, or one for each key of a type.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;

use crate::store::db::error::Error;

/// One value of each type.
#[derive(Default)]
pub(in crate::store) struct Kept(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

/// A cell for each key of one type.
type Cells<K, V> = Mutex<HashMap<K, Arc<OnceCell<Result<V, Error>>>>>;

impl Kept {
    /// The value of this type. It begins as the default.
    pub(in crate::store) fn of<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = kept.entry(TypeId::of::<T>()).or_insert_with(|| Arc::<T>::default());
        Arc::clone(value).downcast().unwrap_or_default()
    }

    /// The value of a key. `make` runs once, at the first call; concurrent and later calls get the same value, or the
    /// same error.
    pub(in crate::store) async fn once<K, V, F>(&self, key: K, make: impl FnOnce() -> F) -> Result<V, Error>
    where
        K: Eq + Hash + Send + 'static,
        V: Clone + Send + Sync + 'static,
        F: Future<Output = Result<V, Error>>,
    {
        let cells = self.of::<Cells<K, V>>();
        let cell = cells.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone();
        cell.get_or_init(make).await.clone()
    }
}
