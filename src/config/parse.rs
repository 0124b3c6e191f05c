//! How the values of options are read: what cannot be meant is refused before anything is touched.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
    time::Duration,
};

use axum::http::HeaderValue;
use entente_entity::{scalar::Locale, text::Lang};

/// A time above none.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = some_seconds(text).ok().filter(|seconds| !seconds.is_zero());
    seconds.ok_or_else(|| "a number of seconds above 0 and up to 86400".to_owned())
}

/// A time, or none.
pub(super) fn some_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.trim().parse().ok().filter(|seconds| *seconds <= 86_400.0);
    let seconds = seconds.and_then(|seconds: f64| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or_else(|| "a number of seconds from 0 to 86400".to_owned())
}

/// How many of something: none of it would stop the server, and more than a million is a mistake.
pub(super) fn count(text: &str) -> Result<u32, String> {
    let count = text.trim().parse().ok().filter(|count| (1..=1_000_000).contains(count));
    count.ok_or_else(|| "a whole number from 1 to 1000000".to_owned())
}

pub(super) fn bytes(text: &str) -> Result<u64, String> {
    text.trim().parse().map_err(|_| "a whole number of bytes, such as 268435456".to_owned())
}

pub(super) fn part(text: &str) -> Result<f64, String> {
    let part = text.trim().parse().ok().filter(|part| (f64::MIN_POSITIVE..=1.0).contains(part));
    part.ok_or_else(|| "a part of 1, as 0.25 is: above 0, and 1 at most".to_owned())
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "y" | "t" | "1" => Ok(true),
        "false" | "no" | "off" | "n" | "f" | "0" => Ok(false),
        _ => Err("true or false".to_owned()),
    }
}

/// Where a server listens.
///
/// # Errors
///
/// When it is no address with a port.
pub fn listen(text: &str) -> Result<SocketAddr, String> {
    text.trim().parse().map_err(|_| "ADDRESS:PORT, such as 127.0.0.1:8080, or [::]:8080 for all addresses".to_owned())
}

pub(super) fn locale(text: &str) -> Result<Locale, String> {
    Lang::parse(text).map(|lang| Locale(lang.to_string())).ok_or_else(|| "not a known BCP 47 language tag".to_owned())
}

/// An origin as browsers write it in the header `Origin`, or `*`.
pub(super) fn origin(text: &str) -> Result<HeaderValue, String> {
    let text = text.trim();
    if text == "*" {
        return Ok(HeaderValue::from_static("*"));
    }
    scheme_and_host(text).ok_or_else(|| {
        "an origin is a scheme and a whole host, such as https://app.example or http://localhost:3000; or * alone for all"
            .to_owned()
    })
}

/// Where clients reach the server.
pub(super) fn public_url(text: &str) -> Result<HeaderValue, String> {
    scheme_and_host(text)
        .ok_or_else(|| "a scheme and a host, such as https://entente.example, without a path".to_owned())
}

/// A scheme and a host, and nothing else.
fn scheme_and_host(text: &str) -> Option<HeaderValue> {
    let url = reqwest::Url::parse(text.trim()).ok()?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let is_whole = url.host_str().is_some_and(|host| !host.contains('*'));
    let is_taken = matches!(url.scheme(), "http" | "https") && is_bare && is_whole && url.password().is_none();
    HeaderValue::from_str(&url.origin().ascii_serialization()).ok().filter(|_| is_taken)
}

/// What is logged: a level, or targets with levels.
pub(super) fn filter(text: &str) -> Result<String, String> {
    let level = |word: &str| match word.trim().to_ascii_lowercase().as_str() {
        known @ ("off" | "error" | "warn" | "info" | "debug" | "trace") => Some(known.to_owned()),
        "warning" => Some("warn".to_owned()),
        _ => None,
    };
    let directive = |part: &str| -> Result<String, String> {
        if part.contains('[') {
            return Ok(part.to_owned());
        }
        let (target, word) = part.split_once('=').map_or((None, part), |(target, word)| (Some(target.trim()), word));
        let level = level(word).ok_or_else(|| {
            format!(
                "\"{}\" is not a level: off, error, warn, info, debug or trace; for a target: entente=debug",
                word.trim()
            )
        })?;
        Ok(target.map_or(level.clone(), |target| format!("{target}={level}")))
    };
    let parts = text.split(',').filter(|part| !part.trim().is_empty()).map(directive);
    let filter = parts.collect::<Result<Vec<_>, _>>()?.join(",");
    tracing_subscriber::EnvFilter::try_new(&filter).map_err(|error| error.to_string())?;
    Ok(filter)
}

/// Addresses of proxies: one, or a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    /// Whether the address is within.
    pub fn contains(&self, address: IpAddr) -> bool {
        let whole = |address: IpAddr| match address.to_canonical() {
            IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        let ((own, family), (other, of)) = (whole(self.address), whole(address));
        family == of && (self.bits == 0 || (own ^ other) >> (128 - self.bits) == 0)
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || "an address or a network, such as 10.0.0.7 or 10.0.0.0/8".to_owned();
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(a, bits)| (a, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).map_err(|_| wrong())?;
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_browsers_send() {
        for (text, read) in [
            ("https://app.example", "https://app.example"),
            (" https://APP.example:443/ ", "https://app.example"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("*", "*"),
        ] {
            assert_eq!(origin(text).unwrap(), read);
        }
        for wrong in [
            "app.example",
            "localhost:3000",
            "https://app.example/path",
            "https://u@app.example",
            "null",
            "https://a.example?b",
            "https://*.example",
            "https://*",
            "**",
        ] {
            assert!(origin(wrong).is_err(), "{wrong}");
            assert!(public_url(wrong).is_err(), "{wrong}");
        }
        assert!(public_url("*").is_err());
        assert_eq!(public_url("https://entente.example/").unwrap(), "https://entente.example");
    }

    #[test]
    fn a_level_is_a_level() {
        for (text, read) in [
            ("warning", "warn"),
            ("WARN", "warn"),
            ("info,entente=debug", "info,entente=debug"),
            ("info, hyper=warning", "info,hyper=warn"),
        ] {
            assert_eq!(filter(text).unwrap(), read);
        }
        for wrong in ["warm", "entente", "info,entente=loud", "verbose"] {
            assert!(filter(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_network_holds_its_addresses() {
        let holds =
            |network: &str, address: &str| network.parse::<Network>().unwrap().contains(address.parse().unwrap());
        assert!(
            holds("10.0.0.0/8", "10.1.2.3") && holds("10.0.0.7", "10.0.0.7") && holds("10.0.0.0/8", "::ffff:10.1.2.3")
        );
        assert!(holds("fd00::/8", "fd12::1") && holds("0.0.0.0/0", "192.0.2.1") && holds("::/0", "fd12::1"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1") && !holds("0.0.0.0/0", "fd12::1") && !holds("10.0.0.7", "10.0.0.8"));
        for wrong in ["", "10.0.0.0/33", "proxy", "10.0.0.0/x"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
