//! The two databases. Each is configured so that an acknowledged write is durable, and that no reader waits for a
//! writer without limit. Differences between them belong here.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::Utc;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sea_query::{Expr, Func, IntoColumnRef, LockBehavior, LockType, SelectStatement},
};
use sqlx::{
    ConnectOptions,
    pool::PoolOptions,
    postgres::PgConnectOptions,
    sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use super::{
    error::{Lack, is_spent_by},
    hosts::{Hosts, UrlError},
    readers::Readers,
    servers::{Servers, Since},
    sqlite_file,
};

/// How long a check waits for the write lock of SQLite. After it, another writer is assumed to be active.
const BUSY: Duration = Duration::from_millis(500);
/// How long the trial write of `Database::is_full` may take.
const TRIAL: Duration = Duration::from_secs(1);

/// The connections to one database, for reading and for writing.
#[derive(Clone, Debug)]
pub(in crate::store) struct Database {
    /// Never inside a transaction.
    pub(in crate::store) read: Readers,
    /// Only ever used through [`Database::begin`].
    write: Writers,
    /// Whether the last write failed because the disk was full.
    is_full: Arc<AtomicBool>,
}

#[derive(Clone, Debug)]
enum Writers {
    Postgres(Arc<Servers>),
    Sqlite(DatabaseConnection, Since),
}

/// What is possible with the database now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Reading and writing.
    #[default]
    Full,
    /// Reading: the URL asks for read-only servers.
    OnlyRead,
    /// Reading: no reachable server can write.
    CannotWrite,
    /// Reading: the disk of the database has no space left.
    NoSpace,
}

impl Database {
    /// Opens the database of the URL. `statements` counts the statements that are sent.
    pub(in crate::store) async fn open(
        options: &crate::store::Options,
        statements: Arc<AtomicU64>,
    ) -> Result<Self, crate::store::db::error::Error> {
        let url = options.url.as_str();
        if is_postgres(url) {
            Self::open_postgres(options, statements).await
        } else if url.starts_with("sqlite:") {
            Self::open_sqlite(url, options.readers, statements).await
        } else {
            Err(UrlError::Scheme.into())
        }
    }

    /// Maximum number of concurrent writes.
    pub(in crate::store) fn writers(&self, options: &crate::store::Options) -> usize {
        match &self.write {
            Writers::Postgres(_) => options.writers.max(1) as usize,
            Writers::Sqlite(..) => 1,
        }
    }

    async fn open_postgres(
        options: &crate::store::Options,
        statements: Arc<AtomicU64>,
    ) -> Result<Self, crate::store::db::error::Error> {
        let Hosts { each, only_read } = Hosts::of(&options.url)?;
        let with_settings = |options: PgConnectOptions| {
            options
                .application_name("entente")
                .options([
                    ("statement_timeout", "5s"),
                    ("lock_timeout", "2s"),
                    ("idle_in_transaction_session_timeout", "10s"),
                    ("TimeZone", "UTC"),
                    // Statements are short: compiling one takes longer than running it.
                    ("jit", "off"),
                    ("client_min_messages", "error"),
                ])
                .disable_statement_logging()
        };
        let mut servers = Servers::new(each.into_iter().map(with_settings).collect(), only_read, options.writers);
        servers.count(&statements);
        let encoding = servers.encoding().await.map_err(connection_error)?;
        if encoding != "UTF8" {
            return Err(crate::store::db::error::Error::Encoding(encoding));
        }
        let servers = Arc::new(servers);
        servers.check().await;
        Ok(Self {
            read: Readers::postgres(servers.clone(), options.readers, statements),
            write: Writers::Postgres(servers),
            is_full: Arc::default(),
        })
    }

