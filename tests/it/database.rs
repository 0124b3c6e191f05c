//! The databases of tests, each test's its own: SQLite in a temporary file; PostgreSQL where `TEST_DATABASE_URL` names a server. What
//! many tests begin with is made once for each build of the tests, and copied.

use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use uuid::Uuid;

use crate::app::App;

/// So long a template stays, for other runs of the same build.
const KEPT: Duration = Duration::from_hours(24);
/// The lock under which templates are made on PostgreSQL: a number of no meaning.
const LOCK: i64 = 7_420_918;

/// A database that is deleted after its test.
pub enum Database {
    File { folder: TempDir },
    Server { url: String, name: String },
}

impl Database {
    /// A database without a table.
    pub async fn empty() -> Self {
        match server() {
            None => Self::File { folder: tempfile::tempdir().unwrap() },
            Some(url) => {
                let name = format!("entente_test_{}", Uuid::now_v7().simple());
                run(&url, &format!("CREATE DATABASE {name}")).await;
                Self::Server { url, name }
            }
        }
    }

    /// A copy of the template of this name, which is made where there is none.
    pub async fn copy(template: &str, fill: impl AsyncFnOnce(&App)) -> Self {
        match server() {
            None => {
                let template = file_template(template, fill).await;
                let folder = tempfile::tempdir().unwrap();
                fs::copy(template, file(folder.path())).unwrap();
                Self::File { folder }
            }
            Some(url) => {
                let template = server_template(&url, template, fill).await;
                let name = format!("entente_test_{}", Uuid::now_v7().simple());
                run(&url, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                Self::Server { url, name }
            }
        }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        match self {
            Self::File { folder } => format!("sqlite://{}?mode=rwc", file(folder.path()).display()),
            Self::Server { url, name } => {
                let mut own: url::Url = url.parse().unwrap();
                own.set_path(name);
                own.to_string()
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Self::Server { url, name } = self {
            let (url, sql) = (url.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            let dropped = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(run(&url, &sql));
            });
            // A database that stays behind fails no test: the cluster is thrown away.
            let _ = dropped.join();
        }
    }
}

fn server() -> Option<String> {
    env::var("TEST_DATABASE_URL").ok()
}

fn file(folder: &Path) -> PathBuf {
    folder.join("entente.db")
}

/// Which build of the tests this is.
fn build() -> String {
    let program = env::current_exe().unwrap();
    let mut hasher = DefaultHasher::new();
    (fs::metadata(&program).unwrap().modified().unwrap(), program).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The file of a template, made beside what cargo builds.
async fn file_template(name: &str, fill: impl AsyncFnOnce(&App)) -> PathBuf {
    static MAKING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let template = folder.join(format!("template-{name}-{}.db", build()));
    let _making = MAKING.lock().await;
    if !template.exists() {
        let is_old = |entry: &fs::DirEntry| {
            let is_template = entry.file_name().to_string_lossy().starts_with("template-");
            is_template
                && entry
                    .metadata()
                    .and_then(|of| of.modified())
                    .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > KEPT))
        };
        for old in fs::read_dir(folder).unwrap().flatten().filter(is_old) {
            // Another process may have been before.
            let _ = fs::remove_file(old.path());
        }
        let app = App::over(Database::empty().await).await;
        fill(&app).await;
        let made = folder.join(format!("making-{}.db", Uuid::now_v7().simple()));
        let Database::File { folder } = &app.database else { unreachable!("no server is named") };
        let connection = rusqlite::Connection::open(file(folder.path())).unwrap();
        connection.execute("VACUUM INTO ?1", [made.to_str().unwrap()]).unwrap();
        fs::rename(made, &template).unwrap();
    }
    template
}

/// The name of a template on a server, and when it was made in it.
async fn server_template(url: &str, name: &str, fill: impl AsyncFnOnce(&App)) -> String {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut connection).await.unwrap();
    let known = "SELECT datname::text FROM pg_database WHERE datname LIKE 'entente_template_%'";
    let known: Vec<String> = sqlx::query_scalar(known).fetch_all(&mut connection).await.unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let end = format!("_{name}_{}", build());
    let template = match known.iter().find(|known| known.ends_with(&end)) {
        Some(known) => known.clone(),
        None => {
            for old in &known {
                let made: u64 = old.split('_').nth(2).unwrap().parse().unwrap();
                if made + KEPT.as_secs() < now {
                    run(url, &format!("DROP DATABASE IF EXISTS {old} WITH (FORCE)")).await;
                }
            }
            let app = App::over(Database::empty().await).await;
            fill(&app).await;
            let template = format!("entente_template_{now}{end}");
            let Database::Server { name: made, .. } = &app.database else { unreachable!("a server is named") };
            // What nobody is connected to can be renamed and copied.
            let alone = format!("ALTER DATABASE {made} ALLOW_CONNECTIONS false");
            connection.execute(AssertSqlSafe(alone)).await.unwrap();
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
            while !sqlx::query(end).bind(made).fetch_all(&mut connection).await.unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            connection.execute(AssertSqlSafe(format!("ALTER DATABASE {made} RENAME TO {template}"))).await.unwrap();
            template
        }
    };
    // The lock is released with the connection.
    connection.close().await.unwrap();
    template
}

async fn run(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}
