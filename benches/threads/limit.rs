//! The limit: one hand-written statement that returns the newest open threads with their service and last messages.

use entente_entity::{service, thread};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::{
    Written,
    support::{
        data,
        limit::{Statement, Table},
    },
};

/// The tables.
pub const TABLES: &[Table] = &[
    ("service", "n TEXT PRIMARY KEY, slug TEXT, name TEXT", &["text", "text", "text"], ""),
    (
        "thread",
        "n BIGINT PRIMARY KEY, id TEXT, kind TEXT, status TEXT, title TEXT, severity TEXT, opened TEXT, service TEXT",
        &["bigint", "text", "text", "text", "text", "text", "text", "text"],
        "CREATE INDEX thread_kind ON thread (kind, n)",
    ),
    (
        "message",
        "thread BIGINT, n BIGINT, id TEXT, body TEXT, created TEXT, author TEXT, PRIMARY KEY (thread, n)",
        &["bigint", "bigint", "text", "text", "text", "text"],
        "",
    ),
];

/// The rows of each table, in its order.
pub async fn rows(url: &str, written: &[Written]) -> [Vec<Value>; 3] {
    let own = sea_orm::Database::connect(url).await.unwrap();
    let mut tables: [Vec<Value>; 3] = Default::default();
    let [services, threads, messages] = &mut tables;
    for row in service::Entity::find().all(&own).await.unwrap() {
        let number = row.slug.rsplit('-').next().unwrap().parse().unwrap();
        services.push(json!([row.id.to_string(), row.slug, data::name(number)]));
    }
    for Written { thread: row, messages: said } in written {
        let thread::Model { number, id, kind, status, title, severity, opened_at, service_id, .. } = row;
        let (id, opened, service) = (id.to_string(), opened_at.to_string(), service_id.to_string());
        threads.push(json!([number, id, kind, status, title, severity, opened, service]));
        for (n, row) in said.iter().enumerate() {
            let created = row.created_at.to_string();
            messages.push(json!([number, n, row.id.to_string(), row.body, created, row.author.display_name]));
        }
    }
    tables
}

/// The newest threads of a kind.
pub const STATEMENT: Statement = Statement {
    on_postgres: "
    SELECT json_build_object('data', json_build_object('threads', json_build_object('nodes', json_agg(json_build_object(
        'id', t.id, 'number', t.n, 'title', t.title, 'status', t.status, 'severity', t.severity, 'openedAt', t.opened,
        'service', json_build_object('id', s.n, 'slug', s.slug, 'name', s.name),
        'messages', json_build_object('nodes', (
            SELECT json_agg(json_build_object('id', m.id, 'body', m.body, 'createdAt', m.created,
                'author', json_build_object('displayName', m.author)) ORDER BY m.n)
            FROM (SELECT * FROM message WHERE thread = t.n ORDER BY n DESC LIMIT 5) m))) ORDER BY t.n DESC))))::text
    FROM (SELECT * FROM thread WHERE kind = $1 AND status IN ('OPEN', 'ACKNOWLEDGED', 'IN_PROGRESS')
        ORDER BY n DESC LIMIT 20) t JOIN service s ON s.n = t.service",
    on_sqlite: "
    SELECT json_object('data', json_object('threads', json_object('nodes', json_group_array(json_object(
        'id', t.id, 'number', t.n, 'title', t.title, 'status', t.status, 'severity', t.severity, 'openedAt', t.opened,
        'service', json_object('id', s.n, 'slug', s.slug, 'name', s.name),
        'messages', json_object('nodes', (
            SELECT json_group_array(json_object('id', m.id, 'body', m.body, 'createdAt', m.created,
                'author', json_object('displayName', m.author)) ORDER BY m.n)
            FROM (SELECT * FROM message WHERE thread = t.n ORDER BY n DESC LIMIT 5) m))) ORDER BY t.n DESC))))
    FROM (SELECT * FROM thread WHERE kind = ?1 AND status IN ('OPEN', 'ACKNOWLEDGED', 'IN_PROGRESS')
        ORDER BY n DESC LIMIT 20) t JOIN service s ON s.n = t.service",
};
