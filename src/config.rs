//! The options: flags, and `ENTENTE_*` variables of the same names. `--help` is their reference.
//!
//! They are in groups, so that each subcommand uses the groups that it needs.

mod address;
mod environment;
mod error;
mod parse;
mod secret;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};
use entente_entity::scalar::Locale;

pub use self::parse::listen;
use self::parse::{boolean, bytes, count, filter, locale, origin, part, public_url, seconds, some_seconds};
pub use self::{
    address::Address,
    environment::{EnvironmentError, with_environment},
    error::ConfigError,
    parse::Network,
    secret::Secret,
};

const SECRET: &str = "--jwt-secret (ENTENTE_JWT_SECRET)";
const PREVIOUS_SECRET: &str = "--jwt-previous-secret (ENTENTE_JWT_PREVIOUS_SECRET)";
const DATABASE_URL: &str = "sqlite://entente.db?mode=rwc";

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

/// The number of connections to the database.
#[derive(Args, Clone, Copy, Debug)]
pub struct PoolOptions {
    /// Maximum number of connections for reading from the database; with SQLite, at most two for each processor
    #[arg(long, env = "ENTENTE_DATABASE_READERS", value_name = "COUNT", default_value_t = 16, value_parser = count)]
    pub database_readers: u32,

    /// Maximum number of connections for writing to PostgreSQL; with SQLite there is one
    #[arg(long, env = "ENTENTE_DATABASE_WRITERS", value_name = "COUNT", default_value_t = 12, value_parser = count)]
    pub database_writers: u32,
}

/// How organizations share the connections for writing.
#[derive(Args, Clone, Copy, Debug)]
pub struct ShareOptions {
    /// Maximum share of the connections for writing that one organization uses; a bearer without an organization counts
    /// separately
    #[arg(long, env = "ENTENTE_WRITER_SHARE", value_name = "PART", default_value_t = 0.25, value_parser = part)]
    pub writer_share: f64,

    /// Maximum number of waiting writes of one organization; more are refused and can be retried (429)
    #[arg(long, env = "ENTENTE_MAX_QUEUED_WRITES", value_name = "COUNT", default_value_t = 64, value_parser = count)]
    pub max_queued_writes: u32,
}

/// What to do if the database is not available at the start.
#[derive(Args, Clone, Copy, Debug)]
pub struct WaitOptions {
    /// Seconds to wait at the start for a database that does not answer; 0 does not wait
    #[arg(long, env = "ENTENTE_DATABASE_WAIT", value_name = "SECONDS", default_value = "60", value_parser = some_seconds)]
    pub database_wait: Duration,
}

/// The language of texts.
#[derive(Args, Clone, Debug)]
pub struct LocaleOptions {
    /// Language of plain strings in documents, and of texts that do not exist in the reader's languages: a BCP 47 tag
    #[arg(long, env = "ENTENTE_DEFAULT_LOCALE", value_name = "TAG", default_value = Self::DEFAULT, value_parser = locale)]
    pub default_locale: Locale,
}

impl LocaleOptions {
    /// The default of the option.
    pub const DEFAULT: &str = "en";
}

/// The memory of the API.
#[derive(Args, Clone, Debug)]
pub struct ApiOptions {
    /// Memory for the cache of definitions, in bytes (268435456 is 256 MiB)
    #[arg(long, env = "ENTENTE_DEFINITION_CACHE_BYTES", value_name = "BYTES", default_value_t = 256 * 1024 * 1024, value_parser = bytes)]
    pub definition_cache_bytes: u64,
}

/// The rules for tokens, and the secret that signs them.
#[derive(Args, Clone, Debug)]
pub struct TokenOptions {
    /// Secret that signs tokens (HS256), at least 32 bytes; excludes --jwks-url and --jwks-file
    #[arg(long, env = "ENTENTE_JWT_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub jwt_secret: Option<Secret>,

    /// Second secret whose tokens are accepted while you replace the first; no tokens are signed with it
    #[arg(long, env = "ENTENTE_JWT_PREVIOUS_SECRET", value_name = "SECRET", hide_env_values = true)]
    pub jwt_previous_secret: Option<Secret>,

