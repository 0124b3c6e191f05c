//! A window of each of several groups of rows, and the number of rows of each group.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, FromQueryResult, Iterable, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, Value,
    sea_query::{Alias, Expr, ExprTrait, JoinType, Query, SelectStatement, SimpleExpr},
};

use super::{
    batch::ColumnValue,
    page::{Order, Page, Window},
    session::Session,
};
use crate::store::db::error::Error;

/// The name of the table of groups in the statement, and of its only column.
const GROUPS: (&str, &str) = ("groups", "column1");
/// The column with the group of a row.
const GROUP: &str = "of_group";

/// Groups of the rows of one table.
pub(in crate::store) struct Groups<E: EntityTrait> {
    /// The rows of all groups.
    pub(in crate::store) rows: Select<E>,
    /// The condition that a row is in the group with this key.
    pub(in crate::store) belongs: Box<dyn Fn(SimpleExpr) -> SimpleExpr + Send + Sync>,
    pub(in crate::store) id: E::Column,
}

impl<E: EntityTrait> Groups<E> {
    /// Groups the rows by one of their columns.
    pub(in crate::store) fn by(rows: Select<E>, column: E::Column, id: E::Column) -> Self {
        Self { rows, belongs: Box::new(move |group| column.into_expr().eq(group)), id }
    }

    /// This window of each group, in one statement. If an index has the group and its order, only the rows of the
    /// window are read.
    pub(in crate::store) async fn pages<K: ColumnValue, T>(
        self,
        of: Vec<K>,
        by: (&Order<T>, SimpleExpr),
        window: &Window,
        session: &Session,
    ) -> Result<HashMap<K, Page<E::Model>>, Error> {
        self.pages_of::<E::Model, K, T>(E::Column::iter().collect(), of, by, window, session).await
    }

    /// As [`Groups::pages`], but reads only these columns.
    pub(in crate::store) async fn pages_of<M: FromQueryResult, K: ColumnValue, T>(
        self,
        columns: Vec<E::Column>,
        of: Vec<K>,
        (order, column): (&Order<T>, SimpleExpr),
        window: &Window,
        session: &Session,
    ) -> Result<HashMap<K, Page<M>>, Error> {
        let Self { rows, belongs, id } = self;
        let within = window.within(order, &column, &id.into_expr())?;
        let order = window.direction(order);
        let each = rows
            .filter(belongs(Expr::col(GROUPS)))
            .filter(within)
            .order_by(column.clone(), order.clone())
            .order_by(id, order.clone())
            .limit(window.limit() + 1);
        let table = E::default();
        let mut all = Query::select();
        all.columns(columns.iter().map(|column| column.as_column_ref()))
            .expr_as(Expr::col(GROUPS), GROUP)
            .from_values(of.into_iter().map(Into::<Value>::into), GROUPS.0)
            .order_by_expr(column, order.clone())
            .order_by(id.as_column_ref(), order);
        match session.read().backend() {
            DatabaseBackend::Postgres => {
                let table = Alias::new(table.table_name());
                all.join_lateral(JoinType::InnerJoin, each.into_query(), table, Expr::val(true))
            }
            // SQLite has no lateral joins. It looks up the ids that a subquery finds for each group. It keeps the order
            // of a cross join.
            _ => {
                let each = each.select_only().column(id).into_query();
                all.cross_join(table.table_ref()).and_where(id.in_subquery(each))
            }
        };
        let mut found: HashMap<K, Vec<M>> = HashMap::new();
        for row in session.read().query_all(&all).await? {
            found.entry(row.try_get("", GROUP)?).or_default().push(M::from_query_result(&row, "")?);
        }
        Ok(found.into_iter().map(|(of, rows)| (of, window.page(rows))).collect())
    }

    /// The number of rows of each group, in one statement.
    pub(in crate::store) async fn counts<K: ColumnValue>(
        self,
        of: Vec<K>,
        session: &Session,
    ) -> Result<HashMap<K, u64>, Error> {
        let Self { rows, belongs, id } = self;
        let one: SelectStatement =
            rows.select_only().column_as(id.count(), "entries").filter(belongs(Expr::col(GROUPS))).into_query();
        let counted = Query::select()
            .expr_as(Expr::col(GROUPS), GROUP)
            .expr_as(one, "entries")
            .from_values(of.into_iter().map(Into::<Value>::into), GROUPS.0)
            .take();
        let mut counts = HashMap::new();
        for row in session.read().query_all(&counted).await? {
            let entries: i64 = row.try_get("", "entries")?;
            counts.insert(row.try_get("", GROUP)?, entries.unsigned_abs());
        }
        Ok(counts)
    }
}
