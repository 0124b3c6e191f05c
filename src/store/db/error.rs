//! The errors of the store.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

use super::{
    cause::said,
    hosts::UrlError,
    readers::{MOST_READ, ReadsTooMuch},
};
use crate::{policy::Denied, problem::Problem, search::Unsearchable, turns::NoTurn};

/// Why a request has no result.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The policy denies the request, independently of the data.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The request is invalid.
    #[error("{0}")]
    BadRequest(String),
    /// The answer would have more entries than allowed.
    #[error("the answer would have more than {0} entries in lists without pages")]
    TooMuch(usize),
    /// The answer would have more fields with subfields than allowed.
    #[error("the answer would have more than {0} fields with subfields")]
    TooManyFields(usize),
    /// The answer would have more bytes than allowed.
    #[error("the answer would have more than {0} bytes")]
    TooLong(usize),
    /// The request would read more bytes than allowed.
    #[error("more than {0} bytes would have to be read for the answer")]
    ReadsTooMuch(usize),
    /// The database has no free connection, took too long, cannot write now, or is full. The client may try again.
    #[error("{}: {}", Lack::of(.0).say(), said(.0))]
    Unavailable(DbErr),
    /// The maximum number of requests of one principal is waiting already.
    #[error("{}", NoTurn::Full)]
    RateLimited,
    /// A fault of Entente or of the database.
    #[error("the database failed: {}", said(.0))]
    Database(DbErr),
    /// The URL of the database is invalid.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The file of the database does not exist and cannot be created.
    #[error("{0}")]
    NoFile(String),
    /// The encoding of the database cannot store every text.
    #[error("the database's encoding is {0}: Entente needs one that was created with the encoding UTF8")]
    Encoding(String),
    /// A newer version of the program has run a migration that this one does not have.
    #[error("the database is of a newer version of Entente: {0}, which it has run, is not known to this one")]
    Newer(String),
    /// Stored data cannot be read.
    #[error("what is kept cannot be read: {0}")]
    Corrupt(String),
}

impl Error {
    /// Whether opening the database may succeed later, because its server does not answer or is starting. False for a
    /// wrong user, password or name.
    pub fn may_pass(&self) -> bool {
        let Self::Unavailable(error) = self else { return false };
        match sqlstate(error) {
            Some(code) => primary(&code).is_none() && (is_spent(&code) || is_slow(&code)),
            None => !matches!(driver(error), Some(sqlx::Error::Configuration(_) | sqlx::Error::Tls(_))),
        }
    }
}

/// The reason why the database is not available.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It is not reachable, or has no free connection.
    Connection,
    /// Wrong user, password or name of the database.
    Access,
    /// It is read-only.
    Writing,
    /// Its disk is full.
    Space,
    /// The database, or an earlier writer, took too long.
    Time,
}

impl Lack {
    /// The reason for this error.
    pub fn of(error: &DbErr) -> Self {
        let Some(code) = sqlstate(error) else {
            return match error {
                DbErr::Custom(_) => Self::Time,
                DbErr::Conn(RuntimeErr::Internal(_)) => Self::Writing,
                _ => Self::Connection,
            };
        };
        match (primary(&code), code.as_str()) {
            (Some(8), _) | (None, "25006") => Self::Writing,
            (Some(10 | 13), _) | (None, "53100") => Self::Space,
            (None, code) if ["28", "3D"].iter().any(|class| code.starts_with(class)) => Self::Access,
            _ if is_slow(&code) => Self::Time,
            _ => Self::Connection,
        }
    }

    fn say(self) -> &'static str {
        match self {
            Self::Connection => "the database is not available",
            Self::Access => "the database refuses the connection",
            Self::Writing => "the database can only be read",
            Self::Space => "the database has no space left, or its disk fails",
            Self::Time => "the database takes too long",
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if is_unavailable(&error) {
            Self::Unavailable(error)
        } else if sqlstate(&error).as_deref() == Some("22021") {
            // PostgreSQL cannot store U+0000.
            Self::BadRequest("a text contains a character that cannot be stored: U+0000".into())
        } else if matches!(driver(&error), Some(sqlx::Error::Decode(why)) if why.is::<ReadsTooMuch>()) {
            Self::ReadsTooMuch(MOST_READ)
        } else {
            Self::Database(error)
        }
    }
}

impl From<NoTurn> for Error {
    fn from(why: NoTurn) -> Self {
        match why {
            NoTurn::Full => Self::RateLimited,
            NoTurn::Late => Self::Unavailable(DbErr::Custom(why.to_string())),
        }
    }
}

impl From<Unsearchable> for Error {
    fn from(why: Unsearchable) -> Self {
        Self::BadRequest(why.to_string())
    }
}

/// An error if there are problems.
pub(in crate::store) fn refuse(problems: Vec<Problem>) -> Result<(), Refusal> {
    if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
}

/// Why a write changed nothing.
#[derive(Debug)]
pub enum Refusal {
    /// The input breaks rules.
    Problems(Vec<Problem>),
    /// It could not be started or finished.
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
    /// Whether the write lost a race, so that it may succeed if it runs again.
    pub(in crate::store) fn is_lost_race(&self) -> bool {
        let Self::Error(Error::Database(error) | Error::Unavailable(error)) = self else { return false };
        // Serialization failure and deadlock of PostgreSQL; a key that another writer took first.
        matches!(sqlstate(error).as_deref(), Some("40001" | "40P01"))
            || unique_index(error).is_some_and(|index| TAKEN_FIRST.contains(&&*index))
    }
}

