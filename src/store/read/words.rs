//! Search for words in folded texts.

use std::collections::BTreeSet;

use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, LikeExpr},
};

use crate::fold::fold;

/// The condition that a column with folded text contains each word of a text. False for U+0000, which PostgreSQL cannot
/// store.
pub(in crate::store) fn has_words(column: impl ColumnTrait, text: &str) -> Expr {
    if text.contains('\0') {
        // PostgreSQL refuses values that it cannot store.
        return Expr::val(1).eq(0);
    }
    let words: BTreeSet<String> = text.split_whitespace().map(fold).collect();
    all(words.iter().map(|word| has_word(column, word)).collect())
}

fn has_word(column: impl ColumnTrait, word: &str) -> Expr {
    let literal = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    column.into_expr().like(LikeExpr::new(format!("%{literal}%")).escape('\\'))
}

/// All of these conditions. They are joined as a balanced tree: `Condition` nests one expression for each, which
/// overflows the stack with thousands of them, and SQLite refuses expressions more than 1,000 deep.
fn all(mut conditions: Vec<Expr>) -> Expr {
    match conditions.len() {
        0 => Expr::val(1).eq(1),
        1 => conditions.remove(0),
        len => {
            let rest = conditions.split_off(len / 2);
            all(conditions).and(all(rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use entente_entity::index_entry;
    use sea_orm::{DatabaseBackend, EntityTrait, QueryFilter, QueryTrait};

    use super::*;

    fn sql(text: &str) -> String {
        let condition = has_words(index_entry::Column::Words, text);
        index_entry::Entity::find().filter(condition).build(DatabaseBackend::Sqlite).sql
    }

    #[test]
    fn so_many_words_do_not_overflow_the_stack() {
        let text: Vec<String> = (0..30_000).map(|n| format!("w{n}")).collect();
        let small = std::thread::Builder::new().stack_size(2 * 1024 * 1024);
        let sql = small.spawn(move || sql(&text.join(" "))).unwrap().join().unwrap();
        assert_eq!(sql.matches(" LIKE ").count(), 30_000);
    }

    #[test]
    fn each_word_is_looked_for_once() {
        assert_eq!(sql("Ward ward  WARD a").matches(" LIKE ").count(), 2);
        assert_eq!(sql("").matches(" LIKE ").count(), 0);
    }
}
