//! Which version of its configuration items' graph an organization is at: whoever changes the graph writes another, so
//! that what was read of it can be kept in memory.

use sea_orm_migration::{prelude::*, schema::*};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("item_graph")
            .col(uuid("organization_id").primary_key())
            .col(uuid("version"))
            .foreign_key(ForeignKey::create().from("item_graph", "organization_id").to("organization", "id"))
            .take();
        manager.create_table(table).await
    }
}
