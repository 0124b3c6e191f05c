//! Reads related data for many keys in one statement. There are two ways: a [`Batch`] of rows reads for all its rows
//! when one of them first asks; [`Session::load`] collects single keys and reads them at the end of a round.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::Arc,
};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select, TryGetable, Value, sea_query::SimpleExpr};

use super::{kept::Kept, session::Session};
use crate::store::db::{error::Error, parts::in_parts};

/// A kind of related data with its arguments. Relations with different arguments are read separately.
pub(in crate::store) trait Relation: Clone + Eq + Hash + Send + Sync + 'static {
    /// The key.
    type Key: Clone + Eq + Hash + Send + Sync + 'static;
    /// The value of a key.
    type Value: Clone + Send + Sync + 'static;

    /// The values of these distinct keys; keys without a value are left out. Must not use [`Session::load`], because
    /// the round ends only when this is read.
    fn read(&self, session: &Session, keys: Vec<Self::Key>) -> impl Future<Output = Found<Self>> + Send;
}

/// Values by their keys.
pub(in crate::store) type Found<R> = Result<HashMap<<R as Relation>::Key, <R as Relation>::Value>, Error>;

/// Reads a relation for keys, in parts of [`crate::store::db::parts::KEYS`].
pub(super) async fn read<R: Relation>(relation: &R, session: &Session, keys: impl Iterator<Item = R::Key>) -> Found<R> {
    let mut once = HashSet::new();
    let keys: Vec<R::Key> = keys.filter(|key| once.insert(key.clone())).collect();
    let mut found = HashMap::with_capacity(keys.len());
    for some in in_parts(keys) {
        found.extend(relation.read(session, some).await?);
    }
    Ok(found)
}

/// Rows that were read together, with the related data that was read for all of them.
pub(in crate::store) struct Batch<T> {
    session: Session,
    rows: Vec<Arc<T>>,
    kept: Kept,
}

impl<T> Batch<T> {
    /// A batch of rows of a session.
    pub(in crate::store) fn of(session: &Session, rows: Vec<Arc<T>>) -> Arc<Self> {
        Arc::new(Self { session: session.clone(), rows, kept: Kept::default() })
    }

    /// The session.
    pub(in crate::store) fn session(&self) -> &Session {
        &self.session
    }

    /// The rows.
    pub(in crate::store) fn rows(&self) -> &[Arc<T>] {
        &self.rows
    }

    /// The values that are kept with the rows.
    pub(in crate::store) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// The value of one of the rows, read by [`Batch::all`].
    pub(in crate::store) async fn related<R: Relation>(
        &self,
        row: &T,
        relation: R,
        key: impl Fn(&T) -> R::Key,
    ) -> Result<Option<R::Value>, Error> {
        let all = self.all(relation, |row| Some(key(row))).await?;
        Ok(all.get(&key(row)).cloned())
    }

    /// The values of all rows that have a key, by key. Read at the first call; `key` must always give the same keys for
    /// one relation.
    pub(in crate::store) async fn all<R: Relation>(
        &self,
        relation: R,
        key: impl Fn(&T) -> Option<R::Key>,
    ) -> Result<Arc<HashMap<R::Key, R::Value>>, Error> {
        let keys = || self.rows.iter().filter_map(|row| key(row));
        let read = async || read(&relation, &self.session, keys()).await.map(Arc::new);
        self.kept.once(relation.clone(), read).await
    }
}

/// A list for each key.
pub(in crate::store) type Lists<K, V> = HashMap<K, Arc<[V]>>;

/// Groups the entries by key, in their order.
pub(in crate::store) fn lists<K: Eq + Hash, V>(entries: impl IntoIterator<Item = (K, V)>) -> Lists<K, V> {
    let mut lists: HashMap<K, Vec<V>> = HashMap::new();
    for (key, entry) in entries {
        lists.entry(key).or_default().push(entry);
    }
    lists.into_iter().map(|(key, list)| (key, list.into())).collect()
}

/// As [`lists`], by two keys.
pub(in crate::store) fn lists_within<K: Eq + Hash, T: Eq + Hash, V>(
    entries: impl IntoIterator<Item = (K, T, V)>,
) -> HashMap<K, Arc<Lists<T, V>>> {
    let mut all: HashMap<K, Vec<(T, V)>> = HashMap::new();
    for (key, thing, entry) in entries {
        all.entry(key).or_default().push((thing, entry));
    }
    all.into_iter().map(|(key, entries)| (key, Arc::new(lists(entries)))).collect()
}

/// A key that is the value of a column.
pub(in crate::store) trait ColumnValue: Into<Value> + TryGetable + Eq + Hash {}

impl<K: Into<Value> + TryGetable + Eq + Hash> ColumnValue for K {}

/// The number of rows for each of these keys, which are values of a column. Keys without rows are left out.
pub(in crate::store) async fn counts<E: EntityTrait, K: ColumnValue>(
    session: &Session,
    rows: Select<E>,
    count: impl Into<SimpleExpr>,
    column: E::Column,
    keys: Vec<K>,
) -> Result<HashMap<K, u64>, Error> {
    let of_keys = rows.filter(column.is_in(keys)).group_by(column);
    let counted: Vec<(K, i64)> =
        of_keys.select_only().column(column).expr(count).into_tuple().all(session.read()).await?;
    Ok(counted.into_iter().map(|(key, count)| (key, count.unsigned_abs())).collect())
}
