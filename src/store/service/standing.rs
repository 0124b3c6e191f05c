//! What the decisions of the consumers amount to. It is stored with the service and its consumers, so that services can be filtered by
//! their alignment.

use std::collections::{HashMap, HashSet};

use entente_entity::{
    agreement,
    change::FieldChange,
    definition,
    enums::{AgreementState, ChangeAction},
    id::{DefinitionId, OrganizationId, ServiceId, ThreadId},
    scalar::DateTime,
    service, service_consumer,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
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
    /// is to be published then. `of`: the only consumer whose decisions changed; `None`: all of them.
    pub(in crate::store) async fn update_standing(
        self,
        id: ServiceId,
        of: Option<OrganizationId>,
    ) -> Result<bool, Error> {
        let row = service::Entity::find_by_id(id).one(&self.transaction).await?;
        let row = row.ok_or_else(|| Error::Corrupt(format!("{id} is not there")))?;
        let open: Vec<DefinitionId> = [row.definition_id].into_iter().chain(row.proposal_id).collect();
        service_consumer::Entity::update_many()
            .col_expr(service_consumer::Column::AgreedRevision, agreed_revision().into())
            .col_expr(service_consumer::Column::Objects, Expr::exists(objections(&open)))
            .filter(service_consumer::Column::ServiceId.eq(id))
            .filter(Condition::all().add_option(of.map(|of| service_consumer::Column::OrganizationId.eq(of))))
            .exec(&self.transaction)
            .await?;
        use service_consumer::Column::{AgreedRevision, Objects, OrganizationId as Organization};
        let consumers: Vec<(OrganizationId, Option<i32>, bool)> = service_consumer::Entity::find()
            .select_only()
            .columns([Organization, AgreedRevision, Objects])
            .filter(service_consumer::Column::ServiceId.eq(id))
            .into_tuple()
            .all(&self.transaction)
            .await?;
        let standing = |&(_, agreed_revision, objects): &(_, _, _)| Standing { agreed_revision, objects };
        let standings: Vec<Standing> = consumers.iter().map(standing).collect();
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
        let present: HashSet<OrganizationId> = consumers.iter().map(|(organization, ..)| *organization).collect();
        for (definition, organization) in agreed {
            if present.contains(&organization) {
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

    /// Makes these organizations, which consume the service since these instants, undecided on these revisions.
    pub(in crate::store) async fn reset_decisions(
        self,
        revisions: &[DefinitionId],
        organizations: &HashMap<OrganizationId, DateTime>,
    ) -> Result<(), Error> {
        let all: Vec<OrganizationId> = organizations.keys().copied().collect();
        for some in all.chunks(KEYS) {
            let these = agreement::Column::DefinitionId
                .is_in(revisions.iter().copied())
                .and(agreement::Column::OrganizationId.is_in(some.iter().copied()));
            let rows = agreement::Entity::find().filter(these.clone()).all(&self.transaction).await?;
            if rows.is_empty() {
                continue;
            }
            agreement::Entity::delete_many().filter(these).exec(&self.transaction).await?;
            for row in rows {
                if let (AgreementState::Agreed, Some(since)) = (row.state, organizations.get(&row.organization_id)) {
                    self.no_longer_agrees(row.definition_id, *since).await?;
                }
                let pending = Some(AgreementState::Pending.name().into());
                let state = FieldChange::between("state", Some(row.state.name().into()), pending);
                self.log(Changed::agreement(&row), ChangeAction::Updated, state);
            }
        }
        Ok(())
    }

    /// The threads of objections to this revision of a service and to earlier ones, of the consumers that agree to it now; with `of`, of
    /// this consumer only. The published revision answers them.
    pub(in crate::store) async fn answered_objections(
        self,
        revision: &definition::Model,
        of: Option<OrganizationId>,
    ) -> Result<Vec<ThreadId>, Error> {
        use agreement::Column::{DefinitionId, OrganizationId as Organization, Revision, State, ThreadId as Thread};
        let agree = agreement::Entity::find()
            .select_only()
            .column(Organization)
            .filter(DefinitionId.eq(revision.id))
            .filter(State.eq(AgreementState::Agreed));
        let threads: Vec<Option<ThreadId>> = agreement::Entity::find()
            .select_only()
            .column(Thread)
            .filter(agreement::Column::ServiceId.eq(revision.service_id))
            .filter(Revision.lte(revision.revision))
            .filter(Thread.is_not_null())
            .filter(Organization.in_subquery(agree.into_query()))
            .filter(Condition::all().add_option(of.map(|of| Organization.eq(of))))
            .into_tuple()
            .all(&self.transaction)
            .await?;
        Ok(threads.into_iter().flatten().collect())
    }

    /// A consumer since this instant no longer agrees to a revision. If all had agreed to it, they do not any more. A consumer that was
    /// added after all had agreed does not change that.
    pub(in crate::store) async fn no_longer_agrees(self, revision: DefinitionId, since: DateTime) -> Result<(), Error> {
        definition::Entity::update_many()
            .col_expr(definition::Column::AgreedAt, Expr::null())
            .filter(definition::Column::Id.eq(revision))
            .filter(definition::Column::AgreedAt.gte(since))
            .exec(&self.transaction)
            .await?;
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
