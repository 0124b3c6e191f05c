//! Things that are asked for one by one, and read together.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use super::Error;

/// What was read for one request, by key. What the entries of a list ask for at the same time is one statement, and
/// nothing is read twice.
pub(super) struct Loader<K, V> {
    wanted: Mutex<HashSet<K>>,
    found: tokio::sync::Mutex<HashMap<K, Option<V>>>,
}

impl<K, V> Default for Loader<K, V> {
    fn default() -> Self {
        Self { wanted: Mutex::default(), found: tokio::sync::Mutex::default() }
    }
}

impl<K: Copy + Eq + Hash, V: Clone> Loader<K, V> {
    /// What the key names; `read` reads it together with what others wait for. `None` where it names nothing.
    pub(super) async fn load<F>(&self, key: K, read: impl FnOnce(Vec<K>) -> F) -> Result<Option<V>, Error>
    where
        F: Future<Output = Result<HashMap<K, V>, Error>>,
    {
        if let Ok(found) = self.found.try_lock()
            && let Some(value) = found.get(&key)
        {
            return Ok(value.clone());
        }
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        // The other entries of a list say what they want before this one goes on.
        tokio::task::yield_now().await;
        let mut found = self.found.lock().await;
        if let Some(value) = found.get(&key) {
            return Ok(value.clone());
        }
        let mut keys = std::mem::take(&mut *self.wanted.lock().unwrap_or_else(PoisonError::into_inner));
        keys.retain(|key| !found.contains_key(key));
        // A statement that failed has left its keys to those who ask again.
        keys.insert(key);
        let mut values = read(keys.iter().copied().collect()).await?;
        found.extend(keys.into_iter().map(|key| (key, values.remove(&key))));
        Ok(found.get(&key).cloned().flatten())
    }

    /// Keeps what was read together with something else.
    pub(super) async fn keep(&self, values: HashMap<K, V>) {
        self.found.lock().await.extend(values.into_iter().map(|(key, value)| (key, Some(value))));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_is_asked_for_at_once_is_read_at_once_and_never_again() {
        let (loader, reads) = (Loader::default(), AtomicU32::new(0));
        let load = |key: u32| {
            loader.load(key, async |keys: Vec<u32>| {
                reads.fetch_add(1, Ordering::SeqCst);
                Ok(keys.into_iter().filter(|key| *key != 3).map(|key| (key, key * 10)).collect())
            })
        };
        let all = futures_util::future::try_join_all((0..50).map(load)).await.unwrap();
        assert_eq!(all[..5], [Some(0), Some(10), Some(20), None, Some(40)]);
        assert_eq!(load(3).await.unwrap(), None);
        assert_eq!(load(49).await.unwrap(), Some(490));
        assert_eq!(reads.load(Ordering::SeqCst), 1);
    }
}
