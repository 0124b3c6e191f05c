//! Addresses of servers, without the parts that can be secret.

use std::{fmt, str::FromStr};

use reqwest::Url;

/// An address of the web. User, password, query and fragment are used where it is called, and shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// The address itself, for where it is called.
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        url.map(Self).ok_or_else(|| "an address begins with http:// or https://".to_owned())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        // They cannot fail for an address with a host.
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        shown.set_query(None);
        shown.set_fragment(None);
        shown.fmt(f)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_not_shown() {
        let address: Address = " https://u:hunter2@id.example:8443/keys?api_key=hunter2#hunter2".parse().unwrap();
        assert_eq!((address.to_string(), format!("{address:?}")), (address.to_string(), address.to_string()));
        assert_eq!(address.to_string(), "https://id.example:8443/keys");
        assert_eq!(address.expose().password(), Some("hunter2"));
        for wrong in ["", "keys", "id.example", "ftp://id.example", "http://"] {
            assert!(wrong.parse::<Address>().is_err(), "{wrong}");
        }
    }
}
