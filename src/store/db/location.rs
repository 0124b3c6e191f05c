//! The place of a database, for messages: without user and password.

use std::{fmt, path::PathBuf};

use super::{
    hosts::{self, Hosts},
    sqlite_file,
};

/// The place of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file.
    SqliteFile(PathBuf),
    /// The memory of this process.
    SqliteMemory,
    /// A server, and the name of a database there.
    Postgres {
        /// Host and port, or the folder of the socket, of each server.
        server: String,
        /// The name of the database.
        name: String,
    },
    /// The URL is invalid. It is not shown, because it may contain a password.
    Unknown,
}

impl Location {
    /// The place in a URL.
    pub fn of(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            return match sqlite_file::options(url) {
                Ok(_) if crate::store::db::database::is_in_memory(url) => Self::SqliteMemory,
                Ok(options) => Self::SqliteFile(options.get_filename().to_owned()),
                Err(_) => Self::Unknown,
            };
        }
        let hosts = if crate::store::db::database::is_postgres(url) { Hosts::of(url).ok() } else { None };
        let Some((all, Some(first))) = hosts.as_ref().map(|hosts| (&hosts.each, hosts.each.first())) else {
            return Self::Unknown;
        };
        let server = all.iter().map(hosts::label).collect::<Vec<_>>().join(",");
        let name = first.get_database().unwrap_or(first.get_username()).to_owned();
        Self::Postgres { server, name }
    }

    /// Whether this is a file that does not exist. Opening the database may create it.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::SqliteFile(file) if !file.exists())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SqliteFile(file) => write!(f, "SQLite {}", file.display()),
            Self::SqliteMemory => f.write_str("SQLite in memory"),
            Self::Postgres { server, name } => write!(f, "PostgreSQL {server}/{name}"),
            Self::Unknown => f.write_str("the database"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_without_its_password() {
        let told = |url: &str| Location::of(url).to_string();
        assert_eq!(told("sqlite://entente.db?mode=rwc"), "SQLite entente.db");
        assert_eq!(told("sqlite:///var/lib/my%20data/e.db"), "SQLite /var/lib/my data/e.db");
        assert_eq!(told("sqlite::memory:"), "SQLite in memory");
        assert_eq!(
            told("postgres://u:hunter2@db.example:6432/entente?sslmode=require"),
            "PostgreSQL db.example:6432/entente"
        );
        assert_eq!(told("postgres://db.example/entente?user=u&password=hunter2"), "PostgreSQL db.example:5432/entente");
        assert_eq!(told("postgres://u:hunter2@db.example:port/entente"), "the database");
        assert_eq!(told("postgres://u:12/hunter2@db.example/entente"), "the database");
        assert_eq!(told("postgres://u:hunter2@a,b:6432/entente"), "PostgreSQL a:5432,b:6432/entente");
        assert_eq!(told("mysql://u:hunter2@db.example/entente"), "the database");
        assert_eq!(told("sqlite://u:hunter2@db.example/entente"), "the database");
        assert_eq!(told("sqlite://en%40tente.db"), "SQLite en@tente.db");
    }

    #[test]
    fn a_file_may_be_missing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("entente.db");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        assert!(Location::of(&url).is_missing());
        std::fs::write(file, "").unwrap();
        assert!(!Location::of(&url).is_missing());
        assert!(!Location::of("sqlite::memory:").is_missing() && !Location::of("postgres://nowhere/x").is_missing());
    }
}
