//! The first or the last entries of many lists at once, such as the last messages of each of a page's threads.

use sea_orm::{
    ColumnTrait, DatabaseBackend, EntityTrait, Iterable, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Alias, Expr, ExprTrait, JoinType, Query, SimpleExpr},
};
use uuid::Uuid;

use super::{Error, readers::Readers};

/// How both databases call the lists, and the one column that they have.
const LISTS: (&str, &str) = ("lists", "column1");

/// Lists of the rows of one table, and which ends of them are wanted.
pub(super) struct Ends<E: EntityTrait> {
    /// The rows of all lists.
    pub(super) rows: Select<E>,
    /// What says which list a row is in.
    pub(super) list: E::Column,
    /// What a list is ordered by, before the id.
    pub(super) column: SimpleExpr,
    pub(super) id: E::Column,
    /// Whether the greatest comes first.
    pub(super) descending: bool,
    /// How many entries are wanted, and whether the last ones.
    pub(super) end: (u64, bool),
}

impl<E: EntityTrait> Ends<E> {
    /// The wanted entries of these lists, and one more of each, in the order in which [`super::page::Window::cut`] gives
    /// them of one. Where an index has a list in its order, no more is read of it, however long it is.
    pub(super) async fn read(self, of: impl IntoIterator<Item = Uuid>, from: &Readers) -> Result<Vec<E::Model>, Error> {
        let of: Vec<Uuid> = of.into_iter().collect();
        if of.is_empty() {
            return Ok(Vec::new());
        }
        let Self { rows, list, column, id, descending, end: (limit, backward) } = self;
        let order = if descending == backward { Order::Asc } else { Order::Desc };
        let each = rows
            .filter(Expr::col(list.as_column_ref()).eq(Expr::col(LISTS)))
            .order_by(column.clone(), order.clone())
            .order_by(id, order.clone())
            .limit(limit + 1);
        let table = E::default();
        let mut all = Query::select();
        all.columns(E::Column::iter().map(|column| column.as_column_ref()))
            .from_values(of, LISTS.0)
            .order_by_expr(column, order.clone())
            .order_by(id.as_column_ref(), order);
        let backend = from.backend();
        match backend {
            DatabaseBackend::Postgres => {
                let table = Alias::new(table.table_name());
                all.join_lateral(JoinType::InnerJoin, each.into_query(), table, Expr::val(true))
            }
            // It knows no lateral queries, but looks up by their ids what a query of ids finds for each list. A cross join
            // is taken in this order.
            _ => {
                let each = each.select_only().column(id).into_query();
                all.cross_join(table.table_ref()).and_where(id.in_subquery(each))
            }
        };
        Ok(E::find().from_raw_sql(backend.build(&all)).all(from).await?)
    }
}
