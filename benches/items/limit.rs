//! The limit: one hand-written statement that follows the dependencies, without redundancy.

use serde_json::{Value, json};

use crate::{
    cmdb::{Cmdb, key},
    support::limit::{Statement, Table},
};

/// The tables.
pub const TABLES: &[Table] = &[
    ("organization", "n BIGINT PRIMARY KEY, id TEXT, slug TEXT, name TEXT", &["bigint", "text", "text", "text"], ""),
    (
        "service",
        "n BIGINT PRIMARY KEY, id TEXT, slug TEXT, name TEXT, provider BIGINT",
        &["bigint", "text", "text", "text", "bigint"],
        "",
    ),
    (
        "outcome",
        "service BIGINT, n BIGINT, id TEXT, key TEXT, statement TEXT, PRIMARY KEY (service, n)",
        &["bigint", "bigint", "text", "text", "text"],
        "",
    ),
    (
        "consumer",
        "service BIGINT, n BIGINT, organization BIGINT, PRIMARY KEY (service, n)",
        &["bigint", "bigint", "bigint"],
        "",
    ),
    ("item", "n BIGINT PRIMARY KEY, key TEXT UNIQUE", &["bigint", "text"], ""),
    ("depends", "dependency BIGINT, item BIGINT, PRIMARY KEY (dependency, item)", &["bigint", "bigint"], ""),
    ("tied", "item BIGINT, service BIGINT, PRIMARY KEY (item, service)", &["bigint", "bigint"], ""),
];

/// The rows of each table, in its order.
pub fn rows(cmdb: &Cmdb, services: &[Value]) -> [Vec<Value>; 7] {
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

/// Follows the dependencies from an item to its dependents.
pub const STATEMENT: Statement = Statement {
    on_postgres: "
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
    JOIN service s ON s.n = hit.service JOIN organization p ON p.n = s.provider",
    on_sqlite: "
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
    JOIN service s ON s.n = hit.service JOIN organization p ON p.n = s.provider",
};
