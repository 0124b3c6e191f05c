//! As many keys as fit into one statement.

/// How many rows go into one statement: databases allow so many values only.
pub(in crate::store) const ROWS: usize = 500;
/// How many keys are looked for in one statement.
pub(in crate::store) const KEYS: usize = 5_000;

/// So many keys at a time as are looked for in one statement.
pub(in crate::store) fn in_parts<K>(keys: impl IntoIterator<Item = K>) -> impl Iterator<Item = Vec<K>> {
    let mut keys = keys.into_iter();
    std::iter::from_fn(move || {
        let some: Vec<K> = keys.by_ref().take(KEYS).collect();
        (!some.is_empty()).then_some(some)
    })
}

/// So many values at a time as fit into a statement.
pub(in crate::store) fn some_at_a_time<T>(values: impl IntoIterator<Item = T>) -> impl Iterator<Item = Vec<T>> {
    let mut values = values.into_iter();
    std::iter::from_fn(move || {
        let some: Vec<T> = values.by_ref().take(ROWS).collect();
        (!some.is_empty()).then_some(some)
    })
}
