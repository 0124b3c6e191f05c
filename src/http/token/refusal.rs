//! Why a token is refused.

use thiserror::Error;

/// Why a token is refused, in words that help an integrator.
///
/// What is found before the signature is checked is told in general words only; the rest is told to bearers of a token that a
/// trusted key has signed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Longer than a token may be.
    #[error("The token is longer than 8 KiB.")]
    TooLong,
    /// No JWT, or one whose header asks for what is not done here.
    #[error("The token is not a signed JWT of an accepted kind.")]
    Malformed,
    /// The signature does not verify, or no trusted key could have made it.
    #[error("The token's signature is not from a trusted key.")]
    Signature,
    /// `exp` has passed.
    #[error("The token has expired.")]
    Expired,
    /// `nbf` or `iat` has yet to come.
    #[error("The token is not valid yet.")]
    NotYetValid,
    /// `iss` names another.
    #[error("The token comes from another issuer.")]
    Issuer,
    /// `aud` names others.
    #[error("The token is meant for another audience.")]
    Audience,
    /// A claim that is missing, or of the wrong JSON type, or out of range.
    #[error("The token's claim \"{0}\" is missing or has the wrong type.")]
    Claim(String),
    /// The token cannot be checked: the issuer's keys were never read. It may be a good one.
    #[error("The keys that check tokens cannot be read at the moment.")]
    KeysUnavailable,
}
