//! Words are folded otherwise: half-width letters as their full ones, and marks that make another word stay. Nothing is
//! found until the program has written all words anew, which it does where it finds none.

use sea_orm_migration::prelude::*;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["passage", "item_words"] {
            manager.exec_stmt(Query::delete().from_table(table).take()).await?;
        }
        Ok(())
    }
}