    async fn open_sqlite(
        url: &str,
        connections: u32,
        statements: Arc<AtomicU64>,
    ) -> Result<Self, crate::store::db::error::Error> {
        let options = sqlite_file::make(url)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            // Deleted content, such as the text of a redacted message, is overwritten in the file.
            .pragma("secure_delete", "ON")
            // Enough for a page with its related rows. If the buffer is full, the thread waits in the middle of a
            // statement.
            .row_buffer_size(1000)
            .disable_statement_logging();
        let since = Since::default();
        let good = since.clone();
        // Writers queue for this connection, because waiting in SQLite ends with SQLITE_BUSY.
        let one_writer = PoolOptions::<sqlx::Sqlite>::new()
            .min_connections(1)
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(10))
            .before_acquire(move |connection, metadata| {
                let is_good = good.includes_age(metadata.age);
                Box::pin(async move {
                    if !is_good {
                        return Ok(false);
                    }
                    // Fails if no transaction is open. That is the normal case.
                    let _ = sqlx::Executor::execute(connection, "ROLLBACK").await;
                    Ok(true)
                })
            });
        let mut write: DatabaseConnection =
            one_writer.connect_with(options.clone()).await.map_err(connection_error)?.into();
        let written = statements.clone();
        write.set_metric_callback(move |_| {
            written.fetch_add(1, Ordering::Relaxed);
        });
        if is_in_memory(url) {
            // Each connection has its own database in memory, so there is only one connection.
            return Ok(Self {
                read: Readers::only(write.clone(), statements),
                write: Writers::Sqlite(write, Since::default()),
                is_full: Arc::default(),
            });
        }
        // Reading SQLite uses a core and does not wait: more readers would only share the cores and the caches.
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let readers = options.pragma("query_only", "ON").pragma("cache_size", "-16000");
        Ok(Self {
            read: Readers::sqlite(readers, connections.min(2 * cores as u32), statements),
            write: Writers::Sqlite(write, since),
            is_full: Arc::default(),
        })
    }

    /// Begins a transaction that may write. On SQLite there is one at a time.
    pub(in crate::store) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        match &self.write {
            Writers::Postgres(servers) => servers.begin().await,
            Writers::Sqlite(connection, _) => {
                let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
                let options = TransactionOptions { sqlite_transaction_mode, ..Default::default() };
                connection.begin_with_options(options).await
            }
        }
    }

    /// Notes why a write failed. If its connection or its server cannot be used any more, no other write gets it.
    pub(in crate::store) fn note(&self, error: &DbErr) {
        if Lack::of(error) == Lack::Space {
            self.is_full.store(true, Ordering::Relaxed);
        }
        match &self.write {
            Writers::Postgres(servers) => servers.note(error),
            Writers::Sqlite(_, since) if is_spent_by(error) => since.now(),
            Writers::Sqlite(..) => {}
        }
    }

    /// Notes that a write succeeded.
    pub(in crate::store) fn note_written(&self) {
        self.is_full.store(false, Ordering::Relaxed);
    }

    /// Whether the disk is full. After a write that failed for this reason, a small write is tried, because clients
    /// stop writing after this error.
    async fn is_full(&self) -> bool {
        if self.is_full.load(Ordering::Relaxed) {
            let database = self.clone();
            let tried = tokio::spawn(async move { database.write_nothing_new().await });
            if matches!(tokio::time::timeout(TRIAL, tried).await, Ok(Ok(Ok(())))) {
                self.note_written();
            }
        }
        self.is_full.load(Ordering::Relaxed)
    }

    /// The trial write; it changes no data.
    async fn write_nothing_new(&self) -> Result<(), DbErr> {
        let transaction = self.begin().await?;
        let sql = match transaction.get_database_backend() {
            DatabaseBackend::Postgres => "UPDATE seaql_migrations SET applied_at = applied_at",
            // An UPDATE that changes nothing would not write to the file.
            _ => "PRAGMA user_version = 0",
        };
        if let Err(error) = transaction.execute_unprepared(sql).await {
            let _ = transaction.rollback().await;
            return Err(error);
        }
        transaction.commit().await
    }

    /// Checks which server of PostgreSQL can write. Does nothing on SQLite, and with read-only servers.
    pub(in crate::store) async fn watch(&self) {
        if let Writers::Postgres(servers) = &self.write
            && !servers.only_read()
        {
            servers.check().await;
        }
    }

    /// What is possible with the database now.
    pub(in crate::store) async fn access(&self) -> Access {
        match self.reach().await {
            Access::Full if self.is_full().await => Access::NoSpace,
            access => access,
        }
    }

    async fn reach(&self) -> Access {
        match &self.write {
            Writers::Postgres(servers) if servers.only_read() => Access::OnlyRead,
            Writers::Postgres(servers) if servers.check().await => Access::Full,
            Writers::Postgres(_) => Access::CannotWrite,
            Writers::Sqlite(..) => {
                // The task ends its transaction even after the time-out. If it waits for other writers, writing works.
                let database = self.clone();
                let tried = tokio::spawn(async move { database.begin().await?.rollback().await });
                match tokio::time::timeout(BUSY, tried).await {
                    Ok(Ok(Err(error))) if is_spent_by(&error) => {
                        self.note(&error);
                        Access::CannotWrite
                    }
                    _ => Access::Full,
                }
            }
        }
    }

    /// The time of PostgreSQL; `None` for SQLite, which uses the clock of this machine.
    pub(in crate::store) async fn time(
        connection: &impl ConnectionTrait,
    ) -> Result<Option<chrono::DateTime<Utc>>, DbErr> {
        if connection.get_database_backend() != DatabaseBackend::Postgres {
            return Ok(None);
        }
        let now = connection
            .query_one_raw(Statement::from_string(DatabaseBackend::Postgres, "SELECT clock_timestamp()"))
            .await?;
        now.map(|row| row.try_get_by_index(0)).transpose()
    }

    /// Makes the query skip rows that other transactions have locked, on PostgreSQL.
    pub(in crate::store) fn skip_locked(backend: DatabaseBackend, query: &mut SelectStatement) {
        if backend == DatabaseBackend::Postgres {
            query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
    }

    /// Takes the lock for migrations, on PostgreSQL. The transaction holds it until its end.
    pub(in crate::store) async fn lock_migrations(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        if transaction.get_database_backend() == DatabaseBackend::Postgres {
            transaction.execute_unprepared("SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '0'; SELECT pg_advisory_xact_lock(20261122)").await?;
        }
        Ok(())
    }

    /// Makes PostgreSQL plan each statement of the transaction for its values. Cached plans were made while the tables
    /// were small, and are used until the next ANALYZE, about a minute; until then a first load would need seconds
    /// instead of milliseconds.
    pub(in crate::store) async fn plan_anew(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        if transaction.get_database_backend() == DatabaseBackend::Postgres {
            transaction.execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan").await?;
        }
        Ok(())
    }
}

