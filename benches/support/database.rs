//! Databases for one run: SQLite in a temporary folder, or a database on the PostgreSQL server `TEST_DATABASE_URL`, which is dropped at the
//! end.

use std::env;

use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

/// The kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// The kinds that are available.
    pub fn available() -> Vec<Self> {
        let mut kinds = vec![Self::Sqlite];
        match env::var("TEST_DATABASE_URL") {
            Ok(_) => kinds.push(Self::Postgres),
            Err(_) => println!("PostgreSQL is left out: TEST_DATABASE_URL names no server.\n"),
        }
        kinds
    }

    /// The name of the kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// A database for this run.
pub struct Database {
    pub kind: Kind,
    pub url: String,
    _folder: Option<TempDir>,
}

impl Database {
    /// Creates an empty database.
    pub async fn create(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite://{}?mode=rwc", folder.path().join("bench.db").display());
                Self { kind, url, _folder: Some(folder) }
            }
            Kind::Postgres => {
                let name = format!("entente_bench_{}", Uuid::now_v7().simple());
                run_on_postgres(&server(), &format!("CREATE DATABASE {name}")).await;
                let mut own: url::Url = server().parse().unwrap();
                own.set_path(&name);
                Self { kind, url: own.to_string(), _folder: None }
            }
        }
    }

    /// Updates the statistics of the database, as they are on a server in use.
    pub async fn analyze(&self) {
        match self.kind {
            Kind::Sqlite => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                // As `PRAGMA optimize` does it. Without a limit it would store samples, and with samples SQLite plans each statement
                // again for other values.
                connection.execute("PRAGMA analysis_limit = 1000; ANALYZE").await.unwrap();
                connection.close().await.unwrap();
            }
            Kind::Postgres => run_on_postgres(&self.url, "VACUUM ANALYZE").await,
        }
    }

    /// The processes of its server that run on this machine.
    pub async fn processes(&self) -> Vec<u32> {
        if self.kind == Kind::Sqlite {
            return Vec::new();
        }
        let mut connection = PgConnection::connect(&server()).await.unwrap();
        let sql = "SELECT pid FROM pg_stat_activity WHERE datname = $1";
        let name = self.url.rsplit('/').next().unwrap_or_default();
        let found: Vec<i32> = sqlx::query_scalar(sql).bind(name).fetch_all(&mut connection).await.unwrap();
        found.into_iter().map(|process| process.cast_unsigned()).collect()
    }

    /// Drops the database.
    pub async fn remove(self) {
        if self.kind == Kind::Postgres {
            let name = self.url.rsplit('/').next().unwrap_or_default();
            run_on_postgres(&server(), &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

fn server() -> String {
    env::var("TEST_DATABASE_URL").unwrap()
}

/// Runs statements on a PostgreSQL database.
pub async fn run_on_postgres(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}
