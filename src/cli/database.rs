//! The database that a command works on.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use entente_entity::{scalar::Locale, text::Lang};

use super::causes;
use crate::{
    clock::Clock,
    store::{Access, Error, Location, Options, Store},
    words::Speech,
};

/// Time between two attempts to reach a database that is not available.
const AGAIN: Duration = Duration::from_millis(500);
/// Time between two log messages about the wait.
const TELL: Duration = Duration::from_secs(10);

/// An open database, with its name for messages.
pub(super) struct Opened {
    /// The store.
    pub store: Store,
    /// Its kind and place.
    pub location: Location,
}

/// The sizes of the connection pools and of the cache.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// Maximum number of connections that read.
    pub readers: u32,
    /// Maximum number of connections that write, on PostgreSQL. On SQLite one connection writes.
    pub writers: u32,
    /// Maximum size of the cache of definitions, in bytes.
    pub cache_bytes: u64,
}

impl Size {
    /// For a command without concurrent requests.
    pub const SMALL: Self = Self { readers: 4, writers: 4, cache_bytes: 32 * 1024 * 1024 };
}

impl Opened {
    /// Opens the database.
    pub async fn new(url: &str, locale: &Locale, size: Size) -> anyhow::Result<Self> {
        let location = Location::of(url);
        let options = Options {
            url: url.to_owned(),
            readers: size.readers,
            writers: size.writers,
            definition_cache_bytes: size.cache_bytes,
            default_locale: Lang::parse(&locale.0).context("--default-locale is not a known language tag")?,
            clock: Clock::system(),
        };
        let store = Store::open(options).await.map_err(|error| failed(error, &location))?;
        Ok(Self { store, location })
    }

    /// Opens the database. If it is not available, tries again for at most `wait`.
    pub async fn when_there(url: &str, locale: &Locale, size: Size, wait: Duration) -> anyhow::Result<Self> {
        let start = Instant::now();
        let mut told = None;
        loop {
            let error = match Self::new(url, locale, size).await {
                Ok(opened) => return Ok(opened),
                Err(error) => error,
            };
            let may_come = error.downcast_ref::<Error>().is_some_and(Error::may_pass);
            if !may_come || start.elapsed() + AGAIN > wait {
                return Err(error);
            }
            if told.is_none_or(|at: Instant| at.elapsed() > TELL) {
                told = Some(Instant::now());
                let more = (wait - start.elapsed()).as_secs();
                tracing::warn!("{}; waiting for it up to {more} s more", causes(&error, Speech::English));
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// Runs the missing migrations. A database that is read-only now is accepted if no migration is missing; otherwise
    /// waits for a writable one for at most `wait`.
    pub async fn prepare(&self, wait: Duration) -> anyhow::Result<()> {
        let start = Instant::now();
        loop {
            match self.store.access().await {
                Access::Full => {
                    let ran = self.migrate().await?;
                    if !ran.is_empty() {
                        tracing::info!(migrations = ran.len(), last = ran.last(), "the database was migrated");
                    }
                    return Ok(());
                }
                access => {
                    let ready = self.store.ready().await;
                    if ready.is_ok() {
                        if access == Access::CannotWrite {
                            tracing::warn!(database = %self.location, "no database that can be written to is available: only reads are served");
                        }
                        return Ok(());
                    }
                    if access == Access::CannotWrite && matches!(self.location, Location::SqliteFile(_)) {
                        // A file has no alternative: report its error immediately.
                        return self.migrate().await.map(drop);
                    }
                    if access == Access::OnlyRead || start.elapsed() + AGAIN > wait {
                        let why = ready.err().unwrap_or_default();
                        bail!("{} is read-only, and its migrations cannot be run: {why}", self.location);
                    }
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// A database that exists as long as this process, with all migrations.
    pub async fn in_memory(locale: &Locale) -> anyhow::Result<Self> {
        let opened = Self::new("sqlite::memory:", locale, Size::SMALL).await?;
        opened.migrate().await?;
        Ok(opened)
    }

    /// Runs the missing migrations; returns their names.
    pub async fn migrate(&self) -> anyhow::Result<Vec<String>> {
        self.store.migrate().await.map_err(|error| failed(error, &self.location))
    }

    /// The migrations with whether they have run.
    pub async fn migrations(&self) -> anyhow::Result<Vec<(String, bool)>> {
        self.store.migrations().await.map_err(|error| failed(error, &self.location))
    }
}

/// The error with the message of the database, which the operator may see.
fn failed(error: Error, location: &Location) -> anyhow::Error {
    anyhow::Error::new(error).context(format!("{location} cannot be used"))
}
