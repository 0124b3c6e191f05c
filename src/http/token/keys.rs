//! Keys that check signatures, and the sets in which issuers publish them.

use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use thiserror::Error;

use super::{Refusal, header::Parts};

/// Why keys cannot be had.
#[derive(Debug, Error)]
pub enum KeysError {
    /// The set could not be fetched.
    #[error("the set of keys cannot be fetched: {0}")]
    Fetch(#[from] reqwest::Error),
    /// The answer was not 200.
    #[error("the issuer answered with status {0}")]
    Status(u16),
    /// The set is larger than any set of keys should be.
    #[error("the set of keys is larger than 1 MiB")]
    TooLarge,
    /// The file could not be read.
    #[error("the file with the keys cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// No JWKS.
    #[error("the keys are no JSON Web Key Set: {0}")]
    Json(#[from] serde_json::Error),
    /// No key in the set serves to check signatures.
    #[error("no key of the set is a signing key for RS256, ES256 or EdDSA")]
    NoKey,
    /// The library that checks signatures does not.
    #[error("signatures cannot be checked: {0}")]
    SelfTest(&'static str),
}

/// A key with the one algorithm that it is used with, whatever a token's header says.
#[derive(Clone, Debug)]
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
}

impl Key {
    fn serves(&self, name: &str) -> bool {
        match self.algorithm {
            Algorithm::HS256 => name == "HS256",
            Algorithm::RS256 => name == "RS256",
            Algorithm::ES256 => name == "ES256",
            Algorithm::EdDSA => name == "EdDSA" || name == "Ed25519",
            _ => false,
        }
    }
}

/// Either one secret, or public keys: never both.
#[derive(Clone, Debug)]
pub(super) struct KeySet(Vec<Key>);

impl KeySet {
    /// The set of one secret, used with HS256.
    pub fn secret(secret: &[u8]) -> Self {
        Self(vec![Key { id: None, algorithm: Algorithm::HS256, decoding: DecodingKey::from_secret(secret) }])
    }

    /// The public keys of a JWKS that serve to check signatures. Others are passed over, secrets among them.
    pub fn public(json: &[u8]) -> Result<Self, KeysError> {
        #[derive(serde::Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Document = serde_json::from_slice(json)?;
        let keys: Vec<Key> = document.keys.iter().filter_map(public_key).collect();
        if keys.is_empty() { Err(KeysError::NoKey) } else { Ok(Self(keys)) }
    }

    /// Whether a key of this set may have signed the token: the one it names, or the only one for its algorithm where either names
    /// none.
    pub fn knows(&self, parts: &Parts<'_>) -> bool {
        self.key_for(parts).is_some()
    }

    /// Checks the signature.
    pub fn check(&self, parts: &Parts<'_>) -> Result<(), Refusal> {
        let key = self.key_for(parts).ok_or(Refusal::Signature)?;
        match jsonwebtoken::crypto::verify(parts.signature, parts.message.as_bytes(), &key.decoding, key.algorithm) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(Refusal::Signature),
        }
    }

    fn key_for(&self, parts: &Parts<'_>) -> Option<&Key> {
        let serving = || self.0.iter().filter(|key| key.serves(&parts.algorithm));
        if let Some(id) = &parts.key_id
            && let Some(named) = serving().find(|key| key.id.as_ref() == Some(id))
        {
            return Some(named);
        }
        let mut nameless = serving().filter(|key| parts.key_id.is_none() || key.id.is_none());
        nameless.next().filter(|_| nameless.next().is_none())
    }
}

fn public_key(jwk: &Value) -> Option<Key> {
    let text = |name: &str| jwk.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    if let Some(operations) = jwk.get("key_ops").and_then(Value::as_array)
        && !operations.iter().any(|operation| operation == "verify")
    {
        return None;
    }
    let (algorithm, key) = match (text("kty")?, text("crv")) {
        ("RSA", _) => (Algorithm::RS256, DecodingKey::from_rsa_components(text("n")?, text("e")?)),
        ("EC", Some("P-256")) => (Algorithm::ES256, DecodingKey::from_ec_components(text("x")?, text("y")?)),
        ("OKP", Some("Ed25519")) => (Algorithm::EdDSA, DecodingKey::from_ed_components(text("x")?)),
        _ => return None,
    };
    let key = Key { id: text("kid").map(str::to_owned), algorithm, decoding: key.ok()? };
    text("alg").is_none_or(|name| key.serves(name)).then_some(key)
}
