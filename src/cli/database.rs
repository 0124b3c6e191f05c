//! The database that a command works on.

use anyhow::Context;
use entente_entity::{scalar::Locale, text::Lang};

use crate::{
    clock::Clock,
    store::{Error, Location, Options, Store},
};

/// A database that was opened, and what it is called in messages.
pub(super) struct Opened {
    /// The door to it.
    pub store: Store,
    /// Its kind and place.
    pub location: Location,
}

/// How much a command takes.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// How many connections may read at once.
    pub connections: u32,
    /// How many bytes of definitions are kept in memory.
    pub cache_bytes: u64,
}

impl Size {
    /// For a command that does one thing after the other, and ends.
    pub const SMALL: Self = Self { connections: 4, cache_bytes: 32 * 1024 * 1024 };
}

impl Opened {
    /// Opens the database.
    pub async fn new(url: &str, locale: &Locale, size: Size) -> anyhow::Result<Self> {
        let location = Location::of(url);
        let options = Options {
            url: url.to_owned(),
            connections: size.connections,
            definition_cache_bytes: size.cache_bytes,
            default_locale: Lang::parse(&locale.0).context("--default-locale is not a known language tag")?,
            clock: Clock::system(),
        };
        let store = Store::open(options).await.map_err(|error| failed(error, &location))?;
        Ok(Self { store, location })
    }

    /// A database that goes with this process, at the newest migration.
    pub async fn in_memory(locale: &Locale) -> anyhow::Result<Self> {
        let opened = Self::new("sqlite::memory:", locale, Size::SMALL).await?;
        opened.migrate().await?;
        Ok(opened)
    }

    /// Brings it to the newest migration; the names of those that ran.
    pub async fn migrate(&self) -> anyhow::Result<Vec<String>> {
        self.store.migrate().await.map_err(|error| failed(error, &self.location))
    }

    /// The migrations with whether they have run.
    pub async fn migrations(&self) -> anyhow::Result<Vec<(String, bool)>> {
        self.store.migrations().await.map_err(|error| failed(error, &self.location))
    }
}

/// The error with what the database said, which is for whoever runs it.
fn failed(error: Error, location: &Location) -> anyhow::Error {
    anyhow::Error::new(error).context(format!("{location} cannot be used"))
}
