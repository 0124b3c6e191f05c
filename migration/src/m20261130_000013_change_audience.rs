//! Who may see each change of the log, and which thread it belongs to; and the first change that a write with an idempotency key logged.
//!
//! What is in the log already gets its audience. Configuration items of services and outcomes, which no consumer sees, become changes of their
//! own. Of keys that are gone it is not known what they named: their changes stay without an audience, and so does what a replica of the
//! version before writes.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DatabaseBackend};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const AUDIENCES: &str = "
UPDATE change SET
  audience = CASE
    WHEN entity_type = 'ORGANIZATION' THEN 'ORGANIZATION'
    WHEN entity_type = 'CONFIGURATION_ITEM' THEN 'ITEMS'
    WHEN entity_type = 'CONSUMER' THEN 'CONSUMER'
    WHEN internal THEN 'INTERNAL'
    WHEN entity_type IN ('THREAD', 'MESSAGE') THEN 'THREAD'
    WHEN entity_type <> 'EXTERNAL_REFERENCE' THEN 'SERVICE'
    ELSE (
      SELECT CASE
        WHEN reference.entity_kind = 'ORGANIZATION' THEN 'PARTNERS'
        WHEN reference.entity_kind = 'CONFIGURATION_ITEM' THEN 'ITEMS'
        WHEN reference.entity_kind IN ('THREAD', 'MESSAGE') THEN 'THREAD'
        WHEN service.provider_id = reference.organization_id THEN 'SERVICE'
        ELSE 'CONSUMER' END
      FROM external_reference AS reference LEFT JOIN service ON service.id = reference.service_id
      WHERE reference.id = change.entity_id)
    END,
  organization_id = CASE WHEN entity_type = 'ORGANIZATION' THEN entity_id ELSE organization_id END,
  thread_id = CASE
    WHEN entity_type = 'THREAD' THEN entity_id
    WHEN entity_type = 'MESSAGE' THEN (SELECT thread_id FROM message WHERE message.id = change.entity_id)
    WHEN entity_type = 'EXTERNAL_REFERENCE' THEN (
      SELECT CASE WHEN reference.entity_kind = 'THREAD' THEN reference.entity_id ELSE message.thread_id END
      FROM external_reference AS reference LEFT JOIN message ON message.id = reference.entity_id
      WHERE reference.id = change.entity_id)
    END,
  partner_id = CASE WHEN entity_type = 'EXTERNAL_REFERENCE' THEN (
      SELECT reference.entity_id FROM external_reference AS reference
      WHERE reference.id = change.entity_id AND reference.entity_kind = 'ORGANIZATION'
        AND reference.entity_id <> reference.organization_id)
    END";

/// `{of}` are the fields of a change for which a condition holds, as a list; `{has}` is whether there are any.
const ITEMS: &[&str] = &[
    "UPDATE change SET audience = 'ITEMS' WHERE audience = 'SERVICE' AND action = 'UPDATED' AND {has items} AND NOT {has others}",
    "INSERT INTO change (at, actor, action, entity_type, entity_id, service_id, internal, audience, fields)
     SELECT at, actor, 'UPDATED', entity_type, entity_id, service_id, internal, 'ITEMS', {items}
     FROM change WHERE audience = 'SERVICE' AND {has items} ORDER BY id",
    "UPDATE change SET fields = {others} WHERE audience = 'SERVICE' AND {has items}",
];

/// The statement in the words of this database.
fn in_words_of(backend: DatabaseBackend, statement: &str) -> String {
    let is_postgres = backend == DatabaseBackend::Postgres;
    let (all, name) = match is_postgres {
        true => ("json_array_elements(change.fields) AS field", "field ->> 'name'"),
        false => ("json_each(change.fields) AS field", "field.value ->> 'name'"),
    };
    let list =
        if is_postgres { "coalesce(json_agg(field), '[]'::json)" } else { "json_group_array(json(field.value))" };
    let mut statement = statement.to_owned();
    for (which, is) in [("items", "="), ("others", "<>")] {
        let of = format!("FROM {all} WHERE {name} {is} 'configurationItems'");
        statement = statement.replace(&format!("{{has {which}}}"), &format!("EXISTS (SELECT 1 {of})"));
        statement = statement.replace(&format!("{{{which}}}"), &format!("(SELECT {list} {of})"));
    }
    statement
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("change", string_len_null("audience", 32)),
            ("change", uuid_null("thread_id")),
            ("change", uuid_null("partner_id")),
            ("idempotency", big_integer_null("first_change")),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        let connection = manager.get_connection();
        connection.execute_unprepared(AUDIENCES).await?;
        for statement in ITEMS {
            let statement = in_words_of(manager.get_database_backend(), statement);
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
