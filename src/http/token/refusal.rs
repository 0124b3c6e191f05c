//! Why a token is refused.

use thiserror::Error;

/// Why a token is refused, with a message that helps an integrator.
///
/// The messages of faults that are found before the signature is verified are general. The others are only for bearers of a token that
/// a trusted key has signed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Longer than a token may be.
    #[error("The token is longer than 8 KiB.")]
    TooLong,
    /// It is not a JWT, or its header demands something that is not supported.
    #[error("The token is not a signed JWT of an accepted kind.")]
    Malformed,
    /// The signature is wrong, or not from a trusted key.
    #[error("The token's signature is not from a trusted key.")]
    Signature,
    /// `exp` is in the past.
    #[error("The token has expired.")]
    Expired,
    /// `nbf` or `iat` is in the future.
    #[error("The token is not valid yet.")]
    NotYetValid,
    /// `iss` is another issuer.
    #[error("The token comes from another issuer.")]
    Issuer,
    /// `aud` contains none of the accepted audiences.
    #[error("The token is meant for another audience.")]
    Audience,
    /// A claim is missing, has the wrong JSON type, or is out of range.
    #[error("The token's claim \"{0}\" is missing or has the wrong type.")]
    Claim(String),
    /// The token cannot be checked, because the issuer's keys were never read. It may be valid.
    #[error("The keys that check tokens cannot be read at the moment.")]
    KeysUnavailable,
}
