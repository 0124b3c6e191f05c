//! A server, over HTTP.

use std::{io::ErrorKind, time::Duration};

use anyhow::{Context, anyhow, bail};
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{ACCEPT, ACCEPT_LANGUAGE, RETRY_AFTER},
    redirect::Policy,
};
use serde_json::Value;

use super::Tried;
use crate::{
    config::{Address, Secret},
    words::{Speech, Words},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than the time limit of a server for a request.
const TIMEOUT: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A server, and the token for it.
pub(in crate::cli) struct Remote {
    client: Client,
    url: Url,
    token: Secret,
    speech: Speech,
}

impl Remote {
    /// The server at an address. The address can be that of the server or of its API.
    pub fn new(server: &Address, token: &Secret, speech: Speech) -> anyhow::Result<Self> {
        let mut url = server.expose().clone();
        if !url.username().is_empty() || url.password().is_some() {
            bail!(Words::AddressWithUser.say(speech));
        }
        // A token with other characters, for example "eyJ0…" from a manual, cannot be sent as a header.
        if token.expose().is_empty() || !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            bail!(Words::NotAToken.say(speech));
        }
        let path = url.path().trim_end_matches('/').trim_end_matches("/graphql");
        let path = format!("{path}/graphql");
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        // No redirects: the token must not be sent to another server.
        let client = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .user_agent(concat!("entente/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("no HTTP client can be made")?;
        Ok(Self { client, url, token: token.clone(), speech })
    }

    /// Sends an operation. `once` is its `Idempotency-Key`, so that a repeated mutation runs once.
    pub(super) async fn attempt(&self, body: &Value, language: Option<&str>, once: &str) -> anyhow::Result<Tried> {
        let request = self
            .client
            .post(self.url.clone())
            .bearer_auth(self.token.expose())
            .header(ACCEPT, "application/graphql-response+json, application/json;q=0.9")
            .header("idempotency-key", once)
            .json(body);
        let request = match language {
            Some(language) => request.header(ACCEPT_LANGUAGE, language),
            None => request,
        };
        let response = self.reached(request.send().await)?;
        let status = response.status();
        if [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS].contains(&status) {
            let (place, pause) = (self.url.to_string(), pause(&response));
            let words = not_now(place, status, &response.bytes().await.unwrap_or_default());
            return Ok(Tried::Later(pause, anyhow!(words.say(self.speech))));
        }
        let body = self.reached(response.bytes().await)?;
        match serde_json::from_slice::<Value>(&body) {
            Ok(answer) if answer.get("data").is_some() || answer.get("errors").is_some() => Ok(Tried::Answered(answer)),
            _ => bail!(Words::NotEntente { place: self.url.to_string(), status: status.to_string() }.say(self.speech)),
        }
    }

    fn reached<T>(&self, result: reqwest::Result<T>) -> anyhow::Result<T> {
        let place = || self.url.to_string();
        result.map_err(|error| match cause(&error) {
            Some(cause) => {
                anyhow!(Words::UnreachableFor { place: place(), cause: cause.say(self.speech) }.say(self.speech))
            }
            None => anyhow!(error.without_url()).context(Words::CannotBeReached { place: place() }.say(self.speech)),
        })
    }
}

/// Why a server cannot be reached; `None` if the reason is unusual.
fn cause(error: &reqwest::Error) -> Option<Words> {
    let mut causes = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        causes.push(cause);
        next = cause.source();
    }
    let says = |text: &str| causes.iter().any(|cause| cause.to_string().to_lowercase().contains(text));
    let kinds = causes.iter().filter_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    let is = |kind| kinds.clone().any(|it| it == kind);
    Some(if error.is_timeout() || is(ErrorKind::TimedOut) {
        Words::NoAnswerInTime
    } else if is(ErrorKind::ConnectionRefused) {
        Words::ConnectionRefused
    } else if says("dns error") {
        Words::NoSuchHost
    } else if says("certificate") {
        Words::CertificateNotTrusted
    } else if says("corrupt message") || says("invalidcontenttype") || says("tls") {
        Words::NoTls
    } else if is(ErrorKind::ConnectionReset) || says("connection closed") || says("incomplete message") {
        Words::ConnectionClosed
    } else {
        return None;
    })
}

/// Why the server does not answer now: it says so itself, but a load balancer in front of it may not.
fn not_now(place: String, status: StatusCode, body: &[u8]) -> Words {
    let answer = serde_json::from_slice::<Value>(body).unwrap_or_default();
    match answer["errors"][0]["message"].as_str() {
        Some(cause) => Words::AnsweredLater { place, cause: cause.to_owned() },
        None => Words::NoTimeToAnswer { place, status: status.to_string() },
    }
}

/// The time that the server asks to wait; 1 s if it does not say.
fn pause(response: &Response) -> Duration {
    let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(1)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_reason_of_the_server_is_told() {
        let told =
            |body: &str| not_now("there".into(), StatusCode::SERVICE_UNAVAILABLE, body.as_bytes()).say(Speech::English);
        let of_server =
            r#"{"errors":[{"message":"The database is not available.","extensions":{"code":"UNAVAILABLE"}}]}"#;
        assert_eq!(told(of_server), "there cannot answer now: The database is not available.");
        assert_eq!(told("<html>"), "there has no time to answer (503 Service Unavailable)");
    }

    #[rstest]
    #[case("http://localhost:8080", Some("http://localhost:8080/graphql"))]
    #[case("https://entente.example/sub/", Some("https://entente.example/sub/graphql"))]
    #[case("https://entente.example/graphql/#token=x", Some("https://entente.example/graphql"))]
    #[case("https://user:hunter2@entente.example", None)]
    fn the_address_is_the_servers_or_that_of_its_api(#[case] given: &str, #[case] called: Option<&str>) {
        let remote = Remote::new(&given.parse().unwrap(), &"token".to_owned().into(), Speech::English);
        assert_eq!(remote.ok().map(|remote| remote.url.to_string()).as_deref(), called);
    }
}
