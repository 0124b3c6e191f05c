//! Creates tokens for development and tests. In production an identity provider creates them.

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value};

use super::claims::Rules;
use crate::{config::Secret, policy::Scope};

/// The claims of a new token.
#[derive(Clone, Debug)]
pub struct Grant {
    /// `sub`: the permanent name of the bearer.
    pub subject: String,
    /// The person's name. `None` creates the token of a program.
    pub name: Option<String>,
    /// The slug of the bearer's organization. `None` for a bearer without one.
    pub organization: Option<String>,
    /// The scopes of the token.
    pub scopes: Vec<Scope>,
}

/// Creates a token that is signed with the secret (HS256) and valid from `now` for `lifetime`.
///
/// A claim whose name in the rules is a JSON pointer is written at that place.
///
/// # Errors
///
/// If the library cannot sign.
pub fn mint(
    secret: &Secret,
    rules: &Rules,
    grant: &Grant,
    lifetime: TimeDelta,
    now: DateTime<Utc>,
) -> Result<String, jsonwebtoken::errors::Error> {
    let mut claims = Map::new();
    let mut put = |claim: &str, value: Value| insert(&mut claims, claim, value);
    put("iss", rules.issuer.clone().into());
    put("aud", rules.audiences.first().cloned().into());
    put("sub", grant.subject.clone().into());
    put("iat", now.timestamp().into());
    put("exp", (now + lifetime).timestamp().into());
    match &grant.name {
        Some(name) => put(&rules.name, name.clone().into()),
        None => put("client_id", grant.subject.clone().into()),
    }
    if let Some(organization) = &grant.organization {
        put(&rules.organization, organization.clone().into());
    }
    let scopes: Vec<&str> = grant.scopes.iter().map(|scope| scope.name()).collect();
    put(&rules.scope, scopes.join(" ").into());
    jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &EncodingKey::from_secret(secret.expose().as_bytes())?,
    )
}

fn insert(claims: &mut Map<String, Value>, claim: &str, value: Value) {
    let Some(pointer) = claim.strip_prefix('/') else {
        claims.insert(claim.to_owned(), value);
        return;
    };
    let (first, rest) = pointer.split_once('/').map_or((pointer, None), |(first, rest)| (first, Some(rest)));
    let name = first.replace("~1", "/").replace("~0", "~");
    match rest {
        None => {
            claims.insert(name, value);
        }
        Some(rest) => {
            let inner = claims.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                insert(inner, &format!("/{rest}"), value);
            }
        }
    }
}
