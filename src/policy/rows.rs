//! The rows that a viewer sees: a condition for each table. A missing scope is refused independently of the data.

use entente_entity::{
    agreement, configuration_item, definition,
    enums::{AgreementState, SearchType, Visibility},
    id::OrganizationId,
    index_entry, message, organization, service, service_consumer, thread, thread_event,
};
use sea_orm::{
    ColumnTrait, Condition, QuerySelect, QueryTrait,
    sea_query::{
        CaseStatement, CommonTableExpression, Expr, ExprTrait, Func, JoinType, Query, SelectStatement, UnionType,
        WithClause,
    },
};

use super::{Denied, Scope, Viewer};

impl Viewer {
    /// On `service`: those that the viewer may see. These are the services that it provides and, with `read`, those
    /// that it consumes.
    pub fn sees_services(&self) -> Result<Condition, Denied> {
        if self.is_admin() {
            return Ok(everything());
        }
        if !self.has(Scope::Read) && !self.has(Scope::DefinitionsWrite) {
            return Err(Denied::ScopeNeeded(Scope::Read));
        }
        let Some(organization) = self.organization else { return Ok(nothing()) };
        let mut seen = Condition::any().add(service::Column::ProviderId.eq(organization));
        if self.has(Scope::Read) {
            seen = seen.add(service::Column::Id.in_subquery(consumed_by(organization)));
        }
        Ok(seen)
    }

    /// As [`Viewer::sees_services`], for a statement with another condition that finds only a few rows: each of these
    /// is checked, instead of reading all services that the viewer's organization consumes.
    pub fn sees_found_services(&self) -> Result<Condition, Denied> {
        match self.organization {
            Some(own) if !self.is_admin() && self.has(Scope::Read) => {
                let consumed = consumption_by(own, service::Column::Id.into_expr());
                Ok(Condition::any().add(service::Column::ProviderId.eq(own)).add(consumed))
            }
            _ => self.sees_services(),
        }
    }

    /// On `service`: the time of the last change that the viewer sees; `None` if the viewer sees all changes. Other
    /// consumers, their keys and the configuration items of a service are hidden from a consumer: their changes do not
    /// change this time.
    pub fn service_changed_at(&self) -> Option<Expr> {
        use service::Column::{HiddenAt, Id, ProviderId, SharedAt, UpdatedAt};
        let own = self.organization.filter(|_| !self.is_admin())?;
        let shared = || -> Expr {
            let was_hidden = HiddenAt.into_expr().eq(UpdatedAt.into_expr());
            CaseStatement::new().case(was_hidden, SharedAt.into_expr()).finally(UpdatedAt.into_expr()).into()
        };
        let it = Condition::all()
            .add(service_consumer::Column::OrganizationId.eq(own))
            .add(service_consumer::Column::ServiceId.into_expr().eq(Id.into_expr()));
        let of_its_own = select(service_consumer::Entity, service_consumer::Column::UpdatedAt, it);
        let of_its_own = Func::coalesce([of_its_own.into(), shared()]).into();
        let to_consumer: Expr = Func::greatest([shared(), of_its_own]).into();
        Some(CaseStatement::new().case(ProviderId.eq(own), UpdatedAt.into_expr()).finally(to_consumer).into())
    }

    /// On `thread`: the time of the last change that the viewer sees. Only the provider sees internal messages.
    pub fn thread_changed_at(&self) -> Expr {
        use thread::Column::{ConsumerId, LastAt, UpdatedAt};
        match self.organization.filter(|_| !self.is_admin()) {
            None => LastAt.into_expr(),
            Some(own) => {
                CaseStatement::new().case(ConsumerId.eq(own), UpdatedAt.into_expr()).finally(LastAt.into_expr()).into()
            }
        }
    }

    /// Whether the viewer sees a thread of this consumer as its consumer does, without the changes that are internal.
    pub fn sees_as_consumer(&self, consumer: OrganizationId) -> bool {
        !self.is_admin() && self.organization == Some(consumer)
    }

