//! Connections that read, each lent for one statement.
//!
//! The driver's pool tests a connection whenever it is given back: a task, and another way to the database and back,
//! for each statement. Here only what has been idle, or may have been left in the middle of a statement, is tested.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::{TryStreamExt, future::BoxFuture};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr, ExecResult, QueryResult, RuntimeErr,
    Statement, Value, Values, prelude::async_trait::async_trait,
};
use sea_query_sqlx::SqlxValues;
use sqlx::{
    AssertSqlSafe, Connection, Decode, Executor, IntoArguments, Postgres, Row, Sqlite, SqliteConnection, TypeInfo,
    ValueRef, postgres::PgRow, sqlite::SqliteRow,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    error::is_spent_by,
    servers::{Servers, Since},
};
use crate::turns::apart::Gate;

/// How long to wait for a connection before the caller is told to try again.
pub(in crate::store) const ACQUIRE: Duration = Duration::from_secs(2);
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

/// Connections that read one database. None is ever inside a transaction, and none writes.
#[derive(Clone, Debug)]
pub(in crate::store) struct Readers {
    lender: Lender,
    statements: Arc<AtomicU64>,
    /// How many statements of this request are under way.
    under_way: Arc<AtomicUsize>,
    /// How many bytes the request has read.
    bytes: Arc<AtomicUsize>,
    /// Where the request says that it is large.
    gate: Option<Gate>,
}

#[derive(Clone, Debug)]
enum Lender {
    Postgres(Arc<Lend<Postgres>>),
    Sqlite(Arc<Lend<Sqlite>>),
    /// A database in memory is its only connection's, which writes too.
    Only(DatabaseConnection),
}

/// How much may be read.
#[derive(Clone, Copy, Debug)]
struct Most {
    rows: usize,
    bytes: usize,
}

impl Most {
    /// By one statement of a request that is not known to be large. One that reads more is large.
    const LITTLE: Self = Self { rows: 4_000, bytes: 512 << 10 };
    const ALL: Self = Self { rows: usize::MAX, bytes: usize::MAX };
}

/// What a statement read.
enum Rows {
    /// All, and how many bytes that was; 0 where they are not counted.
    All(Vec<QueryResult>, usize),
    /// There would have been more than it may read: nothing.
    TooMany,
}

impl Lender {
    async fn query(&self, statement: Statement, most: Most) -> Result<Rows, DbErr> {
        match self {
            Self::Postgres(lend) => lend.query(with_limits(statement), most).await,
            Self::Sqlite(lend) => lend.query(statement, most).await,
            Self::Only(connection) => Ok(Rows::All(connection.query_all_raw(statement).await?, 0)),
        }
    }
}

/// What one request may read in all, in bytes: in memory it takes some times as much until it is answered.
pub(in crate::store) const MOST_READ: usize = 64 << 20;

/// A request would read more than it may.
#[derive(Debug, thiserror::Error)]
#[error("more than {MOST_READ} bytes would be read")]
pub(in crate::store) struct ReadsTooMuch;

impl From<ReadsTooMuch> for DbErr {
    fn from(why: ReadsTooMuch) -> Self {
        Self::Query(RuntimeErr::SqlxError(Arc::new(sqlx::Error::Decode(Box::new(why)))))
    }
}

/// A row whose size is known.
trait Measured {
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

impl Readers {
    /// As many connections to PostgreSQL.
    pub(in crate::store) fn postgres(servers: Arc<Servers>, many: u32, statements: Arc<AtomicU64>) -> Self {
        let since = servers.readers_since();
        let connect = move || {
            let servers = servers.clone();
            Box::pin(async move { servers.connect_reader().await }) as Connecting<Postgres>
        };
        // Its statements are given up by the server after 5 s: who says nothing for longer is not there any more.
        Self {
            lender: Lender::Postgres(Lend::new(connect, since, many, Duration::from_secs(6))),
            statements,
            under_way: Arc::default(),
            bytes: Arc::default(),
            gate: None,
        }
    }

    /// As many connections to a file of SQLite's.
    pub(in crate::store) fn sqlite(
        options: sqlx::sqlite::SqliteConnectOptions,
        many: u32,
        statements: Arc<AtomicU64>,
    ) -> Self {
        let connect = move || {
            let options = options.clone();
            Box::pin(async move { SqliteConnection::connect_with(&options).await }) as Connecting<Sqlite>
        };
        // A statement goes on in its thread until it has come to its end.
        Self {
            lender: Lender::Sqlite(Lend::new(connect, Since::default(), many, Duration::MAX)),
            statements,
            under_way: Arc::default(),
            bytes: Arc::default(),
            gate: None,
        }
    }

    /// The connection that writes, where there can be no other.
    pub(in crate::store) fn only(connection: DatabaseConnection, statements: Arc<AtomicU64>) -> Self {
        Self {
            lender: Lender::Only(connection),
            statements,
            under_way: Arc::default(),
            bytes: Arc::default(),
            gate: None,
        }
    }

    /// The same connections, for one request.
    pub(in crate::store) fn of_request(&self, gate: Option<Gate>) -> Self {
        Self { under_way: Arc::default(), bytes: Arc::default(), gate, ..self.clone() }
    }

    /// Whether a statement of the request is under way.
    pub(in crate::store) fn is_busy(&self) -> bool {
        self.under_way.load(Ordering::SeqCst) > 0
    }

