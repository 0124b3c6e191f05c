//! The limit: one hand-written statement that walks up the dependencies and gives the whole answer as JSON, over plain
//! tables with the same content, behind a bare axum handler. No tokens, no policy, no languages, no redundancy.

use std::{cell::RefCell, net::SocketAddr};

use axum::{
    Router,
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection, PgPool, postgres::PgPoolOptions};

use crate::{
    cmdb::{Cmdb, key},
    support::{
        database::{Database, Kind},
        serve::CONNECTIONS,
    },
};

/// The tables, in a dialect that both databases speak, each with the types of its columns.
const TABLES: &[(&str, &str, &[&str])] = &[
    ("organization", "n BIGINT PRIMARY KEY, id TEXT, slug TEXT, name TEXT", &["bigint", "text", "text", "text"]),
    (
        "service",
        "n BIGINT PRIMARY KEY, id TEXT, slug TEXT, name TEXT, provider BIGINT",
        &["bigint", "text", "text", "text", "bigint"],
    ),
    (
        "outcome",
        "service BIGINT, n BIGINT, id TEXT, key TEXT, statement TEXT, PRIMARY KEY (service, n)",
        &["bigint", "bigint", "text", "text", "text"],
    ),
    (
        "consumer",
        "service BIGINT, n BIGINT, organization BIGINT, PRIMARY KEY (service, n)",
        &["bigint", "bigint", "bigint"],
    ),
    ("item", "n BIGINT PRIMARY KEY, key TEXT UNIQUE", &["bigint", "text"]),
    ("depends", "dependency BIGINT, item BIGINT, PRIMARY KEY (dependency, item)", &["bigint", "bigint"]),
    ("tied", "item BIGINT, service BIGINT, PRIMARY KEY (item, service)", &["bigint", "bigint"]),
];

/// Fills a database with these services, as the API answered them, and with the items.
pub async fn fill(database: &Database, cmdb: &Cmdb, services: &[Value]) {
    let mut postgres = match database.kind {
        Kind::Postgres => Some(PgConnection::connect(&database.url).await.unwrap()),
        Kind::Sqlite => None,
    };
    for ((table, columns, types), rows) in TABLES.iter().zip(rows(cmdb, services)) {
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
                sqlx::query(sqlx::AssertSqlSafe(insert)).bind(rows).execute(connection).await.unwrap();
            }
            None => {
                let connection = open(&database.url);
                connection.execute_batch("PRAGMA journal_mode = WAL").unwrap();
                connection.execute_batch(&create).unwrap();
                let insert = format!("INSERT INTO {table} SELECT {values} FROM json_each(?1)");
                connection.execute(&insert, [rows]).unwrap();
            }
        }
    }
    database.analyze().await;
}

/// The rows of each table, in its order.
fn rows(cmdb: &Cmdb, services: &[Value]) -> [Vec<Value>; 7] {
    let mut tables: [Vec<Value>; 7] = Default::default();
    let [organizations, own, outcomes, consumers, items, depends, tied] = &mut tables;
    let mut party = |organization: &Value| {
        let id = &organization["id"];
        organizations.iter().position(|row: &Value| row[1] == *id).unwrap_or_else(|| {
            let n = organizations.len();
            organizations.push(json!([n, id, organization["slug"], organization["name"]]));
            n
        })
    };
    for (n, service) in services.iter().enumerate() {
        let provider = party(&service["provider"]);
        own.push(json!([n, service["id"], service["slug"], service["name"], provider]));
        for (at, outcome) in service["outcomes"].as_array().unwrap().iter().enumerate() {
            outcomes.push(json!([n, at, outcome["id"], outcome["key"], outcome["statement"]]));
        }
        for (at, consumer) in service["consumers"].as_array().unwrap().iter().enumerate() {
            consumers.push(json!([n, at, party(&consumer["organization"])]));
        }
        let number = service["slug"].as_str().unwrap().rsplit('-').next().unwrap().parse().unwrap();
        tied.push(json!([Cmdb::application(number), n]));
    }
    for (n, on) in cmdb.depends_on.iter().enumerate() {
        items.push(json!([n, key(n)]));
        depends.extend(on.iter().map(|dependency| json!([dependency, n])));
    }
    tables
}

