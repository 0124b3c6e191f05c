//! Threads: their messages, their events, and the times at which the clock must process them.

use sea_orm_migration::{prelude::*, schema::*};

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
        let mut threads = Table::create();
        threads
            .table(name("thread"))
            // The database assigns the numbers: they increase, and no number is used twice by any replica.
            .col(integer("number").primary_key().auto_increment())
            .col(uuid("id"))
            .col(uuid("service_id"))
            .col(uuid("consumer_id"))
            .col(uuid_null("element_id"))
            .col(string_len("kind", 32))
            .col(string_len("status", 32))
            .col(string_len("severity", 32))
            .col(text("title"))
            .col(integer_null("rating"))
            .col(json("opened_by"))
            .col(json_null("assignee"))
            .col(text_null("policy"))
            .col(integer_null("level"))
            .col(timestamp_with_time_zone_null("deadlines_from"))
            .col(timestamp_with_time_zone_null("levels_from"))
            .col(timestamp_with_time_zone_null("acknowledge_by"))
            .col(timestamp_with_time_zone_null("resolve_by"))
            .col(boolean("acknowledge_breached"))
            .col(boolean("resolve_breached"))
            .col(timestamp_with_time_zone("opened_at"))
            .col(timestamp_with_time_zone_null("acknowledged_at"))
            .col(timestamp_with_time_zone_null("resolved_at"))
            .col(timestamp_with_time_zone_null("closed_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(timestamp_with_time_zone("last_at"))
            .foreign_key(&mut refers("thread", "service_id", "service"))
            .foreign_key(&mut refers("thread", "consumer_id", "organization"))
            .foreign_key(&mut refers("thread", "element_id", "element"));
        manager.create_table(threads).await?;
        manager.create_index(index("thread", &["id"]).unique().to_owned()).await?;
        for columns in [
            &["service_id", "opened_at", "id"] as &[_],
            &["service_id", "updated_at", "id"],
            &["consumer_id", "opened_at", "id"],
            // For lists of escalations of any status, newest first.
            &["kind", "opened_at", "id"],
            &["opened_at", "id"],
            &["updated_at", "id"],
        ] {
            manager.create_index(index("thread", columns)).await?;
        }
        // For the perception, which counts ratings: few threads have one.
        let mut rated = index("thread", &["service_id", "rating"]);
        manager.create_index(rated.cond_where(Expr::col(name("rating")).is_not_null()).to_owned()).await?;

        let mut messages = Table::create();
        messages
            .table(name("message"))
            .col(uuid("id").primary_key())
            .col(uuid("thread_id"))
            .col(uuid("service_id"))
            .col(json("author"))
            .col(text("body"))
            .col(string_len("visibility", 32))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("edited_at"))
            .col(timestamp_with_time_zone_null("redacted_at"))
            .foreign_key(&mut refers("message", "thread_id", "thread"))
            .foreign_key(&mut refers("message", "service_id", "service"));
        manager.create_table(messages).await?;
        manager.create_index(index("message", &["thread_id", "created_at", "id"])).await?;

        let mut events = Table::create();
        events
            .table(name("thread_event"))
            .col(uuid("id").primary_key())
            .col(uuid("thread_id"))
            .col(uuid("service_id"))
            .col(string_len("kind", 32))
            .col(timestamp_with_time_zone("at"))
            .col(json("actor"))
            .col(json("detail"))
            .col(string_len_null("once", 64))
            .col(boolean("internal"))
            .foreign_key(&mut refers("thread_event", "thread_id", "thread"))
            .foreign_key(&mut refers("thread_event", "service_id", "service"));
        manager.create_table(events).await?;
        manager.create_index(index("thread_event", &["thread_id", "at", "id"])).await?;
        // This index makes it impossible to raise a thread to the same level twice, or to record the same missed
        // deadline twice.
        manager.create_index(index("thread_event", &["thread_id", "once"]).unique().to_owned()).await?;

        let mut due = Table::create();
        due.table(name("thread_due"))
            .col(uuid("thread_id").primary_key())
            .col(timestamp_with_time_zone("due_at"))
            .col(timestamp_with_time_zone_null("claimed_until"))
            .foreign_key(&mut refers("thread_due", "thread_id", "thread"));
        manager.create_table(due).await?;
        manager.create_index(index("thread_due", &["due_at"])).await?;

        let mut internal = Table::alter();
        internal.table(name("change")).add_column(boolean("internal").default(false));
        manager.alter_table(internal).await?;
        manager.create_index(index("change", &["entity_id"])).await
    }
}
