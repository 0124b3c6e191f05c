//! Removes the blanks around keys of other systems. From this version on, keys are stored and searched without them.
//!
//! If an organization also has the key without blanks for the same object, the key with blanks is deleted. If that key
//! identifies another object, a number is appended to the trimmed key: no data is lost, and it is deleted as any other
//! key if its source no longer sends it.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DatabaseBackend, Statement, prelude::Uuid},
};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// The text without the blanks at both ends.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}'))
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        // Only few of millions of keys contain anything other than visible ASCII.
        let unusual = match manager.get_database_backend() {
            DatabaseBackend::Postgres => "key COLLATE \"C\" ~ '[^!-~]' OR class COLLATE \"C\" ~ '[^!-~]'",
            _ => "key GLOB '*[^!-~]*' OR class GLOB '*[^!-~]*'",
        };
        let rows = |columns: &str, table: &str| {
            let sql = format!("SELECT {columns} FROM {table} WHERE {unusual}");
            Statement::from_string(manager.get_database_backend(), sql)
        };
        let found = connection.query_all_raw(rows("item_id, position, class, key", "item_dependency")).await?;
        for row in found {
            let (class, key): (String, String) = (row.try_get("", "class")?, row.try_get("", "key")?);
            if (trimmed(&class), trimmed(&key)) != (&*class, &*key) {
                let update = Query::update()
                    .table("item_dependency")
                    .value("class", trimmed(&class))
                    .value("key", trimmed(&key))
                    .and_where(Expr::col("item_id").eq(row.try_get::<Uuid>("", "item_id")?))
                    .and_where(Expr::col("position").eq(row.try_get::<i32>("", "position")?))
                    .take();
                connection.execute(&update).await?;
            }
        }
        let columns = "id, organization_id, system, class, key, slot, entity_id";
        for row in connection.query_all_raw(rows(columns, "external_reference")).await? {
            let (class, key): (String, String) = (row.try_get("", "class")?, row.try_get("", "key")?);
            if (trimmed(&class), trimmed(&key)) != (&*class, &*key) {
                let reference = Reference {
                    id: row.try_get("", "id")?,
                    organization: row.try_get("", "organization_id")?,
                    system: row.try_get("", "system")?,
                    slot: row.try_get("", "slot")?,
                    entity: row.try_get("", "entity_id")?,
                };
                reference.rename(connection, trimmed(&class), trimmed(&key)).await?;
            }
        }
        Ok(())
    }
}

struct Reference {
    id: Uuid,
    organization: Uuid,
    system: String,
    slot: String,
    entity: Uuid,
}

impl Reference {
    async fn rename(&self, connection: &SchemaManagerConnection<'_>, class: &str, key: &str) -> Result<(), DbErr> {
        let mut free = key.to_owned();
        let mut number = 2;
        loop {
            let standing = Query::select()
                .column("entity_id")
                .from("external_reference")
                .and_where(Expr::col("organization_id").eq(self.organization))
                .and_where(Expr::col("system").eq(&self.system))
                .and_where(Expr::col("class").eq(class))
                .and_where(Expr::col("key").eq(&free))
                .and_where(Expr::col("slot").eq(&self.slot))
                .take();
            let Some(standing) = connection.query_one(&standing).await? else { break };
            if standing.try_get::<Uuid>("", "entity_id")? == self.entity {
                let delete =
                    Query::delete().from_table("external_reference").and_where(Expr::col("id").eq(self.id)).take();
                connection.execute(&delete).await?;
                return Ok(());
            }
            free = format!("{key} ({number})");
            number += 1;
        }
        let update = Query::update()
            .table("external_reference")
            .value("class", class)
            .value("key", free)
            .and_where(Expr::col("id").eq(self.id))
            .take();
        connection.execute(&update).await.map(drop)
    }
}
