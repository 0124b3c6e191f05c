//! The time when consumers accepted their relationships. An existing relationship is accepted if both parties are in
//! one tree of organizations, or if the consumer has opened a thread, posted a message or linked a key.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DatabaseBackend};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// `{JSON}` is the condition that the organization in the JSON column is the consumer.
const ACCEPT: &str = "
WITH RECURSIVE tree(id, root) AS (
  SELECT id, id FROM organization WHERE parent_id IS NULL
  UNION ALL
  SELECT below.id, tree.root FROM organization AS below JOIN tree ON below.parent_id = tree.id
)
UPDATE service_consumer SET confirmed_at = since
WHERE EXISTS (
    SELECT 1 FROM service
    JOIN tree AS provider ON provider.id = service.provider_id
    JOIN tree AS consumer ON consumer.id = service_consumer.organization_id
    WHERE service.id = service_consumer.service_id AND provider.root = consumer.root)
  OR EXISTS (
    SELECT 1 FROM thread
    WHERE thread.service_id = service_consumer.service_id AND thread.consumer_id = service_consumer.organization_id
      AND {opened_by})
  OR EXISTS (
    SELECT 1 FROM thread JOIN message ON message.thread_id = thread.id
    WHERE thread.service_id = service_consumer.service_id AND thread.consumer_id = service_consumer.organization_id
      AND {author})
  OR EXISTS (
    SELECT 1 FROM external_reference
    WHERE external_reference.service_id = service_consumer.service_id
      AND external_reference.organization_id = service_consumer.organization_id)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = timestamp_with_time_zone_null("confirmed_at");
        manager.alter_table(Table::alter().table("service_consumer").add_column(column).take()).await?;
        let is_postgres = manager.get_database_backend() == DatabaseBackend::Postgres;
        let by_consumer = |column: &str| match is_postgres {
            true => format!("({column} ->> 'organization')::uuid = service_consumer.organization_id"),
            false => {
                format!("replace({column} ->> 'organization', '-', '') = lower(hex(service_consumer.organization_id))")
            }
        };
        let accept = ACCEPT.replace("{opened_by}", &by_consumer("thread.opened_by"));
        let accept = accept.replace("{author}", &by_consumer("message.author"));
        manager.get_connection().execute_unprepared(&accept).await?;
        if is_postgres {
            // A replica of the previous version does not know acceptance: the relationships that it writes are
            // accepted, as they are in that version.
            let holds = "ALTER TABLE service_consumer ALTER COLUMN confirmed_at SET DEFAULT now()";
            manager.get_connection().execute_unprepared(holds).await?;
        }
        Ok(())
    }
}
