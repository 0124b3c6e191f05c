//! What the decisions of the consumers amount to. It is stored with the service and its consumers, so that services can be filtered by
//! their alignment.

use std::collections::HashMap;

use entente_entity::{
    agreement,
    change::FieldChange,
    definition,
    enums::{AgreementState, ChangeAction},
    id::{DefinitionId, OrganizationId, ServiceId},
    service, service_consumer,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect,
    sea_query::{Expr, ExprTrait, JoinType, Query, SelectStatement},
};

use super::ServiceWrites;
use crate::{
    agreement::{Standing, state},
    policy::Changed,
    store::db::{error::Error, parts::KEYS},
};

impl ServiceWrites<'_> {
    /// Computes anew what follows from the decisions on a service, whose row is locked: the standing of its consumers, its alignment,
    /// and whether all consumers agree to its published revision and to its proposal. True if all agree to the open proposal, and it
    /// is to be published then.
    pub(in crate::store) async fn update_standing(self, id: ServiceId) -> Result<bool, Error> {
        let row = service::Entity::find_by_id(id).one(&self.transaction).await?;
        let row = row.ok_or_else(|| Error::Corrupt(format!("{id} is not there")))?;
        let open: Vec<DefinitionId> = [row.definition_id].into_iter().chain(row.proposal_id).collect();
        service_consumer::Entity::update_many()
            .col_expr(service_consumer::Column::AgreedRevision, agreed_revision().into())
            .col_expr(service_consumer::Column::Objects, Expr::exists(objections(&open)))
            .filter(service_consumer::Column::ServiceId.eq(id))
            .exec(&self.transaction)
            .await?;
        let consumers = service_consumer::Entity::find()
            .filter(service_consumer::Column::ServiceId.eq(id))
            .all(&self.transaction)
            .await?;
        let standings: Vec<Standing> = consumers.iter().map(Standing::from).collect();
        let alignment = state(row.is_complete, row.revision, &standings);
        if alignment != row.alignment {
            service::Entity::update_many()
                .col_expr(service::Column::Alignment, Expr::val(alignment.name()))
                .filter(service::Column::Id.eq(id))
                .exec(&self.transaction)
                .await?;
        }
        let agreed: Vec<(DefinitionId, OrganizationId)> = agreement::Entity::find()
            .select_only()
            .columns([agreement::Column::DefinitionId, agreement::Column::OrganizationId])
            .filter(agreement::Column::DefinitionId.is_in(open.iter().copied()))
            .filter(agreement::Column::State.eq(AgreementState::Agreed))
            .into_tuple()
            .all(&self.transaction)
            .await?;
        let mut counts: HashMap<DefinitionId, usize> = HashMap::new();
        for (definition, organization) in agreed {
            if consumers.iter().any(|consumer| consumer.organization_id == organization) {
                *counts.entry(definition).or_default() += 1;
            }
        }
        let by_all = |id: &DefinitionId| !consumers.is_empty() && counts.get(id) == Some(&consumers.len());
        let agreed: Vec<DefinitionId> = open.into_iter().filter(by_all).collect();
        if agreed.is_empty() {
            return Ok(false);
        }
        definition::Entity::update_many()
            .col_expr(definition::Column::AgreedAt, Expr::val(self.now))
            .filter(definition::Column::Id.is_in(agreed.iter().copied()))
            .filter(definition::Column::AgreedAt.is_null())
            .exec(&self.transaction)
            .await?;
        let Some(proposal) = row.proposal_id.filter(|id| agreed.contains(id)) else { return Ok(false) };
        let publishes: Option<bool> = definition::Entity::find_by_id(proposal)
            .select_only()
            .column(definition::Column::PublishWhenAgreed)
            .into_tuple()
            .one(&self.transaction)
            .await?;
        Ok(publishes == Some(true))
    }

    /// Deletes the decisions of organizations that no longer consume a service. The log keeps them.
    pub(in crate::store) async fn forget_decisions(
        self,
        service: ServiceId,
        left: &[OrganizationId],
    ) -> Result<(), Error> {
        for some in left.chunks(KEYS) {
            agreement::Entity::delete_many()
                .filter(agreement::Column::ServiceId.eq(service))
                .filter(agreement::Column::OrganizationId.is_in(some.iter().copied()))
                .exec(&self.transaction)
                .await?;
        }
        Ok(())
    }

    /// Makes these organizations undecided on these revisions.
    pub(in crate::store) async fn reset_decisions(
        self,
        revisions: impl IntoIterator<Item = DefinitionId>,
        organizations: impl IntoIterator<Item = OrganizationId>,
    ) -> Result<(), Error> {
        let these = agreement::Column::DefinitionId
            .is_in(revisions)
            .and(agreement::Column::OrganizationId.is_in(organizations));
        let rows = agreement::Entity::find().filter(these.clone()).all(&self.transaction).await?;
        if rows.is_empty() {
            return Ok(());
        }
        agreement::Entity::delete_many().filter(these).exec(&self.transaction).await?;
        definition::Entity::update_many()
            .col_expr(definition::Column::AgreedAt, Expr::null())
            .filter(definition::Column::Id.is_in(rows.iter().map(|row| row.definition_id)))
            .exec(&self.transaction)
            .await?;
        for row in rows {
            let pending = Some(AgreementState::Pending.name().into());
            let state = FieldChange::between("state", Some(row.state.name().into()), pending);
            self.log(Changed::agreement(&row), ChangeAction::Updated, state);
        }
        Ok(())
    }
}

/// Of a row of `service_consumer`: the newest published revision that it agrees to.
fn agreed_revision() -> SelectStatement {
    use agreement::Column::{DefinitionId, Revision, State};
    of_consumer()
        .expr(Revision.max())
        .join(JoinType::InnerJoin, definition::Entity, definition::Column::Id.into_expr().eq(DefinitionId.into_expr()))
        .and_where(State.eq(AgreementState::Agreed))
        .and_where(definition::Column::PublishedAt.is_not_null())
        .take()
}

/// Of a row of `service_consumer`: its objections to these revisions.
fn objections(open: &[DefinitionId]) -> SelectStatement {
    use agreement::Column::{DefinitionId, State};
    of_consumer()
        .expr(Expr::val(1))
        .and_where(State.eq(AgreementState::Objected))
        .and_where(DefinitionId.is_in(open.iter().copied()))
        .take()
}

/// The decisions of a row of `service_consumer`.
fn of_consumer() -> SelectStatement {
    use agreement::Column::{OrganizationId, ServiceId};
    let it = OrganizationId.into_expr().eq(service_consumer::Column::OrganizationId.into_expr());
    let of_service = ServiceId.into_expr().eq(service_consumer::Column::ServiceId.into_expr());
    Query::select().from(agreement::Entity).and_where(it).and_where(of_service).take()
}
