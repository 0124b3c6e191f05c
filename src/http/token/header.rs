//! The parts of a token, and the checks of its header.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::refusal::Refusal;

const MAX_BYTES: usize = 8 * 1024;

/// The parts of a token. None of them is verified yet.
pub(super) struct Parts<'a> {
    /// The algorithm (`alg`), which must be that of the key.
    pub algorithm: String,
    /// The id of the key (`kid`). `None` if the header has none.
    pub key_id: Option<String>,
    /// The signed text: header and payload.
    pub message: &'a str,
    /// The payload in base64url.
    pub payload: &'a str,
    /// The signature in base64url.
    pub signature: &'a str,
}

impl<'a> Parts<'a> {
    /// Splits a token.
    ///
    /// # Errors
    ///
    /// If it is too long, malformed, or uses features that RFC 8725 warns of.
    pub fn of(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > MAX_BYTES {
            return Err(Refusal::TooLong);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (header, payload) = message.split_once('.').ok_or(Refusal::Malformed)?;
        if payload.contains('.') || signature.is_empty() {
            return Err(Refusal::Malformed);
        }
        let header = object(header)?;
        // Keys in or at an address in the token are never used, and extensions are not supported. A token that contains them is
        // refused, because it expects that they are used.
        if ["jku", "jwk", "x5u", "crit", "b64", "enc", "zip"].iter().any(|name| header.contains_key(*name)) {
            return Err(Refusal::Malformed);
        }
        match text(&header, "typ")?.map(str::to_ascii_lowercase).as_deref() {
            None | Some("jwt" | "at+jwt" | "application/at+jwt") => {}
            Some(_) => return Err(Refusal::Malformed),
        }
        let algorithm = text(&header, "alg")?.ok_or(Refusal::Malformed)?.to_owned();
        let key_id = text(&header, "kid")?.map(str::to_owned);
        Ok(Self { algorithm, key_id, message, payload, signature })
    }
}

/// Decodes a part that is a JSON object.
pub(super) fn object(part: &str) -> Result<Map<String, Value>, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::Malformed)
}

fn text<'h>(header: &'h Map<String, Value>, name: &str) -> Result<Option<&'h str>, Refusal> {
    match header.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::Malformed),
    }
}
