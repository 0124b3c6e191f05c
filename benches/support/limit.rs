//! A limit: one hand-written statement that returns a complete answer as JSON, on plain tables with the same content, in a plain axum
//! handler. Without tokens, policy or languages.

use std::{cell::RefCell, net::SocketAddr};

use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::Value;
use sqlx::{Connection, Executor, PgConnection, PgPool, postgres::PgPoolOptions};

use super::{
    database::{Database, Kind},
    serve::CONNECTIONS,
};

/// A table for both databases: its name, its columns, their types, and the statements to run after it is filled.
pub type Table = (&'static str, &'static str, &'static [&'static str], &'static str);

/// The statement with one parameter, in each dialect.
#[derive(Clone, Copy)]
pub struct Statement {
    pub on_postgres: &'static str,
    pub on_sqlite: &'static str,
}

/// Fills a database with rows, each a list of values in the order of its table's columns.
pub async fn fill(database: &Database, tables: &[Table], rows: impl IntoIterator<Item = Vec<Value>>) {
    let mut postgres = match database.kind {
        Kind::Postgres => Some(PgConnection::connect(&database.url).await.unwrap()),
        Kind::Sqlite => None,
    };
    for ((table, columns, types, after), rows) in tables.iter().zip(rows) {
        let create = format!("CREATE TABLE {table} ({columns})");
        let value = |(at, ty): (usize, &&str)| match database.kind {
            Kind::Postgres => format!("(value ->> {at})::{ty}"),
            Kind::Sqlite => format!("value ->> {at}"),
        };
        let values = types.iter().enumerate().map(value).collect::<Vec<_>>().join(", ");
        let rows = Value::from(rows).to_string();
        match &mut postgres {
            Some(connection) => {
                connection.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
                let insert = format!("INSERT INTO {table} SELECT {values} FROM json_array_elements($1::json)");
                sqlx::query(sqlx::AssertSqlSafe(insert)).bind(rows).execute(&mut *connection).await.unwrap();
                connection.execute(*after).await.unwrap();
            }
            None => {
                let connection = open(&database.url);
                connection.execute_batch("PRAGMA journal_mode = WAL").unwrap();
                connection.execute_batch(&create).unwrap();
                let insert = format!("INSERT INTO {table} SELECT {values} FROM json_each(?1)");
                connection.execute(&insert, [rows]).unwrap();
                connection.execute_batch(after).unwrap();
            }
        }
    }
    database.analyze().await;
}

/// Serves a database until the process ends: `GET /VALUE` runs the statement with this value.
pub fn serve(url: &str, address: SocketAddr, statement: Statement) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let router = match url.starts_with("sqlite:") {
            true => {
                let ask = async move |State(url): State<String>, Path(value): Path<String>| {
                    answer(ask_sqlite(&url, statement, &value))
                };
                Router::new().route("/{value}", get(ask)).with_state(url.to_owned())
            }
            false => {
                let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
                let ask = async move |State(pool): State<PgPool>, Path(value): Path<String>| {
                    answer(sqlx::query_scalar(statement.on_postgres).bind(value).fetch_one(&pool).await.unwrap())
                };
                Router::new().route("/{value}", get(ask)).with_state(pool.connect(url).await.unwrap())
            }
        };
        let router = router.route("/readyz", get(async || "ready"));
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let serving = axum::serve::ListenerExt::tap_io(listener, |stream| stream.set_nodelay(true).unwrap());
        axum::serve(serving, router).await.unwrap();
    });
}

fn answer(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

thread_local! {
    static CONNECTION: RefCell<Option<rusqlite::Connection>> = const { RefCell::new(None) };
}

fn ask_sqlite(url: &str, statement: Statement, value: &str) -> String {
    CONNECTION.with_borrow_mut(|connection| {
        let connection = connection.get_or_insert_with(|| open(url));
        connection.prepare_cached(statement.on_sqlite).unwrap().query_row([value], |row| row.get(0)).unwrap()
    })
}

fn open(url: &str) -> rusqlite::Connection {
    let path = url.trim_start_matches("sqlite://").split('?').next().unwrap_or_default();
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA cache_size = -16000; PRAGMA mmap_size = 268435456").unwrap();
    connection
}
