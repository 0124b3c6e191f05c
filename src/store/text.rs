//! Finding words in folded texts.

use sea_orm::{
    ColumnTrait,
    sea_query::{Expr, ExprTrait, LikeExpr},
};

use crate::fold::fold;

/// Whether the column, which holds folded text, has the word somewhere. None holds U+0000, which PostgreSQL does not take.
pub(super) fn has_word(column: impl ColumnTrait, word: &str) -> Expr {
    if word.contains('\0') {
        // PostgreSQL refuses to look for what it cannot hold.
        return Expr::val(1).eq(0);
    }
    let literal = fold(word).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    column.into_expr().like(LikeExpr::new(format!("%{literal}%")).escape('\\'))
}
