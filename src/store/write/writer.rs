//! A transaction that writes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use entente_entity::{change, scalar::DateTime};
use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, sea_query::OnConflict};
use uuid::Uuid;

use super::{mutation::Known, rows::Held};
use crate::{
    policy::Viewer,
    store::{
        Store,
        db::{error::Error, parts::some_at_a_time},
    },
};

/// A transaction.
pub struct Writer {
    pub(in crate::store) transaction: DatabaseTransaction,
    pub(in crate::store) store: Store,
    pub(in crate::store) viewer: Viewer,
    /// The rows that it holds, and the busy row that it needs.
    pub(in crate::store) held: Held,
    /// The instant for everything that is written. Not before the transaction began.
    pub(in crate::store) now: DateTime,
    /// The instant at which the transaction began; held until its end, see `settled.rs`.
    _start: Arc<DateTime>,
    /// Whether Entente itself is the actor, and not the viewer.
    pub(in crate::store) is_by_itself: bool,
    /// The person for whom an integration writes, as the integration names them; `None` if it names none.
    pub(in crate::store) on_behalf_of: Option<String>,
    /// What was read before the transaction began. Organizations are never deleted.
    pub(in crate::store) known: Arc<Known>,
    changes: Mutex<Vec<change::ActiveModel>>,
    at_end: Mutex<BTreeMap<AtEnd, (BTreeSet<Uuid>, WriteAtEnd)>>,
    after_commit: Mutex<Vec<AfterCommit>>,
}

/// What a store remembers of a committed write.
type AfterCommit = Box<dyn FnOnce(&Store) + Send>;

/// The order of what is written at the end of a transaction. It is the same for all writers, so that there is no
/// deadlock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum AtEnd {
    First,
    Last,
}

/// Writes to rows that were collected until the end of the transaction.
pub(in crate::store) type WriteAtEnd = for<'w> fn(&'w Writer, BTreeSet<Uuid>) -> BoxFuture<'w, Result<(), Error>>;

impl Writer {
    /// Begins a transaction.
    pub(super) async fn begin(store: Store, viewer: Viewer, held: Held, known: Arc<Known>) -> Result<Self, Error> {
        let (transaction, start) = store.begin_to_write().await?;
        Ok(Self {
            transaction,
            store,
            viewer,
            held,
            now: *start,
            _start: start,
            is_by_itself: false,
            on_behalf_of: None,
            known,
            changes: Mutex::default(),
            at_end: Mutex::default(),
            after_commit: Mutex::default(),
        })
    }

    /// Inserts rows, in parts of [`crate::store::db::parts::ROWS`].
    pub(in crate::store) async fn insert<A>(&self, rows: Vec<A>) -> Result<(), Error>
    where
        A: sea_orm::ActiveModelTrait + Send,
    {
        insert(&self.transaction, rows).await
    }

    /// Inserts rows; of rows whose id exists, updates these columns.
    pub(in crate::store) async fn upsert<A>(
        &self,
        rows: Vec<A>,
        id: <A::Entity as EntityTrait>::Column,
        columns: &[<A::Entity as EntityTrait>::Column],
    ) -> Result<(), Error>
    where
        A: sea_orm::ActiveModelTrait + Send,
    {
        for some in some_at_a_time(rows) {
            let on_conflict = OnConflict::column(id).update_columns(columns.iter().copied()).to_owned();
            A::Entity::insert_many(some).on_conflict(on_conflict).exec_without_returning(&self.transaction).await?;
        }
        Ok(())
    }

    pub(super) fn changes(&self) -> MutexGuard<'_, Vec<change::ActiveModel>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers rows for `write`, which runs once for all rows at the end of the transaction.
    pub(in crate::store) fn at_end(&self, at: AtEnd, rows: impl IntoIterator<Item = Uuid>, write: WriteAtEnd) {
        let mut at_end = self.at_end.lock().unwrap_or_else(PoisonError::into_inner);
        at_end.entry(at).or_insert_with(|| (BTreeSet::new(), write)).0.extend(rows);
    }

    /// Registers what runs if and when the transaction is committed.
    pub(in crate::store) fn after_commit(&self, act: impl FnOnce(&Store) + Send + 'static) {
        self.after_commit.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(act));
    }

    /// Writes the log; returns the id of the first change, `None` if nothing was logged.
    pub(super) async fn write_log(&self) -> Result<Option<i64>, Error> {
        let changes = std::mem::take(&mut *self.changes());
        let mut first = None;
        for some in some_at_a_time(changes) {
            let ids = change::Entity::insert_many(some).exec_with_returning_keys(&self.transaction).await?;
            first = first.or(ids.into_iter().min());
        }
        Ok(first)
    }

    /// Writes what was registered for the end, and commits.
    pub(super) async fn commit(self) -> Result<(), Error> {
        let at_end = std::mem::take(&mut *self.at_end.lock().unwrap_or_else(PoisonError::into_inner));
        for (rows, write) in at_end.into_values().filter(|(rows, _)| !rows.is_empty()) {
            write(&self, rows).await?;
        }
        self.transaction.commit().await?;
        let after_commit = self.after_commit.into_inner().unwrap_or_else(PoisonError::into_inner);
        after_commit.into_iter().for_each(|act| act(&self.store));
        Ok(())
    }
}

/// Inserts rows, in parts of [`crate::store::db::parts::ROWS`].
pub(in crate::store) async fn insert<A, C>(connection: &C, rows: Vec<A>) -> Result<(), Error>
where
    A: sea_orm::ActiveModelTrait + Send,
    C: ConnectionTrait,
{
    for some in some_at_a_time(rows) {
        A::Entity::insert_many(some).exec_without_returning(connection).await?;
    }
    Ok(())
}
