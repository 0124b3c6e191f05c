//! Options that cannot be used together, and secrets that are too weak.

use thiserror::Error;

/// The least number of bytes of a secret that signs tokens, without blanks at its ends.
pub(super) const SECRET_BYTES: usize = 32;
/// The least number of different bytes in it. Of 10^16 secrets of 32 random bytes in hexadecimal digits, one has fewer.
pub(super) const DIFFERENT_BYTES: usize = 8;

/// Why the options cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// No key to check tokens with.
    #[error(
        "no key to check tokens with: give one of --jwt-secret, --jwks-url and --jwks-file (or ENTENTE_JWT_SECRET, \
         ENTENTE_JWKS_URL, ENTENTE_JWKS_FILE), or start with --demo"
    )]
    NoKey,
    /// More than one source of keys.
    #[error(
        "--jwt-secret, --jwks-url and --jwks-file exclude each other: give exactly one (ENTENTE_JWT_SECRET, \
         ENTENTE_JWKS_URL and ENTENTE_JWKS_FILE count as well)"
    )]
    SeveralKeys,
    /// A secret of few characters, by the name of the option or the file that gives it.
    #[error(
        "{0} is too short: it needs at least {SECRET_BYTES} bytes, without blanks at both ends; `openssl rand -hex 32` creates one"
    )]
    ShortSecret(String),
    /// A secret that could be guessed.
    #[error(
        "{0} can be guessed: it has fewer than {DIFFERENT_BYTES} different characters; `openssl rand -hex 32` creates a good one"
    )]
    PlainSecret(String),
    /// A secret that follows none.
    #[error(
        "--jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET) goes with --jwt-secret (ENTENTE_JWT_SECRET), which is not given"
    )]
    PreviousAlone,
    /// One secret, given twice.
    #[error(
        "--jwt-secret (ENTENTE_JWT_SECRET) and --jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET) are the same: give the second only while you replace the first, and then it is another"
    )]
    SameSecret,
    /// A demo that others can reach.
    #[error(
        "--demo gives everyone who can reach it full access to its data, and --listen is not a local address: listen on 127.0.0.1 or [::1], or allow this with --demo-public (ENTENTE_DEMO_PUBLIC=true)"
    )]
    PublicDemo,
}
