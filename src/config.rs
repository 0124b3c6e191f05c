//! The options: flags, and `ENTENTE_*` variables of the same names. `--help` is their reference.
//!
//! They stand in groups, so that each subcommand takes the groups that it needs.

mod address;
mod environment;
mod parse;
mod secret;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};
use entente_entity::scalar::Locale;
use thiserror::Error;

pub use self::parse::listen;
pub use self::{
    address::Address,
    environment::{EnvironmentError, with_environment},
    parse::Network,
    secret::Secret,
};
use self::{
    parse::{boolean, bytes, count, filter, locale, origin, part, public_url, seconds, some_seconds},
    secret::{DIFFERENT_BYTES, SECRET_BYTES},
};

const SECRET: &str = "--jwt-secret (ENTENTE_JWT_SECRET)";
const PREVIOUS_SECRET: &str = "--jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET)";
const DATABASE_URL: &str = "sqlite://entente.db?mode=rwc";

/// Options that do not go together.
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
        "{0} is too short: it takes {SECRET_BYTES} bytes at least, blanks at its ends not counted; `openssl rand -hex 32` makes one"
    )]
    ShortSecret(String),
    /// A secret that could be guessed.
    #[error(
        "{0} could be guessed: it has fewer than {DIFFERENT_BYTES} different characters; `openssl rand -hex 32` makes a good one"
    )]
    PlainSecret(String),
    /// A secret that follows none.
    #[error(
        "--jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET) goes with --jwt-secret (ENTENTE_JWT_SECRET), which is not given"
    )]
    PreviousAlone,
    /// A demo that others can reach.
    #[error(
        "--demo gives whoever can reach it full access to its data, and --listen is not an address of this machine alone: listen \
         on 127.0.0.1 or [::1], or add --demo-public (ENTENTE_DEMO_PUBLIC=true) if that is what you want"
    )]
    PublicDemo,
}

/// Which database.
#[derive(Args, Clone, Debug, Default)]
pub struct DatabaseOptions {
    /// Database: sqlite://FILE?mode=rwc or postgres://USER:PASSWORD@HOST/NAME [default: sqlite://entente.db?mode=rwc]
    #[arg(long, env = "ENTENTE_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<Secret>,
}

impl DatabaseOptions {
    /// The database that was named, or the default one.
    pub fn url(&self) -> &str {
        self.database_url.as_ref().map_or(DATABASE_URL, Secret::expose)
    }
}

/// How many connections to the database a server keeps.
#[derive(Args, Clone, Copy, Debug)]
pub struct PoolOptions {
    /// Connections to the database that read, at most; with SQLite, two for each processor at most
    #[arg(long, env = "ENTENTE_DATABASE_READERS", value_name = "COUNT", default_value_t = 16, value_parser = count)]
    pub database_readers: u32,

    /// Connections to PostgreSQL that write, at most; with SQLite there is one
    #[arg(long, env = "ENTENTE_DATABASE_WRITERS", value_name = "COUNT", default_value_t = 12, value_parser = count)]
    pub database_writers: u32,
}

/// How those who write are shared.
#[derive(Args, Clone, Copy, Debug)]
pub struct ShareOptions {
    /// Which part of the connections that write one organization (a bearer without one: for itself) holds at most
    #[arg(long, env = "ENTENTE_WRITER_SHARE", value_name = "PART", default_value_t = 0.25, value_parser = part)]
    pub writer_share: f64,

    /// How many writes of one organization wait for their turn at most; further ones are told to come again (429)
    #[arg(long, env = "ENTENTE_MAX_QUEUED_WRITES", value_name = "COUNT", default_value_t = 64, value_parser = count)]
    pub max_queued_writes: u32,
}

/// What to do where the database is not there yet.
#[derive(Args, Clone, Copy, Debug)]
pub struct WaitOptions {
    /// Time to wait at the start for a database that does not answer yet, in seconds; 0 to give up at once
    #[arg(long, env = "ENTENTE_DATABASE_WAIT", value_name = "SECONDS", default_value = "60", value_parser = some_seconds)]
    pub database_wait: Duration,
}

/// In which language texts are.
#[derive(Args, Clone, Debug)]
pub struct LocaleOptions {
    /// Language of plain strings in documents, and for readers who name none that a text has: a BCP 47 tag
    #[arg(long, env = "ENTENTE_DEFAULT_LOCALE", value_name = "TAG", default_value = Self::DEFAULT, value_parser = locale)]
    pub default_locale: Locale,
}

impl LocaleOptions {
    /// The language unless another is given.
    pub const DEFAULT: &str = "en";
}

/// What the API keeps.
#[derive(Args, Clone, Debug)]
pub struct ApiOptions {
    /// Memory for definitions that were read before, in bytes (268435456 is 256 MiB)
    #[arg(long, env = "ENTENTE_DEFINITION_CACHE_BYTES", value_name = "BYTES", default_value_t = 256 * 1024 * 1024, value_parser = bytes)]
    pub definition_cache_bytes: u64,
}

