//! Tokens: JWTs that identify the sender, checked according to RFC 8725.
//!
//! The key determines the algorithm, not the token. There are either secrets or a set of public keys, never both. Claims are read
//! only after the signature was verified. A token with a claim of the wrong type is refused. The clock is passed in.

mod claims;
mod header;
mod keys;
mod mint;
mod refusal;
mod source;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use moka::sync::Cache;
use sha2::{Digest, Sha256};

pub use self::{
    claims::Rules,
    keys::KeysError,
    mint::{Grant, mint},
    refusal::Refusal,
};
use self::{header::Parts, keys::KeySet, source::Source};
use crate::{
    config::{KeySource, Secret},
    policy::{Claims, Scope},
};

const REMEMBERED: u64 = 10_000;

/// Checks tokens, and remembers those that it has checked.
pub struct Verifier {
    source: Source,
    rules: Rules,
    checked: Cache<[u8; 32], Checked>,
}

#[derive(Clone)]
struct Checked {
    claims: Arc<Claims>,
    /// The keys with which the token was checked.
    keys: Arc<KeySet>,
}

impl Verifier {
    /// A verifier with these keys. It does not read them yet: see [`Verifier::warm`].
    ///
    /// # Errors
    ///
    /// If the library for signatures fails its test, or no HTTP client can be created.
    pub fn new(keys: KeySource, rules: Rules) -> Result<Self, KeysError> {
        self_test()?;
        let source = match keys {
            KeySource::Secrets(secrets) => Source::secrets(&secrets)?,
            KeySource::JwksFile(path) => Source::file(path),
            KeySource::JwksUrl(url) => Source::url(url)?,
        };
        // The clock of the cache only limits its size. Whether a token has expired depends on the clock that is passed in.
        let checked = Cache::builder().max_capacity(REMEMBERED).time_to_idle(Duration::from_mins(10)).build();
        Ok(Self { source, rules, checked })
    }

    /// Reads the keys, so that a wrong path or address is noticed at the start. The server can start without them, because the issuer
    /// may be down for a moment: the keys are then read for the first token.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub async fn warm(&self, now: DateTime<Utc>) -> Result<(), KeysError> {
        self.source.warm(now).await
    }

    /// The rules for the claims.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The claims of the token.
    ///
    /// # Errors
    ///
    /// If the token is not valid, or cannot be checked at the moment.
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Claims>, Refusal> {
        let parts = Parts::of(token)?;
        let digest: [u8; 32] = Sha256::digest(token).into();
        // After the set was read again, a removed key is no longer accepted, also for tokens that were checked before.
        let keys = self.source.keys_for(&parts, now).await?;
        if let Some(checked) = self.checked.get(&digest)
            && Arc::ptr_eq(&checked.keys, &keys)
        {
            claims::check_expiry(checked.claims.expires_at.0, now)?;
            return Ok(checked.claims);
        }
        keys.check(&parts)?;
        let claims = Arc::new(self.rules.read(header::object(parts.payload)?, now)?);
        self.checked.insert(digest, Checked { claims: Arc::clone(&claims), keys });
        Ok(claims)
    }
}

/// jsonwebtoken panics at its first use if it was built without a crypto backend or with two. This makes it panic at the start, and
/// not in the first request.
fn self_test() -> Result<(), KeysError> {
    let secret = Secret::from("a secret for this test and no other".to_owned());
    let rules = Rules {
        issuer: "self-test".to_owned(),
        audiences: vec!["self-test".to_owned()],
        organization: "org".to_owned(),
        scope: "scope".to_owned(),
        name: "name".to_owned(),
    };
    let grant = Grant { subject: "self-test".to_owned(), name: None, organization: None, scopes: vec![Scope::Read] };
    let token = mint(&secret, &rules, &grant, TimeDelta::minutes(1), DateTime::UNIX_EPOCH)
        .map_err(|_| KeysError::SelfTest("a token could not be signed"))?;
    let parts = Parts::of(&token).map_err(|_| KeysError::SelfTest("a signed token could not be read"))?;
    let check =
        |secret: &str| -> Result<bool, KeysError> { Ok(KeySet::secrets([secret.as_bytes()])?.check(&parts).is_ok()) };
    if !check(secret.expose())? {
        return Err(KeysError::SelfTest("a good signature was refused"));
    }
    if check("another secret, that did not sign it")? {
        return Err(KeysError::SelfTest("a bad signature was accepted"));
    }
    Ok(())
}
