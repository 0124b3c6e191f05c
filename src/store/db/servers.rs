//! Servers of PostgreSQL, of which one can write: which one that is, found again whenever it changes.
//!
//! A connection that was opened to a primary goes on reading when that becomes a standby, and refuses every write. So before a
//! connection writes it is asked, and what any of them says is known to all.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr, TransactionTrait};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, pool::PoolOptions, postgres::PgConnectOptions};
use tokio::time::{Instant, timeout_at};

use super::{
    cause::said,
    database::connection_error,
    error::{driver, is_spent_by},
    hosts,
    pool::ACQUIRE,
};

/// How long a server may take to say whether it can write.
const PROBE: Duration = Duration::from_secs(3);
/// How long a server may take to give a connection that reads, before the next is asked.
const REACH: Duration = Duration::from_millis(800);
/// How long servers of which none can write are left alone before they are asked again.
const AGAIN: Duration = Duration::from_millis(100);
/// A transaction that someone left open is ended, and nothing is said where there is none (unlike a ROLLBACK, which fills the log
/// of the server with warnings). Within a transaction that failed, all of it fails.
const CLEAN: &str = "BEGIN; ROLLBACK; SHOW transaction_read_only";

/// Since when connections are good: those that were opened before are closed when they are next looked at.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Since(Arc<Mutex<Option<std::time::Instant>>>);

impl Since {
    /// Connections that are open now are good no more.
    pub(in crate::store) fn now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(std::time::Instant::now());
    }

    /// Whether a connection that was opened then is good.
    pub(in crate::store) fn includes(&self, opened: std::time::Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|since| opened > since)
    }

    /// Whether a connection of this age is good.
    pub(in crate::store) fn includes_age(&self, age: Duration) -> bool {
        std::time::Instant::now().checked_sub(age).is_none_or(|opened| self.includes(opened))
    }
}

/// The servers, and what is known of them.
#[derive(Debug)]
pub(in crate::store) struct Servers {
    all: Vec<Server>,
    only_read: bool,
    current: Arc<Current>,
    /// Held by whoever looks for the server that can write.
    search: tokio::sync::Mutex<()>,
    /// A connection that asks whether the server can still write, however busy the others are.
    watch: tokio::sync::Mutex<Option<(u64, PgConnection)>>,
}

#[derive(Debug)]
struct Server {
    options: PgConnectOptions,
    label: String,
    write: DatabaseConnection,
}

/// Which server can write, if one is known.
#[derive(Debug, Default)]
struct Current {
    writable: Mutex<Option<usize>>,
    /// Another number each time that it is lost or found.
    turn: AtomicU64,
    writers: Since,
    readers: Since,
    /// The server to which reads go, if the URL asks for servers to read from alone.
    read: Mutex<Option<usize>>,
}

impl Current {
    fn get(&self) -> (u64, Option<usize>) {
        let writable = self.writable.lock().unwrap_or_else(PoisonError::into_inner);
        (self.turn.load(Ordering::SeqCst), *writable)
    }

    /// The server of this turn can write no longer, or cannot be reached.
    fn lose(&self, turn: u64, why: &dyn std::fmt::Display) {
        let mut writable = self.writable.lock().unwrap_or_else(PoisonError::into_inner);
        if self.turn.load(Ordering::SeqCst) == turn && writable.take().is_some() {
            self.turn.fetch_add(1, Ordering::SeqCst);
            self.writers.now();
            self.readers.now();
            tracing::warn!(%why, "the database cannot be written to; looking for a server that can");
        }
    }

    /// A process that only reads has a connection to this server.
    fn reads_from(&self, server: usize, label: &str) {
        if self.read.lock().unwrap_or_else(PoisonError::into_inner).replace(server) != Some(server) {
            tracing::info!(server = label, "reads go to this server");
        }
    }

    fn find(&self, server: usize, label: &str) {
        let mut writable = self.writable.lock().unwrap_or_else(PoisonError::into_inner);
        *writable = Some(server);
        self.turn.fetch_add(1, Ordering::SeqCst);
        // Who reads what it has just written must read there.
        self.readers.now();
        tracing::info!(server = label, "writes go to this server");
    }
}

