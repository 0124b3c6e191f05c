//! The source of the keys, and the times at which they are read again.
//!
//! A separate task reads them, one at a time, so that it continues if a client disconnects. Meanwhile tokens with a known key are
//! checked with it. Tokens with an unknown key wait for the end of the reading, but only a limited number of them.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Semaphore, watch};

use super::{
    header::Parts,
    keys::{KeySet, KeysError},
    refusal::Refusal,
};
use crate::config::{Address, Secret};

const MAX_BYTES: usize = 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// The most requests that wait for unknown keys. Anyone can invent the name of a key, and an issuer may not answer.
const WAITING: usize = 64;
/// How long the request that finds the set too old waits for a newer one, so that a key that was removed in a time without requests is
/// not used once more. No other request waits for it.
const PATIENCE: Duration = Duration::from_millis(500);

enum Origin {
    Fixed,
    Url { client: reqwest::Client, url: Address },
    File(PathBuf),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fixed => f.write_str("the options"),
            Self::Url { url, .. } => write!(f, "{url}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// When a set is read again. The durations count from the last attempt to read it.
struct Pace {
    /// After this time a set is too old.
    fresh: TimeDelta,
    /// If a token names a key that the set does not contain, or an old set could not be read again.
    again: TimeDelta,
    /// If there has never been a set.
    first: TimeDelta,
}

const URL_PACE: Pace =
    Pace { fresh: TimeDelta::minutes(10), again: TimeDelta::seconds(30), first: TimeDelta::seconds(5) };
const FILE_PACE: Pace =
    Pace { fresh: TimeDelta::seconds(5), again: TimeDelta::seconds(1), first: TimeDelta::seconds(1) };

#[derive(Clone)]
struct Loaded {
    set: Arc<KeySet>,
    at: DateTime<Utc>,
}

/// The current keys. A set is used until a newer one is read, also while the issuer is down.
pub(super) struct Source(Arc<Inner>);

struct Inner {
    origin: Origin,
    loaded: RwLock<Option<Loaded>>,
    reading: Mutex<Reading>,
    /// The places of requests that wait for an unknown key.
    waiting: Semaphore,
}

#[derive(Default)]
struct Reading {
    /// When the last attempt to read the set began.
    tried: Option<DateTime<Utc>>,
    /// The sender is dropped when the reading has ended.
    running: Option<watch::Receiver<()>>,
}

impl Source {
    /// Secrets, which never change.
    pub fn secrets(secrets: &[Secret]) -> Result<Self, KeysError> {
        let set = Arc::new(KeySet::secrets(secrets.iter().map(|secret| secret.expose().as_bytes()))?);
        Ok(Self::new(Origin::Fixed, Some(Loaded { set, at: DateTime::UNIX_EPOCH })))
    }

    /// A set of public keys in a file.
    pub fn file(path: PathBuf) -> Self {
        Self::new(Origin::File(path), None)
    }

    /// A set of public keys that the issuer publishes.
    pub fn url(url: Address) -> Result<Self, KeysError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(FETCH_TIMEOUT)
            .build()?;
        Ok(Self::new(Origin::Url { client, url }, None))
    }

    fn new(origin: Origin, loaded: Option<Loaded>) -> Self {
        let (loaded, reading, waiting) = (RwLock::new(loaded), Mutex::default(), Semaphore::new(WAITING));
        Self(Arc::new(Inner { origin, loaded, reading, waiting }))
    }

    /// The keys to check a token with. They are read again if they are too old, or do not contain the key of the token.
    pub async fn keys_for(&self, parts: &Parts<'_>, now: DateTime<Utc>) -> Result<Arc<KeySet>, Refusal> {
        let pace = match &self.0.origin {
            Origin::Fixed => return self.0.current().map(|loaded| loaded.set).ok_or(Refusal::KeysUnavailable),
            Origin::Url { .. } => &URL_PACE,
            Origin::File(_) => &FILE_PACE,
        };
        match self.0.current().filter(|loaded| loaded.set.knows(parts)) {
            Some(loaded) if now - loaded.at < pace.fresh => return Ok(loaded.set),
            Some(_) => {
                if let Some(ended) = self.begin_to_read(pace, now) {
                    let _ = tokio::time::timeout(PATIENCE, end_of(ended)).await;
                }
            }
            None => {
                let begun = self.begin_to_read(pace, now);
                if let Some(ended) = begun.or_else(|| self.0.reading().running.clone()) {
                    let _place = self.0.waiting.try_acquire().map_err(|_| Refusal::KeysUnavailable)?;
                    end_of(ended).await;
                }
            }
        }
        self.0.current().map(|loaded| loaded.set).ok_or(Refusal::KeysUnavailable)
    }

    /// Reads the keys for the first time.
    pub async fn warm(&self, now: DateTime<Utc>) -> Result<(), KeysError> {
        self.0.reading().tried = Some(now);
        self.0.read(now).await
    }

    /// Begins to read the keys. The result ends with the reading; `None` if the keys are being read, or were read a moment ago.
    fn begin_to_read(&self, pace: &Pace, now: DateTime<Utc>) -> Option<watch::Receiver<()>> {
        let mut reading = self.0.reading();
        let pause = if self.0.current().is_some() { pace.again } else { pace.first };
        if reading.is_going_on() || reading.tried.is_some_and(|at| now - at < pause) {
            return None;
        }
        let (ends, ended) = watch::channel(());
        reading.tried = Some(now);
        reading.running = Some(ended.clone());
        drop(reading);
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move {
            let _ends = ends;
            if let Err(error) = inner.read(now).await {
                tracing::warn!(%error, from = %inner.origin, "the keys that check tokens were not read; those read before stay in use");
            }
        });
        Some(ended)
    }
}

/// Waits until a reading has ended.
async fn end_of(mut reading: watch::Receiver<()>) {
    while reading.changed().await.is_ok() {}
}

impl Reading {
    fn is_going_on(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.has_changed().is_ok())
    }
}

impl Inner {
    async fn read(&self, now: DateTime<Utc>) -> Result<(), KeysError> {
        let json = match &self.origin {
            Origin::Fixed => return Ok(()),
            Origin::File(path) => tokio::fs::read(path).await?,
            Origin::Url { client, url } => fetch(client, url).await?,
        };
        let set = KeySet::public(&json)?;
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        // If the keys are unchanged, the old set is kept: then checked tokens need not be checked again.
        let unchanged = loaded.take().map(|loaded| loaded.set).filter(|old| **old == set);
        *loaded = Some(Loaded { set: unchanged.unwrap_or_else(|| Arc::new(set)), at: now });
        Ok(())
    }

    fn current(&self) -> Option<Loaded> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn fetch(client: &reqwest::Client, url: &Address) -> Result<Vec<u8>, KeysError> {
    let mut response = client.get(url.expose().clone()).header("accept", "application/json").send().await?;
    if response.status() != reqwest::StatusCode::OK {
        return Err(KeysError::Status(response.status().as_u16()));
    }
    let mut json = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if json.len() + chunk.len() > MAX_BYTES {
            return Err(KeysError::TooLarge);
        }
        json.extend_from_slice(&chunk);
    }
    Ok(json)
}
