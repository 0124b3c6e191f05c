//! The version of the hash of a request with an idempotency key. Hashes of different versions cannot be compared.

use sea_orm_migration::{prelude::*, schema::*};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Rows that a replica of the previous version writes meanwhile get the version of its hash.
        let column = integer("version").default(1).take();
        manager.alter_table(Table::alter().table("idempotency").add_column(column).take()).await
    }
}