impl Servers {
    /// The servers of these options, without connecting to any; `writers` is how many may write at once.
    pub(in crate::store) fn new(each: Vec<PgConnectOptions>, only_read: bool, writers: u32) -> Self {
        let current = Arc::new(Current::default());
        let server = |options: PgConnectOptions| {
            let current = current.clone();
            // A transaction whose beginning was cancelled must not swallow the next one's writes (sqlx #4393).
            let pool = PoolOptions::<sqlx::Postgres>::new()
                .max_connections(writers.max(1))
                .acquire_timeout(ACQUIRE)
                .test_before_acquire(false)
                .before_acquire(move |connection, metadata| {
                    let (current, turn) = (current.clone(), current.get().0);
                    Box::pin(async move {
                        if !current.writers.includes_age(metadata.age) {
                            return Ok(false);
                        }
                        match can_write(connection, CLEAN).await {
                            Ok(true) => Ok(true),
                            Ok(false) => {
                                current.lose(turn, &"it has become read-only");
                                Ok(false)
                            }
                            Err(_) => Ok(false),
                        }
                    })
                });
            let label = hosts::label(&options);
            Server { write: pool.connect_lazy_with(options.clone()).into(), options, label }
        };
        let all = each.into_iter().map(server).collect();
        Self { all, only_read, current, search: Default::default(), watch: Default::default() }
    }

    /// Whether the URL asks for servers to read from alone.
    pub(in crate::store) fn only_read(&self) -> bool {
        self.only_read
    }

    /// Which connections that read are good.
    pub(in crate::store) fn readers_since(&self) -> Since {
        self.current.readers.clone()
    }

    /// Counts the statements of those that write.
    pub(in crate::store) fn count(&mut self, statements: &Arc<AtomicU64>) {
        for server in &mut self.all {
            let statements = statements.clone();
            server.write.set_metric_callback(move |_| {
                statements.fetch_add(1, Ordering::Relaxed);
            });
        }
    }

