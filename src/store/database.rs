//! The two databases, each set up so that a write that was acknowledged stays, and a reader never waits for a writer
//! without end. What differs between them stands here.

use std::{num::NonZero, str::FromStr, time::Duration};

use chrono::Utc;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sea_query::{Alias, Expr, Func, IntoColumnRef, LockBehavior, LockType, SelectStatement},
};
use sqlx::{
    ConnectOptions,
    pool::PoolOptions,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// Connections to one database: many that read, and those that write.
#[derive(Clone, Debug)]
pub(super) struct Database {
    /// Never inside a transaction.
    pub(super) read: DatabaseConnection,
    /// Only ever used through [`Database::begin`].
    write: DatabaseConnection,
}

/// How long to wait for a connection before the caller is told to try again.
const ACQUIRE: Duration = Duration::from_secs(2);

impl Database {
    /// Opens the database that the URL names; `connections` is how many may read at once (PostgreSQL: and write).
    pub(super) async fn open(url: &str, connections: u32) -> Result<Self, DbErr> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::open_postgres(url, connections).await
        } else if url.starts_with("sqlite:") {
            Self::open_sqlite(url, connections).await
        } else {
            Err(DbErr::Custom("the database URL must begin with postgres:// or sqlite://".into()))
        }
    }

    async fn open_postgres(url: &str, connections: u32) -> Result<Self, DbErr> {
        let options = PgConnectOptions::from_str(url)
            .map_err(connection_error)?
            .application_name("entente")
            .options([
                ("statement_timeout", "5s"),
                ("lock_timeout", "2s"),
                ("idle_in_transaction_session_timeout", "10s"),
                ("TimeZone", "UTC"),
                // The ROLLBACK below is told each time that there is nothing to undo, and so it should be.
                ("client_min_messages", "error"),
            ])
            .disable_statement_logging();
        let pool = || {
            PoolOptions::<sqlx::Postgres>::new()
                .max_connections(connections.max(1))
                .acquire_timeout(ACQUIRE)
                .test_before_acquire(false)
        };
        // A connection that has just been used is alive; one that has been idle may not be.
        let read = pool().before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > Duration::from_secs(1) {
                    sqlx::Connection::ping(connection).await?;
                }
                Ok(true)
            })
        });
        // A transaction whose beginning was cancelled must not swallow the next one's writes (sqlx #4393).
        let write = pool().before_acquire(|connection, _| {
            Box::pin(async move {
                sqlx::Executor::execute(connection, "ROLLBACK").await?;
                Ok(true)
            })
        });
        Ok(Self {
            read: read.connect_with(options.clone()).await.map_err(connection_error)?.into(),
            write: write.connect_with(options).await.map_err(connection_error)?.into(),
        })
    }

    async fn open_sqlite(url: &str, connections: u32) -> Result<Self, DbErr> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(connection_error)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            // What is taken out, such as the text of a redacted message, is overwritten in the file.
            .pragma("secure_delete", "ON")
            .disable_statement_logging();
        let pool = |size: u32| {
            PoolOptions::<sqlx::Sqlite>::new()
                .min_connections(1)
                .max_connections(size)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
        };
        // Writers wait in line here rather than in SQLite, where waiting ends in SQLITE_BUSY.
        let one_writer = pool(1).acquire_timeout(Duration::from_secs(10)).before_acquire(|connection, _| {
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
            return Ok(Self { read: write.clone(), write });
        }
        // What a reader does is work for a core, not waiting: more readers only share the cores and the caches.
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let readers = options.pragma("query_only", "ON").pragma("cache_size", "-16000");
        let read = pool(connections.min(2 * cores as u32).max(1)).acquire_timeout(ACQUIRE);
        Ok(Self { read: read.connect_with(readers).await.map_err(connection_error)?.into(), write })
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

    /// Calls this for every statement that is sent.
    pub(super) fn on_statement(&mut self, called: impl Fn() + Clone + Send + Sync + 'static) {
        let again = called.clone();
        self.read.set_metric_callback(move |_| called());
        self.write.set_metric_callback(move |_| again());
    }
}

/// Whether the column is among these texts, which are one value however many they are: the statement is the same each
/// time, and PostgreSQL looks each of them up in an index rather than comparing each row with all of them.
pub(super) fn is_among<'t>(
    backend: DatabaseBackend,
    column: impl IntoColumnRef,
    texts: impl IntoIterator<Item = &'t str>,
) -> Expr {
    let all = serde_json::Value::from_iter(texts).to_string();
    let sql = match backend {
        DatabaseBackend::Postgres => "$1 = ANY(ARRAY(SELECT json_array_elements_text($2::json)))",
        _ => "? IN (SELECT value FROM json_each(?))",
    };
    Expr::cust_with_exprs(sql, [Expr::col(column), Expr::val(all)])
}

/// As [`is_among`], where no index begins with the column: PostgreSQL hashes the texts, and looks at each row once.
pub(super) fn is_hashed_among<'t>(
    backend: DatabaseBackend,
    column: impl IntoColumnRef,
    texts: impl IntoIterator<Item = &'t str>,
) -> Expr {
    let all = serde_json::Value::from_iter(texts).to_string();
    let sql = match backend {
        DatabaseBackend::Postgres => "($1 IN (SELECT json_array_elements_text($2::json))) IS TRUE",
        _ => "? IN (SELECT value FROM json_each(?))",
    };
    Expr::cust_with_exprs(sql, [Expr::col(column), Expr::val(all)])
}

/// The column as a value that no index holds, where an index would lead both databases astray: before they have counted
/// their rows, they take any index for as good as any other.
pub(super) fn unindexed<E: EntityTrait>(column: (E, E::Column)) -> Expr {
    Func::coalesce([Expr::col(column), Expr::col(column)]).into()
}

/// Whether the column is one of a few that a query of one column gives. PostgreSQL takes what a walk comes to for very many, and
/// would read whole tables to join them; of an array it expects little.
pub(super) fn is_one_of_few<E: EntityTrait>(
    backend: DatabaseBackend,
    column: (E, E::Column),
    few: SelectStatement,
) -> Expr {
    use sea_orm::sea_query::ExprTrait;
    match backend {
        DatabaseBackend::Postgres => {
            let array = Func::cust(Alias::new("ARRAY")).arg(Expr::SubQuery(None, Box::new(few.into())));
            Expr::col(column).eq(Func::cust(Alias::new("ANY")).arg(array))
        }
        _ => Expr::col(column).in_subquery(few),
    }
}

/// Whether every connection would have a database of its own.
pub(super) fn is_in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
}

fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into()))
}
