//! The connections that read, with the limits of a request, and the gate at which large requests wait.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, Value,
    Values, prelude::async_trait::async_trait,
};
use sqlx::{Connection, Postgres, Sqlite, SqliteConnection};

use super::{
    pool::{Connecting, Most, Pool, Rows},
    servers::{Servers, Since},
};
use crate::turns::apart::Gate;

/// Connections that read one database. They never write, and are never in a transaction.
#[derive(Clone, Debug)]
pub(in crate::store) struct Readers {
    source: Source,
    statements: Arc<AtomicU64>,
    /// Number of running statements of this request.
    under_way: Arc<AtomicUsize>,
    /// Number of bytes that the request has read.
    bytes: Arc<AtomicUsize>,
    /// Where the request waits if it is large; `None`: it has no limits.
    gate: Option<Gate>,
}

/// Where statements run.
#[derive(Clone, Debug)]
enum Source {
    Postgres(Arc<Pool<Postgres>>),
    Sqlite(Arc<Pool<Sqlite>>),
    /// The only connection of a database in memory. It also writes.
    Only(DatabaseConnection),
}

impl Source {
    async fn query(&self, statement: Statement, most: Most) -> Result<Rows, DbErr> {
        match self {
            Self::Postgres(pool) => pool.query(with_limits(statement), most).await,
            Self::Sqlite(pool) => pool.query(statement, most).await,
            Self::Only(connection) => Ok(Rows::All(connection.query_all_raw(statement).await?, 0)),
        }
    }
}

/// Maximum number of bytes that one request reads. In memory they use several times as much.
pub(in crate::store) const MOST_READ: usize = 64 << 20;

/// A request would read more than [`MOST_READ`].
#[derive(Debug, thiserror::Error)]
#[error("more than {MOST_READ} bytes would be read")]
pub(in crate::store) struct ReadsTooMuch;

impl From<ReadsTooMuch> for DbErr {
    fn from(why: ReadsTooMuch) -> Self {
        Self::Query(RuntimeErr::SqlxError(Arc::new(sqlx::Error::Decode(Box::new(why)))))
    }
}

impl Readers {
    /// At most `many` connections to PostgreSQL.
    pub(in crate::store) fn postgres(servers: Arc<Servers>, many: u32, statements: Arc<AtomicU64>) -> Self {
        let since = servers.readers_since();
        let connect = move || {
            let servers = servers.clone();
            Box::pin(async move { servers.connect_reader().await }) as Connecting<Postgres>
        };
        // The server cancels statements after 5 s; a connection that is silent for longer is dead.
        Self::of(Source::Postgres(Pool::new(connect, since, many, Duration::from_secs(6))), statements)
    }

    /// At most `many` connections to a file of SQLite.
    pub(in crate::store) fn sqlite(
        options: sqlx::sqlite::SqliteConnectOptions,
        many: u32,
        statements: Arc<AtomicU64>,
    ) -> Self {
        let connect = move || {
            let options = options.clone();
            Box::pin(async move { SqliteConnection::connect_with(&options).await }) as Connecting<Sqlite>
        };
        // A statement always runs to its end, in its thread.
        Self::of(Source::Sqlite(Pool::new(connect, Since::default(), many, Duration::MAX)), statements)
    }

    /// Reads over the connection that writes, because there can be no other.
    pub(in crate::store) fn only(connection: DatabaseConnection, statements: Arc<AtomicU64>) -> Self {
        Self::of(Source::Only(connection), statements)
    }

    fn of(source: Source, statements: Arc<AtomicU64>) -> Self {
        Self { source, statements, under_way: Arc::default(), bytes: Arc::default(), gate: None }
    }

    /// The same connections, with the counters of one request.
    pub(in crate::store) fn of_request(&self, gate: Option<Gate>) -> Self {
        Self { under_way: Arc::default(), bytes: Arc::default(), gate, ..self.clone() }
    }

    /// Whether a statement of the request is running.
    pub(in crate::store) fn is_busy(&self) -> bool {
        self.under_way.load(Ordering::SeqCst) > 0
    }

    /// Runs a statement of a request with limits.
    async fn query(&self, statement: Statement, gate: &Gate) -> Result<Vec<QueryResult>, DbErr> {
        if !gate.is_passed() && !gate.stays() {
            if let Rows::All(rows, bytes) = self.source.query(statement.clone(), Most::LITTLE).await? {
                self.counts(bytes)?;
                return Ok(rows);
            }
            // The statement runs again after the gate, so that the request does not wait with its rows in memory.
            gate.pass().await;
        }
        let left = MOST_READ.saturating_sub(self.bytes.load(Ordering::Relaxed));
        let most = Most { bytes: left, ..Most::ALL };
        let rows = if gate.is_passed() {
            // The request's thread may be busy when the rows arrive; a separate task returns the connection at once.
            let source = self.source.clone();
            let rows = tokio::spawn(async move { source.query(statement, most).await }).await;
            rows.unwrap_or_else(|failed| Err(DbErr::Custom(failed.to_string())))
        } else {
            self.source.query(statement, most).await
        };
        match rows? {
            Rows::All(rows, bytes) => self.counts(bytes).map(|()| rows),
            Rows::TooMany => Err(ReadsTooMuch.into()),
        }
    }

    fn counts(&self, bytes: usize) -> Result<(), DbErr> {
        let read = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if read > MOST_READ { Err(ReadsTooMuch.into()) } else { Ok(()) }
    }

    /// The kind of the database.
    pub(in crate::store) fn backend(&self) -> DatabaseBackend {
        match &self.source {
            Source::Postgres(_) => DatabaseBackend::Postgres,
            Source::Sqlite(_) => DatabaseBackend::Sqlite,
            Source::Only(connection) => connection.get_database_backend(),
        }
    }
}

#[async_trait]
impl ConnectionTrait for Readers {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.backend()
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        let _under_way = UnderWay::begin(&self.under_way);
        match &self.gate {
            Some(gate) => self.query(statement, gate).await,
            None => match self.source.query(statement, Most::ALL).await? {
                Rows::All(rows, _) => Ok(rows),
                Rows::TooMany => Err(ReadsTooMuch.into()),
            },
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(writes())
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(writes())
    }
}

/// A running statement of a request; dropped when it ends or is cancelled.
struct UnderWay<'r>(&'r AtomicUsize);

impl<'r> UnderWay<'r> {
    fn begin(count: &'r AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The statement with its limits and offsets in its text. PostgreSQL caches one plan for a statement if it is as good
/// as plans for the actual values. It assumes a tenth of the rows for a limit that is a parameter, and so would plan
/// every page again, which takes longer than reading it.
fn with_limits(mut statement: Statement) -> Statement {
    let Some(Values(values)) = &statement.values else { return statement };
    for word in [" LIMIT $", " OFFSET $"] {
        let mut from = 0;
        while let Some(at) = statement.sql[from..].find(word) {
            let place = from + at + word.len();
            from = place + statement.sql[place..].bytes().take_while(u8::is_ascii_digit).count();
            let number = statement.sql[place..from].parse().ok().and_then(|number: usize| number.checked_sub(1));
            if let Some(Value::BigUnsigned(Some(limit))) = number.and_then(|number| values.get(number)) {
                // The value is still sent, but not used.
                statement.sql.replace_range(place - 1..from, &limit.to_string());
                from = place;
            }
        }
    }
    statement
}

fn writes() -> DbErr {
    DbErr::Custom("a connection that reads was asked to write".into())
}

#[cfg(test)]
mod tests;
