//! The folding of words changes: half-width letters are folded to full-width ones, and marks that make a different word
//! are kept. The search finds nothing until the program has written all words again, which it does if the tables are
//! empty.

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
