//! Up to when nothing can still appear. What is written carries the instant at which its transaction began, and appears when
//! that ends: after what began later and ended sooner. So whoever follows by `updatedAt` must know when the oldest
//! transaction began that is not at its end.
//!
//! On PostgreSQL each transaction that writes holds an advisory lock, shared, that has this instant in its name: every role
//! sees it, on whichever replica it is held, and the end of the transaction takes it away. SQLite has one writer at a time.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use chrono::TimeDelta;
use entente_entity::scalar::DateTime;
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, Statement, Value};

use super::session::Session;
use crate::store::{Store, db::error::Error};

/// The upper twelve bits of the locks' names; the lower ones are microseconds since 1970.
const NAME: i64 = 0x2e5;
const BITS: u32 = 52;
/// On a standby, which does not see the locks: no transaction lasts longer.
const LONGEST: TimeDelta = TimeDelta::seconds(40);

/// The time is taken once the lock is held: whoever sees no lock asked before.
const BEGIN: &str =
    "SELECT pg_advisory_xact_lock_shared($1 | (extract(epoch FROM start.at) * 1000000)::bigint), clock_timestamp()
    FROM (SELECT clock_timestamp() AS at OFFSET 0) AS start";
/// The locks are looked at after the time was asked for.
const OLDEST: &str = "SELECT asked.at, pg_last_xact_replay_timestamp(), pg_is_in_recovery(), (
        SELECT timestamptz 'epoch' + min(((classid::bigint & 1048575) << 32) | objid::bigint) * interval '1 microsecond'
        FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 20 = $1 AND asked.at IS NOT NULL
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    FROM (SELECT clock_timestamp() AS at OFFSET 0) AS asked";

/// When the transactions of this process began that write to SQLite.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Starts(Arc<Mutex<Vec<Weak<DateTime>>>>);

impl Starts {
    /// A transaction begins: it is under way for as long as the instant is held.
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
    /// Begins a transaction that writes; the instant that it carries is held until its end.
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

    /// Up to when nothing can still appear.
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
        // Another process may be writing to the file: whoever gets to write now knows that nobody does. Not to be left in
        // the middle, where it would keep others from writing.
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

/// Asked of a session: the same each time.
#[derive(PartialEq, Eq, Hash)]
struct Settled;

impl Session {
    /// Up to when nothing can still appear in what is read after this was first asked for.
    pub async fn settled_at(&self) -> Result<DateTime, Error> {
        self.viewer()?;
        self.kept().once(Settled, || self.store().settled_at()).await
    }
}
