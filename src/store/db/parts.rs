//! As many keys as fit into one statement.

/// How many rows go into one statement: databases allow so many values only.
pub(in crate::store) const ROWS: usize = 500;
/// How many keys are looked for in one statement.
pub(in crate::store) const KEYS: usize = 5_000;

/// So many keys at a time as are looked for in one statement.
pub(in crate::store) fn in_parts<K>(keys: impl IntoIterator<Item = K>) -> impl Iterator<Item = Vec<K>> {
    parts(keys, KEYS)
}

/// So many values at a time as fit into a statement.
pub(in crate::store) fn some_at_a_time<T>(values: impl IntoIterator<Item = T>) -> impl Iterator<Item = Vec<T>> {
    parts(values, ROWS)
}

fn parts<T>(all: impl IntoIterator<Item = T>, size: usize) -> impl Iterator<Item = Vec<T>> {
    let mut all = all.into_iter();
    std::iter::from_fn(move || Some(all.by_ref().take(size).collect()).filter(|some: &Vec<T>| !some.is_empty()))
}
