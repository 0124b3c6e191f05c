//! The file of an SQLite database: its URL, its creation, and its lock file.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    str::FromStr,
};

use sqlx::sqlite::SqliteConnectOptions;

use super::{database::is_in_memory, error::Error, hosts::UrlError};

/// The options of a URL that begins with `sqlite:`.
pub(in crate::store) fn options(url: &str) -> Result<SqliteConnectOptions, UrlError> {
    // The URL was meant for a server and may contain a password.
    if url.contains('@') {
        return Err(UrlError::UserOfFile);
    }
    SqliteConnectOptions::from_str(url).map_err(UrlError::of_driver)
}

/// Creates the file if it does not exist and the URL has `mode=rwc`. Only its owner may read it: SQLite would use the
/// umask, which usually lets everyone read. The files beside it (`-wal`, `-shm`) get the mode of this one.
pub(in crate::store) fn make(url: &str) -> Result<SqliteConnectOptions, Error> {
    let options = options(url)?;
    let file = options.get_filename();
    if !is_in_memory(url) && !file.exists() {
        says_to_make(url)?;
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(file).map_err(cannot_be_made)?;
    }
    Ok(options)
}

/// Whether [`make`] would create the file. Does not create it.
///
/// # Errors
///
/// If it would not, or if the URL is invalid.
pub fn can_be_made(url: &str) -> Result<(), Error> {
    let options = options(url)?;
    says_to_make(url)?;
    // A file without a name, deleted at once.
    tempfile::tempfile_in(folder_of(options.get_filename())).map(drop).map_err(cannot_be_made)
}

fn says_to_make(url: &str) -> Result<(), Error> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let makes = form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == "mode" && value == "rwc");
    if makes {
        Ok(())
    } else {
        Err(Error::NoFile("it does not exist, and ?mode=rwc, which creates it, is not in the URL".into()))
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn cannot_be_made(error: io::Error) -> Error {
    Error::NoFile(format!("it cannot be created: {error}"))
}

/// Locks a file beside the database, until the returned file is dropped; `None` if another server has the lock, or if
/// locking fails. A lock on the database file itself would be lost when any handle of it is closed.
pub fn serve_alone(file: &Path) -> Option<File> {
    let mut beside = file.as_os_str().to_owned();
    beside.push("-lock");
    let beside = PathBuf::from(beside);
    let mark = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&beside);
    let mark = mark.inspect_err(|error| tracing::debug!(%error, "the database cannot be marked as served")).ok()?;
    match mark.try_lock() {
        Ok(()) => Some(mark),
        Err(TryLockError::WouldBlock) => {
            tracing::warn!(
                database = %file.display(),
                "ANOTHER SERVER SERVES THIS DATABASE: SQLite is for one server; stop one of them, or use PostgreSQL"
            );
            None
        }
        Err(TryLockError::Error(error)) => {
            tracing::debug!(%error, "the database cannot be marked as served");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_marks_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("entente.db");
        let first = serve_alone(&file);
        assert!(first.is_some() && serve_alone(&file).is_none());
        drop(first);
        assert!(serve_alone(&file).is_some());
    }
}
