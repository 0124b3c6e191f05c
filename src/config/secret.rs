//! Texts that neither logs nor help show, and what one must have to sign tokens.

use std::{collections::HashSet, fmt, str::FromStr};

use super::error::{ConfigError, DIFFERENT_BYTES, SECRET_BYTES};

/// A text that neither logs nor help show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for where it is used.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it may sign tokens. `name` is the option's, or the file's.
    ///
    /// # Errors
    ///
    /// When it could be guessed.
    pub fn check(&self, name: &str) -> Result<(), ConfigError> {
        let text = self.0.trim();
        if text.len() < SECRET_BYTES {
            return Err(ConfigError::ShortSecret(name.to_owned()));
        }
        let different: HashSet<u8> = text.bytes().collect();
        if different.len() < DIFFERENT_BYTES { Err(ConfigError::PlainSecret(name.to_owned())) } else { Ok(()) }
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
