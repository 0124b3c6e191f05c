//! The time of the last change that each party sees of a service. Until the first change that is hidden from consumers,
//! all parties see the same time. A replica of the previous version only changes `updated_at`, with the same result.

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
        // For the provider's lists of threads by their last change.
        let index = Index::create().name("thread_last_at_id").table("thread").col("last_at").col("id").take();
        manager.create_index(index).await
    }
}