/// Whether the column is one of these texts. They are one parameter, so that the statement is always the same, and that
/// PostgreSQL looks each text up in an index instead of comparing each row with all texts.
pub(in crate::store) fn is_among<'t>(
    backend: DatabaseBackend,
    column: impl IntoColumnRef,
    texts: impl IntoIterator<Item = &'t str>,
) -> Expr {
    among(backend, column, texts, "$1 = ANY(ARRAY(SELECT json_array_elements_text($2::json)))")
}

/// As [`is_among`], for a column that begins no index: PostgreSQL hashes the texts, and reads each row once.
pub(in crate::store) fn is_hashed_among<'t>(
    backend: DatabaseBackend,
    column: impl IntoColumnRef,
    texts: impl IntoIterator<Item = &'t str>,
) -> Expr {
    among(backend, column, texts, "($1 IN (SELECT json_array_elements_text($2::json))) IS TRUE")
}

fn among<'t>(
    backend: DatabaseBackend,
    column: impl IntoColumnRef,
    texts: impl IntoIterator<Item = &'t str>,
    on_postgres: &'static str,
) -> Expr {
    let all = serde_json::Value::from_iter(texts).to_string();
    let sql = match backend {
        DatabaseBackend::Postgres => on_postgres,
        _ => "? IN (SELECT value FROM json_each(?))",
    };
    Expr::cust_with_exprs(sql, [Expr::col(column), Expr::val(all)])
}

/// The column as an expression that uses no index. Before the first ANALYZE, both databases consider all indexes
/// equally good, and would use a bad one.
pub(in crate::store) fn unindexed<E: EntityTrait>(column: (E, E::Column)) -> Expr {
    Func::coalesce([Expr::col(column), Expr::col(column)]).into()
}

/// Whether the URL is one of SQLite in memory, where each connection has its own database.
pub(in crate::store) fn is_in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
}

/// Whether the URL is one of PostgreSQL.
pub(in crate::store) fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

pub(in crate::store) fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into()))
}
