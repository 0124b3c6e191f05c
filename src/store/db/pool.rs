//! A pool of connections that read. A connection is taken for one statement.
//!
//! The driver's pool tests a connection whenever it is returned: a task and a round trip for each statement. This pool
//! only tests connections that were idle, or that may be in the middle of a statement.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{TryStreamExt, future::BoxFuture};
use sea_orm::{ConnAcquireErr, DbErr, QueryResult, RuntimeErr, Statement, Values};
use sea_query_sqlx::SqlxValues;
use sqlx::{
    AssertSqlSafe, Connection, Decode, Executor, IntoArguments, Row, Sqlite, TypeInfo, ValueRef, postgres::PgRow,
    sqlite::SqliteRow,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{error::is_spent_by, servers::Since};

/// How long to wait for a connection; after it: UNAVAILABLE.
pub(super) const ACQUIRE: Duration = Duration::from_secs(2);
/// A connection that was idle for this time is tested before it is used.
const FRESH: Duration = Duration::from_secs(1);
/// Time limit of this test.
const ANSWER: Duration = Duration::from_millis(500);
/// A connection that was idle for this time is closed.
const IDLE: Duration = Duration::from_secs(10 * 60);
/// A connection that was open for this time is closed, which frees the memory of its server.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
/// Time between two attempts to connect to a server that is starting or has no free connection.
const AGAIN: Duration = Duration::from_millis(50);

/// Limits of what a statement may read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

impl Most {
    /// For a statement of a request that is not known to be large. A request with a statement that reads more is large.
    pub(super) const LITTLE: Self = Self { rows: 4_000, bytes: 512 << 10 };
    pub(super) const ALL: Self = Self { rows: usize::MAX, bytes: usize::MAX };
}

/// The result of a statement.
pub(super) enum Rows {
    /// All rows, and their size in bytes; 0 if it was not measured.
    All(Vec<QueryResult>, usize),
    /// The statement would have read more than its limit.
    TooMany,
}

/// A row whose size can be measured.
pub(super) trait Measured {
    /// The size of its texts in bytes; on PostgreSQL of all its values.
    fn bytes(&self) -> usize;
}

impl Measured for PgRow {
    fn bytes(&self) -> usize {
        let values = (0..self.len()).filter_map(|index| self.try_get_raw(index).ok()?.as_bytes().ok());
        values.map(<[u8]>::len).sum()
    }
}

impl Measured for SqliteRow {
    fn bytes(&self) -> usize {
        let values = (0..self.len()).filter_map(|index| self.try_get_raw(index).ok());
        // Reading the bytes of a number would convert it to text.
        let texts = values.filter(|value| matches!(value.type_info().name(), "TEXT" | "BLOB"));
        texts.filter_map(|text| <&[u8] as Decode<Sqlite>>::decode(text).ok()).map(<[u8]>::len).sum()
    }
}

/// A connection that is being opened.
pub(super) type Connecting<D> = BoxFuture<'static, Result<<D as sqlx::Database>::Connection, sqlx::Error>>;

/// Connections of one kind, at most as many as permits.
pub(super) struct Pool<D: sqlx::Database> {
    connect: Box<dyn Fn() -> Connecting<D> + Send + Sync>,
    /// Connections that were opened before this are closed.
    since: Since,
    permits: Arc<Semaphore>,
    /// How long to wait for a connection that is in the middle of a statement.
    patience: Duration,
    idle: Mutex<Vec<Open<D>>>,
    /// Why the last attempt to connect failed; `None` if it succeeded.
    failed: Mutex<Option<Arc<sqlx::Error>>>,
}

struct Open<D: sqlx::Database> {
    connection: D::Connection,
    opened: Instant,
    used: Instant,
}

/// A connection that is taken from the pool.
struct Pooled<D: sqlx::Database> {
    open: Option<Open<D>>,
    permit: Option<OwnedSemaphorePermit>,
    from: Arc<Pool<D>>,
}

impl<D: sqlx::Database> fmt::Debug for Pool<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl<D: sqlx::Database> Pool<D> {
    pub(super) fn new(
        connect: impl Fn() -> Connecting<D> + Send + Sync + 'static,
        since: Since,
        many: u32,
        patience: Duration,
    ) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(many.max(1) as usize));
        Arc::new(Self {
            connect: Box::new(connect),
            since,
            permits,
            patience,
            idle: Mutex::default(),
            failed: Mutex::default(),
        })
    }

    pub(super) async fn query(self: &Arc<Self>, statement: Statement, most: Most) -> Result<Rows, DbErr>
    where
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
        SqlxValues: IntoArguments<D>,
        D::Row: Into<QueryResult> + Measured,
    {
        let pooled = tokio::time::timeout(ACQUIRE, self.acquire()).await;
        let mut pooled = pooled.map_err(|_| self.why_none())??;
        let Statement { sql, values, .. } = statement;
        let values = values.unwrap_or_else(|| Values(Vec::new()));
        let query = sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values));
        let Some(Open { connection, .. }) = &mut pooled.open else {
            return Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed));
        };
        let read = async {
            let mut stream = query.fetch(connection);
            let (mut rows, mut bytes) = (Vec::new(), 0);
            while let Some(row) = stream.try_next().await? {
                bytes += row.bytes();
                if bytes > most.bytes || rows.len() >= most.rows {
                    return Ok(Rows::TooMany);
                }
                rows.push(row.into());
            }
            Ok(Rows::All(rows, bytes))
        };
        match read.await {
            Ok(Rows::All(rows, bytes)) => {
                pooled.release();
                Ok(Rows::All(rows, bytes))
            }
            // `Drop` waits for the end of the statement.
            Ok(Rows::TooMany) => Ok(Rows::TooMany),
            Err(error) => {
                let error = DbErr::Query(RuntimeErr::SqlxError(sqlx::Error::into(error)));
                if is_spent_by(&error) {
                    pooled.open = None;
                }
                Err(error)
            }
        }
    }

    /// A working connection: the one that was used last, otherwise a new one.
    async fn acquire(self: &Arc<Self>) -> Result<Pooled<D>, DbErr> {
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))?;
        let mut pooled = Pooled { open: None, permit: Some(permit), from: self.clone() };
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut open) = kept else { break };
            let is_young = open.opened.elapsed() < LIFETIME && self.since.includes(open.opened);
            if is_young && (open.used.elapsed() < FRESH || answers::<D>(&mut open.connection, ANSWER).await) {
                pooled.open = Some(open);
                return Ok(pooled);
            }
        }
        // Before connecting: if the server changes meanwhile, the connection is old.
        let now = Instant::now();
        let connection = loop {
            let error = match (self.connect)().await {
                Ok(connection) => break connection,
                Err(error) => Arc::new(error),
            };
            *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
            if !may_pass(&error) {
                return Err(DbErr::Conn(RuntimeErr::SqlxError(error)));
            }
            tokio::time::sleep(AGAIN).await;
        };
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
        pooled.open = Some(Open { connection, opened: now, used: now });
        Ok(pooled)
    }

    /// Why there was no connection in time: connecting failed, or all are in use.
    fn why_none(&self) -> DbErr {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        failed.map_or(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout), |error| {
            DbErr::Conn(RuntimeErr::SqlxError(error))
        })
    }

    fn keep(&self, mut open: Open<D>) {
        open.used = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|open| open.used.elapsed() < IDLE);
        idle.push(open);
    }
}

impl<D: sqlx::Database> Pooled<D> {
    /// Returns the connection, after the end of the statement.
    fn release(mut self) {
        if let Some(open) = self.open.take() {
            self.from.keep(open);
        }
    }
}

impl<D: sqlx::Database> Drop for Pooled<D> {
    /// After a failed or cancelled statement: the connection stays in use until it answers again.
    fn drop(&mut self) {
        let (Some(mut open), Ok(runtime)) = (self.open.take(), tokio::runtime::Handle::try_current()) else { return };
        let (permit, from) = (self.permit.take(), self.from.clone());
        runtime.spawn(async move {
            if answers::<D>(&mut open.connection, from.patience).await {
                from.keep(open);
            }
            drop(permit);
        });
    }
}

async fn answers<D: sqlx::Database>(connection: &mut D::Connection, within: Duration) -> bool {
    matches!(tokio::time::timeout(within, connection.ping()).await, Ok(Ok(())))
}

/// Whether connecting may succeed in a moment, because the server restarts or has no free connection.
fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("57P03" | "53300")),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