/// What a token must say, and the secret that may sign it.
#[derive(Args, Clone, Debug)]
pub struct TokenOptions {
    /// Secret that signs tokens (HS256), 32 bytes at least; excludes --jwks-url and --jwks-file
    #[arg(long, env = "ENTENTE_JWT_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub jwt_secret: Option<Secret>,

    /// Another secret whose tokens are accepted, while one takes the place of another: no new ones are made with it
    #[arg(long, env = "ENTENTE_JWT_PREVIOUS_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub jwt_previous_secret: Option<Secret>,

    /// Issuer of tokens: the claim "iss" must equal it
    #[arg(long, env = "ENTENTE_JWT_ISSUER", value_name = "TEXT", default_value = "entente")]
    pub jwt_issuer: String,

    /// Audiences of tokens, with commas between: the claim "aud" must be one of them, or a list with one; `entente token` takes the
    /// first
    #[arg(
        long,
        env = "ENTENTE_JWT_AUDIENCE",
        value_name = "TEXTS",
        default_value = "entente",
        value_delimiter = ',',
        value_parser = clap::builder::NonEmptyStringValueParser::new()
    )]
    pub jwt_audience: Vec<String>,

    /// Claim with the slug of the bearer's organization; what starts with "/" is a JSON pointer into the claims
    #[arg(long, env = "ENTENTE_JWT_ORGANIZATION_CLAIM", value_name = "CLAIM", default_value = "org")]
    pub jwt_organization_claim: String,

    /// Claim with the scopes, as words with spaces between or as a list; what starts with "/" is a JSON pointer
    #[arg(long, env = "ENTENTE_JWT_SCOPE_CLAIM", value_name = "CLAIM", default_value = "scope")]
    pub jwt_scope_claim: String,

    /// Claim with the bearer's name; tokens without it are those of programs
    #[arg(long, env = "ENTENTE_JWT_NAME_CLAIM", value_name = "CLAIM", default_value = "name")]
    pub jwt_name_claim: String,
}

impl TokenOptions {
    /// The secret that was given, which signs tokens.
    ///
    /// # Errors
    ///
    /// When it could be guessed.
    pub fn secret(&self) -> Result<Option<&Secret>, ConfigError> {
        self.jwt_secret.as_ref().map(|secret| secret.check(SECRET).map(|()| secret)).transpose()
    }

    /// The secrets that check tokens: the one that signs them, and the one before it.
    ///
    /// # Errors
    ///
    /// When one could be guessed, or there is a previous one alone.
    pub fn secrets(&self) -> Result<Vec<Secret>, ConfigError> {
        if self.jwt_secret.is_none() && self.jwt_previous_secret.is_some() {
            return Err(ConfigError::PreviousAlone);
        }
        let given = [(SECRET, &self.jwt_secret), (PREVIOUS_SECRET, &self.jwt_previous_secret)];
        let given = given.into_iter().filter_map(|(name, secret)| Some((name, secret.as_ref()?)));
        given.map(|(name, secret)| secret.check(name).map(|()| secret.clone())).collect()
    }
}

/// How logs are written, always to the standard error.
#[derive(Args, Clone, Debug)]
pub struct LogOptions {
    /// Form of the log
    #[arg(long, env = "ENTENTE_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,

    /// What is logged: a level (error, warn, info, debug, trace), or targets with levels ("info,entente=debug")
    #[arg(long, env = "ENTENTE_LOG", value_name = "FILTER", default_value = "info", value_parser = filter)]
    pub log: String,
}

