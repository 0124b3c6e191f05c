//! The rules for the claims of a token, and their conversion to `Claims`.

use chrono::{DateTime, TimeDelta, Utc};
use entente_entity::{enums::ActorKind, scalar};
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::{
    characters,
    config::TokenOptions,
    policy::{Claims, Scope},
};

/// The tolerated difference between the clocks of the issuer and the server.
pub(super) const LEEWAY: TimeDelta = TimeDelta::seconds(30);
const MAX_TEXT: usize = 255;

/// The required claims of a token, and the names of the claims that Entente reads.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The required value of `iss`.
    pub issuer: String,
    /// The accepted values of `aud`, which must be or contain one of them.
    pub audiences: Vec<String>,
    /// The claim with the slug of the organization: a name, or a JSON pointer.
    pub organization: String,
    /// The claim with the scopes: a name, or a JSON pointer.
    pub scope: String,
    /// The claim with the bearer's name: a name, or a JSON pointer.
    pub name: String,
}

impl From<&TokenOptions> for Rules {
    fn from(options: &TokenOptions) -> Self {
        Self {
            issuer: options.jwt_issuer.clone(),
            audiences: options.jwt_audience.clone(),
            organization: options.jwt_organization_claim.clone(),
            scope: options.jwt_scope_claim.clone(),
            name: options.jwt_name_claim.clone(),
        }
    }
}

impl Rules {
    /// Reads the claims of a token whose signature was checked.
    ///
    /// A token that a program got for itself has no name, or its `sub` is the same as `client_id` (RFC 9068) or `azp` (OpenID
    /// Connect). All other tokens are those of persons.
    pub fn read(&self, payload: Map<String, Value>, now: DateTime<Utc>) -> Result<Claims, Refusal> {
        let payload = Payload(Value::Object(payload));
        let expires_at = payload.instant("exp")?.ok_or_else(|| Refusal::Claim("exp".to_owned()))?;
        check_expiry(expires_at, now)?;
        for begin in ["nbf", "iat"] {
            if payload.instant(begin)?.is_some_and(|at| at > now + LEEWAY) {
                return Err(Refusal::NotYetValid);
            }
        }
        if payload.text("iss")?.ok_or_else(|| Refusal::Claim("iss".to_owned()))? != self.issuer {
            return Err(Refusal::Issuer);
        }
        let audiences = payload.words("aud", false)?.ok_or_else(|| Refusal::Claim("aud".to_owned()))?;
        if !self.audiences.iter().any(|audience| audiences.contains(&&**audience)) {
            return Err(Refusal::Audience);
        }
        let subject = payload.text("sub")?.filter(|text| is_name(text));
        let subject = subject.ok_or_else(|| Refusal::Claim("sub".to_owned()))?.to_owned();
        let name = payload.text(&self.name)?.filter(|name| !name.is_empty());
        if name.is_some_and(|name| !is_name(name)) {
            return Err(Refusal::Claim(self.name.clone()));
        }
        let organization = payload.text(&self.organization)?.map(str::to_owned);
        let granted = payload.words(&self.scope, true)?.unwrap_or_default();
        let scopes = Scope::ALL.iter().copied().filter(|scope| granted.contains(&scope.name())).collect();
        let client = [payload.text("client_id")?, payload.text("azp")?].contains(&Some(&*subject));
        let kind = if client || name.is_none() { ActorKind::ServiceAccount } else { ActorKind::Person };
        let display_name = name.map_or_else(|| subject.clone(), str::to_owned);
        Ok(Claims { subject, display_name, organization, scopes, kind, expires_at: scalar::DateTime::new(expires_at) })
    }
}

/// Refuses an expired token.
pub(super) fn check_expiry(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), Refusal> {
    if expires_at + LEEWAY <= now { Err(Refusal::Expired) } else { Ok(()) }
}

/// Whether a text can be stored as a subject or a name: it has visible characters, a limited length, and one line.
fn is_name(text: &str) -> bool {
    characters::is_visible(text) && text.chars().count() <= MAX_TEXT && characters::line_fault(text).is_none()
}

struct Payload(Value);

impl Payload {
    fn get(&self, claim: &str) -> Option<&Value> {
        if claim.starts_with('/') { self.0.pointer(claim) } else { self.0.get(claim) }
    }

    fn text(&self, claim: &str) -> Result<Option<&str>, Refusal> {
        match self.get(claim) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::Claim(claim.to_owned())),
        }
    }

    /// The value of a claim that is a string or a list of strings. With `split`, a string is split into words.
    fn words(&self, claim: &str, split: bool) -> Result<Option<Vec<&str>>, Refusal> {
        let wrong = || Refusal::Claim(claim.to_owned());
        match self.get(claim) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if split => Ok(Some(text.split_ascii_whitespace().collect())),
            Some(Value::String(text)) => Ok(Some(vec![text])),
            Some(Value::Array(list)) => {
                list.iter().map(|item| item.as_str().ok_or_else(wrong)).collect::<Result<_, _>>().map(Some)
            }
            Some(_) => Err(wrong()),
        }
    }

    /// Seconds since 1970, with or without a fraction (RFC 7519).
    fn instant(&self, claim: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
        let wrong = || Refusal::Claim(claim.to_owned());
        let Some(value) = self.get(claim).filter(|value| !value.is_null()) else { return Ok(None) };
        let seconds = value.as_f64().filter(|seconds| (0.0..=253_402_300_799.0).contains(seconds)).ok_or_else(wrong)?;
        #[expect(clippy::cast_possible_truncation, reason = "held to the years 1970 to 9999 above")]
        let millis = (seconds * 1000.0) as i64;
        DateTime::from_timestamp_millis(millis).map(Some).ok_or_else(wrong)
    }
}
