//! The servers of PostgreSQL that a URL names, as libpq reads it: `postgres://USER:PASSWORD@ONE:5432,TWO:5432/NAME` with
//! `target_session_attrs`. The driver knows one server alone.

use std::{borrow::Cow, str::FromStr, sync::Once};

use sqlx::postgres::PgConnectOptions;

/// The parameters that the driver knows.
const KNOWN: [&str; 19] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "hostaddr",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "host",
    "port",
    "target_session_attrs",
];

/// The values of `sslmode`.
const SSL_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// Why the URL of a database is refused. No message shows a part of the URL that may belong to a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// The scheme is neither of PostgreSQL nor of SQLite.
    #[error("--database-url (ENTENTE_DATABASE_URL) must begin with postgres:// or sqlite://")]
    Scheme,
    /// The password is not encoded.
    #[error(
        "--database-url (ENTENTE_DATABASE_URL) cannot be read: special characters of a password must be percent-encoded in it \
         (@ is %40, / is %2F, ? is %3F, # is %23, % is %25)"
    )]
    Password,
    /// A URL of SQLite with a user.
    #[error(
        "--database-url (ENTENTE_DATABASE_URL) cannot be read: sqlite:// names a file, without user and password; in its name, @ \
         is %40"
    )]
    UserOfFile,
    /// The driver refuses it.
    #[error("--database-url (ENTENTE_DATABASE_URL) cannot be read: {0}")]
    Unreadable(String),
    /// Several ports, but not one for each host.
    #[error("--database-url (ENTENTE_DATABASE_URL) names {0} hosts and {1} ports")]
    Ports(usize, usize),
    /// The value of `sslmode` is unknown.
    #[error(
        "sslmode in --database-url (ENTENTE_DATABASE_URL) is not one of disable, allow, prefer, require, verify-ca, verify-full"
    )]
    SslMode,
    /// The value of `target_session_attrs` is not supported.
    #[error(
        "target_session_attrs in --database-url (ENTENTE_DATABASE_URL) is not one of any, read-write, primary (writes go to the \
         server that can write, and reads with them), read-only, standby (this server only reads)"
    )]
    Target,
}

impl UrlError {
    /// The error for a URL that the driver refuses.
    pub(in crate::store) fn of_driver(error: sqlx::Error) -> Self {
        let sqlx::Error::Configuration(error) = error else {
            return Self::Unreadable("it is not formed as a URL".into());
        };
        if error.is::<std::str::Utf8Error>() {
            return Self::Unreadable("what is percent-encoded in it is not UTF-8 (% itself is %25)".into());
        }
        // Only the innermost error, because the driver repeats its message.
        let causes = std::iter::successors(Some(&*error as &dyn std::error::Error), |error| error.source());
        let innermost = causes.last().map(ToString::to_string).unwrap_or_default();
        Self::Unreadable(innermost.trim_start_matches("error with configuration: ").to_owned())
    }
}

/// The servers in a URL, in its order.
#[derive(Clone, Debug)]
pub(in crate::store) struct Hosts {
    pub(in crate::store) each: Vec<PgConnectOptions>,
    /// Whether the URL asks for read-only servers.
    pub(in crate::store) only_read: bool,
}

impl Hosts {
    /// Reads a URL that begins with `postgres://` or `postgresql://`.
    pub(in crate::store) fn of(url: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| UrlError::Unreadable("it has no \"://\"".into()))?;
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        // An "@" behind the hosts was meant as a part of the password; then everything before it may belong to the
        // password.
        if rest.contains(['#', '@']) {
            return Err(UrlError::Password);
        }
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (format!("{user}@"), hosts),
            None => (String::new(), authority),
        };
        let mut given: Vec<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(query.as_bytes()).collect();
        let mut take = |name: &str| {
            let at = given.iter().position(|(key, _)| key == name)?;
            Some(given.remove(at).1.into_owned())
        };
        let only_read = match take("target_session_attrs").as_deref() {
            None | Some("any" | "read-write" | "primary") => false,
            Some("read-only" | "standby") => true,
            Some(_) => return Err(UrlError::Target),
        };
        let named = take("host").or_else(|| take("hostaddr"));
        let ports = take("port");
        let is_known = |name: &str| KNOWN.contains(&name) || name.starts_with("options[");
        let unknown: Vec<_> = given.iter().filter(|(name, _)| !is_known(name)).map(|(name, _)| name.clone()).collect();
        warn_of(&unknown, given.iter().any(|(name, _)| name == "password"));
        given.retain(|(name, _)| is_known(name));
        let is_ssl_mode = |name: &str| matches!(name, "sslmode" | "ssl-mode");
        if given.iter().any(|(name, value)| is_ssl_mode(name) && !SSL_MODES.contains(&value.to_lowercase().as_str())) {
            return Err(UrlError::SslMode);
        }
        let places = places(hosts, named.as_deref(), ports.as_deref())?;
        let each = places.into_iter().map(|(host, more)| {
            let pairs = given.iter().map(|(name, value)| (&**name, &**value));
            let more = more.iter().map(|(name, value)| (*name, value.as_str()));
            let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs.chain(more)).finish();
            PgConnectOptions::from_str(&format!("{scheme}://{user}{host}{path}?{query}")).map_err(UrlError::of_driver)
        });
        Ok(Self { each: each.collect::<Result<_, _>>()?, only_read })
    }
}

