//! What is read for many at once. Who asks for it is known in one of two ways: rows that were read together are all read for when one of
//! them first asks ([`Batch`]); those who ask by a key alone are read for at the end of a round ([`Session::load`]).

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::Arc,
};

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select, TryGetable, Value, sea_query::SimpleExpr};

use super::{kept::Kept, session::Session};
use crate::store::db::{error::Error, parts::in_parts};

/// Something that is read for many keys at once, with its arguments: what differs in them is read apart.
pub(in crate::store) trait Relation: Clone + Eq + Hash + Send + Sync + 'static {
    /// What it is asked for by.
    type Key: Clone + Eq + Hash + Send + Sync + 'static;
    /// What one key has.
    type Value: Clone + Send + Sync + 'static;

    /// What these keys have, each of which comes once; nothing of a key that has nothing. It must ask for nothing that is read in rounds:
    /// the round of whoever asks for this ends when it is read.
    fn read(&self, session: &Session, keys: Vec<Self::Key>) -> impl Future<Output = Found<Self>> + Send;
}

/// What keys have, by the keys.
pub(in crate::store) type Found<R> = Result<HashMap<<R as Relation>::Key, <R as Relation>::Value>, Error>;

/// Reads a relation for keys, so many at a time as are looked for in one statement.
pub(super) async fn read<R: Relation>(relation: &R, session: &Session, keys: impl Iterator<Item = R::Key>) -> Found<R> {
    let mut once = HashSet::new();
    let keys: Vec<R::Key> = keys.filter(|key| once.insert(key.clone())).collect();
    let mut found = HashMap::with_capacity(keys.len());
    for some in in_parts(keys) {
        found.extend(relation.read(session, some).await?);
    }
    Ok(found)
}

/// Rows that were read together, and what has been read for all of them since.
pub(in crate::store) struct Batch<T> {
    session: Session,
    rows: Vec<Arc<T>>,
    kept: Kept,
}

impl<T> Batch<T> {
    /// A batch of rows that were read through a session.
    pub(in crate::store) fn of(session: &Session, rows: Vec<Arc<T>>) -> Arc<Self> {
        Arc::new(Self { session: session.clone(), rows, kept: Kept::default() })
    }

    /// The session through which they were read.
    pub(in crate::store) fn session(&self) -> &Session {
        &self.session
    }

    /// The rows.
    pub(in crate::store) fn rows(&self) -> &[Arc<T>] {
        &self.rows
    }

    /// What was made for the rows, by keys.
    pub(in crate::store) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// What one of the rows has, as [`Batch::all`] reads it.
    pub(in crate::store) async fn related<R: Relation>(
        &self,
        row: &T,
        relation: R,
        key: impl Fn(&T) -> R::Key,
    ) -> Result<Option<R::Value>, Error> {
        let all = self.all(relation, |row| Some(key(row))).await?;
        Ok(all.get(&key(row)).cloned())
    }

    /// What the rows have by their keys, if they have a key: read when it is first asked for. One relation has always the same keys.
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

/// Lists of what each key has, in order.
pub(in crate::store) fn lists<K: Eq + Hash, V>(entries: impl IntoIterator<Item = (K, V)>) -> Lists<K, V> {
    let mut lists: HashMap<K, Vec<V>> = HashMap::new();
    for (key, entry) in entries {
        lists.entry(key).or_default().push(entry);
    }
    lists.into_iter().map(|(key, list)| (key, list.into())).collect()
}

/// As [`lists`], where each key has a list for each of several things.
pub(in crate::store) fn lists_within<K: Eq + Hash, T: Eq + Hash, V>(
    entries: impl IntoIterator<Item = (K, T, V)>,
) -> HashMap<K, Arc<Lists<T, V>>> {
    let mut all: HashMap<K, Vec<(T, V)>> = HashMap::new();
    for (key, thing, entry) in entries {
        all.entry(key).or_default().push((thing, entry));
    }
    all.into_iter().map(|(key, entries)| (key, Arc::new(lists(entries)))).collect()
}

/// A key that is a column's value.
pub(in crate::store) trait ColumnValue: Into<Value> + TryGetable + Eq + Hash {}

impl<K: Into<Value> + TryGetable + Eq + Hash> ColumnValue for K {}

/// How much there is of rows for each of these keys, which a column has: nothing of a key of which there is no row.
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
