//! The limit on SQLite: a connection for each thread of the server, prepared statements, and no other thread or pool between the handler
//! and the database.

use std::cell::RefCell;

use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use rusqlite::{Connection, types::Value as Cell};
use serde_json::Value;

use super::{Row, TABLES, json};

const ONE: &str = "
    SELECT json_object('data', json_object('service', json_object(
        'id', s.id, 'slug', s.slug, 'name', s.name, 'summary', s.summary, 'lifecycle', s.lifecycle, 'revision', s.revision,
        'outcomes', (SELECT json_group_array(json_object(
                'id', o.id, 'key', o.key, 'statement', o.statement,
                'supported', json(CASE WHEN o.supported THEN 'true' ELSE 'false' END),
                'indicators', (SELECT json_group_array(json_object(
                        'id', i.id, 'key', i.key, 'name', i.name, 'unit', i.unit, 'direction', i.direction,
                        'baseline', i.baseline, 'target', i.target) ORDER BY i.n)
                    FROM indicator i WHERE i.outcome = o.n)) ORDER BY o.n)
            FROM outcome o WHERE o.service = s.n),
        'costs', (SELECT json_group_array(json_object(
                'id', c.id, 'key', c.key, 'statement', c.statement, 'effect', c.effect,
                'amount', CASE WHEN c.amount IS NOT NULL
                    THEN json_object('amount', c.amount, 'currency', c.currency) END,
                'period', c.period) ORDER BY c.n)
            FROM cost c WHERE c.service = s.n),
        'risks', (SELECT json_group_array(json_object(
                'id', r.id, 'key', r.key, 'statement', r.statement, 'effect', r.effect, 'likelihood', r.likelihood,
                'impact', r.impact, 'mitigation', r.mitigation) ORDER BY r.n)
            FROM risk r WHERE r.service = s.n))))
    FROM reference f JOIN service s ON s.n = f.service
    WHERE f.system = 'servicenow' AND f.key = ?1";

const PAGE: &str = "
    SELECT json_object('data', json_object('services', json_object('nodes', json_group_array(json(node) ORDER BY name))))
    FROM (
        SELECT s.name, json_object(
            'id', s.id, 'slug', s.slug, 'name', s.name, 'lifecycle', s.lifecycle,
            'provider', json_object('id', p.id, 'slug', p.slug, 'name', p.name),
            'outcomes', (SELECT json_group_array(json_object(
                    'id', o.id, 'key', o.key, 'statement', o.statement,
                    'supported', json(CASE WHEN o.supported THEN 'true' ELSE 'false' END),
                    'indicators', (SELECT json_group_array(json_object(
                            'key', i.key, 'name', i.name, 'unit', i.unit, 'direction', i.direction,
                            'baseline', i.baseline, 'target', i.target) ORDER BY i.n)
                        FROM indicator i WHERE i.outcome = o.n)) ORDER BY o.n)
                FROM outcome o WHERE o.service = s.n)) AS node
        FROM (SELECT * FROM service WHERE lifecycle = 'LIVE' AND name > ?1 ORDER BY name, n LIMIT 50) s
        JOIN organization p ON p.n = s.provider
    )";

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// Fills a database.
pub fn fill(url: &str, rows: Vec<Row>) {
    let mut connection = open(url);
    connection.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    connection.execute_batch(TABLES).unwrap();
    let transaction = connection.transaction().unwrap();
    for row in rows {
        let places = vec!["?"; row.values.len()].join(", ");
        let sql = format!("INSERT INTO {} VALUES ({places})", row.table);
        let cells = row.values.into_iter().map(|value| match value {
            Value::Null => Cell::Null,
            Value::Bool(yes) => Cell::Integer(yes.into()),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => Cell::Integer(whole),
                None => Cell::Real(number.as_f64().unwrap()),
            },
            Value::String(text) => Cell::Text(text),
            other => panic!("no column holds {other}"),
        });
        transaction.prepare_cached(&sql).unwrap().execute(rusqlite::params_from_iter(cells)).unwrap();
    }
    transaction.commit().unwrap();
}

/// The routes for the two queries.
pub fn router(url: &str) -> Router {
    let one = async |State(url): State<String>, Path(key): Path<String>| json(ask(&url, ONE, &key));
    let page = async |State(url): State<String>, Path(after): Path<String>| json(ask(&url, PAGE, &after));
    super::router().route("/one/{key}", get(one)).route("/page/{after}", get(page)).with_state(url.to_owned())
}

fn ask(url: &str, sql: &str, value: &str) -> String {
    CONNECTION.with_borrow_mut(|connection| {
        let connection = connection.get_or_insert_with(|| open(url));
        connection.prepare_cached(sql).unwrap().query_row([value], |row| row.get(0)).unwrap()
    })
}

fn open(url: &str) -> Connection {
    let path = url.trim_start_matches("sqlite://").split('?').next().unwrap_or_default();
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA cache_size = -16000; PRAGMA mmap_size = 268435456").unwrap();
    connection
}
