//! The searchable words of configuration items, with an index: FTS5 on SQLite, GIN on PostgreSQL. The program writes
//! the rows. If the table is empty, it writes all of them.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DatabaseBackend};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// `words` contains the words in their search form: both databases index them unchanged, without the rules of a
/// language.
const POSTGRES: &[&str] = &[
    "ALTER TABLE item_words ADD COLUMN lexemes tsvector
       GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED",
    "CREATE INDEX item_words_lexemes ON item_words USING gin (lexemes)",
];

const SQLITE: &[&str] = &[
    "CREATE VIRTUAL TABLE item_words_index USING fts5(
       words, content='item_words', content_rowid='id', tokenize='ascii', detail='none', columnsize=0)",
    "CREATE TRIGGER item_words_inserted AFTER INSERT ON item_words BEGIN
       INSERT INTO item_words_index(rowid, words) VALUES (new.id, new.words);
     END",
    "CREATE TRIGGER item_words_deleted AFTER DELETE ON item_words BEGIN
       INSERT INTO item_words_index(item_words_index, rowid, words) VALUES ('delete', old.id, old.words);
     END",
    "CREATE TRIGGER item_words_updated AFTER UPDATE OF words ON item_words BEGIN
       INSERT INTO item_words_index(item_words_index, rowid, words) VALUES ('delete', old.id, old.words);
       INSERT INTO item_words_index(rowid, words) VALUES (new.id, new.words);
     END",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("item_words")
            .col(big_integer("id").primary_key().auto_increment().take())
            .col(uuid("item_id"))
            .col(text("words"))
            .foreign_key(ForeignKey::create().from("item_words", "item_id").to("configuration_item", "id"))
            .take();
        manager.create_table(table).await?;
        let by_item = Index::create().name("item_words_item_id").table("item_words").col("item_id").unique().take();
        manager.create_index(by_item).await?;
        let own = match manager.get_database_backend() {
            DatabaseBackend::Postgres => POSTGRES,
            _ => SQLITE,
        };
        for statement in own {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        manager.alter_table(Table::alter().table("configuration_item").drop_column("search_text").take()).await
    }
}
