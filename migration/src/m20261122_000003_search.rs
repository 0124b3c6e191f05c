//! The searchable texts, with an index of their words: FTS5 on SQLite, GIN on PostgreSQL. The program writes the rows.
//! If the table is empty, it writes all of them, so that a later migration that changes the form of words only has to
//! empty the table.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DatabaseBackend};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// `words` contains the words in their search form: both databases index them unchanged, without the rules of a
/// language.
const POSTGRES: &[&str] = &[
    "ALTER TABLE passage ADD COLUMN lexemes tsvector
       GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED",
    "CREATE INDEX passage_lexemes ON passage USING gin (lexemes)",
];

const SQLITE: &[&str] = &[
    "CREATE VIRTUAL TABLE passage_words USING fts5(
       words, content='passage', content_rowid='id', tokenize='ascii', detail='none', columnsize=0)",
    "CREATE TRIGGER passage_inserted AFTER INSERT ON passage BEGIN
       INSERT INTO passage_words(rowid, words) VALUES (new.id, new.words);
     END",
    "CREATE TRIGGER passage_deleted AFTER DELETE ON passage BEGIN
       INSERT INTO passage_words(passage_words, rowid, words) VALUES ('delete', old.id, old.words);
     END",
    "CREATE TRIGGER passage_updated AFTER UPDATE OF words ON passage BEGIN
       INSERT INTO passage_words(passage_words, rowid, words) VALUES ('delete', old.id, old.words);
       INSERT INTO passage_words(rowid, words) VALUES (new.id, new.words);
     END",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let refers = |column: &'static str, to: &'static str| {
            ForeignKey::create().from("passage", column).to(Alias::new(to), "id").take()
        };
        let table = Table::create()
            .table("passage")
            .col(big_integer("id").primary_key().auto_increment().take())
            .col(uuid("service_id"))
            .col(uuid_null("consumer_id"))
            .col(boolean("internal"))
            .col(string_len("kind", 32))
            .col(uuid("entity_id"))
            .col(uuid("part_id"))
            .col(text("language"))
            .col(big_integer("weight"))
            .col(text("text"))
            .col(text("words"))
            .foreign_key(&mut refers("service_id", "service"))
            .foreign_key(&mut refers("consumer_id", "organization"))
            .take();
        manager.create_table(table).await?;
        for column in ["service_id", "entity_id", "part_id"] {
            let index = Index::create().name(format!("passage_{column}")).table("passage").col(column).take();
            manager.create_index(index).await?;
        }
        let own = match manager.get_database_backend() {
            DatabaseBackend::Postgres => POSTGRES,
            _ => SQLITE,
        };
        for statement in own {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        manager.alter_table(Table::alter().table("service").drop_column("search_text").take()).await
    }
}