    /// Issuer of tokens: the required value of the claim "iss"
    #[arg(long, env = "ENTENTE_JWT_ISSUER", value_name = "TEXT", default_value = "entente")]
    pub jwt_issuer: String,

    /// Audiences of tokens, separated by commas: the claim "aud" must be or contain one of them; `entente token` uses the first
    #[arg(
        long,
        env = "ENTENTE_JWT_AUDIENCE",
        value_name = "TEXTS",
        default_value = "entente",
        value_delimiter = ',',
        value_parser = clap::builder::NonEmptyStringValueParser::new()
    )]
    pub jwt_audience: Vec<String>,

    /// Claim with the slug of the bearer's organization; a value that starts with "/" is a JSON pointer
    #[arg(long, env = "ENTENTE_JWT_ORGANIZATION_CLAIM", value_name = "CLAIM", default_value = "org")]
    pub jwt_organization_claim: String,

    /// Claim with the scopes, as a list or separated by spaces; a value that starts with "/" is a JSON pointer
    #[arg(long, env = "ENTENTE_JWT_SCOPE_CLAIM", value_name = "CLAIM", default_value = "scope")]
    pub jwt_scope_claim: String,

    /// Claim with the bearer's name; a token without a name belongs to a program
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
    /// When one could be guessed, there is a previous one alone, or both are the same.
    pub fn secrets(&self) -> Result<Vec<Secret>, ConfigError> {
        if self.jwt_secret.is_none() && self.jwt_previous_secret.is_some() {
            return Err(ConfigError::PreviousAlone);
        }
        let trimmed = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().trim().to_owned());
        if self.jwt_secret.is_some() && trimmed(&self.jwt_secret) == trimmed(&self.jwt_previous_secret) {
            return Err(ConfigError::SameSecret);
        }
        let given = [(SECRET, &self.jwt_secret), (PREVIOUS_SECRET, &self.jwt_previous_secret)];
        let given = given.into_iter().filter_map(|(name, secret)| Some((name, secret.as_ref()?)));
        given.map(|(name, secret)| secret.check(name).map(|()| secret.clone())).collect()
    }
}

/// The format of logs, which are always written to the standard error.
#[derive(Args, Clone, Debug)]
pub struct LogOptions {
    /// Format of the log
    #[arg(long, env = "ENTENTE_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,

    /// Log level (error, warn, info, debug, trace), or targets with levels ("info,entente=debug")
    #[arg(long, env = "ENTENTE_LOG", value_name = "FILTER", default_value = "info", value_parser = filter)]
    pub log: String,
}

