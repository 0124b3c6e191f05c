//! The keys that check signatures, and the sets in which issuers publish them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;
use thiserror::Error;

use super::{header::Parts, refusal::Refusal};

/// Why there are no keys.
#[derive(Debug, Error)]
pub enum KeysError {
    /// The set cannot be fetched, for this reason.
    #[error("the set of keys cannot be fetched: {0}")]
    Fetch(String),
    /// The issuer answered with another status than 200.
    #[error("the issuer answered with status {0}")]
    Status(u16),
    /// The set is too large.
    #[error("the set of keys is larger than 1 MiB")]
    TooLarge,
    /// The file cannot be read.
    #[error("the file with the keys cannot be read: {0}")]
    File(#[from] std::io::Error),
    /// The text is not a JWKS.
    #[error("the keys are not a JSON Web Key Set: {0}")]
    Json(#[from] serde_json::Error),
    /// The set contains no key that checks signatures.
    #[error("no key of the set is a signing key for RS256, ES256 or EdDSA")]
    NoKey,
    /// The library for signatures does not work.
    #[error("signatures cannot be checked: {0}")]
    SelfTest(&'static str),
}

impl From<reqwest::Error> for KeysError {
    /// Only the innermost cause: the others contain the address, which can contain a secret.
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let causes = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
        Self::Fetch(causes.last().map(ToString::to_string).unwrap_or_default())
    }
}

/// A key with the only algorithm that it is used with, whatever the header of a token contains.
#[derive(Clone, Debug)]
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    decoding: DecodingKey,
    /// The key as JSON, as the issuer publishes it.
    written: Value,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
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

/// Either secrets, or public keys: never both.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct KeySet(Vec<Key>);

impl KeySet {
    /// The set of these secrets, for HS256.
    pub fn secrets<'s>(secrets: impl IntoIterator<Item = &'s [u8]>) -> Result<Self, KeysError> {
        let key = |secret: &[u8]| {
            let decoding = DecodingKey::from_secret(secret).map_err(|_| KeysError::SelfTest("a secret is empty"))?;
            Ok(Key { id: None, algorithm: Algorithm::HS256, decoding, written: Value::Null })
        };
        secrets.into_iter().map(key).collect::<Result<_, _>>().map(Self)
    }

    /// The public keys of a JWKS that check signatures. Other keys, also secrets, are ignored.
    pub fn public(json: &[u8]) -> Result<Self, KeysError> {
        #[derive(serde::Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Document = serde_json::from_slice(json)?;
        let keys: Vec<Key> = document.keys.iter().filter_map(public_key).collect();
        if keys.is_empty() { Err(KeysError::NoKey) } else { Ok(Self(keys)) }
    }

    /// Whether the set contains a key that may have signed the token: the key that the token names, or, if the token or the key has no
    /// name, the only key for its algorithm.
    pub fn knows(&self, parts: &Parts<'_>) -> bool {
        !self.keys_for(parts).is_empty()
    }

    /// Checks the signature.
    pub fn check(&self, parts: &Parts<'_>) -> Result<(), Refusal> {
        let signed = |key: &&Key| {
            let message = parts.message.as_bytes();
            matches!(jsonwebtoken::crypto::verify(parts.signature, message, &key.decoding, key.algorithm), Ok(true))
        };
        if self.keys_for(parts).iter().any(signed) { Ok(()) } else { Err(Refusal::Signature) }
    }

    /// The keys that may have signed the token: one public key, or all secrets, which have no names.
    fn keys_for(&self, parts: &Parts<'_>) -> Vec<&Key> {
        let serving = || self.0.iter().filter(|key| key.serves(&parts.algorithm));
        if let Some(id) = &parts.key_id
            && let Some(named) = serving().find(|key| key.id.as_ref() == Some(id))
        {
            return vec![named];
        }
        let nameless: Vec<&Key> = serving().filter(|key| parts.key_id.is_none() || key.id.is_none()).collect();
        let is_secret = nameless.iter().all(|key| key.algorithm == Algorithm::HS256);
        if is_secret || nameless.len() == 1 { nameless } else { Vec::new() }
    }
}

/// The encodings of the points of Ed25519 whose order divides 8, without the sign bit. With such a key, anyone can make valid
/// signatures of any message.
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    within(1, [0; 30], 0),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ],
    within(0xec, [0xff; 30], 0x7f),
    within(0xed, [0xff; 30], 0x7f),
    within(0xee, [0xff; 30], 0x7f),
];

const fn within(first: u8, middle: [u8; 30], last: u8) -> [u8; 32] {
    let mut all = [first; 32];
    let mut index = 0;
    while index < middle.len() {
        all[index + 1] = middle[index];
        index += 1;
    }
    all[31] = last;
    all
}

fn has_small_order(point: &str) -> bool {
    let Ok(Ok(mut point)) = URL_SAFE_NO_PAD.decode(point).map(<[u8; 32]>::try_from) else { return false };
    point[31] &= 0x7f;
    SMALL_ORDER.contains(&point)
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
        ("OKP", Some("Ed25519")) if has_small_order(text("x")?) => return None,
        ("OKP", Some("Ed25519")) => (Algorithm::EdDSA, DecodingKey::from_ed_components(text("x")?)),
        _ => return None,
    };
    let key = Key { id: text("kid").map(str::to_owned), algorithm, decoding: key.ok()?, written: jwk.clone() };
    text("alg").is_none_or(|name| key.serves(name)).then_some(key)
}
