//! Queries that ask themselves: trees and walks.

use sea_orm::sea_query::{CommonTableExpression, SelectStatement, WithClause};

/// A query with a table of its own, which is made by another that asks itself.
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
