use sqlx::sqlite::SqliteConnectOptions;

use super::*;

fn readers(many: u32) -> (Readers, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("a.db")).create_if_missing(true);
    (Readers::sqlite(options, many, Arc::default()), folder)
}

#[test]
fn limits_stand_in_the_text() {
    let text = |sql: &str, values: Vec<Value>| {
        with_limits(Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values)).sql
    };
    let limit = |limit: u64| Value::from(limit);
    let sql = "SELECT a FROM b WHERE c = $1 AND d IN (SELECT e FROM f LIMIT $2) LIMIT $3";
    let values = vec![Value::from("LIMIT $2"), limit(1), limit(201)];
    let with = "SELECT a FROM b WHERE c = $1 AND d IN (SELECT e FROM f LIMIT 1) LIMIT 201";
    assert_eq!(text(sql, values), with);
    assert_eq!(text("SELECT 1 LIMIT $1 OFFSET $2", vec![limit(7), limit(0)]), "SELECT 1 LIMIT 7 OFFSET 0");
    for untouched in ["SELECT 1", "SELECT 1 LIMIT $9", "SELECT 1 LIMIT $", "SELECT 1 LIMIT $0"] {
        assert_eq!(text(untouched, vec![limit(7)]), untouched);
    }
}

#[tokio::test]
async fn none_writes() {
    let (readers, _folder) = readers(1);
    assert!(readers.execute_unprepared("CREATE TABLE a (b)").await.is_err());
    let statement = Statement::from_string(DatabaseBackend::Sqlite, "CREATE TABLE a (b)");
    assert!(readers.execute_raw(statement).await.is_err());
}

#[tokio::test]
async fn a_request_reads_little_before_it_waits_and_has_an_end() {
    let (readers, _folder) = readers(1);
    let rows = |count: usize, bytes: usize| {
        let sql = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             SELECT i, hex(zeroblob({})) FROM n",
            bytes / 2
        );
        Statement::from_string(DatabaseBackend::Sqlite, sql)
    };
    // Nothing opens the gate; a waiting request continues once that is certain.
    let (gate, asked) = Gate::new();
    let request = readers.of_request(Some(gate));
    assert_eq!(request.query_all_raw(rows(4_000, 100)).await.unwrap().len(), 4_000);
    let asked = tokio::spawn(async { asked.await.is_ok() });
    assert!(!asked.is_finished());
    assert_eq!(request.query_all_raw(rows(60, 10_000)).await.unwrap().len(), 60);
    assert!(asked.await.unwrap(), "it was asked");
    // Another request, which has read nothing, can use the connection.
    let (gate, asked) = Gate::new();
    let asked = tokio::spawn(async { asked.await.is_ok() });
    let other = readers.of_request(Some(gate));
    assert_eq!(other.query_all_raw(rows(4_001, 2)).await.unwrap().len(), 4_001);
    assert!(asked.await.unwrap());
    assert_eq!(other.query_all_raw(rows(60, 1 << 20)).await.unwrap().len(), 60);
    for _ in 0..2 {
        let error = other.query_all_raw(rows(5, 1 << 20)).await.unwrap_err();
        assert!(matches!(crate::store::Error::from(error), crate::store::Error::ReadsTooMuch(MOST_READ)));
    }
    // Without a gate there is no limit.
    assert_eq!(readers.query_all_raw(rows(65, 1 << 20)).await.unwrap().len(), 65);
}
