//! Configuration items, their dependencies, and the services and outcomes that depend on them.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DatabaseBackend};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

fn name(text: &'static str) -> Alias {
    Alias::new(text)
}

fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("{table}_{}", columns.join("_"))).table(name(table));
    for column in columns {
        index.col(name(column));
    }
    index
}

fn refers(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(name(table), name(column)).to(name(to), name("id")).to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // PostgreSQL sorts texts by the language of the database, SQLite by their bytes. Pages need the same order on
        // both: by bytes.
        let (by_bytes, roomy) = match manager.get_database_backend() {
            // `seen_at` is updated often: with free space in its page, a row is updated in place, and its indexes are
            // not.
            DatabaseBackend::Postgres => ("COLLATE \"C\"", "WITH (fillfactor = 80)"),
            _ => ("", ""),
        };

        let mut items = Table::create();
        items
            .table(name("configuration_item"))
            .col(uuid("id").primary_key())
            .col(uuid("organization_id"))
            .col(text("name"))
            .col(text("class"))
            .col(text_null("environment"))
            .col(text_null("status"))
            .col(integer_null("dependencies_needed"))
            .col(integer("dependencies"))
            .col(text("sort_name").extra(by_bytes))
            .col(text("search_text"))
            .col(timestamp_with_time_zone("seen_at"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .foreign_key(&mut refers("configuration_item", "organization_id", "organization"))
            .extra(roomy);
        manager.create_table(items).await?;
        manager.create_index(index("configuration_item", &["organization_id", "sort_name", "id"])).await?;

        let mut dependencies = Table::create();
        dependencies
            .table(name("item_dependency"))
            .col(uuid("item_id"))
            .col(integer("position"))
            .col(uuid("organization_id"))
            .col(text("system"))
            .col(text("class"))
            .col(text("key"))
            .col(uuid_null("dependency_id"))
            .primary_key(Index::create().col(name("item_id")).col(name("position")))
            .foreign_key(&mut refers("item_dependency", "item_id", "configuration_item"))
            .foreign_key(&mut refers("item_dependency", "dependency_id", "configuration_item"));
        manager.create_table(dependencies).await?;
        // Both indexes are partial: a resolved dependency is never searched by its key, an unresolved one never by its
        // id.
        let mut known = index("item_dependency", &["dependency_id", "item_id"]);
        manager.create_index(known.cond_where(Expr::col(name("dependency_id")).is_not_null()).to_owned()).await?;
        let mut waiting = index("item_dependency", &["organization_id", "key", "system"]);
        manager.create_index(waiting.cond_where(Expr::col(name("dependency_id")).is_null()).to_owned()).await?;

        let mut links = Table::create();
        links
            .table(name("item_link"))
            .col(uuid("entity_id"))
            .col(uuid("item_id"))
            .col(uuid("service_id"))
            .col(integer("position"))
            .primary_key(Index::create().col(name("entity_id")).col(name("item_id")))
            .foreign_key(&mut refers("item_link", "item_id", "configuration_item"))
            .foreign_key(&mut refers("item_link", "service_id", "service"));
        manager.create_table(links).await?;
        manager.create_index(index("item_link", &["item_id"])).await?;
        manager.create_index(index("item_link", &["service_id"])).await
    }
}
