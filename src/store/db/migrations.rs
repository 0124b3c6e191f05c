//! Runs the migrations of this version of the program.

use std::collections::HashSet;

use entente_migration::Migrator;
use sea_orm::{ConnectionTrait, DatabaseBackend, EntityTrait, Statement};
use sea_orm_migration::{MigratorTrait, seaql_migrations};

use super::{
    database::{Access, Database},
    error::Error,
};
use crate::store::Store;

/// The target of the log messages about migrations.
pub const MIGRATOR: &str = "sea_orm_migration";

/// The migration since which the folding rule is the present one.
const FOLDED: &str = "m20261122_000010_words";

impl Store {
    /// Runs the missing migrations; returns their names. Replicas that start together wait for each other. A database
    /// that a newer version has migrated further is an error, because this version does not know what it would have to
    /// maintain.
    pub async fn migrate(&self) -> Result<Vec<String>, Error> {
        let transaction = self.database.begin().await?;
        Database::lock_migrations(&transaction).await?;
        Migrator::install(&transaction).await?;
        let known: HashSet<String> = names().into_iter().collect();
        let ran = ran(&transaction).await?;
        if let Some(newer) = ran.iter().filter(|name| !known.contains(*name)).max() {
            return Err(Error::Newer(newer.clone()));
        }
        Migrator::up(&transaction, None).await?;
        if !ran.contains(FOLDED) {
            self.refold(&transaction).await?;
        }
        self.write_missing_index_entries(&transaction).await?;
        self.write_missing_item_words(&transaction).await?;
        transaction.commit().await?;
        Ok(names().into_iter().filter(|name| !ran.contains(name)).collect())
    }

    /// The migrations of this version, with whether they have run. Writes nothing.
    pub async fn migrations(&self) -> Result<Vec<(String, bool)>, Error> {
        let backend = self.database.read.backend();
        let table = match backend {
            DatabaseBackend::Postgres => "SELECT 1 WHERE to_regclass('seaql_migrations') IS NOT NULL",
            _ => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'",
        };
        // Without this table, no migration has run.
        let is_there = self.database.read.query_one_raw(Statement::from_string(backend, table)).await?.is_some();
        let ran = if is_there { ran(&self.database.read).await? } else { HashSet::new() };
        let with_status = |name: String| {
            let has_run = ran.contains(&name);
            (name, has_run)
        };
        Ok(names().into_iter().map(with_status).collect())
    }

    /// What is possible with the database, if it answers and no migration of this version is missing; otherwise the
    /// reason. Migrations of a newer version are accepted, because servers of both versions run during an update.
    pub async fn ready(&self) -> Result<Access, String> {
        // First, because reads go to the server that can write.
        let access = self.access().await;
        let ran = ran(&self.database.read).await.map_err(|error| error.to_string())?;
        match names().into_iter().find(|name| !ran.contains(name)) {
            None => Ok(access),
            Some(name) => Err(format!("the migration {name} has not run")),
        }
    }
}

/// The migrations of this version, in order.
fn names() -> Vec<String> {
    Migrator::migrations().iter().map(|migration| migration.name().to_owned()).collect()
}

/// The migrations that have run, of any version.
async fn ran(connection: &impl ConnectionTrait) -> Result<HashSet<String>, Error> {
    let rows = seaql_migrations::Entity::find().all(connection).await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}