/// Logs once which parameters of the URL are ignored. Behind a password they may be a part of it.
fn warn_of(unknown: &[Cow<'_, str>], has_password: bool) {
    static ONCE: Once = Once::new();
    if unknown.is_empty() {
        return;
    }
    ONCE.call_once(|| {
        let parameters =
            if has_password { "(not shown, for it has a password too)".to_owned() } else { unknown.join(", ") };
        tracing::warn!(parameters, "unknown parameters of --database-url (ENTENTE_DATABASE_URL) are ignored");
    });
}

type Place = (String, Vec<(&'static str, String)>);

/// Each server, as the part before the path, and as parameters.
fn places(hosts: &str, named: Option<&str>, ports: Option<&str>) -> Result<Vec<Place>, UrlError> {
    let ports: Vec<&str> = ports.map(|ports| ports.split(',').collect()).unwrap_or_default();
    let hosts: Vec<(String, Option<String>)> = match named {
        Some(named) => named.split(',').map(|host| (String::new(), Some(host.to_owned()))).collect(),
        None => hosts.split(',').map(|host| (host.to_owned(), None)).collect(),
    };
    if ports.len() > 1 && ports.len() != hosts.len() {
        return Err(UrlError::Ports(hosts.len(), ports.len()));
    }
    let count = hosts.len();
    let place = |(index, (host, named)): (usize, (String, Option<String>))| {
        let port = ports.get(if ports.len() == count { index } else { 0 });
        let named = named.map(|host| ("host", host));
        (host, named.into_iter().chain(port.map(|port| ("port", (*port).to_owned()))).collect())
    };
    Ok(hosts.into_iter().enumerate().map(place).collect())
}

/// Host and port, or the folder of the socket.
pub(in crate::store) fn label(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(url: &str) -> Vec<String> {
        Hosts::of(url).unwrap().each.iter().map(label).collect()
    }

    #[test]
    fn a_url_names_one_server_or_several() {
        assert_eq!(told("postgres://u:p@one/db"), ["one:5432"]);
        assert_eq!(told("postgresql://u:p@one:1,two:2,[::1]:3/db?sslmode=disable"), ["one:1", "two:2", "[::1]:3"]);
        assert_eq!(told("postgres:///db?host=one,two&port=6"), ["one:6", "two:6"]);
        assert_eq!(told("postgres:///db?host=/run/one,two&port=6,7&user=u"), ["/run/one", "two:7"]);
        assert_eq!(Hosts::of("postgres:///db?host=a,b,c&port=1,2").unwrap_err(), UrlError::Ports(3, 2));
        let all = Hosts::of("postgres://u:p%40@a,b/db?application_name=x&channel_binding=prefer").unwrap();
        assert!(all.each.iter().all(|one| one.get_database() == Some("db") && one.get_username() == "u"));
    }

    #[test]
    fn what_is_asked_of_the_servers() {
        for (target, only_read) in
            [("any", false), ("read-write", false), ("primary", false), ("standby", true), ("read-only", true)]
        {
            let hosts = Hosts::of(&format!("postgres://a,b/db?target_session_attrs={target}")).unwrap();
            assert_eq!(hosts.only_read, only_read, "{target}");
        }
        for target in ["prefer-standby", "", "Any"] {
            let url = format!("postgres://a,b/db?target_session_attrs={target}");
            assert_eq!(Hosts::of(&url).unwrap_err(), UrlError::Target);
        }
    }

    #[test]
    fn a_password_that_is_not_encoded_is_shown_nowhere() {
        for url in [
            "postgres://u:hun/ter2@host/db",
            "postgres://u:12/hunter2@host/db",
            "postgres://u:hunter?2@host/db",
            "postgres://u:hunter#2@host/db",
            "postgres://u:12#hunter2@host/db",
            "postgres://hunter2/@host",
            "postgres://u:55/hunter?2=@host/db",
            "postgres://u:7/hunter?2&sslmode=hunter2@host/db",
        ] {
            assert_eq!(Hosts::of(url).unwrap_err(), UrlError::Password, "{url}");
        }
        assert_eq!(told("postgres://u:hunt@er2@host/db"), ["host:5432"]);
        let wrong = Hosts::of("postgres://u:hunter2@host:port/db").unwrap_err().to_string();
        assert!(!wrong.contains("hunter2"), "{wrong}");
        assert_eq!(Hosts::of("postgres://u:p@host/db?sslmode=on").unwrap_err(), UrlError::SslMode);
        let no_text = Hosts::of("postgres://u:50%zz%ff@host/db").unwrap_err().to_string();
        assert!(no_text.contains("% itself is %25"), "{no_text}");
    }
}