    /// Begins a transaction on the server that can write.
    pub(in crate::store) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let deadline = Instant::now() + ACQUIRE;
        loop {
            let (turn, server) = self.writable(deadline).await?;
            match self.all[server].write.begin().await {
                Ok(transaction) if self.current.get().0 == turn => return Ok(transaction),
                Ok(transaction) => {
                    let _ = transaction.rollback().await;
                }
                Err(error) => {
                    // No connection came free, or none can be had: whoever asks for one itself finds out.
                    self.check().await;
                    if self.current.get().0 == turn || Instant::now() >= deadline {
                        return Err(self.why_none(server, error).await);
                    }
                }
            }
        }
    }

    /// Why no connection could be had: the pool, which tries until its time is over, says no more than that it was. Another connection is
    /// tried for the reason.
    async fn why_none(&self, server: usize, error: DbErr) -> DbErr {
        match (&error, driver(&error)) {
            (DbErr::ConnectionAcquire(_), _) | (_, Some(sqlx::Error::PoolTimedOut)) => {
                probe(&self.all[server].options).await.map_or_else(connection_error, |_| error)
            }
            _ => error,
        }
    }

    /// Notes what a write came to grief on.
    pub(in crate::store) fn note(&self, error: &DbErr) {
        if is_spent_by(error) {
            self.current.lose(self.current.get().0, &said(error));
        }
    }

    /// Whether a server can write now: asked of the one that is known, else looked for.
    pub(in crate::store) async fn check(&self) -> bool {
        let (turn, known) = self.current.get();
        if let Some(server) = known {
            match self.ask(turn, server).await {
                Ok(true) => return true,
                Ok(false) => self.current.lose(turn, &"it has become read-only"),
                Err(error) => self.current.lose(turn, &said(&connection_error(error))),
            }
        }
        self.writable(Instant::now()).await.is_ok()
    }

    /// Asks the server over a connection that is kept for that.
    async fn ask(&self, turn: u64, server: usize) -> Result<bool, sqlx::Error> {
        let deadline = Instant::now() + PROBE;
        let timed_out = |_| no_answer();
        let mut watch = timeout_at(deadline, self.watch.lock()).await.map_err(timed_out)?;
        if let Some((since, mut connection)) = watch.take()
            && since == turn
            && let Ok(Ok(answer)) = timeout_at(deadline, can_write(&mut connection, CLEAN)).await
        {
            *watch = Some((turn, connection));
            return Ok(answer);
        }
        let connect = PgConnection::connect_with(&self.all[server].options);
        let mut connection = timeout_at(deadline, connect).await.map_err(timed_out)??;
        let answer = timeout_at(deadline, can_write(&mut connection, CLEAN)).await.map_err(timed_out)??;
        *watch = Some((turn, connection));
        Ok(answer)
    }

    /// The server that can write: the one that is known, else the first that says so before the deadline.
    async fn writable(&self, deadline: Instant) -> Result<(u64, usize), DbErr> {
        if let (turn, Some(server)) = self.current.get() {
            return Ok((turn, server));
        }
        if self.only_read {
            return Err(only_reads("this server of Entente only reads"));
        }
        let busy = || connection_error(no_answer());
        let _one = timeout_at(deadline + PROBE, self.search.lock()).await.map_err(|_| busy())?;
        loop {
            if let (turn, Some(server)) = self.current.get() {
                return Ok((turn, server));
            }
            let mut asked: FuturesUnordered<_> = self
                .all
                .iter()
                .enumerate()
                .map(|(index, server)| async move { (index, probe(&server.options).await) })
                .collect();
            let mut why = None;
            while let Some((index, answer)) = asked.next().await {
                match answer {
                    Ok(true) => {
                        self.current.find(index, &self.all[index].label);
                        return Ok((self.current.get().0, index));
                    }
                    Ok(false) => why = Some(only_reads("no server that can write is available")),
                    Err(error) => why = why.or_else(|| Some(connection_error(error))),
                }
            }
            if Instant::now() + AGAIN > deadline {
                return Err(why.unwrap_or_else(busy));
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Opens a connection that reads: to the server that writes, so that whoever has written reads it; else to any.
    pub(in crate::store) async fn connect_reader(&self) -> Result<PgConnection, sqlx::Error> {
        let known = if self.only_read { None } else { self.current.get().1 };
        let mut why = no_answer();
        let order = known.into_iter().chain((0..self.all.len()).filter(|index| Some(*index) != known));
        for index in order {
            let options = self.all[index].options.clone().options([("default_transaction_read_only", "on")]);
            match tokio::time::timeout(REACH, PgConnection::connect_with(&options)).await {
                Ok(Ok(connection)) => {
                    if self.only_read {
                        self.current.reads_from(index, &self.all[index].label);
                    }
                    return Ok(connection);
                }
                Ok(Err(error)) => why = error,
                Err(_) => {}
            }
        }
        Err(why)
    }

    /// The encoding of the database, asked of the first server that answers.
    pub(in crate::store) async fn encoding(&self) -> Result<String, sqlx::Error> {
        let mut connection = self.connect_reader().await?;
        let row = sqlx::query("SHOW server_encoding").fetch_one(&mut connection).await?;
        let _ = connection.close().await;
        row.try_get(0)
    }
}

/// Connects, and asks whether the server can write.
async fn probe(options: &PgConnectOptions) -> Result<bool, sqlx::Error> {
    let asked = async {
        let mut connection = PgConnection::connect_with(options).await?;
        let answer = can_write(&mut connection, "SHOW transaction_read_only").await?;
        let _ = connection.close().await;
        Ok(answer)
    };
    tokio::time::timeout(PROBE, asked).await.unwrap_or(Err(no_answer()))
}

fn only_reads(why: &str) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(why.to_owned()))
}

fn no_answer() -> sqlx::Error {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "the server did not answer in time").into()
}

async fn can_write(connection: &mut PgConnection, sql: &'static str) -> Result<bool, sqlx::Error> {
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await?;
    let answer: String = rows.last().ok_or(sqlx::Error::RowNotFound)?.try_get(0)?;
    Ok(answer == "off")
}