    /// On `service_consumer`, of visible services: the provider sees all, a consumer sees itself.
    pub fn sees_consumers(&self) -> Condition {
        if self.is_admin() {
            return everything();
        }
        let Some(organization) = self.organization else { return nothing() };
        Condition::any()
            .add(service_consumer::Column::OrganizationId.eq(organization))
            .add(provision_by(organization, service_consumer::Column::ServiceId.into_expr()))
    }

    /// On `agreement`, of visible services: the provider sees all decisions, a consumer its own.
    pub fn sees_agreements(&self) -> Condition {
        if self.is_admin() {
            return everything();
        }
        let Some(own) = self.organization else { return nothing() };
        Condition::any()
            .add(agreement::Column::OrganizationId.eq(own))
            .add(provision_by(own, agreement::Column::ServiceId.into_expr()))
    }

    /// On `definition`, of visible services: the revisions that count as agreed for the viewer. For the provider these are those that
    /// every consumer of its time agreed to, for a consumer those that it agreed to itself.
    pub fn agreed_to(&self) -> Condition {
        let by_all = definition::Column::AgreedAt.is_not_null();
        let Some(own) = self.organization.filter(|_| !self.is_admin()) else { return Condition::all().add(by_all) };
        let provided = || provision_by(own, definition::Column::ServiceId.into_expr());
        let it = Condition::all()
            .add(agreement::Column::DefinitionId.into_expr().eq(definition::Column::Id.into_expr()))
            .add(agreement::Column::OrganizationId.eq(own))
            .add(agreement::Column::State.eq(AgreementState::Agreed));
        let by_itself = Expr::exists(select(agreement::Entity, agreement::Column::DefinitionId, it));
        Condition::any()
            .add(Condition::all().add(provided()).add(by_all))
            .add(Condition::all().add(provided().not()).add(by_itself))
    }

    /// On `service`: whether the viewer's organization consumes it and has not decided on its published revision or on its open proposal.
    pub fn is_asked_to_decide(&self) -> Expr {
        use service::Column::{DefinitionId, Id, ProposalId};
        let Some(own) = self.organization else { return Expr::val(1).eq(0) };
        let undecided = |revision: service::Column| {
            let decided = Condition::all()
                .add(agreement::Column::DefinitionId.into_expr().eq(revision.into_expr()))
                .add(agreement::Column::OrganizationId.eq(own))
                .add(agreement::Column::State.is_in([AgreementState::Agreed, AgreementState::Objected]));
            Expr::exists(select(agreement::Entity, agreement::Column::DefinitionId, decided)).not()
        };
        let proposed = ProposalId.is_not_null().and(undecided(ProposalId));
        consumption_by(own, Id.into_expr()).and(undecided(DefinitionId).or(proposed))
    }

    /// On `organization`: a provider sees all names and slugs; others see their own organization and its providers; a
    /// viewer who may write descendants also sees them.
    pub fn sees_organizations(&self) -> Result<Condition, Denied> {
        if self.is_admin() {
            return Ok(everything());
        }
        if !Scope::ALL.iter().any(|scope| self.has(*scope)) {
            return Err(Denied::ScopeNeeded(Scope::Read));
        }
        let Some(own) = self.organization else { return Ok(nothing()) };
        if self.has(Scope::DefinitionsWrite) {
            return Ok(everything());
        }
        let mut seen = Condition::any().add(organization::Column::Id.eq(own));
        if self.has(Scope::OrganizationsWrite) {
            seen = seen.add(organization::Column::Id.in_subquery(below(own)));
        }
        if self.has(Scope::Read) || self.has(Scope::ThreadsWrite) {
            seen = seen
                .add(organization::Column::Id.in_subquery(providers_for(consumed_by(own))))
                .add(Expr::exists(provided_by(own, service::Column::Id)));
        }
        Ok(seen)
    }

