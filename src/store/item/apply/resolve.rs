//! Resolves the keys of dependencies to items. The result depends on the stored items only, not on the order in which
//! they were written.

use entente_entity::{
    enums::ReferencedKind,
    external_reference,
    id::{ItemId, OrganizationId},
    item_dependency,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement},
};

use crate::store::{
    db::{database::is_hashed_among, error::Error, parts::KEYS},
    item::ItemWrites,
};

impl ItemWrites<'_> {
    /// Resolves unresolved dependencies with these keys: to the item whose key has the same type, or for a key without
    /// a type, to the only other item that has it. If several items have it, the dependency stays unresolved.
    pub(in crate::store) async fn resolve_dependencies(
        self,
        organization: OrganizationId,
        keys: &[String],
    ) -> Result<(), Error> {
        use item_dependency::Column as Dependency;
        if keys.is_empty() {
            return Ok(());
        }
        let named = || Expr::from(named(organization));
        let key = (item_dependency::Entity, Dependency::Key);
        let keys = keys.iter().map(String::as_str);
        let resolved = item_dependency::Entity::update_many()
            .col_expr(Dependency::DependencyId, named())
            .filter(Dependency::OrganizationId.eq(organization))
            .filter(Dependency::DependencyId.is_null())
            .filter(is_hashed_among(self.transaction.get_database_backend(), key, keys))
            .filter(named().is_not_null())
            .exec(&self.transaction)
            .await?;
        if resolved.rows_affected > 0 {
            self.changes_graph_of(organization);
        }
        Ok(())
    }

    /// Makes dependencies without a type on these items unresolved, because other items have the same key now.
    pub(in crate::store) async fn contest_dependencies(
        self,
        organization: OrganizationId,
        items: &[ItemId],
        keys: &[String],
    ) -> Result<(), Error> {
        use item_dependency::Column;
        for some in items.chunks(KEYS) {
            let backend = self.transaction.get_database_backend();
            let key = (item_dependency::Entity, Column::Key);
            let forgotten = item_dependency::Entity::update_many()
                .col_expr(Column::DependencyId, Expr::val(None::<uuid::Uuid>))
                .filter(Column::DependencyId.is_in(some.iter().copied()))
                .filter(Column::Class.eq(""))
                .filter(is_hashed_among(backend, key, keys.iter().map(String::as_str)))
                .exec(&self.transaction)
                .await?;
            if forgotten.rows_affected > 0 {
                self.changes_graph_of(organization);
            }
        }
        Ok(())
    }

    /// The number of unresolved dependencies of these items.
    pub(super) async fn unresolved(self, items: &[ItemId]) -> Result<i32, Error> {
        use item_dependency::Column;
        let mut unresolved = 0;
        for some in items.chunks(KEYS) {
            let count = item_dependency::Entity::find()
                .filter(Column::ItemId.is_in(some.iter().copied()))
                .filter(Column::DependencyId.is_null())
                .count(&self.transaction)
                .await?;
            unresolved += i32::try_from(count).unwrap_or(i32::MAX);
        }
        Ok(unresolved)
    }
}

/// A subquery on `item_dependency`: the item to which a row resolves, if there is exactly one.
fn named(organization: OrganizationId) -> SelectStatement {
    use external_reference::Column as Reference;
    use item_dependency::Column as Dependency;
    let dependency = |column: Dependency| Expr::col((item_dependency::Entity, column));
    // The table of references is used twice: for the item, and for other items with the same key.
    let fits = |table: &'static str| {
        let column = move |column: Reference| (Alias::new(table), column);
        Condition::all()
            // No index on the organization: it has as many references of one system as items. The key is selective.
            .add(
                Expr::from(Func::coalesce([
                    Expr::col(column(Reference::OrganizationId)),
                    Expr::col(column(Reference::OrganizationId)),
                ]))
                .eq(organization),
            )
            .add(Expr::col(column(Reference::EntityKind)).eq(ReferencedKind::ConfigurationItem))
            .add(Expr::col(column(Reference::Key)).equals((item_dependency::Entity, Dependency::Key)))
            .add(Expr::col(column(Reference::System)).equals((item_dependency::Entity, Dependency::System)))
            .add(
                dependency(Dependency::Class)
                    .eq("")
                    .or(Expr::col(column(Reference::Class)).equals((item_dependency::Entity, Dependency::Class))),
            )
            .add(dependency(Dependency::ItemId).ne(Expr::col(column(Reference::EntityId))))
    };
    let others = Query::select()
        .expr(Expr::val(1))
        .from_as(external_reference::Entity, Alias::new("other"))
        .cond_where(fits("other"))
        .and_where(
            Expr::col((Alias::new("other"), Reference::EntityId))
                .ne(Expr::col((Alias::new("named"), Reference::EntityId))),
        )
        .take();
    let exactly =
        Expr::col((Alias::new("named"), Reference::Class)).equals((item_dependency::Entity, Dependency::Class));
    Query::select()
        .column((Alias::new("named"), Reference::EntityId))
        .from_as(external_reference::Entity, Alias::new("named"))
        .cond_where(fits("named"))
        .cond_where(Condition::any().add(exactly).add(Expr::exists(others).not()))
        .limit(1)
        .take()
}
