//! The databases' own indexes of words: `passage_words`, which the migration makes and the databases keep up.

use entente_entity::passage;
use sea_orm::{
    ColumnTrait, DatabaseBackend,
    sea_query::{BinOper, Expr, ExprTrait, Query},
};

/// On `passage`: whether it has each of the words, or one that begins with it. Words are letters and digits only, so none
/// of them can be an operator of either database.
pub(super) fn has_words(backend: DatabaseBackend, words: &[String]) -> Expr {
    let all = |word: fn(&String) -> String, and| Expr::val(words.iter().map(word).collect::<Vec<_>>().join(and));
    match backend {
        DatabaseBackend::Postgres => {
            let wanted = all(|word| format!("'{word}':*"), " & ").cast_as("tsquery");
            // To the letter what the index is on.
            Expr::cust("array_to_tsvector(string_to_array(\"passage\".\"words\", ' '))")
                .binary(BinOper::Custom("@@"), wanted)
        }
        _ => {
            let wanted = all(|word| format!("\"{word}\"*"), " AND ");
            let found = Query::select()
                .expr(Expr::col("rowid"))
                .from("passage_words")
                .and_where(Expr::col("passage_words").binary(BinOper::Custom("MATCH"), wanted))
                .take();
            passage::Column::Id.in_subquery(found)
        }
    }
}
