//! Queries that are sent by the hash of their text: automatic persisted queries, as the links of Apollo and urql send them.
//!
//! A client sends the SHA-256 of its document in `extensions.persistedQuery`. A server that does not know the hash answers
//! `PersistedQueryNotFound`. Then the client sends the text with the hash, and after that the hash alone. Each replica keeps the texts
//! in memory, and may remove them at any time: the client then sends the text again.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, ServerError};
use moka::sync::Cache;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::failure::Failure;

/// The most bytes of texts that are kept.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;
/// The bytes of an entry besides its text.
const ENTRY_BYTES: usize = 128;
const VERSION: u64 = 1;

/// The member `persistedQuery` of a request's `extensions`.
#[derive(Debug, Deserialize)]
pub(super) struct PersistedQuery {
    version: u64,
    #[serde(rename = "sha256Hash")]
    sha256_hash: String,
}

/// The SHA-256 of a document's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct TextHash([u8; 32]);

impl TextHash {
    /// The hash of a request.
    pub fn read(given: &PersistedQuery) -> Result<Self, Failure> {
        let mut hash = [0; 32];
        if given.version != VERSION || hex::decode_to_slice(&given.sha256_hash, &mut hash).is_err() {
            return Err(Failure::bad_request(format!(
                "\"extensions.persistedQuery\" must have \"version\" {VERSION} and \"sha256Hash\", 64 hexadecimal digits."
            )));
        }
        Ok(Self(hash))
    }

    fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }
}

/// The texts that were sent with their hash.
#[derive(Clone)]
pub(in crate::http) struct PersistedQueries(Cache<TextHash, Arc<str>>);

impl Default for PersistedQueries {
    fn default() -> Self {
        let weigh = |_: &TextHash, text: &Arc<str>| u32::try_from(text.len() + ENTRY_BYTES).unwrap_or(u32::MAX);
        Self(Cache::builder().weigher(weigh).max_capacity(CACHE_BYTES).build())
    }
}

impl PersistedQueries {
    /// The text with this hash. `None` if it is not in memory.
    pub(super) fn get(&self, hash: TextHash) -> Option<Arc<str>> {
        self.0.get(&hash)
    }

    /// Keeps a text that was found valid.
    pub(super) fn keep(&self, hash: TextHash, text: &str) {
        if !self.0.contains_key(&hash) {
            self.0.insert(hash, text.into());
        }
    }
}

/// Refuses a hash that is not the hash of the text.
pub(super) fn check(hash: TextHash, text: &str) -> Result<(), Failure> {
    if TextHash::of(text) == hash {
        Ok(())
    } else {
        Err(Failure::bad_request("\"extensions.persistedQuery.sha256Hash\" is not the SHA-256 of \"query\"."))
    }
}

/// The answer to an unknown hash. Clients recognize this message, and send the text.
pub(super) fn not_found() -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", "PERSISTED_QUERY_NOT_FOUND");
    let mut error = ServerError::new("PersistedQueryNotFound", None);
    error.extensions = Some(extensions);
    error
}
