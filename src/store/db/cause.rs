//! The message of a database error, once: libraries wrap it several times.

use std::error::Error as _;

use sea_orm::{DbErr, RuntimeErr};

use super::error::{driver, primary, sqlstate};

/// The message of the database, the system or the driver.
pub(in crate::store) fn said(error: &DbErr) -> String {
    match error {
        DbErr::Conn(RuntimeErr::Internal(text)) | DbErr::Custom(text) => return text.clone(),
        DbErr::ConnectionAcquire(_) => return NO_CONNECTION.into(),
        _ => {}
    }
    match driver(error) {
        None => error.to_string(),
        Some(sqlx::Error::Database(error_of_database)) => {
            let message = error_of_database.message();
            // For some of its files, SQLite reports a full disk as an input or output error.
            match sqlstate(error) {
                Some(code) if primary(&code) == Some(10) => format!("{message} (code {code}; the disk may be full)"),
                _ => message.to_owned(),
            }
        }
        Some(sqlx::Error::PoolTimedOut) => NO_CONNECTION.into(),
        Some(sqlx::Error::Io(error)) => error.to_string(),
        Some(other) => {
            let innermost = std::iter::successors(other.source(), |&error| error.source()).last();
            innermost.map_or_else(|| other.to_string(), ToString::to_string)
        }
    }
}

const NO_CONNECTION: &str = "no connection was available in time";
