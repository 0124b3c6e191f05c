//! Which version of the program's hash the request of an idempotency key has: hashes of two versions cannot be compared.

use sea_orm_migration::{prelude::*, schema::*};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What a replica of the version before writes meanwhile has its version.
        let column = integer("version").default(1).take();
        manager.alter_table(Table::alter().table("idempotency").add_column(column).take()).await
    }
}
