//! What is kept for as long as a request lasts, or the rows of a list: by its type, and of one type by keys.

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
    /// The value of this type: its default at first.
    pub(in crate::store) fn of<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = kept.entry(TypeId::of::<T>()).or_insert_with(|| Arc::<T>::default());
        Arc::clone(value).downcast().unwrap_or_default()
    }

    /// What is made for a key when it is first asked for, however many ask at a time. Where that fails, it fails for all who ask: it
    /// is not tried again for each of them.
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