const ON_POSTGRES: &str = "
    WITH RECURSIVE reach(n) AS (
        SELECT n FROM item WHERE key = $1
        UNION SELECT d.item FROM reach r JOIN depends d ON d.dependency = r.n)
    SELECT json_build_object('data', json_build_object('impact', json_build_object(
        'services', coalesce(json_agg(json_build_object(
            'effect', 'OUTAGE',
            'service', json_build_object('id', s.id, 'slug', s.slug, 'name', s.name,
                'provider', json_build_object('id', p.id, 'slug', p.slug, 'name', p.name)),
            'outcomes', (SELECT json_agg(json_build_object('outcome', json_build_object(
                    'id', o.id, 'key', o.key, 'statement', o.statement)) ORDER BY o.n)
                FROM outcome o WHERE o.service = s.n),
            'consumers', (SELECT json_agg(json_build_object('organization', json_build_object(
                    'id', c.id, 'slug', c.slug, 'name', c.name)) ORDER BY u.n)
                FROM consumer u JOIN organization c ON c.n = u.organization WHERE u.service = s.n))
            ORDER BY s.name COLLATE \"C\"), '[]'))))::text
    FROM (SELECT DISTINCT t.service FROM reach r JOIN tied t ON t.item = r.n) hit
    JOIN service s ON s.n = hit.service JOIN organization p ON p.n = s.provider";

const ON_SQLITE: &str = "
    WITH RECURSIVE reach(n) AS (
        SELECT n FROM item WHERE key = ?1
        UNION SELECT d.item FROM reach r JOIN depends d ON d.dependency = r.n)
    SELECT json_object('data', json_object('impact', json_object(
        'services', json_group_array(json_object(
            'effect', 'OUTAGE',
            'service', json_object('id', s.id, 'slug', s.slug, 'name', s.name,
                'provider', json_object('id', p.id, 'slug', p.slug, 'name', p.name)),
            'outcomes', (SELECT json_group_array(json_object('outcome', json_object(
                    'id', o.id, 'key', o.key, 'statement', o.statement)) ORDER BY o.n)
                FROM outcome o WHERE o.service = s.n),
            'consumers', (SELECT json_group_array(json_object('organization', json_object(
                    'id', c.id, 'slug', c.slug, 'name', c.name)) ORDER BY u.n)
                FROM consumer u JOIN organization c ON c.n = u.organization WHERE u.service = s.n))
            ORDER BY s.name))))
    FROM (SELECT DISTINCT t.service FROM reach r JOIN tied t ON t.item = r.n) hit
    JOIN service s ON s.n = hit.service JOIN organization p ON p.n = s.provider";

/// Serves a database until the process ends.
pub fn serve(url: &str, address: SocketAddr) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let router = match url.starts_with("sqlite:") {
            true => {
                let ask = async |State(url): State<String>, Path(key): Path<String>| answer(ask_sqlite(&url, &key));
                Router::new().route("/impact/{key}", get(ask)).with_state(url.to_owned())
            }
            false => {
                let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false);
                let ask = async |State(pool): State<PgPool>, Path(key): Path<String>| {
                    answer(sqlx::query_scalar(ON_POSTGRES).bind(key).fetch_one(&pool).await.unwrap())
                };
                Router::new().route("/impact/{key}", get(ask)).with_state(pool.connect(url).await.unwrap())
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

fn ask_sqlite(url: &str, key: &str) -> String {
    CONNECTION.with_borrow_mut(|connection| {
        let connection = connection.get_or_insert_with(|| open(url));
        connection.prepare_cached(ON_SQLITE).unwrap().query_row([key], |row| row.get(0)).unwrap()
    })
}

fn open(url: &str) -> rusqlite::Connection {
    let path = url.trim_start_matches("sqlite://").split('?').next().unwrap_or_default();
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA cache_size = -16000; PRAGMA mmap_size = 268435456").unwrap();
    connection
}