    /// On `configuration_item`: those of the viewer's organization.
    pub fn sees_items(&self) -> Result<Condition, Denied> {
        if self.is_admin() {
            return Ok(everything());
        }
        if !self.has(Scope::CmdbRead) && !self.has(Scope::CmdbWrite) {
            return Err(Denied::ScopeNeeded(Scope::CmdbRead));
        }
        Ok(self
            .organization
            .map_or_else(nothing, |own| Condition::all().add(configuration_item::Column::OrganizationId.eq(own))))
    }

    /// Whether the viewer sees the configuration items of the services of this provider.
    pub fn sees_items_of(&self, provider: OrganizationId) -> Result<(), Denied> {
        if !self.acts_for(provider) {
            return Err(Denied::ProviderOnly);
        }
        self.sees_items().map(drop)
    }

    /// On `service`: those of which the viewer is the provider or a consumer, independently of its scopes.
    pub fn deals_with_services(&self) -> Condition {
        if self.is_admin() {
            return everything();
        }
        let Some(own) = self.organization else { return nothing() };
        Condition::any().add(service::Column::ProviderId.eq(own)).add(service::Column::Id.in_subquery(consumed_by(own)))
    }

    /// On `thread`: the provider sees all threads of its services; a consumer sees its own threads while it consumes
    /// the service.
    pub fn sees_threads(&self) -> Result<Condition, Denied> {
        if self.is_admin() {
            return Ok(everything());
        }
        if !self.has(Scope::Read) && !self.has(Scope::ThreadsWrite) {
            return Err(Denied::ScopeNeeded(Scope::Read));
        }
        let Some(own) = self.organization else { return Ok(nothing()) };
        // The provider of each thread's service is checked row by row, because most lists read only their first rows.
        // Without the offset, PostgreSQL would first read all services that the organization provides. Counts are
        // slower with it.
        let of_service = || thread::Column::ServiceId.into_expr();
        let provided = Expr::exists(provision(own, of_service()).limit(1).offset(0).take());
        let own_as_consumer =
            Condition::all().add(thread::Column::ConsumerId.eq(own)).add(consumption_by(own, of_service()));
        Ok(Condition::any().add(provided).add(own_as_consumer))
    }

    /// On `message`, of visible threads: the shared ones; the provider also sees the internal ones.
    pub fn sees_messages(&self) -> Condition {
        self.or_is_provider(message::Column::Visibility.eq(Visibility::Shared), message::Column::ServiceId)
    }

    /// On `thread_event`, of visible threads: the shared ones; the provider also sees those about internal messages.
    pub fn sees_thread_events(&self) -> Condition {
        self.or_is_provider(thread_event::Column::Internal.eq(false), thread_event::Column::ServiceId)
    }

    fn or_is_provider(&self, shared: Expr, service: impl ColumnTrait) -> Condition {
        if self.is_admin() {
            return everything();
        }
        let seen = Condition::any().add(shared);
        match self.organization {
            None => seen,
            Some(own) => seen.add(provision_by(own, service.into_expr())),
        }
    }

