//! The limits: one hand-written statement that returns the complete answer as JSON, on plain tables with the same content, in a plain axum
//! handler. Without tokens, policy, languages, or a document to parse.

mod postgres;
mod sqlite;

use std::net::SocketAddr;

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::Value;

use crate::support::database::{Database, Kind};

/// The tables, in SQL for both databases.
const TABLES: &str = "
    CREATE TABLE organization (n BIGINT PRIMARY KEY, id TEXT NOT NULL, slug TEXT NOT NULL, name TEXT NOT NULL);
    CREATE TABLE service (n BIGINT PRIMARY KEY, id TEXT NOT NULL, slug TEXT NOT NULL, name TEXT NOT NULL, summary TEXT,
        lifecycle TEXT NOT NULL, revision BIGINT NOT NULL, provider BIGINT NOT NULL REFERENCES organization (n));
    CREATE INDEX service_name ON service (name, n);
    CREATE TABLE reference (system TEXT NOT NULL, key TEXT NOT NULL, service BIGINT NOT NULL REFERENCES service (n));
    CREATE INDEX reference_key ON reference (key, system);
    CREATE TABLE outcome (n BIGINT PRIMARY KEY, service BIGINT NOT NULL REFERENCES service (n), id TEXT NOT NULL,
        key TEXT NOT NULL, statement TEXT NOT NULL, supported BOOLEAN NOT NULL);
    CREATE INDEX outcome_service ON outcome (service, n);
    CREATE TABLE indicator (n BIGINT PRIMARY KEY, outcome BIGINT NOT NULL REFERENCES outcome (n), id TEXT NOT NULL,
        key TEXT NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL, direction TEXT NOT NULL, baseline DOUBLE PRECISION,
        target DOUBLE PRECISION NOT NULL);
    CREATE INDEX indicator_outcome ON indicator (outcome, n);
    CREATE TABLE cost (n BIGINT PRIMARY KEY, service BIGINT NOT NULL REFERENCES service (n), id TEXT NOT NULL,
        key TEXT NOT NULL, statement TEXT NOT NULL, effect TEXT NOT NULL, amount TEXT, currency TEXT, period TEXT);
    CREATE INDEX cost_service ON cost (service, n);
    CREATE TABLE risk (n BIGINT PRIMARY KEY, service BIGINT NOT NULL REFERENCES service (n), id TEXT NOT NULL,
        key TEXT NOT NULL, statement TEXT NOT NULL, effect TEXT NOT NULL, likelihood TEXT, impact TEXT, mitigation TEXT);
    CREATE INDEX risk_service ON risk (service, n);
";

/// A row of a table, with its columns in order.
struct Row {
    table: &'static str,
    values: Vec<Value>,
}

/// Fills a database with these services, as the API returned them.
pub async fn fill(database: &Database, services: &[Value]) {
    let rows = rows(services);
    match database.kind {
        Kind::Sqlite => sqlite::fill(&database.url, rows),
        Kind::Postgres => postgres::fill(&database.url, rows).await,
    }
    database.analyze().await;
}

/// Serves a database until the process ends.
pub fn serve(url: &str, address: SocketAddr) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let router = match url.starts_with("sqlite:") {
            true => sqlite::router(url),
            false => postgres::router(url).await,
        };
        let router = router.route("/readyz", get(async || "ready"));
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let serving = axum::serve::ListenerExt::tap_io(listener, |stream| stream.set_nodelay(true).unwrap());
        axum::serve(serving, router).await.unwrap();
    });
}

fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
}

fn rows(services: &[Value]) -> Vec<Row> {
    let (mut rows, mut providers) = (Vec::new(), Vec::<String>::new());
    let (mut outcomes, mut indicators, mut costs, mut risks) = (0, 0, 0, 0);
    let mut put =
        |table, values: &[&Value]| rows.push(Row { table, values: values.iter().copied().cloned().collect() });
    let list = |value: &Value| value.as_array().unwrap().clone();
    for (n, service) in services.iter().enumerate() {
        let (n, provider) = (Value::from(n), &service["provider"]);
        let id = provider["id"].as_str().unwrap();
        let known = providers.iter().position(|other| other == id);
        let at = Value::from(known.unwrap_or(providers.len()));
        if known.is_none() {
            providers.push(id.to_owned());
            put("organization", &[&at, &provider["id"], &provider["slug"], &provider["name"]]);
        }
        let it = |name: &str| &service[name];
        put("service", &[&n, it("id"), it("slug"), it("name"), it("summary"), it("lifecycle"), it("revision"), &at]);
        for one in list(&service["externalReferences"]) {
            put("reference", &[&one["system"], &one["key"], &n]);
        }
        for outcome in list(&service["outcomes"]) {
            let (at, it) = (Value::from(outcomes), |name: &str| &outcome[name]);
            put("outcome", &[&at, &n, it("id"), it("key"), it("statement"), it("supported")]);
            outcomes += 1;
            for one in list(&outcome["indicators"]) {
                let it = |name: &str| &one[name];
                let own = Value::from(indicators);
                indicators += 1;
                put(
                    "indicator",
                    &[
                        &own,
                        &at,
                        it("id"),
                        it("key"),
                        it("name"),
                        it("unit"),
                        it("direction"),
                        it("baseline"),
                        it("target"),
                    ],
                );
            }
        }
        for one in list(&service["costs"]) {
            let (it, money) = (|name: &str| &one[name], &one["amount"]);
            let own = Value::from(costs);
            costs += 1;
            put(
                "cost",
                &[
                    &own,
                    &n,
                    it("id"),
                    it("key"),
                    it("statement"),
                    it("effect"),
                    &money["amount"],
                    &money["currency"],
                    it("period"),
                ],
            );
        }
        for one in list(&service["risks"]) {
            let it = |name: &str| &one[name];
            let own = Value::from(risks);
            risks += 1;
            put(
                "risk",
                &[
                    &own,
                    &n,
                    it("id"),
                    it("key"),
                    it("statement"),
                    it("effect"),
                    it("likelihood"),
                    it("impact"),
                    it("mitigation"),
                ],
            );
        }
    }
    rows
}
