//! The word indexes of the databases. The migrations create them, and triggers or generated columns maintain them: on
//! PostgreSQL a column beside the words, on SQLite a table.

use entente_entity::{enums::SearchType, index_entry, service};
use sea_orm::{
    ColumnTrait, DatabaseBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{BinOper, Expr, ExprTrait, Query},
};

/// A table with words, and the index table of SQLite.
pub(in crate::store) struct Indexed {
    table: &'static str,
    index: &'static str,
}

/// The entries of the search.
pub(in crate::store) const ENTRIES: Indexed = Indexed { table: "passage", index: "passage_words" };
/// The words of configuration items.
pub(in crate::store) const ITEMS: Indexed = Indexed { table: "item_words", index: "item_words_index" };

/// A condition on one of the tables: for each word, the row has a word that begins with it. Words only contain letters,
/// digits and their marks, so none can be an operator of the index.
pub(in crate::store) fn has_words(backend: DatabaseBackend, of: &Indexed, words: &[String]) -> Expr {
    let Indexed { table, index } = *of;
    let all = |word: fn(&String) -> String, and| Expr::val(words.iter().map(word).collect::<Vec<_>>().join(and));
    match backend {
        DatabaseBackend::Postgres => {
            let wanted = all(|word| format!("'{word}':*"), " & ").cast_as("tsquery");
            Expr::col((table, "lexemes")).binary(BinOper::Custom("@@"), wanted)
        }
        _ => {
            let wanted = all(|word| format!("\"{word}\"*"), " AND ");
            let found = Query::select()
                .expr(Expr::col("rowid"))
                .from(index)
                .and_where(Expr::col(index).binary(BinOper::Custom("MATCH"), wanted))
                .take();
            Expr::col((table, "id")).in_subquery(found)
        }
    }
}

/// A condition on `service`: its definition has a word that begins with this one, in some language.
pub(in crate::store) fn says(backend: DatabaseBackend, word: &String) -> Expr {
    let definitions = index_entry::Entity::find()
        .select_only()
        .column(index_entry::Column::ServiceId)
        .filter(has_words(backend, &ENTRIES, std::slice::from_ref(word)))
        .filter(index_entry::Column::Kind.ne(SearchType::Thread));
    service::Column::Id.in_subquery(definitions.into_query())
}
