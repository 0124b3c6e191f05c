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
    scalar::DateTime,
    text::Lang,
};
use moka::sync::Cache;
use sea_orm::{ConnectionTrait, DbErr};

use crate::{
    clock::Clock,
    definition::terms::Terms,
    turns::{Shares, Turns},
};

mod batch;
mod cause;
mod confirming;
mod consumers;
mod database;
mod definition_apply;
mod definition_rows;
mod definitions;
mod documents;
mod each_once;
mod element_keys;
mod ends;
mod error;
mod escalation;
mod hosts;
mod idempotency;
mod impact;
mod impact_graph;
mod item_batch;
mod item_links;
mod item_words;
mod items;
mod items_apply;
mod location;
mod messages;
mod migrations;
mod nearest_service;
mod needs;
mod organization_keys;
mod organization_services;
mod organization_tree;
mod organizations;
mod organizations_apply;
pub mod page;
mod parts;
mod passages;
mod perception;
mod readers;
mod reference_links;
mod reference_write;
mod referenced;
mod references;
mod refold;
mod revisions;
mod rounds;
mod rows;
mod search;
mod search_index;
mod seen_changes;
mod servers;
mod services;
mod session;
mod settled;
mod sqlite_file;
mod text;
mod thread_actions;
mod thread_batch;
mod thread_changes;
mod thread_lists;
mod thread_open;
mod thread_references;
mod thread_state;
mod threads;
mod writer;

pub use batch::{ServiceBatch, ServiceRow};
pub use database::Access;
pub use definition_apply::{DefinitionApplied, DefinitionApply};
pub use definitions::{Definition, DefinitionRow};
pub use error::{Error, Lack, Refusal};
pub use escalation::{Due, LEASE};
pub use hosts::UrlError;
pub use impact::{ImpactFound, ImpactKeys};
pub use item_batch::{Direction, ItemRow};
pub use items::{ItemsWanted, cursor as item_cursor};
pub use items_apply::{ItemsApplied, ItemsApply};
pub use location::Location;
pub use messages::{MessageEdit, MessagePost, MessageRedact, MessageWritten};
pub use migrations::MIGRATOR;
pub use needs::Given;
pub use organization_services::Part;
pub use organizations::{OrganizationRow, cursor as organization_cursor};
pub use organizations_apply::{OrganizationsApplied, OrganizationsApply};
pub use perception::Ratings;
pub use reference_write::{ReferenceWrite, ReferenceWriting, ReferenceWritten};
pub use references::ReferenceRow;
pub use rounds::give_way;
pub use search::{Hit, SearchWanted, cursor as hit_cursor};
pub use services::{ServiceOrder, ServiceOrderField, ServicesWanted};
pub use session::{Place, Session};
pub use sqlite_file::{can_be_made, serve_alone};
pub use thread_actions::{Step, ThreadAct, ThreadUpdate};
pub use thread_batch::{Subject, ThreadRow};
pub use thread_lists::{MessageRow, event_cursor};
pub use thread_open::{ThreadOpen, ThreadWritten};
pub use threads::{ThreadOrder, ThreadOrderField, ThreadsWanted};
pub use writer::{Write, Writer};

use database::Database;

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// How many connections may read at once.
    pub readers: u32,
    /// How many may write at once, on PostgreSQL; on SQLite one does.
    pub writers: u32,
    /// How many bytes of definitions to keep in memory.
    pub definition_cache_bytes: u64,
    /// The language of plain strings, of sorting, and of readers who ask for none that is there.
    pub default_locale: Lang,
    /// Tells the time.
    pub clock: Clock,
}

/// One database, with what is kept of it in memory: only what never changes under the name that it is kept by.
#[derive(Clone)]
pub struct Store {
    database: Database,
    definitions: Cache<DefinitionId, Arc<Definition>>,
    organization_ids: Cache<String, OrganizationId>,
    impact_graphs: impact_graph::ImpactGraphs,
    default_locale: Lang,
    clock: Clock,
    statements: Arc<AtomicU64>,
    starts: settled::Starts,
    turns: Arc<Turns>,
    rows: Arc<rows::Rows>,
}

impl Store {
    /// Opens the database, without migrating it.
    pub async fn open(options: Options) -> Result<Self, Error> {
        let statements = Arc::new(AtomicU64::new(0));
        let database = Database::open(&options, statements.clone()).await?;
        let writers = database.writers(&options);
        Ok(Self {
            database,
            definitions: Cache::builder()
                .max_capacity(options.definition_cache_bytes)
                .weigher(|_, definition: &Arc<Definition>| definition.weight)
                .build(),
            organization_ids: Cache::builder().max_capacity(100_000).time_to_live(Duration::from_secs(3600)).build(),
            impact_graphs: impact_graph::kept(),
            default_locale: options.default_locale,
            clock: options.clock,
            statements,
            starts: settled::Starts::default(),
            turns: Turns::new(writers, Shares::default()),
            rows: Arc::default(),
        })
    }

    /// The same, with other shares of those who write for each principal.
    #[must_use]
    pub fn share_writers(mut self, shares: Shares) -> Self {
        self.turns = self.turns.shared(shares);
        self
    }

    /// The language of plain strings, of sorting, and of readers who ask for none that is there.
    pub fn default_locale(&self) -> &Lang {
        &self.default_locale
    }

    /// Tells the time.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What can be done with the database now. Where the server that could write can no longer, another is looked for.
    pub async fn access(&self) -> Access {
        self.database.access().await
    }

    /// Asks the database's servers which of them can write, where there can be several. Of SQLite nothing is asked.
    pub async fn watch(&self) {
        self.database.watch().await;
    }

    /// What time it is by the clock that all replicas share: the database's.
    pub async fn time(&self) -> Result<DateTime, Error> {
        self.time_of(&self.database.read).await
    }

    async fn time_of(&self, connection: &impl ConnectionTrait) -> Result<DateTime, Error> {
        let time = Database::time(connection).await?;
        Ok(time.map_or_else(|| self.clock.now(), |time| self.clock.beside(time)))
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
