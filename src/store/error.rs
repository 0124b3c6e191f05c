//! What can go wrong between a caller and the database.

use entente_entity::problem::Problem;
use sea_orm::{DbErr, RuntimeErr, SqlErr};

use crate::{policy::Denied, search::Unsearchable};

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The policy says no, whatever is in the database.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The request is not one that can be answered.
    #[error("{0}")]
    BadRequest(String),
    /// The answer would hold more than one request may have.
    #[error("the answer would have more than {0} entries in lists that are not paged")]
    TooMuch(usize),
    /// The answer would have more text than one may have.
    #[error("the answer would have more than {0} bytes of texts and documents")]
    TooLong(usize),
    /// The database gave no connection, or took too long: try again.
    #[error("the database is not available")]
    Unavailable(#[source] DbErr),
    /// A fault of ours, or of the database.
    #[error("the database failed")]
    Database(#[source] DbErr),
    /// A newer version of the program has brought the database further than this one knows.
    #[error("the database is of a newer version of Entente: {0}, which it has run, is not known to this one")]
    Newer(String),
    /// What is kept cannot be read.
    #[error("what is kept cannot be read: {0}")]
    Corrupt(String),
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if is_unavailable(&error) {
            Self::Unavailable(error)
        } else if sqlstate(&error).as_deref() == Some("22021") {
            // PostgreSQL keeps no U+0000 in a text, so that nothing can be found by one.
            Self::BadRequest("a text holds a character that cannot be kept: U+0000".into())
        } else {
            Self::Database(error)
        }
    }
}

impl From<Unsearchable> for Error {
    fn from(why: Unsearchable) -> Self {
        Self::BadRequest(why.to_string())
    }
}

/// Why a write changed nothing.
#[derive(Debug)]
pub enum Refusal {
    /// The input breaks rules.
    Problems(Vec<Problem>),
    /// It could not be tried, or not be finished.
    Error(Error),
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

impl From<Vec<Problem>> for Refusal {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Problems(problems)
    }
}

impl Refusal {
    /// Whether the same write may well succeed when it is tried again from its start: it lost a race.
    pub(super) fn is_lost_race(&self) -> bool {
        let Self::Error(Error::Database(error) | Error::Unavailable(error)) = self else { return false };
        // Serialization failure and deadlock of PostgreSQL; a key that another writer took first.
        matches!(sqlstate(error).as_deref(), Some("40001" | "40P01"))
            || matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
    }
}

fn is_unavailable(error: &DbErr) -> bool {
    let by_driver = match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
            matches!(&**inner, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)
        }
        _ => false,
    };
    // Lock and statement time-outs, and a server that is shutting down or starting (PostgreSQL); busy (SQLite).
    by_driver
        || matches!(
            sqlstate(error).as_deref(),
            Some("55P03" | "57014" | "57P01" | "57P02" | "57P03" | "53300" | "5" | "517")
        )
}

fn sqlstate(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner))) = error else {
        return None;
    };
    inner.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned())
}
