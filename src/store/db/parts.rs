//! The parts into which rows and keys are divided, one for each statement.

/// Maximum number of rows in one statement; databases limit its number of values.
pub(in crate::store) const ROWS: usize = 500;
/// Maximum number of keys in one statement.
pub(in crate::store) const KEYS: usize = 5_000;

/// The keys in parts of [`KEYS`].
pub(in crate::store) fn in_parts<K>(keys: impl IntoIterator<Item = K>) -> impl Iterator<Item = Vec<K>> {
    parts(keys, KEYS)
}

/// The values in parts of [`ROWS`].
pub(in crate::store) fn some_at_a_time<T>(values: impl IntoIterator<Item = T>) -> impl Iterator<Item = Vec<T>> {
    parts(values, ROWS)
}

fn parts<T>(all: impl IntoIterator<Item = T>, size: usize) -> impl Iterator<Item = Vec<T>> {
    let mut all = all.into_iter();
    std::iter::from_fn(move || Some(all.by_ref().take(size).collect()).filter(|some: &Vec<T>| !some.is_empty()))
}
