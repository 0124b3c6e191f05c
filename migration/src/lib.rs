//! The schema of the database, as a list of migrations. Append only: a merged migration never changes. Migrations do
//! not import the entities, because entities change.

use sea_orm_migration::prelude::*;

mod m20261122_000001_core;
mod m20261122_000002_items;
mod m20261122_000003_search;
mod m20261122_000004_threads;
mod m20261122_000005_item_words;
mod m20261122_000006_search_secure_delete;
mod m20261122_000007_item_graph;
mod m20261122_000008_confirmed;
mod m20261122_000009_trimmed_keys;
mod m20261122_000010_words;
mod m20261129_000011_seen_changes;
mod m20261130_000012_idempotency_version;
mod m20261130_000013_change_audience;
mod m20261130_000014_measurements;
mod m20261130_000015_agreement;

/// Every migration, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_core::Migration),
            Box::new(m20261122_000002_items::Migration),
            Box::new(m20261122_000003_search::Migration),
            Box::new(m20261122_000004_threads::Migration),
            Box::new(m20261122_000005_item_words::Migration),
            Box::new(m20261122_000006_search_secure_delete::Migration),
            Box::new(m20261122_000007_item_graph::Migration),
            Box::new(m20261122_000008_confirmed::Migration),
            Box::new(m20261122_000009_trimmed_keys::Migration),
            Box::new(m20261122_000010_words::Migration),
            Box::new(m20261129_000011_seen_changes::Migration),
            Box::new(m20261130_000012_idempotency_version::Migration),
            Box::new(m20261130_000013_change_audience::Migration),
            Box::new(m20261130_000014_measurements::Migration),
            Box::new(m20261130_000015_agreement::Migration),
        ]
    }
}
