//! An index of rows by the keys that other systems have for them.

use std::collections::HashMap;

use entente_entity::external_reference;

use crate::definition::document::ExternalKey;

/// A row with a key of another system.
pub(in crate::store) trait Keyed {
    /// The system, the type (empty if there is none), and the key.
    fn name(&self) -> (&str, &str, &str);
}

impl Keyed for external_reference::Model {
    fn name(&self) -> (&str, &str, &str) {
        (&self.system, &self.class, &self.key)
    }
}

impl<T: Keyed> Keyed for &T {
    fn name(&self) -> (&str, &str, &str) {
        T::name(self)
    }
}

/// Rows by the keys that other systems have for them; those with the same key in their order.
pub(in crate::store) struct ByKey<T>(HashMap<String, Vec<T>>);

impl<T: Keyed> FromIterator<T> for ByKey<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        let rows = rows.into_iter();
        let mut by_key: HashMap<String, Vec<T>> = HashMap::with_capacity(rows.size_hint().0);
        for row in rows {
            let (_, _, key) = row.name();
            match by_key.get_mut(key) {
                Some(same) => same.push(row),
                None => drop(by_key.insert(key.to_owned(), vec![row])),
            }
        }
        Self(by_key)
    }
}

impl<T: Keyed> ByKey<T> {
    /// The rows with this system and key, of any type.
    pub(in crate::store) fn called<'s>(&'s self, system: &str, key: &str) -> impl Iterator<Item = &'s T> {
        let same = self.0.get(key).into_iter().flatten();
        same.filter(move |row| row.name().0 == system)
    }

    /// The rows with this key; of any type if the key has none.
    pub(in crate::store) fn named<'s>(&'s self, key: &ExternalKey) -> impl Iterator<Item = &'s T> {
        let ExternalKey { system, r#type, key } = key;
        self.called(system, key).filter(move |row| r#type.as_ref().is_none_or(|class| class == row.name().1))
    }

    /// All rows.
    pub(in crate::store) fn rows(&self) -> impl Iterator<Item = &T> {
        self.0.values().flatten()
    }
}