/// The unique indexes whose violation means that another writer was first. The next attempt sees its rows.
const TAKEN_FIRST: [&str; 9] = [
    "organization_slug",
    "service_slug",
    "definition_service_id_revision",
    "element_service_id_kind_key",
    "service_consumer_service_id_organization_id",
    "external_reference_organization_id_system_class_key_slot",
    "idempotency_principal_key",
    "thread_event_thread_id_once",
    "measurement_element_id_at_source",
];

/// The unique index that was violated. PostgreSQL names it; SQLite names the columns, from which the name is made.
fn unique_index(error: &DbErr) -> Option<String> {
    let Some(SqlErr::UniqueConstraintViolation(message)) = error.sql_err() else { return None };
    if let Some(name) = driver(error)?.as_database_error()?.constraint() {
        return Some(name.to_owned());
    }
    let columns = message.split_once("UNIQUE constraint failed: ")?.1;
    let mut parts = columns.split(", ").map(|column| column.split_once('.'));
    let (table, first) = parts.next()??;
    let others: Option<Vec<&str>> = parts.map(|part| Some(part?.1)).collect();
    Some([&[table, first], &*others?].concat().join("_"))
}

/// Whether the database is not reachable, cannot be used now, or lacks a resource. The same statement may succeed
/// later, on this or another server.
fn is_unavailable(error: &DbErr) -> bool {
    let by_driver = match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
            matches!(
                &**inner,
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed
            )
        }
        _ => false,
    };
    by_driver || sqlstate(error).is_some_and(|code| is_slow(&code) || is_spent(&code))
}

/// Whether the connection must be closed, because its server is gone, can no longer write, or lacks a resource. Another
/// connection may reach a server that can write.
pub(in crate::store) fn is_spent_by(error: &DbErr) -> bool {
    match sqlstate(error) {
        Some(code) => is_spent(&code),
        None => is_unavailable(error),
    }
}

/// Lock and statement time-outs (PostgreSQL); busy (SQLite).
fn is_slow(code: &str) -> bool {
    matches!(code, "55P03" | "57014") || matches!(primary(code), Some(5 | 6))
}

/// PostgreSQL: the server is read-only (25006), ended the session (25P03, 57P05), is shutting down, crashed or starting
/// (57P01 to 57P03); the connection failed (08); disk space, memory or free connections are missing (53); its system
/// failed (58). SQLite: out of memory, read-only, input or output failed, disk full, cannot be opened.
fn is_spent(code: &str) -> bool {
    matches!(code, "25006" | "25P03" | "57P01" | "57P02" | "57P03" | "57P05")
        || (code.len() == 5 && ["08", "53", "58"].iter().any(|class| code.starts_with(class)))
        || matches!(primary(code), Some(7 | 8 | 10 | 13 | 14))
}

/// The primary code of an extended code of SQLite; `None` for a code of PostgreSQL, which has five characters. No
/// SQLite code used here has five characters.
pub(in crate::store) fn primary(code: &str) -> Option<u32> {
    if code.len() == 5 { None } else { code.parse::<u32>().ok().map(|code| code & 0xff) }
}

pub(in crate::store) fn driver(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner))
        | DbErr::Conn(RuntimeErr::SqlxError(inner)) => Some(inner),
        _ => None,
    }
}

pub(in crate::store) fn sqlstate(error: &DbErr) -> Option<String> {
    driver(error)?.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned())
}

#[cfg(test)]
mod tests {
    use entente_migration::Migrator;
    use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
    use sea_orm_migration::MigratorTrait;

    use super::*;

    #[test]
    fn what_may_pass_is_told_from_what_is_wrong() {
        let spent = ["25006", "57P01", "57P02", "57P03", "08006", "08P01", "53100", "53300", "58030"];
        let spent_on_sqlite = ["8", "10", "13", "14", "7", "778", "1032", "4874", "8458"];
        assert!(spent.iter().chain(&spent_on_sqlite).all(|code| is_spent(code) && !is_slow(code)));
        assert!(["55P03", "57014", "5", "6", "261", "262", "517"].iter().all(|code| is_slow(code) && !is_spent(code)));
        let wrong = ["42P01", "23505", "40001", "25P02", "22021", "1", "11", "19", "1555", "2067", "25001", "10000"];
        assert!(wrong.iter().all(|code| !is_slow(code) && !is_spent(code)));
    }

    #[tokio::test]
    async fn a_lost_race_is_told_from_another_violation() {
        let connection = sea_orm::Database::connect("sqlite::memory:").await.unwrap();
        Migrator::up(&connection, None).await.unwrap();
        let sql = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE UNIQUE INDEX%'";
        let rows = connection.query_all_raw(Statement::from_string(DatabaseBackend::Sqlite, sql)).await.unwrap();
        let names: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert!(TAKEN_FIRST.iter().all(|index| names.iter().any(|name| name == index)), "{names:?}");
        let set =
            "CREATE TABLE t (a INTEGER, b INTEGER); CREATE UNIQUE INDEX t_a_b ON t (a, b); INSERT INTO t VALUES (1, 2)";
        connection.execute_unprepared(set).await.unwrap();
        let error = connection.execute_unprepared("INSERT INTO t VALUES (1, 2)").await.unwrap_err();
        assert_eq!(unique_index(&error).as_deref(), Some("t_a_b"));
        assert!(!Refusal::from(Error::Database(error)).is_lost_race());
    }
}
