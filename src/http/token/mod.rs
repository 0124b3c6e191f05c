//! Tokens: who is asking, from a JWT that is checked as RFC 8725 says.
//!
//! The key decides the algorithm, never the token; there is either one secret or a set of public keys, never both; claims are
//! read only once the signature holds; a claim of the wrong type refuses the token. The clock is passed in.

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
    /// The keys that were in use: one of them signed it.
    keys: Arc<KeySet>,
}

impl Verifier {
    /// A verifier with these keys. Reads none yet: see [`Verifier::warm`].
    ///
    /// # Errors
    ///
    /// When the library that checks signatures fails its test, or an HTTP client cannot be made.
    pub fn new(keys: KeySource, rules: Rules) -> Result<Self, KeysError> {
        self_test()?;
        let source = match keys {
            KeySource::Secrets(secrets) => Source::secrets(&secrets)?,
            KeySource::JwksFile(path) => Source::file(path),
            KeySource::JwksUrl(url) => Source::url(url)?,
        };
        // The cache's own clock only keeps it from growing; whether an entry still holds is decided by the clock passed in.
        let checked = Cache::builder().max_capacity(REMEMBERED).time_to_idle(Duration::from_mins(10)).build();
        Ok(Self { source, rules, checked })
    }

    /// Reads the keys, so that a wrong path or address shows at start. An issuer that is down for a moment is no reason not to
    /// start: the keys are then read when the first token comes.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub async fn warm(&self, now: DateTime<Utc>) -> Result<(), KeysError> {
        self.source.warm(now).await
    }

    /// What a token must say.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What the token says of its bearer.
    ///
    /// # Errors
    ///
    /// When it is not to be believed, or cannot be checked now.
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Claims>, Refusal> {
        let parts = Parts::of(token)?;
        let digest: [u8; 32] = Sha256::digest(token).into();
        // A key that was withdrawn is known as soon as the set is read again, for tokens that were checked before as well.
        let keys = self.source.keys_for(&parts, now).await?;
        if let Some(checked) = self.checked.get(&digest)
            && Arc::ptr_eq(&checked.keys, &keys)
        {
            claims::hold_time(checked.claims.expires_at.0, now)?;
            return Ok(checked.claims);
        }
        keys.check(&parts)?;
        let claims = Arc::new(self.rules.read(header::object(parts.payload)?, now)?);
        self.checked.insert(digest, Checked { claims: Arc::clone(&claims), keys });
        Ok(claims)
    }
}

/// jsonwebtoken panics at its first use where it was built with no crypto backend or with two: better at start than at the first
/// request.
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
