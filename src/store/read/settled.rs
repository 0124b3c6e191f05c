//! The instant until which no more changes can appear. Rows have the instant at which their transaction began, but
//! become visible at its end; a transaction that began later can end sooner. So a client that follows changes by
//! `updatedAt` must know when the oldest running transaction began.
//!
//! On PostgreSQL each transaction that writes holds a shared advisory lock with this instant in its key. Every role
//! sees the locks of all replicas, and the end of the transaction releases its lock. SQLite has one writer at a time.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use chrono::TimeDelta;
use entente_entity::scalar::DateTime;
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, Statement, Value};

use super::session::Session;
use crate::store::{Store, db::error::Error};

/// The upper 12 bits of the keys of the locks. The lower 52 bits are microseconds since 1970.
const NAME: i64 = 0x2e5;
const BITS: u32 = 52;
/// Maximum duration of a transaction. Used on a standby, which does not see the locks.
const LONGEST: TimeDelta = TimeDelta::seconds(40);

/// The instant of the transaction is read after the lock is taken: a reader that does not see the lock has an earlier
/// instant.
const BEGIN: &str =
    "SELECT pg_advisory_xact_lock_shared($1 | (extract(epoch FROM start.at) * 1000000)::bigint), clock_timestamp()
    FROM (SELECT clock_timestamp() AS at OFFSET 0) AS start";
/// The instant of the reader is read before the locks.
const OLDEST: &str = "SELECT asked.at, pg_last_xact_replay_timestamp(), pg_is_in_recovery(), (
        SELECT timestamptz 'epoch' + min(((classid::bigint & 1048575) << 32) | objid::bigint) * interval '1 microsecond'
        FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 20 = $1 AND asked.at IS NOT NULL
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    FROM (SELECT clock_timestamp() AS at OFFSET 0) AS asked";

/// When the running SQLite transactions of this process began that write.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Starts(Arc<Mutex<Vec<Weak<DateTime>>>>);

impl Starts {
    /// Adds a transaction. It counts as running until the returned instant is dropped.
    fn add(&self, now: impl FnOnce() -> DateTime) -> Arc<DateTime> {
        let mut starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let start = Arc::new(now());
        starts.push(Arc::downgrade(&start));
        start
    }

    fn oldest(&self) -> Option<DateTime> {
        let mut starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        starts.retain(|start| start.strong_count() > 0);
        starts.iter().filter_map(Weak::upgrade).map(|start| *start).min()
    }
}

impl Store {
    /// Begins a transaction that writes. Its instant must be held until its end.
    pub(in crate::store) async fn begin_to_write(&self) -> Result<(DatabaseTransaction, Arc<DateTime>), Error> {
        let transaction = self.database.begin().await?;
        if transaction.get_database_backend() != DatabaseBackend::Postgres {
            let start = self.starts.add(|| self.clock.now());
            return Ok((transaction, start));
        }
        let begin = Statement::from_sql_and_values(DatabaseBackend::Postgres, BEGIN, [Value::from(NAME << BITS)]);
        let row = transaction.query_one_raw(begin).await?.ok_or_else(no_answer)?;
        Ok((transaction, Arc::new(self.clock.beside(row.try_get_by_index(1)?))))
    }

    /// The instant until which no more changes can appear.
    async fn settled_at(&self) -> Result<DateTime, Error> {
        let reader = &self.database.read;
        if reader.backend() == DatabaseBackend::Postgres {
            let oldest = Statement::from_sql_and_values(DatabaseBackend::Postgres, OLDEST, [Value::from(NAME)]);
            let row = reader.query_one_raw(oldest).await?.ok_or_else(no_answer)?;
            type At = chrono::DateTime<chrono::Utc>;
            let (asked, oldest): (At, Option<At>) = (row.try_get_by_index(0)?, row.try_get_by_index(3)?);
            let replayed: Option<At> = row.try_get_by_index(1)?;
            let settled = match row.try_get_by_index(2)? {
                true => replayed.unwrap_or(At::UNIX_EPOCH) - LONGEST,
                false => oldest.map_or(asked, |oldest| oldest.min(asked)),
            };
            return Ok(self.clock.beside(settled));
        }
        if let Some(oldest) = self.starts.oldest() {
            return Ok(oldest);
        }
        // Another process may be writing to the file; taking the write lock excludes that. In a task, because a
        // cancelled call would leave the transaction open.
        let store = self.clone();
        let asked = tokio::spawn(async move {
            let transaction = store.database.begin().await?;
            let now = store.clock.now();
            transaction.rollback().await?;
            Ok(now)
        });
        asked.await.map_err(|panic| Error::Corrupt(panic.to_string()))?
    }
}

fn no_answer() -> DbErr {
    DbErr::Custom("the database does not tell the time".into())
}

/// The key under which a session keeps the instant, so that it is always the same.
#[derive(PartialEq, Eq, Hash)]
struct Settled;

impl Session {
    /// The instant until which no more changes can appear in what is read after the first call.
    pub async fn settled_at(&self) -> Result<DateTime, Error> {
        self.viewer()?;
        self.kept().once(Settled, || self.store().settled_at()).await
    }
}
