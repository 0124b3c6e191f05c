//! What a server of Entente needs from PostgreSQL.

use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, Statement};

use super::error::Error;
use crate::store::Store;

/// The limits and rights of the role in the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Maximum number of connections: the least of the limits of the server, the database and the role.
    pub connections: i64,
    /// Whether it may create tables in the current schema.
    pub may_create: bool,
    /// The role.
    pub role: String,
}

impl Store {
    /// The limits and rights of the role; `None` for SQLite.
    pub async fn given(&self) -> Result<Option<Given>, Error> {
        if self.database.read.backend() != DatabaseBackend::Postgres {
            return Ok(None);
        }
        // The limits of roles and databases do not apply to superusers.
        let sql = "SELECT current_user::text, \
             COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false), \
             LEAST(current_setting('max_connections')::bigint \
                 - CASE WHEN rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::bigint \
                     + COALESCE(current_setting('reserved_connections', true), '0')::bigint END, \
                 CASE WHEN rolsuper OR rolconnlimit < 0 THEN NULL ELSE rolconnlimit END::bigint, \
                 CASE WHEN rolsuper OR datconnlimit < 0 THEN NULL ELSE datconnlimit END::bigint) \
             FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()";
        let row = self.database.read.query_one_raw(Statement::from_string(DatabaseBackend::Postgres, sql)).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("the role".into()))?;
        Ok(Some(Given {
            role: row.try_get_by_index(0)?,
            may_create: row.try_get_by_index(1)?,
            connections: row.try_get_by_index(2)?,
        }))
    }
}
