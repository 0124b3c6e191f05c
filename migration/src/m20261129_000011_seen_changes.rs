//! When what each party sees of a service last changed. Until something changes of which consumers see nothing, all parties see the
//! same instant: so does a replica of the version before, which moves `updated_at` alone.

use sea_orm_migration::{prelude::*, schema::*};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [("service", "hidden_at"), ("service", "shared_at"), ("service_consumer", "updated_at")]
        {
            let column = timestamp_with_time_zone_null(column);
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        // What the provider's side follows threads by.
        let index = Index::create().name("thread_last_at_id").table("thread").col("last_at").col("id").take();
        manager.create_index(index).await
    }
}
