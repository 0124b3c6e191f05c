use sea_orm::DatabaseBackend;
use sqlx::{SqliteConnection, sqlite::SqliteConnectOptions};

use super::*;

/// Counts for a while.
const LONG: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT max(i) FROM n";

fn pool(many: u32) -> (Arc<Pool<Sqlite>>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("a.db")).create_if_missing(true);
    let connect = move || {
        let options = options.clone();
        Box::pin(async move { SqliteConnection::connect_with(&options).await }) as Connecting<Sqlite>
    };
    (Pool::new(connect, Since::default(), many, Duration::MAX), folder)
}

async fn number(pool: &Arc<Pool<Sqlite>>, sql: &str) -> i64 {
    let statement = Statement::from_string(DatabaseBackend::Sqlite, sql);
    let Rows::All(rows, _) = pool.query(statement, Most::ALL).await.unwrap() else { unreachable!() };
    rows[0].try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn whoever_goes_away_in_the_middle_leaves_a_connection_that_answers_the_next() {
    let (pool, _folder) = pool(1);
    for turn in 0..6 {
        let gone = tokio::time::timeout(Duration::from_millis(turn % 4), number(&pool, LONG)).await;
        assert!(gone.is_err());
        assert_eq!(number(&pool, "SELECT 42").await, 42);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_share_a_few() {
    let (pool, _folder) = pool(2);
    let ask = |turn: i64| {
        let pool = pool.clone();
        tokio::spawn(async move { number(&pool, &format!("SELECT {turn}")).await })
    };
    let all: Vec<_> = (0..200).map(ask).collect();
    for (turn, asked) in all.into_iter().enumerate() {
        assert_eq!(asked.await.unwrap(), turn as i64);
    }
    assert!(pool.idle.lock().unwrap().len() <= 2);
    assert_eq!(pool.permits.available_permits(), 2);
}
