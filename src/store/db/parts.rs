//! As many keys as fit into one statement.

use crate::store::write::writer::KEYS;

/// So many keys at a time as are looked for in one statement.
pub(in crate::store) fn in_parts<K>(keys: impl IntoIterator<Item = K>) -> impl Iterator<Item = Vec<K>> {
    let mut keys = keys.into_iter();
    std::iter::from_fn(move || {
        let some: Vec<K> = keys.by_ref().take(KEYS).collect();
        (!some.is_empty()).then_some(some)
    })
}
