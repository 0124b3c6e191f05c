//! The external keys that a viewer sees, and those by which it finds objects: conditions on `external_reference`.

use entente_entity::{
    enums::{ReferencedKind, Visibility},
    external_reference,
    id::OrganizationId,
    message, service, service_consumer, thread,
};
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{CaseStatement, Expr, ExprTrait, SelectStatement},
};

use super::{
    Scope, Viewer,
    rows::{
        consumed_by, consumption, consumption_by, everything, nothing, provided_by, providers_for, provision_by, select,
    },
};

impl Viewer {
    /// On `external_reference`, of visible objects other than threads and messages: the viewer's own keys, and those
    /// that the other party linked to a shared object. Keys of a consumer are not visible to other consumers.
    pub fn sees_references(&self) -> Condition {
        self.sees_references_of_definitions().add(of_threads().not())
    }

    /// On `external_reference`: those of visible threads and messages.
    pub fn sees_thread_references(&self) -> Condition {
        if self.is_admin() {
            return Condition::all().add(of_threads());
        }
        let Some(own) = self.organization.filter(|_| self.sees_threads().is_ok()) else { return nothing() };
        let service = || external_reference::Column::ServiceId.into_expr();
        let own_thread = |of: Expr| {
            let it =
                Condition::all().add(thread::Column::ConsumerId.eq(own)).add(thread::Column::Id.into_expr().eq(of));
            Expr::exists(select(thread::Entity, thread::Column::Id, it))
        };
        let said = Condition::all()
            .add(message::Column::Id.into_expr().eq(external_reference::Column::EntityId.into_expr()))
            .add(message::Column::Visibility.eq(Visibility::Shared))
            .add(own_thread(message::Column::ThreadId.into_expr()));
        let of_own_threads = Condition::all().add(consumption_by(own, service())).add(
            Condition::any()
                .add(own_thread(external_reference::Column::EntityId.into_expr()))
                .add(Expr::exists(select(message::Entity, message::Column::Id, said))),
        );
        let seen = Condition::any().add(provision_by(own, service())).add(of_own_threads);
        Condition::all().add(of_threads()).add(seen)
    }

    fn sees_references_of_definitions(&self) -> Condition {
        if self.is_admin() {
            return everything();
        }
        let Some(own) = self.organization else { return nothing() };
        let of_own = Condition::all().add(external_reference::Column::OrganizationId.eq(own));
        let of_own = match self.sees_items() {
            Ok(_) => of_own,
            Err(_) => of_own.add(external_reference::Column::EntityKind.ne(ReferencedKind::ConfigurationItem)),
        };
        let service = || external_reference::Column::ServiceId.into_expr();
        let mut seen = Condition::any().add(of_own);
        if self.has(Scope::Read) || self.has(Scope::DefinitionsWrite) {
            seen = seen.add(provision_by(own, service()));
        }
        if self.has(Scope::Read) {
            let consumed = consumption_by(own, service());
            seen = seen.add(Condition::all().add(Expr::exists(by_provider())).add(consumed));
        }
        // Another organization that has a key for the viewer's organization is its partner: only a viewer who may see
        // its partners sees these keys.
        if self.has(Scope::Read) || self.has(Scope::ThreadsWrite) {
            seen = seen.add(of_itself_by(own, providers_for(consumed_by(own))));
        }
        if self.has(Scope::Read) || self.has(Scope::ThreadsWrite) || self.has(Scope::DefinitionsWrite) {
            seen = seen.add(of_itself_by(own, consumers_of(own)));
        }
        Condition::all().add(seen)
    }

    /// On `external_reference`, of the visible ones: those by which the viewer finds objects. These are its own keys,
    /// those of the services that it provides, and those of the services that it consumes, if it has confirmed the
    /// relationship: any provider can name any organization as a consumer.
    pub fn finds_by_references(&self) -> Condition {
        if self.is_admin() {
            return everything();
        }
        let Some(own) = self.organization else { return nothing() };
        let service = || external_reference::Column::ServiceId.into_expr();
        Condition::any()
            .add(external_reference::Column::OrganizationId.eq(own))
            .add(provision_by(own, service()))
            .add(Expr::exists(
                consumption(own, service()).and_where(service_consumer::Column::ConfirmedAt.is_not_null()).take(),
            ))
            .add(of_itself_by(own, consumers_of(own)))
            .add(of_itself_by(
                own,
                providers_for(consumed_by(own).and_where(service_consumer::Column::ConfirmedAt.is_not_null()).take()),
            ))
    }

    /// On `external_reference`, a rank by the organization that linked the key: 0 the viewer's own, 1 the provider of
    /// the service, 2 any other; for an admin, all others have the same rank. If several objects have the same key,
    /// those with the lowest rank are used.
    pub fn distance_of_references(&self) -> Expr {
        let mut distance = CaseStatement::new();
        if let Some(own) = self.organization {
            distance = distance.case(external_reference::Column::OrganizationId.eq(own), 0);
        }
        if !self.is_admin() {
            distance = distance.case(Expr::exists(by_provider()), 1);
        }
        match (self.organization, self.is_admin()) {
            (None, true) => Expr::val(2),
            _ => distance.finally(2).into(),
        }
    }

    /// As [`Viewer::sees_references`], on `external_reference` joined with its visible `service`: a viewer who sees a
    /// service and does not provide it is a consumer.
    pub fn sees_references_of_found_services(&self) -> Condition {
        if self.is_admin() {
            return everything();
        }
        let Some(own) = self.organization else { return nothing() };
        let by_provider = Expr::col((service::Entity, service::Column::ProviderId))
            .equals((external_reference::Entity, external_reference::Column::OrganizationId));
        Condition::any()
            .add(external_reference::Column::OrganizationId.eq(own))
            .add(service::Column::ProviderId.eq(own))
            .add(by_provider)
    }

    /// As [`Viewer::sees_references`], on `external_reference` joined with its visible `configuration_item`: only the
    /// owner sees an item, and it does not see keys of other organizations.
    pub fn sees_references_of_found_items(&self) -> Condition {
        if self.is_admin() {
            return everything();
        }
        self.organization
            .map_or_else(nothing, |own| Condition::all().add(external_reference::Column::OrganizationId.eq(own)))
    }
}

/// The service of an `external_reference`, if its provider linked it.
fn by_provider() -> SelectStatement {
    let linked = Condition::all()
        .add(service::Column::Id.into_expr().eq(external_reference::Column::ServiceId.into_expr()))
        .add(service::Column::ProviderId.into_expr().eq(external_reference::Column::OrganizationId.into_expr()));
    select(service::Entity, service::Column::Id, linked)
}

/// On `external_reference`: the keys that these organizations have for this one. Any organization can link any key, so
/// only its partners may be passed.
fn of_itself_by(own: OrganizationId, partners: SelectStatement) -> Condition {
    Condition::all()
        .add(external_reference::Column::EntityKind.eq(ReferencedKind::Organization))
        .add(external_reference::Column::EntityId.eq(own.0))
        .add(external_reference::Column::OrganizationId.in_subquery(partners))
}

/// The consumers of the services that an organization provides.
fn consumers_of(organization: OrganizationId) -> SelectStatement {
    let provided = provided_by(organization, service::Column::Id);
    let of_provided = service_consumer::Column::ServiceId.in_subquery(provided);
    select(service_consumer::Entity, service_consumer::Column::OrganizationId, of_provided)
}

/// On `external_reference`: those of threads and of messages.
fn of_threads() -> Expr {
    external_reference::Column::EntityKind.is_in([ReferencedKind::Thread, ReferencedKind::Message])
}
