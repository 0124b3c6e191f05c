//! Agreements, proposals and suggestions, and the facts from which the alignment of services follows.
//!
//! Nobody has agreed to anything yet: services of existing databases are INCOMPLETE or UNAGREED.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DatabaseBackend};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Whether the published terms contain all four components. `{list}` are the entries of a list of the terms.
const COMPLETE: &str = "
UPDATE service SET is_complete = EXISTS (
  SELECT 1 FROM definition WHERE definition.id = service.definition_id
    AND {length of outcomes} > 0 AND {length of benefits} > 0 AND {length of costs} + {length of risks} > 0
    AND EXISTS (SELECT 1 FROM {expectations} WHERE {party} = 'PROVIDER')
    AND EXISTS (SELECT 1 FROM {expectations} WHERE {party} = 'CONSUMER'))";

const UNAGREED: &str = "
UPDATE service SET alignment = 'UNAGREED'
WHERE is_complete AND EXISTS (SELECT 1 FROM service_consumer WHERE service_consumer.service_id = service.id)";

/// The statement in the words of this database.
fn in_words_of(backend: DatabaseBackend, statement: &str) -> String {
    let is_postgres = backend == DatabaseBackend::Postgres;
    let mut statement = statement.to_owned();
    for list in ["outcomes", "benefits", "costs", "risks"] {
        let length = match is_postgres {
            true => format!("coalesce(json_array_length(definition.terms::json -> '{list}'), 0)"),
            false => format!("coalesce(json_array_length(definition.terms, '$.{list}'), 0)"),
        };
        statement = statement.replace(&format!("{{length of {list}}}"), &length);
    }
    let (expectations, party) = match is_postgres {
        true => (
            "json_array_elements(coalesce(definition.terms::json -> 'expectations', '[]'::json)) AS expectation",
            "expectation ->> 'of'",
        ),
        false => ("json_each(definition.terms, '$.expectations') AS expectation", "expectation.value ->> 'of'"),
    };
    statement.replace("{expectations}", expectations).replace("{party}", party)
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut agreement = Table::create();
        agreement
            .table("agreement")
            .col(uuid("definition_id"))
            .col(uuid("organization_id"))
            .col(uuid("service_id"))
            .col(integer("revision"))
            .col(string_len("state", 32))
            .col(text_null("comment"))
            .col(json("decided_by"))
            .col(timestamp_with_time_zone("decided_at"))
            .col(string_len("digest", 64))
            .col(uuid_null("thread_id"))
            .primary_key(Index::create().col("definition_id").col("organization_id"));
        for (column, table) in
            [("definition_id", "definition"), ("organization_id", "organization"), ("service_id", "service")]
        {
            agreement.foreign_key(&mut ForeignKey::create().from("agreement", column).to(table, "id").take());
        }
        manager.create_table(agreement).await?;
        // The decisions of one consumer on one service.
        let index = Index::create()
            .name("agreement_service_id_organization_id")
            .table("agreement")
            .col("service_id")
            .col("organization_id")
            .take();
        manager.create_index(index).await?;
        // The agreement that an objection's thread belongs to.
        let index = Index::create().name("agreement_thread_id").table("agreement").col("thread_id").take();
        manager.create_index(index).await?;
        for (table, column) in [
            ("definition", integer_null("base")),
            ("definition", boolean("publish_when_agreed").default(false).take()),
            ("definition", json("resolves").default("[]").take()),
            ("definition", timestamp_with_time_zone_null("agreed_at")),
            ("service", uuid_null("proposal_id")),
            ("service", boolean("is_complete").default(false).take()),
            ("service", string_len("alignment", 32).default("INCOMPLETE").take()),
            ("service_consumer", integer_null("agreed_revision")),
            ("service_consumer", boolean("objects").default(false).take()),
            ("service_consumer", timestamp_with_time_zone_null("decided_at")),
            ("thread", text_null("suggestion")),
            // Changes with the names of the configuration items, which texts for customers are searched for.
            ("organization", uuid_null("items_version")),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        // Pages of services with an alignment, by name.
        let index = Index::create()
            .name("service_alignment_sort_name_id")
            .table("service")
            .col("alignment")
            .col("sort_name")
            .col("id")
            .take();
        manager.create_index(index).await?;
        // The services whose alignment for a consumer is one of these, from the index alone.
        let index = Index::create()
            .name("service_consumer_decisions")
            .table("service_consumer")
            .col("organization_id")
            .col("objects")
            .col("agreed_revision")
            .col("service_id")
            .take();
        manager.create_index(index).await?;
        let connection = manager.get_connection();
        for statement in [COMPLETE, UNAGREED] {
            let statement = in_words_of(manager.get_database_backend(), statement);
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