    /// On `index_entry`: those that the viewer may find. These are all entries of the services that it provides, and of
    /// the services that it consumes the entries for all consumers or for itself.
    pub fn sees_index_entries(&self) -> Result<Condition, Denied> {
        if self.is_admin() {
            return Ok(everything());
        }
        let (services, threads) = (self.sees_services(), self.sees_threads());
        if let (Err(denied), Err(_)) = (&services, &threads) {
            return Err(*denied);
        }
        let Some(own) = self.organization else { return Ok(nothing()) };
        let provided = index_entry::Column::ServiceId.in_subquery(provided_by(own, service::Column::Id));
        let mut seen = Condition::any().add(provided);
        if self.has(Scope::Read) || threads.is_ok() {
            // In the services that it consumes, a viewer without `read` finds the texts of its threads, but no
            // definitions.
            let said = (!self.has(Scope::Read)).then(|| index_entry::Column::Kind.eq(SearchType::Thread));
            let shared = Condition::all()
                .add_option(said)
                .add(index_entry::Column::Internal.eq(false))
                .add(index_entry::Column::ConsumerId.is_null().or(index_entry::Column::ConsumerId.eq(own)))
                .add(index_entry::Column::ServiceId.in_subquery(consumed_by(own)));
            seen = seen.add(shared);
        }
        // Texts of threads need access to threads, and texts of definitions need access to services.
        let kinds = Condition::any()
            .add_option(services.is_ok().then(|| index_entry::Column::Kind.ne(SearchType::Thread)))
            .add_option(threads.is_ok().then(|| index_entry::Column::Kind.eq(SearchType::Thread)));
        Ok(Condition::all().add(seen).add(kinds))
    }
}

/// The providers of these services.
pub(super) fn providers_for(services: SelectStatement) -> SelectStatement {
    select(service::Entity, service::Column::ProviderId, service::Column::Id.in_subquery(services))
}

pub(super) fn everything() -> Condition {
    Condition::all()
}

pub(super) fn nothing() -> Condition {
    Condition::all().add(Expr::val(1).eq(0))
}

pub(super) fn select<E: sea_orm::EntityTrait, C: ColumnTrait>(
    _: E,
    column: C,
    filter: impl sea_orm::sea_query::IntoCondition,
) -> SelectStatement {
    #[expect(clippy::disallowed_methods, reason = "a subquery of a condition, which reads nothing by itself")]
    sea_orm::QueryFilter::filter(E::find().select_only().column(column), filter).into_query()
}

pub(super) fn consumed_by(organization: OrganizationId) -> SelectStatement {
    select(
        service_consumer::Entity,
        service_consumer::Column::ServiceId,
        service_consumer::Column::OrganizationId.eq(organization),
    )
}

/// The condition that the organization consumes this service.
pub(super) fn consumption_by(organization: OrganizationId, of: Expr) -> Expr {
    Expr::exists(consumption(organization, of))
}

/// This service, if the organization consumes it.
pub(super) fn consumption(organization: OrganizationId, of: Expr) -> SelectStatement {
    let it = service_consumer::Column::ServiceId.into_expr().eq(of);
    let filter = Condition::all().add(service_consumer::Column::OrganizationId.eq(organization)).add(it);
    select(service_consumer::Entity, service_consumer::Column::ServiceId, filter)
}

/// The condition that the organization provides this service.
pub(super) fn provision_by(organization: OrganizationId, of: Expr) -> Expr {
    Expr::exists(provision(organization, of))
}

/// This service, if the organization provides it.
fn provision(organization: OrganizationId, of: Expr) -> SelectStatement {
    let it = service::Column::Id.into_expr().eq(of);
    let filter = Condition::all().add(it).add(service::Column::ProviderId.eq(organization));
    select(service::Entity, service::Column::Id, filter)
}

pub(super) fn provided_by(organization: OrganizationId, column: service::Column) -> SelectStatement {
    select(service::Entity, column, service::Column::ProviderId.eq(organization))
}

/// The ids of an organization and its descendants.
fn below(organization: OrganizationId) -> SelectStatement {
    let id = organization::Column::Id;
    let children = Query::select()
        .column((organization::Entity, id))
        .from(organization::Entity)
        .join(
            JoinType::InnerJoin,
            "below",
            Expr::col((organization::Entity, organization::Column::ParentId)).equals(("below", "id")),
        )
        .take();
    let tree = select(organization::Entity, id, id.eq(organization)).union(UnionType::Distinct, children).take();
    let below = CommonTableExpression::new().query(tree).column("id").table_name("below").to_owned();
    let recursive = WithClause::new().recursive(true).cte(below).to_owned();
    Query::select().column("id").from("below").with_cte(recursive).take()
}