/// The format of a line of the log.
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
    /// Serve sample data in a temporary database (unless a database is given), with ready-made tokens; never use this
    /// in production
    #[arg(long, env = "ENTENTE_DEMO", value_parser = boolean)]
    pub demo: bool,

    /// Let --demo listen on an address that others can reach: everyone who reaches it can read and write its data
    #[arg(long, env = "ENTENTE_DEMO_PUBLIC", value_parser = boolean)]
    pub demo_public: bool,

    /// Address and port to listen on; [::]:8080 accepts IPv6 and IPv4
    #[arg(long, env = "ENTENTE_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = listen)]
    pub listen: SocketAddr,

    /// The database.
    #[command(flatten)]
    pub database: DatabaseOptions,

    /// The number of connections to it.
    #[command(flatten)]
    pub pool: PoolOptions,

    /// How organizations share the connections for writing.
    #[command(flatten)]
    pub share: ShareOptions,

    /// What to do if it is not available at the start.
    #[command(flatten)]
    pub wait: WaitOptions,

    /// The language of texts.
    #[command(flatten)]
    pub locale: LocaleOptions,

    /// The memory of the API.
    #[command(flatten)]
    pub api: ApiOptions,

    /// The rules for tokens.
    #[command(flatten)]
    pub token: TokenOptions,

    /// URL of the issuer's public keys (RS256, ES256, EdDSA): a JWKS, read again every 10 minutes
    #[arg(long, env = "ENTENTE_JWKS_URL", value_name = "URL")]
    pub jwks_url: Option<Address>,

    /// File with the issuer's public keys (RS256, ES256, EdDSA): a JWKS, read again within 10 seconds of a change
    #[arg(long, env = "ENTENTE_JWKS_FILE", value_name = "FILE")]
    pub jwks_file: Option<PathBuf>,

    /// Origins whose pages can call the API from a browser (https://app.example), separated by commas, or * for all;
    /// none by default
    #[arg(long, env = "ENTENTE_CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub cors_origins: Vec<axum::http::HeaderValue>,

    /// URL at which clients reach the server, such as https://entente.example; by default, the host of the request is
    /// used
    #[arg(long, env = "ENTENTE_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    pub public_url: Option<axum::http::HeaderValue>,

    /// Proxies whose X-Forwarded-For is trusted, as addresses or networks separated by commas: the log then contains
    /// the addresses of the clients
    #[arg(long, env = "ENTENTE_TRUSTED_PROXIES", value_name = "ADDRESSES", value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,

    /// Maximum number of connections; for a new one, the connection that has waited longest for its client is closed
    #[arg(long, env = "ENTENTE_MAX_CONNECTIONS", value_name = "COUNT", default_value_t = 4096, value_parser = count)]
    pub max_connections: u32,

    /// Maximum number of connections from one address; a proxy counts as one address. No limit by default
    #[arg(long, env = "ENTENTE_MAX_CONNECTIONS_PER_ADDRESS", value_name = "COUNT", value_parser = count)]
    pub max_connections_per_address: Option<u32>,

    /// Maximum number of concurrent requests to the API; more are refused and can be retried (503)
    #[arg(long, env = "ENTENTE_MAX_REQUESTS", value_name = "COUNT", default_value_t = 256, value_parser = count)]
    pub max_requests: u32,

    /// Seconds for the head of a request to arrive
    #[arg(long, env = "ENTENTE_HEADER_TIMEOUT", value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub header_timeout: Duration,

    /// Seconds for the body of a request to arrive
    #[arg(long, env = "ENTENTE_BODY_TIMEOUT", value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub body_timeout: Duration,

    /// Seconds to answer a request
    #[arg(long, env = "ENTENTE_REQUEST_TIMEOUT", value_name = "SECONDS", default_value = "15", value_parser = seconds)]
    pub request_timeout: Duration,

    /// Seconds for a client to read an answer; then the connection is closed
    #[arg(long, env = "ENTENTE_ANSWER_TIMEOUT", value_name = "SECONDS", default_value = "20", value_parser = seconds)]
    pub answer_timeout: Duration,

    /// Seconds until a connection without a request is closed; a proxy should close it earlier
    #[arg(long, env = "ENTENTE_IDLE_TIMEOUT", value_name = "SECONDS", default_value = "75", value_parser = seconds)]
    pub idle_timeout: Duration,

    /// Seconds after SIGTERM or SIGINT in which /readyz answers "draining" and new connections are still served, so
    /// that a load balancer can notice; none with --demo
    #[arg(long, env = "ENTENTE_DRAIN", value_name = "SECONDS", default_value = "5", value_parser = some_seconds)]
    pub drain: Duration,

    /// Seconds for requests to finish after that; then their connections are closed
    #[arg(long, env = "ENTENTE_SHUTDOWN_GRACE", value_name = "SECONDS", default_value = "14", value_parser = seconds)]
    pub shutdown_grace: Duration,

    /// The format of logs.
    #[command(flatten)]
    pub log: LogOptions,
}

/// The source of the keys that check tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// Secrets (HS256): the first one signs, and all of them check.
    Secrets(Vec<Secret>),
    /// A set of public keys, from a URL.
    JwksUrl(Address),
    /// A set of public keys, from a file.
    JwksFile(PathBuf),
}

impl ServeOptions {
    /// The only source of keys. `None` with `--demo` alone: the demo then creates a secret.
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
