//! The version of the graph of an organization's configuration items. Every change of the graph writes a new version,
//! so that data that was read from the graph can be cached.

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
