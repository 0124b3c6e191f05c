//! Organizations, services, their definitions, elements and consumers, external references, the change log.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DatabaseBackend};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// A table with columns, keys and indexes, named by plain words.
struct New {
    table: TableCreateStatement,
    indexes: Vec<IndexCreateStatement>,
    name: &'static str,
}

impl New {
    fn table(name: &'static str, columns: impl IntoIterator<Item = ColumnDef>) -> Self {
        let mut table = Table::create();
        table.table(Alias::new(name));
        for column in columns {
            table.col(column);
        }
        Self { table, indexes: Vec::new(), name }
    }

    fn refers(mut self, column: &'static str, to: &'static str) -> Self {
        self.table.foreign_key(
            ForeignKey::create().from(Alias::new(self.name), Alias::new(column)).to(Alias::new(to), Alias::new("id")),
        );
        self
    }

    fn index(self, columns: &[&'static str]) -> Self {
        self.any_index(columns, false)
    }

    fn unique(self, columns: &[&'static str]) -> Self {
        self.any_index(columns, true)
    }

    fn any_index(mut self, columns: &[&'static str], unique: bool) -> Self {
        let mut index = Index::create();
        index.name(format!("{}_{}", self.name, columns.join("_"))).table(Alias::new(self.name));
        for column in columns {
            index.col(Alias::new(*column));
        }
        if unique {
            index.unique();
        }
        self.indexes.push(index);
        self
    }

    async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        manager.create_table(self.table).await?;
        for index in self.indexes {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // PostgreSQL sorts texts by the language of the database, SQLite by their bytes. Pages need the same order on
        // both: by bytes.
        let by_bytes = match manager.get_database_backend() {
            DatabaseBackend::Postgres => "COLLATE \"C\"",
            _ => "",
        };
        let sorted = |name: &'static str| text(name).extra(by_bytes).take();

        New::table(
            "organization",
            [
                uuid("id").primary_key().take(),
                sorted("slug"),
                json("name"),
                text("search_text"),
                uuid_null("parent_id"),
                timestamp_with_time_zone("created_at"),
                timestamp_with_time_zone("updated_at"),
            ],
        )
        .refers("parent_id", "organization")
        .unique(&["slug"])
        .index(&["parent_id"])
        .create(manager)
        .await?;

        New::table(
            "service",
            [
                uuid("id").primary_key().take(),
                sorted("slug"),
                uuid("provider_id"),
                string_len("lifecycle", 32),
                uuid("definition_id"),
                integer("revision"),
                integer("newest_revision"),
                json("contacts"),
                sorted("sort_name"),
                text("search_text"),
                timestamp_with_time_zone("created_at"),
                timestamp_with_time_zone("updated_at"),
            ],
        )
        .refers("provider_id", "organization")
        .unique(&["slug"])
        .index(&["provider_id"])
        .index(&["sort_name", "id"])
        .index(&["created_at", "id"])
        .index(&["updated_at", "id"])
        .create(manager)
        .await?;

        New::table(
            "definition",
            [
                uuid("id").primary_key().take(),
                uuid("service_id"),
                integer("revision"),
                string_len("state", 32),
                text("terms"),
                text_null("comment"),
                json("author"),
                timestamp_with_time_zone("created_at"),
                timestamp_with_time_zone_null("published_at"),
            ],
        )
        .refers("service_id", "service")
        .unique(&["service_id", "revision"])
        .create(manager)
        .await?;

        New::table(
            "element",
            [
                uuid("id").primary_key().take(),
                uuid("service_id"),
                string_len("kind", 32),
                string_len("key", 64),
                integer("came_in"),
                integer_null("gone_in"),
            ],
        )
        .refers("service_id", "service")
        .unique(&["service_id", "kind", "key"])
        .create(manager)
        .await?;

        New::table(
            "service_consumer",
            [
                uuid("id").primary_key().take(),
                uuid("service_id"),
                uuid("organization_id"),
                string_len_null("offering", 64),
                json("contacts"),
                timestamp_with_time_zone("since"),
            ],
        )
        .refers("service_id", "service")
        .refers("organization_id", "organization")
        .unique(&["service_id", "organization_id"])
        .index(&["organization_id", "service_id"])
        .create(manager)
        .await?;

        New::table(
            "external_reference",
            [
                uuid("id").primary_key().take(),
                uuid("organization_id"),
                text("system"),
                text("class"),
                text("key"),
                text_null("url"),
                string_len("entity_kind", 32),
                uuid("entity_id"),
                uuid_null("service_id"),
                text("slot"),
                timestamp_with_time_zone("created_at"),
            ],
        )
        .refers("organization_id", "organization")
        .refers("service_id", "service")
        .unique(&["organization_id", "system", "class", "key", "slot"])
        .index(&["key", "system"])
        .index(&["entity_id"])
        .index(&["service_id"])
        .create(manager)
        .await?;

        New::table(
            "change",
            [
                big_integer("id").primary_key().auto_increment().take(),
                big_integer_null("position"),
                timestamp_with_time_zone("at"),
                json("actor"),
                string_len("action", 32),
                string_len("entity_type", 32),
                uuid("entity_id"),
                uuid_null("service_id"),
                uuid_null("organization_id"),
                json("fields"),
            ],
        )
        .unique(&["position"])
        .create(manager)
        .await?;

        New::table(
            "idempotency",
            [text("principal"), text("key"), text("request"), text("outcome"), timestamp_with_time_zone("created_at")],
        )
        .unique(&["principal", "key"])
        .index(&["created_at"])
        .create(manager)
        .await
    }
}
