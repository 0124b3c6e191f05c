//! Measurements of indicators.

use sea_orm_migration::{prelude::*, schema::*};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

fn name(text: &'static str) -> Alias {
    Alias::new(text)
}

fn index(columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("measurement_{}", columns.join("_"))).table(name("measurement"));
    for column in columns {
        index.col(name(column));
    }
    index
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let element =
            ForeignKey::create().from(name("measurement"), name("element_id")).to(name("element"), name("id")).take();
        let mut measurements = Table::create();
        measurements
            .table(name("measurement"))
            .col(uuid("id").primary_key())
            .col(uuid("element_id"))
            .col(timestamp_with_time_zone("at"))
            .col(double("value"))
            .col(text("source"))
            .col(json("recorded_by"))
            .col(timestamp_with_time_zone("recorded_at"))
            .foreign_key(&mut element.clone());
        manager.create_table(measurements).await?;
        // One value for each indicator, instant and source, whichever replica writes it.
        manager.create_index(index(&["element_id", "at", "source"]).unique().to_owned()).await?;
        // The latest of each indicator, and pages in the order of their cursors.
        manager.create_index(index(&["element_id", "at", "id"])).await
    }
}
