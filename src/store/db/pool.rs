//! A pool of connections that read, each taken for one statement.
//!
//! The driver's pool tests a connection whenever it is given back: a task, and another way to the database and back,
//! for each statement. Here only what has been idle, or may have been left in the middle of a statement, is tested.

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

/// How long to wait for a connection before the caller is told to try again.
pub(super) const ACQUIRE: Duration = Duration::from_secs(2);
/// A connection that has just been used is alive; one that has been idle for so long may not be.
const FRESH: Duration = Duration::from_secs(1);
/// How long one that has been idle may take to say that it is alive.
const ANSWER: Duration = Duration::from_millis(500);
/// One that nobody has needed for so long is closed.
const IDLE: Duration = Duration::from_secs(10 * 60);
/// One that has been open for so long is closed, and what its server keeps for it goes with it.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
/// How long a server that is not there yet, or has no place, is left alone before it is asked again.
const AGAIN: Duration = Duration::from_millis(50);

/// How much may be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

impl Most {
    /// By one statement of a request that is not known to be large. One that reads more is large.
    pub(super) const LITTLE: Self = Self { rows: 4_000, bytes: 512 << 10 };
    pub(super) const ALL: Self = Self { rows: usize::MAX, bytes: usize::MAX };
}

/// What a statement read.
pub(super) enum Rows {
    /// All, and how many bytes that was; 0 where they are not counted.
    All(Vec<QueryResult>, usize),
    /// There would have been more than it may read: nothing.
    TooMany,
}

/// A row whose size is known.
pub(super) trait Measured {
    /// How many bytes its texts have; on PostgreSQL all its values.
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
        // To ask a number for its bytes makes a text of it.
        let texts = values.filter(|value| matches!(value.type_info().name(), "TEXT" | "BLOB"));
        texts.filter_map(|text| <&[u8] as Decode<Sqlite>>::decode(text).ok()).map(<[u8]>::len).sum()
    }
}

/// A connection that is being opened.
pub(super) type Connecting<D> = BoxFuture<'static, Result<<D as sqlx::Database>::Connection, sqlx::Error>>;

/// Connections of one kind: at most as many as there are permits.
pub(super) struct Pool<D: sqlx::Database> {
    connect: Box<dyn Fn() -> Connecting<D> + Send + Sync>,
    /// Which connections are good.
    since: Since,
    permits: Arc<Semaphore>,
    /// How long to wait for one that was left in the middle of a statement.
    patience: Duration,
    idle: Mutex<Vec<Open<D>>>,
    /// Why the last connection could not be opened, if it could not.
    failed: Mutex<Option<Arc<sqlx::Error>>>,
}

struct Open<D: sqlx::Database> {
    connection: D::Connection,
    opened: Instant,
    used: Instant,
}

/// A connection that is taken from the pool, until it is given back.
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
            // The connection is in the middle of the statement.
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

    /// A connection that is alive: the one that was used last, else a new one.
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
        // What happens to the servers while it is opened counts.
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

    /// Why there was no connection in time: none could be opened, or all are pooled.
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
    /// The statement has come to its end.
    fn release(mut self) {
        if let Some(open) = self.open.take() {
            self.from.keep(open);
        }
    }
}

impl<D: sqlx::Database> Drop for Pooled<D> {
    /// The statement failed, or nobody waits for it any more: the connection counts as taken until it answers again.
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

/// Whether a server that gives no connection may well give one in a moment: it restarts, or has no place.
fn may_pass(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("57P03" | "53300")),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
