//! Where keys come from, and when they are read again.

use std::{
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::{
    Refusal,
    header::Parts,
    keys::{KeySet, KeysError},
};
use crate::config::Secret;

const MAX_BYTES: usize = 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

enum Origin {
    Fixed,
    Url { client: reqwest::Client, url: reqwest::Url },
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

/// When a set is read again, in time since it was last tried.
struct Pace {
    /// A set that was read is taken as it is for so long.
    fresh: TimeDelta,
    /// A token names a key that the set has not, or a stale set could not be read again.
    again: TimeDelta,
    /// There has never been a set.
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

/// The keys in use. A set that was once read serves until a newer one is read, even while the issuer is down.
pub(super) struct Source {
    origin: Origin,
    loaded: RwLock<Option<Loaded>>,
    /// When the set was last tried to be read. Whoever holds it reads: one at a time.
    tried: Mutex<Option<DateTime<Utc>>>,
}

impl Source {
    /// Secrets, for good.
    pub fn secrets(secrets: &[Secret]) -> Result<Self, KeysError> {
        let set = Arc::new(KeySet::secrets(secrets.iter().map(|secret| secret.expose().as_bytes()))?);
        Ok(Self::new(Origin::Fixed, Some(Loaded { set, at: DateTime::UNIX_EPOCH })))
    }

    /// A set of public keys in a file.
    pub fn file(path: PathBuf) -> Self {
        Self::new(Origin::File(path), None)
    }

    /// A set of public keys that the issuer publishes.
    pub fn url(url: reqwest::Url) -> Result<Self, KeysError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(FETCH_TIMEOUT)
            .build()?;
        Ok(Self::new(Origin::Url { client, url }, None))
    }

    fn new(origin: Origin, loaded: Option<Loaded>) -> Self {
        Self { origin, loaded: RwLock::new(loaded), tried: Mutex::new(None) }
    }

    /// The keys to check a token with, read again where they are stale or lack the token's.
    pub async fn keys_for(&self, parts: &Parts<'_>, now: DateTime<Utc>) -> Result<Arc<KeySet>, Refusal> {
        let pace = match &self.origin {
            Origin::Fixed => return self.current().map(|loaded| loaded.set).ok_or(Refusal::KeysUnavailable),
            Origin::Url { .. } => &URL_PACE,
            Origin::File(_) => &FILE_PACE,
        };
        let serves = |loaded: &Option<Loaded>| match loaded {
            Some(loaded) => now - loaded.at < pace.fresh && loaded.set.knows(parts),
            None => false,
        };
        let current = self.current();
        if serves(&current) {
            return current.map(|loaded| loaded.set).ok_or(Refusal::KeysUnavailable);
        }
        let usable = current.filter(|loaded| loaded.set.knows(parts));
        let mut tried = match usable {
            // Someone else is reading: meanwhile the old key does.
            Some(loaded) => match self.tried.try_lock() {
                Ok(tried) => tried,
                Err(_) => return Ok(loaded.set),
            },
            None => self.tried.lock().await,
        };
        // While this one waited, another may have read what it needs.
        let current = self.current();
        let pause = if current.is_some() { pace.again } else { pace.first };
        if !serves(&current) && tried.is_none_or(|at| now - at >= pause) {
            *tried = Some(now);
            if let Err(error) = self.read(now).await {
                tracing::warn!(%error, from = %self.origin, "the keys that check tokens were not read; those read before stay in use");
            }
        }
        drop(tried);
        self.current().map(|loaded| loaded.set).ok_or(Refusal::KeysUnavailable)
    }

    /// Reads the keys for the first time.
    pub async fn warm(&self, now: DateTime<Utc>) -> Result<(), KeysError> {
        let mut tried = self.tried.lock().await;
        *tried = Some(now);
        self.read(now).await
    }

    async fn read(&self, now: DateTime<Utc>) -> Result<(), KeysError> {
        let json = match &self.origin {
            Origin::Fixed => return Ok(()),
            Origin::File(path) => tokio::fs::read(path).await?,
            Origin::Url { client, url } => fetch(client, url.clone()).await?,
        };
        let set = KeySet::public(&json)?;
        let mut loaded = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        // The same keys, read again, are the same set: what they signed need not be checked again.
        let standing = loaded.take().map(|loaded| loaded.set).filter(|standing| **standing == set);
        *loaded = Some(Loaded { set: standing.unwrap_or_else(|| Arc::new(set)), at: now });
        Ok(())
    }

    fn current(&self) -> Option<Loaded> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn fetch(client: &reqwest::Client, url: reqwest::Url) -> Result<Vec<u8>, KeysError> {
    let mut response = client.get(url).header("accept", "application/json").send().await?;
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
