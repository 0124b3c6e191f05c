//! The two databases, each set up so that a write that was acknowledged stays, and a reader never waits for a writer
//! without end. What differs between them stands here.

use std::{
    fs::OpenOptions,
    io,
    num::NonZero,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
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
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::readers::{ACQUIRE, Readers};

/// Connections to one database: many that read, and those that write.
#[derive(Clone, Debug)]
pub(super) struct Database {
    /// Never inside a transaction.
    pub(super) read: Readers,
    /// Only ever used through [`Database::begin`].
    write: DatabaseConnection,
}

impl Database {
    /// Opens the database that the URL names; `connections` is how many may read at once (PostgreSQL: and write). Every
    /// statement that is sent is counted.
    pub(super) async fn open(url: &str, connections: u32, statements: Arc<AtomicU64>) -> Result<Self, DbErr> {
        let mut database = if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::open_postgres(url, connections, statements.clone()).await?
        } else if url.starts_with("sqlite:") {
            Self::open_sqlite(url, connections, statements.clone()).await?
        } else {
            return Err(DbErr::Custom("the database URL must begin with postgres:// or sqlite://".into()));
        };
        database.write.set_metric_callback(move |_| {
            statements.fetch_add(1, Ordering::Relaxed);
        });
        Ok(database)
    }

    async fn open_postgres(url: &str, connections: u32, statements: Arc<AtomicU64>) -> Result<Self, DbErr> {
        let options = PgConnectOptions::from_str(url)
            .map_err(connection_error)?
            .application_name("entente")
            .options([
                ("statement_timeout", "5s"),
                ("lock_timeout", "2s"),
                ("idle_in_transaction_session_timeout", "10s"),
                ("TimeZone", "UTC"),
                // Statements are short: compiling one takes longer than running it.
                ("jit", "off"),
                // The ROLLBACK below is told each time that there is nothing to undo, and so it should be.
                ("client_min_messages", "error"),
            ])
            .disable_statement_logging();
        // A transaction whose beginning was cancelled must not swallow the next one's writes (sqlx #4393).
        let write = PoolOptions::<sqlx::Postgres>::new()
            .max_connections(connections.max(1))
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
            .before_acquire(|connection, _| {
                Box::pin(async move {
                    sqlx::Executor::execute(connection, "ROLLBACK").await?;
                    Ok(true)
                })
            });
        let reading = options.clone().options([("default_transaction_read_only", "on")]);
        let read = Readers::postgres(reading, connections, statements);
        Ok(Self { read, write: write.connect_with(options).await.map_err(connection_error)?.into() })
    }

    async fn open_sqlite(url: &str, connections: u32, statements: Arc<AtomicU64>) -> Result<Self, DbErr> {
        let options = SqliteConnectOptions::from_str(url).map_err(connection_error)?;
        if creates_file(url) && !is_in_memory(url) {
            create_private(options.get_filename()).map_err(|error| connection_error(sqlx::Error::Io(error)))?;
        }
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            // What is taken out, such as the text of a redacted message, is overwritten in the file.
            .pragma("secure_delete", "ON")
            // As many rows as a page and what belongs to it have: else the thread waits in the middle of a statement until
            // some are taken from it.
            .row_buffer_size(1000)
            .disable_statement_logging();
        // Writers wait in line here rather than in SQLite, where waiting ends in SQLITE_BUSY.
        let one_writer = PoolOptions::<sqlx::Sqlite>::new()
            .min_connections(1)
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .acquire_timeout(Duration::from_secs(10))
            .before_acquire(|connection, _| {
                Box::pin(async move {
                    // Fails where no transaction is open, which is as it should be.
                    let _ = sqlx::Executor::execute(connection, "ROLLBACK").await;
                    Ok(true)
                })
            });
        let write: DatabaseConnection =
            one_writer.connect_with(options.clone()).await.map_err(connection_error)?.into();
        if is_in_memory(url) {
            // Every connection would have a database of its own.
            return Ok(Self { read: Readers::only(write.clone(), statements), write });
        }
        // What a reader does is work for a core, not waiting: more readers only share the cores and the caches.
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let readers = options.pragma("query_only", "ON").pragma("cache_size", "-16000");
        Ok(Self { read: Readers::sqlite(readers, connections.min(2 * cores as u32), statements), write })
    }

    /// Begins a transaction that may write. On SQLite it is the only one until it ends.
    pub(super) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.write
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            })
            .await
    }

    /// What the database's own clock shows; `None` where that is this machine's.
    pub(super) async fn time(connection: &impl ConnectionTrait) -> Result<Option<chrono::DateTime<Utc>>, DbErr> {
        if connection.get_database_backend() != DatabaseBackend::Postgres {
            return Ok(None);
        }
        let now = connection
            .query_one_raw(Statement::from_string(DatabaseBackend::Postgres, "SELECT clock_timestamp()"))
            .await?;
        now.map(|row| row.try_get_by_index(0)).transpose()
    }

    /// Leaves to others the rows that others are at work on, where more than one can be at work.
    pub(super) fn skip_locked(backend: DatabaseBackend, query: &mut SelectStatement) {
        if backend == DatabaseBackend::Postgres {
            query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
    }

    /// Waits until no other replica migrates; the lock goes with the transaction.
    pub(super) async fn lock_migrations(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        if transaction.get_database_backend() == DatabaseBackend::Postgres {
            transaction.execute_unprepared("SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '0'; SELECT pg_advisory_xact_lock(20261122)").await?;
        }
        Ok(())
    }

    /// Has PostgreSQL plan each statement of the transaction for the values and the sizes that there are. The plans that it
    /// keeps were made while its tables were small, and hold until it next counts: a minute, in which a first load takes
    /// seconds for what takes milliseconds.
    pub(super) async fn plan_anew(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
        if transaction.get_database_backend() == DatabaseBackend::Postgres {
            transaction.execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan").await?;
        }
        Ok(())
    }
}

/// Whether the column is among these texts, which are one value however many they are: the statement is the same each
/// time, and PostgreSQL looks each of them up in an index rather than comparing each row with all of them.
pub(super) fn is_among<'t>(
    backend: DatabaseBackend,
    column: impl IntoColumnRef,
    texts: impl IntoIterator<Item = &'t str>,
) -> Expr {
    among(backend, column, texts, "$1 = ANY(ARRAY(SELECT json_array_elements_text($2::json)))")
}

/// As [`is_among`], where no index begins with the column: PostgreSQL hashes the texts, and looks at each row once.
pub(super) fn is_hashed_among<'t>(
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

/// The column as a value that no index holds, where an index would lead both databases astray: before they have counted
/// their rows, they take any index for as good as any other.
pub(super) fn unindexed<E: EntityTrait>(column: (E, E::Column)) -> Expr {
    Func::coalesce([Expr::col(column), Expr::col(column)]).into()
}

/// Whether opening the URL creates a file that does not exist.
fn creates_file(url: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == "mode" && value == "rwc")
}

/// Creates the file of a database, if it does not exist, so that its owner alone may read it: SQLite goes by the umask, which
/// mostly lets everyone. The files beside it (`-wal`, `-shm`) take the mode of this one.
fn create_private(file: &Path) -> io::Result<()> {
    if !file.exists() {
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(file)?;
    }
    Ok(())
}

/// Whether every connection would have a database of its own.
pub(super) fn is_in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
}

fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into()))
}
