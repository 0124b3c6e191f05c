//! The door to the database: nothing else holds a connection. Reads go through a [`Session`], which carries the
//! policy's filter; writes through a [`Writer`], one transaction that checks, writes and logs.

#![expect(clippy::disallowed_methods, reason = "the one room that may ask the database")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use entente_entity::{
    id::{DefinitionId, OrganizationId},
    text::Lang,
};
use entente_migration::Migrator;
use moka::sync::Cache;
use sea_orm::DbErr;
use sea_orm_migration::MigratorTrait;

use crate::{clock::Clock, definition::terms::Terms};

mod batch;
mod consumers;
mod database;
mod definition_apply;
mod definition_rows;
mod definitions;
mod documents;
mod error;
mod impact;
mod item_batch;
mod item_links;
mod item_words;
mod items;
mod items_apply;
mod loader;
mod location;
mod organization_tree;
mod organizations;
mod organizations_apply;
pub mod page;
mod passages;
mod reference_links;
mod reference_write;
mod references;
mod search;
mod search_index;
mod services;
mod session;
mod text;
mod writer;

pub use batch::{ServiceBatch, ServiceRow};
pub use definition_apply::{DefinitionApplied, DefinitionApply};
pub use definitions::{Definition, DefinitionRow};
pub use error::{Error, Refusal};
pub use impact::{ImpactFound, ImpactKeys};
pub use item_batch::{Direction, ItemRow};
pub use items::{ItemsWanted, cursor as item_cursor};
pub use items_apply::{ItemsApplied, ItemsApply};
pub use location::Location;
pub use organizations::{OrganizationRow, cursor as organization_cursor};
pub use organizations_apply::{OrganizationsApplied, OrganizationsApply};
pub use reference_write::{ReferenceLink, ReferenceUnlink, ReferenceWrite, ReferenceWritten};
pub use references::ReferenceRow;
pub use search::{Hit, SearchWanted, cursor as hit_cursor};
pub use services::{ServiceOrder, ServiceOrderField, ServicesWanted};
pub use session::Session;
pub use writer::{Write, Writer};

use database::Database;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// How many connections may read at once (PostgreSQL: and as many write).
    pub connections: u32,
    /// How many bytes of definitions to keep in memory.
    pub definition_cache_bytes: u64,
    /// The language of plain strings, of sorting, and of readers who ask for none that is there.
    pub default_locale: Lang,
    /// Tells the time.
    pub clock: Clock,
}

/// One database, with what is kept of it in memory: only what never changes.
#[derive(Clone)]
pub struct Store {
    database: Database,
    definitions: Cache<DefinitionId, Arc<Definition>>,
    organization_ids: Cache<String, OrganizationId>,
    default_locale: Lang,
    clock: Clock,
    statements: Arc<AtomicU64>,
}

impl Store {
    /// Opens the database, without migrating it.
    pub async fn open(options: Options) -> Result<Self, Error> {
        let mut database = Database::open(&options.url, options.connections).await?;
        let statements = Arc::new(AtomicU64::new(0));
        let counter = statements.clone();
        database.on_statement(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        Ok(Self {
            database,
            definitions: Cache::builder()
                .max_capacity(options.definition_cache_bytes)
                .weigher(|_, definition: &Arc<Definition>| definition.weight)
                .build(),
            organization_ids: Cache::builder().max_capacity(100_000).time_to_live(Duration::from_secs(3600)).build(),
            default_locale: options.default_locale,
            clock: options.clock,
            statements,
        })
    }

    /// Brings the database to the newest migration. Replicas that start together wait for one another.
    pub async fn migrate(&self) -> Result<Vec<String>, Error> {
        let transaction = self.database.begin().await?;
        Database::lock_migrations(&transaction).await?;
        let pending = Migrator::get_pending_migrations(&transaction).await?;
        Migrator::up(&transaction, None).await?;
        self.write_missing_passages(&transaction).await?;
        self.write_missing_item_words(&transaction).await?;
        transaction.commit().await?;
        Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
    }

    /// The migrations with whether they have run. Writes nothing.
    pub async fn migrations(&self) -> Result<Vec<(String, bool)>, Error> {
        let migrations = Migrator::get_migration_with_status_read_only(&self.database.read).await?;
        Ok(migrations
            .iter()
            .map(|migration| {
                let applied = migration.status() == sea_orm_migration::MigrationStatus::Applied;
                (migration.name().to_owned(), applied)
            })
            .collect())
    }

    /// Whether the database answers and stands at the newest migration; else why not.
    pub async fn ready(&self) -> Result<(), String> {
        let migrations = self.migrations().await.map_err(|error| error.to_string())?;
        match migrations.iter().find(|(_, applied)| !applied) {
            None => Ok(()),
            Some((name, _)) => Err(format!("the migration {name} has not run")),
        }
    }

    /// The language of plain strings, of sorting, and of readers who ask for none that is there.
    pub fn default_locale(&self) -> &Lang {
        &self.default_locale
    }

    /// Tells the time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How many statements were sent to the database since it was opened.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Forgets the definitions that are kept in memory; they are read again when they are asked for.
    pub fn forget_definitions(&self) {
        self.definitions.invalidate_all();
    }
}

/// What is kept of a document of terms, as it was frozen.
fn read_terms(json: &str) -> Result<Terms, Error> {
    serde_json::from_str(json).map_err(|error| Error::Corrupt(format!("terms: {error}")))
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}

impl From<Error> for DbErr {
    fn from(error: Error) -> Self {
        match error {
            Error::Database(error) | Error::Unavailable(error) => error,
            other => Self::Custom(other.to_string()),
        }
    }
}
