//! Recursive queries, for trees and graphs.

use sea_orm::sea_query::{CommonTableExpression, SelectStatement, WithClause};

/// A query with a table that a recursive query makes.
pub(in crate::store) fn with_recursive(
    table: SelectStatement,
    name: &'static str,
    columns: &[&'static str],
    query: SelectStatement,
) -> SelectStatement {
    let mut table = CommonTableExpression::new().query(table).table_name(name).to_owned();
    table.columns(columns.iter().copied());
    let mut query = query;
    query.with_cte(WithClause::new().recursive(true).cte(table).to_owned()).take()
}
