//! On SQLite, deleted words are removed from the index of words. Otherwise FTS5 would only mark them as deleted and
//! keep them in the file, also the words of a redacted message.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const SQLITE: &[&str] = &[
    "INSERT INTO passage_words(passage_words, rank) VALUES ('secure-delete', 1)",
    // Words that are only marked as deleted until now are removed too.
    "INSERT INTO passage_words(passage_words) VALUES ('rebuild')",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DatabaseBackend::Sqlite {
            for statement in SQLITE {
                manager.get_connection().execute_unprepared(statement).await?;
            }
        }
        Ok(())
    }
}
