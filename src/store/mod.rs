//! The store. Only it has connections to the database. Reads use a [`Session`], which applies the policy; writes use a
//! [`Writer`], a transaction that checks, writes and logs.

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

/// Declares a type that reads or writes one kind of object through a session or a writer, and a trait with the method
/// that makes it: `session.things()`, `writer.things()`. Callers import the trait.
macro_rules! way {
    ($($(#[$doc:meta])* $Noun:ident, $Way:ident, $nouns:ident, $Through:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $Noun<'t>(&'t $Through);

        impl std::ops::Deref for $Noun<'_> {
            type Target = $Through;

            fn deref(&self) -> &$Through {
                self.0
            }
        }

        /// The method that makes it.
        pub trait $Way {
            $(#[$doc])*
            fn $nouns(&self) -> $Noun<'_>;
        }

        impl $Way for $Through {
            fn $nouns(&self) -> $Noun<'_> {
                $Noun(self)
            }
        }
    )+};
}

mod agreement;
mod alignment;
mod db;
mod index;
mod item;
mod measurement;
mod organization;
mod read;
mod reference;
mod search;
mod service;
mod thread;
mod write;

pub use agreement::decide::{AgreementDecide, AgreementDecided};
pub use agreement::read::AgreementRow;
pub use agreement::{Agreements, ReadAgreements};
pub use alignment::{Alignments, ReadAlignments};
pub use db::database::Access;
pub use db::error::{Error, Lack, Refusal};
pub use db::hosts::UrlError;
pub use db::location::Location;
pub use db::migrations::MIGRATOR;
pub use db::needs::Given;
pub use db::sqlite_file::{can_be_made, serve_alone};
pub use item::apply::{ItemsApplied, ItemsApply};
pub use item::filter::ItemList;
pub use item::impact::{ImpactFound, ImpactKeys};
pub use item::read::{BY_NAME as ITEMS_BY_NAME, BY_PLACE as ITEMS_BY_PLACE};
pub use item::related::{Direction, ItemRow};
pub use item::{Items, ReadItems};
pub use measurement::read::{BY_INSTANT as MEASUREMENTS_BY_INSTANT, MeasurementRow, Span};
pub use measurement::record::{MeasurementsRecord, MeasurementsRecorded};
pub use measurement::{Measurements, ReadMeasurements};
pub use organization::apply::{OrganizationsApplied, OrganizationsApply};
pub use organization::read::{BY_SLUG as ORGANIZATIONS_BY_SLUG, OrganizationRow};
pub use organization::{Organizations, ReadOrganizations};
pub use read::page;
pub use read::rounds::give_way;
pub use read::session::{Place, Session};
pub use reference::read::ReferenceRow;
pub use reference::write::{ReferenceWrite, ReferenceWriting, ReferenceWritten};
pub use reference::{ReadReferences, References};
pub use search::{BEST_FIRST, Hit, ReadSearch, Search};
pub use service::apply::{DefinitionApplied, DefinitionApply};
pub use service::definitions::{BY_REVISION, Definition, DefinitionRow};
pub use service::filter::ServiceList;
pub use service::of_organizations::Part;
pub use service::proposal::propose::DefinitionPropose;
pub use service::proposal::publish::DefinitionPublish;
pub use service::proposal::withdraw::DefinitionWithdraw;
pub use service::proposal::{DefinitionAction, DefinitionWritten};
pub use service::related::ServiceRow;
pub use service::{ReadServices, Services};
pub use thread::act::{ThreadAct, ThreadUpdate};
pub use thread::clock::{Due, LEASE};
pub use thread::filter::ThreadList;
pub use thread::lists::{MESSAGES, MessageRow, TIMELINE};
pub use thread::messages::{MessageEdit, MessagePost, MessageRedact, MessageWritten};
pub use thread::open::{ThreadOpen, ThreadWritten};
pub use thread::perception::Ratings;
pub use thread::related::{Subject, ThreadRow};
pub use thread::{ReadThreads, Threads};
pub use write::{
    mutation::{Write, Written},
    writer::Writer,
};

use db::database::Database;

/// The options of a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite://…` or `postgres://…`.
    pub url: String,
    /// Maximum number of connections that read.
    pub readers: u32,
    /// Maximum number of connections that write, on PostgreSQL. On SQLite one connection writes.
    pub writers: u32,
    /// Maximum size of the cache of definitions, in bytes.
    pub definition_cache_bytes: u64,
    /// The language of plain strings and of sorting, and for readers whose languages are missing.
    pub default_locale: Lang,
    /// The clock.
    pub clock: Clock,
}

/// A database, with its caches. They only contain values that never change for their key.
#[derive(Clone)]
pub struct Store {
    database: Database,
    definitions: Cache<DefinitionId, Arc<Definition>>,
    organization_ids: Cache<String, OrganizationId>,
    impact_graphs: item::graph::ImpactGraphs,
    item_names: item::naming::Kept,
    default_locale: Lang,
    clock: Clock,
    statements: Arc<AtomicU64>,
    starts: read::settled::Starts,
    turns: Arc<Turns>,
    rows: Arc<write::rows::Rows>,
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
            impact_graphs: item::graph::kept(),
            item_names: item::naming::Kept::default(),
            default_locale: options.default_locale,
            clock: options.clock,
            statements,
            starts: read::settled::Starts::default(),
            turns: Turns::new(writers, Shares::default()),
            rows: Arc::default(),
        })
    }

    /// The same store, with other limits of the concurrent and waiting writes of each principal.
    #[must_use]
    pub fn share_writers(mut self, shares: Shares) -> Self {
        self.turns = self.turns.shared(shares);
        self
    }

    /// The language of plain strings and of sorting, and for readers whose languages are missing.
    pub fn default_locale(&self) -> &Lang {
        &self.default_locale
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What is possible with the database now. If the server can no longer write, another one is searched.
    pub async fn access(&self) -> Access {
        self.database.access().await
    }

    /// Checks which server of PostgreSQL can write. Does nothing on SQLite.
    pub async fn watch(&self) {
        self.database.watch().await;
    }

    /// The time of the database, which all replicas share.
    pub async fn time(&self) -> Result<DateTime, Error> {
        self.time_of(&self.database.read).await
    }

    async fn time_of(&self, connection: &impl ConnectionTrait) -> Result<DateTime, Error> {
        let time = Database::time(connection).await?;
        Ok(time.map_or_else(|| self.clock.now(), |time| self.clock.beside(time)))
    }

    /// The number of statements that were sent to the database since it was opened.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Clears the cache of definitions.
    pub fn forget_definitions(&self) {
        self.definitions.invalidate_all();
    }
}

/// Reads stored terms.
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
