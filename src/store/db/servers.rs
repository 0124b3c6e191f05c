//! The servers of PostgreSQL. One of them can write; it is found again whenever it changes.
//!
//! If a primary becomes a standby, its connections can still read, but every write fails. So a connection is asked
//! before it writes, and the answer counts for all connections.

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

/// Time limit for a server to answer whether it can write.
const PROBE: Duration = Duration::from_secs(3);
/// Time limit for a connection that reads, before the next server is tried.
const REACH: Duration = Duration::from_millis(800);
/// Time between two searches if no server can write.
const AGAIN: Duration = Duration::from_millis(100);
/// Ends a transaction that was left open. Without one, a plain ROLLBACK would write a warning to the log of the server.
/// In a failed transaction, the whole text fails.
const CLEAN: &str = "BEGIN; ROLLBACK; SHOW transaction_read_only";

/// The instant since which connections are valid. Older ones are closed when they are next used. `None`: all are valid.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Since(Arc<Mutex<Option<std::time::Instant>>>);

impl Since {
    /// Makes all connections that are open now invalid.
    pub(in crate::store) fn now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(std::time::Instant::now());
    }

    /// Whether a connection that was opened at this instant is valid.
    pub(in crate::store) fn includes(&self, opened: std::time::Instant) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|since| opened > since)
    }

    /// Whether a connection of this age is valid.
    pub(in crate::store) fn includes_age(&self, age: Duration) -> bool {
        std::time::Instant::now().checked_sub(age).is_none_or(|opened| self.includes(opened))
    }
}

/// The servers, and which of them can write.
#[derive(Debug)]
pub(in crate::store) struct Servers {
    all: Vec<Server>,
    only_read: bool,
    current: Arc<Current>,
    /// Held during a search for the server that can write.
    search: tokio::sync::Mutex<()>,
    /// A separate connection for checking whether the server can still write, so that the check does not wait for the
    /// pool.
    watch: tokio::sync::Mutex<Option<(u64, PgConnection)>>,
}

#[derive(Debug)]
struct Server {
    options: PgConnectOptions,
    label: String,
    write: DatabaseConnection,
}

/// The server that can write, if it is known.
#[derive(Debug, Default)]
struct Current {
    writable: Mutex<Option<usize>>,
    /// Incremented whenever the server is lost or found.
    turn: AtomicU64,
    writers: Since,
    readers: Since,
    /// The server that is read from, if the URL asks for read-only servers.
    read: Mutex<Option<usize>>,
}

impl Current {
    fn get(&self) -> (u64, Option<usize>) {
        let writable = self.writable.lock().unwrap_or_else(PoisonError::into_inner);
        (self.turn.load(Ordering::SeqCst), *writable)
    }

    /// The server of this turn can no longer write, or is not reachable.
    fn lose(&self, turn: u64, why: &dyn std::fmt::Display) {
        let mut writable = self.writable.lock().unwrap_or_else(PoisonError::into_inner);
        if self.turn.load(Ordering::SeqCst) == turn && writable.take().is_some() {
            self.turn.fetch_add(1, Ordering::SeqCst);
            self.writers.now();
            self.readers.now();
            tracing::warn!(%why, "the database cannot be written to; looking for a server that can");
        }
    }

    /// A process that only reads has connected to this server.
    fn reads_from(&self, server: usize, label: &str) {
        if self.read.lock().unwrap_or_else(PoisonError::into_inner).replace(server) != Some(server) {
            tracing::info!(server = label, "reads go to this server");
        }
    }

    fn find(&self, server: usize, label: &str) {
        let mut writable = self.writable.lock().unwrap_or_else(PoisonError::into_inner);
        *writable = Some(server);
        self.turn.fetch_add(1, Ordering::SeqCst);
        // So that a client reads what it has just written.
        self.readers.now();
        tracing::info!(server = label, "writes go to this server");
    }
}

impl Servers {
    /// The servers with these options; it does not connect. `writers` is the maximum number of connections that write.
    pub(in crate::store) fn new(each: Vec<PgConnectOptions>, only_read: bool, writers: u32) -> Self {
        let current = Arc::new(Current::default());
        let server = |options: PgConnectOptions| {
            let current = current.clone();
            // Without this, the next transaction could run inside one whose BEGIN was cancelled (sqlx #4393).
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

    /// Whether the URL asks for read-only servers.
    pub(in crate::store) fn only_read(&self) -> bool {
        self.only_read
    }

    /// Since when connections that read are valid.
    pub(in crate::store) fn readers_since(&self) -> Since {
        self.current.readers.clone()
    }

    /// Makes the connections that write count their statements.
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
                    // The pool is busy, or the server is gone; the check finds out which.
                    self.check().await;
                    if self.current.get().0 == turn || Instant::now() >= deadline {
                        return Err(self.why_none(server, error).await);
                    }
                }
            }
        }
    }

    /// Why the pool had no connection. The pool only reports a time-out, so another connection is tried for the reason.
    async fn why_none(&self, server: usize, error: DbErr) -> DbErr {
        match (&error, driver(&error)) {
            (DbErr::ConnectionAcquire(_), _) | (_, Some(sqlx::Error::PoolTimedOut)) => {
                probe(&self.all[server].options).await.map_or_else(connection_error, |_| error)
            }
            _ => error,
        }
    }

    /// Notes the error of a write.
    pub(in crate::store) fn note(&self, error: &DbErr) {
        if is_spent_by(error) {
            self.current.lose(self.current.get().0, &said(error));
        }
    }

    /// Whether a server can write now. Asks the known server; otherwise searches one.
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

    /// Asks the server, over the separate connection.
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

    /// The server that can write: the known one, otherwise the first that answers so before the deadline.
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

    /// Opens a connection that reads. The server that can write is preferred, so that clients read what they have
    /// written; otherwise any server.
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

    /// The encoding of the database, from the first server that answers.
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
