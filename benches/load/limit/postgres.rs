//! The limit on PostgreSQL: a pool with as many connections as Entente has, and prepared statements.

use std::collections::BTreeMap;

use axum::{
    Router,
    extract::{Path, State},
    routing::get,
};
use serde_json::Value;
use sqlx::{Connection, Executor, PgConnection, PgPool, postgres::PgPoolOptions};

use super::{Row, TABLES, json};
use crate::support::serve::CONNECTIONS;

const ONE: &str = "
    SELECT json_build_object('data', json_build_object('service', json_build_object(
        'id', s.id, 'slug', s.slug, 'name', s.name, 'summary', s.summary, 'lifecycle', s.lifecycle, 'revision', s.revision,
        'outcomes', (SELECT coalesce(json_agg(json_build_object(
                'id', o.id, 'key', o.key, 'statement', o.statement, 'supported', o.supported,
                'indicators', (SELECT coalesce(json_agg(json_build_object(
                        'id', i.id, 'key', i.key, 'name', i.name, 'unit', i.unit, 'direction', i.direction,
                        'baseline', i.baseline, 'target', i.target) ORDER BY i.n), '[]')
                    FROM indicator i WHERE i.outcome = o.n)) ORDER BY o.n), '[]')
            FROM outcome o WHERE o.service = s.n),
        'costs', (SELECT coalesce(json_agg(json_build_object(
                'id', c.id, 'key', c.key, 'statement', c.statement, 'effect', c.effect,
                'amount', CASE WHEN c.amount IS NOT NULL
                    THEN json_build_object('amount', c.amount, 'currency', c.currency) END,
                'period', c.period) ORDER BY c.n), '[]')
            FROM cost c WHERE c.service = s.n),
        'risks', (SELECT coalesce(json_agg(json_build_object(
                'id', r.id, 'key', r.key, 'statement', r.statement, 'effect', r.effect, 'likelihood', r.likelihood,
                'impact', r.impact, 'mitigation', r.mitigation) ORDER BY r.n), '[]')
            FROM risk r WHERE r.service = s.n))))::text
    FROM reference f JOIN service s ON s.n = f.service
    WHERE f.system = 'servicenow' AND f.key = $1";

const PAGE: &str = "
    SELECT json_build_object('data', json_build_object('services', json_build_object(
        'nodes', coalesce(json_agg(node ORDER BY name), '[]'))))::text
    FROM (
        SELECT s.name, json_build_object(
            'id', s.id, 'slug', s.slug, 'name', s.name, 'lifecycle', s.lifecycle,
            'provider', json_build_object('id', p.id, 'slug', p.slug, 'name', p.name),
            'outcomes', (SELECT coalesce(json_agg(json_build_object(
                    'id', o.id, 'key', o.key, 'statement', o.statement, 'supported', o.supported,
                    'indicators', (SELECT coalesce(json_agg(json_build_object(
                            'key', i.key, 'name', i.name, 'unit', i.unit, 'direction', i.direction,
                            'baseline', i.baseline, 'target', i.target) ORDER BY i.n), '[]')
                        FROM indicator i WHERE i.outcome = o.n)) ORDER BY o.n), '[]')
                FROM outcome o WHERE o.service = s.n)) AS node
        FROM (SELECT * FROM service WHERE lifecycle = 'LIVE' AND name > $1 ORDER BY name, n LIMIT 50) s
        JOIN organization p ON p.n = s.provider
    ) page";

/// Fills a database.
pub async fn fill(url: &str, rows: Vec<Row>) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let collated = TABLES.replace("name TEXT NOT NULL, summary", "name TEXT COLLATE \"C\" NOT NULL, summary");
    connection.execute(sqlx::AssertSqlSafe(collated)).await.unwrap();
    let mut tables: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    let mut order = vec![];
    for row in rows {
        if !order.contains(&row.table) {
            order.push(row.table);
        }
        tables.entry(row.table).or_default().push(row.values.into());
    }
    for table in order {
        let all = Value::from(tables.remove(table).unwrap_or_default());
        let columns: Vec<(String, String)> = sqlx::query_as(
            "SELECT column_name::text, data_type::text FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position",
        )
        .bind(table)
        .fetch_all(&mut connection)
        .await
        .unwrap();
        let values: Vec<String> =
            columns.iter().enumerate().map(|(at, (_, ty))| format!("(value ->> {at})::{ty}")).collect();
        let sql = format!("INSERT INTO {table} SELECT {} FROM json_array_elements($1::json)", values.join(", "));
        let inserted = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(all.to_string()).execute(&mut connection).await;
        inserted.unwrap();
    }
    connection.close().await.unwrap();
}

/// The routes for the two queries.
pub async fn router(url: &str) -> Router {
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).test_before_acquire(false).connect(url).await.unwrap();
    let one = async |State(pool): State<PgPool>, Path(key): Path<String>| {
        json(sqlx::query_scalar(ONE).bind(key).fetch_one(&pool).await.unwrap())
    };
    let page = async |State(pool): State<PgPool>, Path(after): Path<String>| {
        json(sqlx::query_scalar(PAGE).bind(after).fetch_one(&pool).await.unwrap())
    };
    super::router().route("/one/{key}", get(one)).route("/page/{after}", get(page)).with_state(pool)
}