/// The form of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The options of `entente serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeOptions {
    /// Serve the sample in a temporary database (unless one is named), with ready-made tokens; never in production
    #[arg(long, env = "ENTENTE_DEMO", value_parser = boolean)]
    pub demo: bool,

    /// Let --demo listen on an address that others can reach: whoever reaches it may read and write its data
    #[arg(long, env = "ENTENTE_DEMO_PUBLIC", value_parser = boolean)]
    pub demo_public: bool,

    /// Address and port to listen on; [::]:8080 takes IPv6 and IPv4
    #[arg(long, env = "ENTENTE_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = listen)]
    pub listen: SocketAddr,

    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,

    /// How many connections to it.
    #[command(flatten)]
    pub pool: PoolOptions,

    /// How those who write are shared.
    #[command(flatten)]
    pub share: ShareOptions,

    /// What to do where it is not there yet.
    #[command(flatten)]
    pub wait: WaitOptions,

    /// In which language texts are.
    #[command(flatten)]
    pub locale: LocaleOptions,

    /// What the API keeps.
    #[command(flatten)]
    pub api: ApiOptions,

    /// What tokens must say.
    #[command(flatten)]
    pub token: TokenOptions,

    /// Where the issuer publishes its public keys (RS256, ES256, EdDSA): a JWKS, read again every 10 minutes
    #[arg(long, env = "ENTENTE_JWKS_URL", value_name = "URL")]
    pub jwks_url: Option<Address>,

    /// File with the issuer's public keys (RS256, ES256, EdDSA): a JWKS, read again within 10 seconds of a change
    #[arg(long, env = "ENTENTE_JWKS_FILE", value_name = "FILE")]
    pub jwks_file: Option<PathBuf>,

    /// Origins whose pages may call the API from a browser (https://app.example), with commas between, or * for all; none unless set
    #[arg(long, env = "ENTENTE_CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub cors_origins: Vec<axum::http::HeaderValue>,

    /// Address at which clients reach the server, such as https://entente.example; without it, the one that a request names
    #[arg(long, env = "ENTENTE_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    pub public_url: Option<axum::http::HeaderValue>,

    /// Proxies whose X-Forwarded-For is believed, as addresses or networks with commas between: the log then has the clients' own
    /// addresses
    #[arg(long, env = "ENTENTE_TRUSTED_PROXIES", value_name = "ADDRESSES", value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,

    /// Connections at a time; for a further one, the one that has waited the longest for its client is closed
    #[arg(long, env = "ENTENTE_MAX_CONNECTIONS", value_name = "COUNT", default_value_t = 4096, value_parser = count)]
    pub max_connections: u32,

    /// Connections at a time from one address; a proxy in front is one address. No limit unless set
    #[arg(long, env = "ENTENTE_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT", value_parser = count)]
    pub max_connections_per_address: Option<u32>,

    /// Requests to the API at a time; further ones are told to come again (503)
    #[arg(long, env = "ENTENTE_MAX_REQUESTS", value_name = "COUNT", default_value_t = 256, value_parser = count)]
    pub max_requests: u32,

    /// Time for the head of a request to arrive, in seconds
    #[arg(long, env = "ENTENTE_HEADER_TIMEOUT", value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub header_timeout: Duration,

    /// Time for the body of a request to arrive, in seconds
    #[arg(long, env = "ENTENTE_BODY_TIMEOUT", value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub body_timeout: Duration,

    /// Time for a request to be answered, in seconds
    #[arg(long, env = "ENTENTE_REQUEST_TIMEOUT", value_name = "SECONDS", default_value = "15", value_parser = seconds)]
    pub request_timeout: Duration,

    /// Time for a client to read an answer, in seconds; what is not read then is cut
    #[arg(long, env = "ENTENTE_ANSWER_TIMEOUT", value_name = "SECONDS", default_value = "20", value_parser = seconds)]
    pub answer_timeout: Duration,

    /// Time that a connection without a request is kept open, in seconds; a proxy in front should keep it for less
    #[arg(long, env = "ENTENTE_IDLE_TIMEOUT", value_name = "SECONDS", default_value = "75", value_parser = seconds)]
    pub idle_timeout: Duration,

    /// Time after SIGTERM or SIGINT in which /readyz says "draining" and new connections are still served, so that a balancer can
    /// look, in seconds; none with --demo
    #[arg(long, env = "ENTENTE_DRAIN", value_name = "SECONDS", default_value = "5", value_parser = some_seconds)]
    pub drain: Duration,

    /// Time for requests to finish after that, in seconds; what is left then is cut
    #[arg(long, env = "ENTENTE_SHUTDOWN_GRACE", value_name = "SECONDS", default_value = "14", value_parser = seconds)]
    pub shutdown_grace: Duration,

    /// How logs are written.
    #[command(flatten)]
    pub log: LogOptions,
}

/// Where the keys that check tokens come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// Secrets, HS256: the first signs, and each checks.
    Secrets(Vec<Secret>),
    /// A set of public keys, fetched.
    JwksUrl(Address),
    /// A set of public keys in a file.
    JwksFile(PathBuf),
}

impl ServeOptions {
    /// The one source of keys that was given. `None` with `--demo` alone: the demo then makes up a secret.
    ///
    /// # Errors
    ///
    /// When there is none or more than one, or when the secret could be guessed.
    pub fn key_source(&self) -> Result<Option<KeySource>, ConfigError> {
        let secrets = self.token.secrets();
        let secret = self.token.jwt_secret.as_ref().map(|_| KeySource::Secrets(Vec::new()));
        let url = self.jwks_url.clone().map(KeySource::JwksUrl);
        let file = self.jwks_file.clone().map(KeySource::JwksFile);
        let mut given = [secret, url, file].into_iter().flatten();
        match (given.next(), given.next()) {
            (None, _) if secrets.is_err() => secrets.map(|_| None),
            (None, _) if self.demo => Ok(None),
            (None, _) => Err(ConfigError::NoKey),
            (Some(_), Some(_)) => Err(ConfigError::SeveralKeys),
            (Some(KeySource::Secrets(_)), None) => secrets.map(KeySource::Secrets).map(Some),
            (Some(source), None) => Ok(Some(source)),
        }
    }

    /// Whether a demo is about to listen where others can reach it.
    ///
    /// # Errors
    ///
    /// When that was not asked for.
    pub fn is_public_demo(&self) -> Result<bool, ConfigError> {
        let is_public = self.demo && !self.listen.ip().to_canonical().is_loopback();
        if is_public && !self.demo_public { Err(ConfigError::PublicDemo) } else { Ok(is_public) }
    }
}

#[cfg(test)]
mod tests;