    /// What is read for the request, which this gate is of.
    async fn query(&self, statement: Statement, gate: &Gate) -> Result<Vec<QueryResult>, DbErr> {
        if !gate.is_passed() && !gate.stays() {
            if let Rows::All(rows, bytes) = self.lender.query(statement.clone(), Most::LITTLE).await? {
                self.counts(bytes)?;
                return Ok(rows);
            }
            // It is read again apart, so that it does not wait with all that in memory.
            gate.pass().await;
        }
        let left = MOST_READ.saturating_sub(self.bytes.load(Ordering::Relaxed));
        let most = Most { bytes: left, ..Most::ALL };
        let rows = if gate.is_passed() {
            // Large work is not there when its rows are: the connection is given back all the same.
            let lender = self.lender.clone();
            let rows = tokio::spawn(async move { lender.query(statement, most).await }).await;
            rows.unwrap_or_else(|failed| Err(DbErr::Custom(failed.to_string())))
        } else {
            self.lender.query(statement, most).await
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

    /// Which database it is.
    pub(in crate::store) fn backend(&self) -> DatabaseBackend {
        match &self.lender {
            Lender::Postgres(_) => DatabaseBackend::Postgres,
            Lender::Sqlite(_) => DatabaseBackend::Sqlite,
            Lender::Only(connection) => connection.get_database_backend(),
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
            None => match self.lender.query(statement, Most::ALL).await? {
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

/// A statement of a request, until it has come to its end or nobody waits for it any more.
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

/// The statement with its limits and offsets in its text. PostgreSQL keeps one plan for a statement if that is as good as
/// those that it makes for the values. It takes a limit that is a value for a tenth of the rows, and so would plan every
/// page anew, which takes longer than reading it.
fn with_limits(mut statement: Statement) -> Statement {
    let Some(Values(values)) = &statement.values else { return statement };
    for word in [" LIMIT $", " OFFSET $"] {
        let mut from = 0;
        while let Some(at) = statement.sql[from..].find(word) {
            let place = from + at + word.len();
            from = place + statement.sql[place..].bytes().take_while(u8::is_ascii_digit).count();
            let number = statement.sql[place..from].parse().ok().and_then(|number: usize| number.checked_sub(1));
            if let Some(Value::BigUnsigned(Some(limit))) = number.and_then(|number| values.get(number)) {
                // The value is still sent, and nothing asks for it.
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

/// A connection that is being opened.
type Connecting<D> = BoxFuture<'static, Result<<D as sqlx::Database>::Connection, sqlx::Error>>;

/// Connections of one kind: at most as many as there are permits.
struct Lend<D: sqlx::Database> {
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

/// A connection that is lent, until it is given back.
struct Lent<D: sqlx::Database> {
    open: Option<Open<D>>,
    permit: Option<OwnedSemaphorePermit>,
    from: Arc<Lend<D>>,
}

impl<D: sqlx::Database> fmt::Debug for Lend<D> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Lend").finish_non_exhaustive()
    }
}

impl<D: sqlx::Database> Lend<D> {
    fn new(
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

    async fn query(self: &Arc<Self>, statement: Statement, most: Most) -> Result<Rows, DbErr>
    where
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
        SqlxValues: IntoArguments<D>,
        D::Row: Into<QueryResult> + Measured,
    {
        let lent = tokio::time::timeout(ACQUIRE, self.lend()).await;
        let mut lent = lent.map_err(|_| self.why_none())??;
        let Statement { sql, values, .. } = statement;
        let values = values.unwrap_or_else(|| Values(Vec::new()));
        let query = sqlx::query_with(AssertSqlSafe(sql), SqlxValues(values));
        let Some(Open { connection, .. }) = &mut lent.open else {
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
                lent.give_back();
                Ok(Rows::All(rows, bytes))
            }
            // The connection is in the middle of the statement.
            Ok(Rows::TooMany) => Ok(Rows::TooMany),
            Err(error) => {
                let error = DbErr::Query(RuntimeErr::SqlxError(sqlx::Error::into(error)));
                if is_spent_by(&error) {
                    lent.open = None;
                }
                Err(error)
            }
        }
    }

    /// A connection that is alive: the one that was used last, else a new one.
    async fn lend(self: &Arc<Self>) -> Result<Lent<D>, DbErr> {
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))?;
        let mut lent = Lent { open: None, permit: Some(permit), from: self.clone() };
        loop {
            let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(mut open) = kept else { break };
            let is_young = open.opened.elapsed() < LIFETIME && self.since.includes(open.opened);
            if is_young && (open.used.elapsed() < FRESH || answers::<D>(&mut open.connection, ANSWER).await) {
                lent.open = Some(open);
                return Ok(lent);
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
        lent.open = Some(Open { connection, opened: now, used: now });
        Ok(lent)
    }

    /// Why there was no connection in time: none could be opened, or all are lent.
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

impl<D: sqlx::Database> Lent<D> {
    /// The statement has come to its end.
    fn give_back(mut self) {
        if let Some(open) = self.open.take() {
            self.from.keep(open);
        }
    }
}

impl<D: sqlx::Database> Drop for Lent<D> {
    /// The statement failed, or nobody waits for it any more: the connection counts as lent until it answers again.
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
