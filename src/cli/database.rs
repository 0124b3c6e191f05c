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

/// A database that was opened, and what it is called in messages.
pub(super) struct Opened {
    /// The door to it.
    pub store: Store,
    /// Its kind and place.
    pub location: Location,
}

/// The limits of the input of a command.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// How many connections may read at once.
    pub readers: u32,
    /// How many may write at once, on PostgreSQL.
    pub writers: u32,
    /// How many bytes of definitions are kept in memory.
    pub cache_bytes: u64,
}

impl Size {
    /// For a command that does one thing after the other, and ends.
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

    /// Opens the database, once it is there: it is waited for, so long.
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

    /// Brings it to the newest migration. A database that cannot be written to now serves those who read, if it has all that this
    /// version needs; else one that can is waited for, so long.
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

    /// Brings it to the newest migration; the names of those that ran.
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
