//! When consumers confirm their relationships. A provider may name any organization as a consumer. Until the consumer
//! writes something on the service itself, it does not find objects by the keys of this service. Within one tree of
//! organizations, a relationship is confirmed from the start.

use std::collections::{HashMap, HashSet};

use entente_entity::{
    change::FieldChange,
    enums::ChangeAction,
    id::{OrganizationId, ServiceId},
    organization, service, service_consumer,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter,
    sea_query::{Expr, ExprTrait, JoinType, Query, UnionType},
};

use super::ServiceWrites;
use crate::{
    policy::Changed,
    store::db::{error::Error, parts::some_at_a_time, recursive::with_recursive},
};

impl ServiceWrites<'_> {
    /// Confirms the relationship of a consumer that writes on the service, if it is not confirmed yet.
    pub(in crate::store) async fn confirm(self, service: ServiceId, consumer: OrganizationId) -> Result<(), Error> {
        self.confirm_all_of(vec![service], consumer).await
    }

    /// As [`ServiceWrites::confirm`], for several services.
    pub(in crate::store) async fn confirm_all_of(
        self,
        services: Vec<ServiceId>,
        consumer: OrganizationId,
    ) -> Result<(), Error> {
        if services.is_empty() {
            return Ok(());
        }
        let unconfirmed = service_consumer::Entity::find()
            .filter(service_consumer::Column::ServiceId.is_in(services))
            .filter(service_consumer::Column::OrganizationId.eq(consumer))
            .filter(service_consumer::Column::ConfirmedAt.is_null())
            .all(&self.transaction)
            .await?;
        self.confirm_all(unconfirmed).await
    }

    /// Confirms all relationships that are within one tree now, after organizations were moved or a service got another
    /// provider.
    pub(in crate::store) async fn confirm_within_trees(self) -> Result<(), Error> {
        use organization::Column::{Id, ParentId};
        let first = Query::select()
            .column(Id)
            .expr(Expr::col(Id))
            .from(organization::Entity)
            .and_where(Expr::col(ParentId).is_null())
            .take();
        let next = Query::select()
            .column((organization::Entity, Id))
            .column(("tree", "root"))
            .from(organization::Entity)
            .join(JoinType::InnerJoin, "tree", Expr::col((organization::Entity, ParentId)).equals(("tree", "id")))
            .take();
        let consumer = service_consumer::Entity;
        let in_one_tree = Query::select()
            .columns(<service_consumer::Column as sea_orm::Iterable>::iter().map(|column| (consumer, column)))
            .from(consumer)
            .join(
                JoinType::InnerJoin,
                service::Entity,
                Expr::col((service::Entity, service::Column::Id))
                    .equals((consumer, service_consumer::Column::ServiceId)),
            )
            .join_as(
                JoinType::InnerJoin,
                "tree",
                "provider",
                Expr::col(("provider", "id")).equals((service::Entity, service::Column::ProviderId)),
            )
            .join_as(
                JoinType::InnerJoin,
                "tree",
                "consumer",
                Expr::col(("consumer", "id")).equals((consumer, service_consumer::Column::OrganizationId)),
            )
            .and_where(Expr::col((consumer, service_consumer::Column::ConfirmedAt)).is_null())
            .and_where(Expr::col(("provider", "root")).equals(("consumer", "root")))
            .take();
        let tree = first.to_owned().union(UnionType::All, next).take();
        let query = with_recursive(tree, "tree", &["id", "root"], in_one_tree);
        let mut unconfirmed = Vec::new();
        for row in self.transaction.query_all(&query).await? {
            unconfirmed.push(service_consumer::Model::from_query_result(&row, "")?);
        }
        self.confirm_all(unconfirmed).await
    }

    async fn confirm_all(self, rows: Vec<service_consumer::Model>) -> Result<(), Error> {
        for some in some_at_a_time(&rows) {
            service_consumer::Entity::update_many()
                .col_expr(service_consumer::Column::ConfirmedAt, Expr::val(self.now))
                .col_expr(service_consumer::Column::UpdatedAt, Expr::val(self.now))
                .filter(service_consumer::Column::Id.is_in(some.iter().map(|row| row.id)))
                .exec(&self.transaction)
                .await?;
            self.touch_for_provider(some.iter().map(|row| row.service_id)).await?;
        }
        for row in rows {
            let confirmed = FieldChange::set("confirmedAt", self.now.to_string());
            let changed = Changed::consumer(row.service_id, row.organization_id, row.id);
            self.log(changed, ChangeAction::Updated, [confirmed]);
        }
        Ok(())
    }

    /// Those of these organizations that are in the same tree as `of`.
    pub(in crate::store) async fn relatives(
        self,
        of: OrganizationId,
        organizations: impl IntoIterator<Item = OrganizationId>,
    ) -> Result<HashSet<OrganizationId>, Error> {
        let mut roots = HashMap::new();
        for some in some_at_a_time(organizations.into_iter().chain([of])) {
            roots.extend(self.roots(some).await?);
        }
        let root = roots.get(&of).copied();
        Ok(roots.into_iter().filter(|(_, other)| Some(*other) == root).map(|(id, _)| id).collect())
    }

    /// Each of these organizations with the root of its tree.
    async fn roots(self, of: Vec<OrganizationId>) -> Result<Vec<(OrganizationId, OrganizationId)>, Error> {
        use organization::Column::{Id, ParentId};
        let first = Query::select()
            .column(Id)
            .columns([Id, ParentId])
            .from(organization::Entity)
            .and_where(Expr::col(Id).is_in(of))
            .take();
        let next = Query::select()
            .column(("up", "of"))
            .columns([(organization::Entity, Id), (organization::Entity, ParentId)])
            .from(organization::Entity)
            .join(JoinType::InnerJoin, "up", Expr::col((organization::Entity, Id)).equals(("up", "parent_id")))
            .take();
        let tops = Query::select().columns(["of", "id"]).from("up").and_where(Expr::col("parent_id").is_null()).take();
        let up = first.to_owned().union(UnionType::All, next).take();
        let rows = self.transaction.query_all(&with_recursive(up, "up", &["of", "id", "parent_id"], tops)).await?;
        let tops = rows.iter().map(|row| Ok((row.try_get("", "of")?, row.try_get("", "id")?)));
        Ok(tops.collect::<Result<_, sea_orm::DbErr>>()?)
    }
}
