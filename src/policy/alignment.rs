//! Which services have an alignment, for the viewer.

use entente_entity::{enums::AlignmentState, id::OrganizationId, service, service_consumer};
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait},
};

use super::{Viewer, rows::select};
use AlignmentState::{Aligned, Disputed, Incomplete, Outdated, Unagreed};

impl Viewer {
    /// On `service`, of visible services: its alignment for the viewer is one of these states. The same as [`crate::agreement::state`] of
    /// the consumers that the viewer sees.
    pub fn alignment_is_in(&self, states: &[AlignmentState]) -> Condition {
        use service::Column::{Alignment, IsComplete, ProviderId};
        let stored = Alignment.is_in(states.iter().map(|state| state.name()));
        let Some(own) = self.organization.filter(|_| !self.is_admin()) else { return Condition::all().add(stored) };
        let incomplete = states.contains(&Incomplete).then(|| IsComplete.eq(false));
        let decided = Condition::all().add(IsComplete.eq(true)).add(has_decided(own, states));
        let of_consumer = Condition::any().add_option(incomplete).add(decided);
        Condition::any()
            .add(Condition::all().add(ProviderId.eq(own)).add(stored))
            .add(Condition::all().add(ProviderId.ne(own)).add(of_consumer))
    }
}

/// On `service`, of complete ones: the decisions of this consumer amount to one of these states. Where a state follows from the
/// relationship alone, the relationships are read once from an index, and not for each service.
fn has_decided(own: OrganizationId, states: &[AlignmentState]) -> Condition {
    use service::Column::{Id, Revision};
    use service_consumer::Column::{AgreedRevision, Objects, OrganizationId, ServiceId};
    let wants = |state: AlignmentState| states.contains(&state);
    let agrees = || Condition::all().add(Objects.eq(false)).add(AgreedRevision.is_not_null());
    let never = Condition::all().add(Objects.eq(false)).add(AgreedRevision.is_null());
    let alone = Condition::any()
        .add(Expr::val(1).eq(0))
        .add_option(wants(Disputed).then(|| Objects.eq(true)))
        .add_option(wants(Unagreed).then_some(never))
        .add_option((wants(Outdated) && wants(Aligned)).then(agrees));
    let alone = Condition::all().add(OrganizationId.eq(own)).add(alone);
    let to = |revision: Expr| {
        let of_service = ServiceId.into_expr().eq(Id.into_expr());
        let it = Condition::all().add(OrganizationId.eq(own)).add(of_service).add(agrees()).add(revision);
        Expr::exists(select(service_consumer::Entity, service_consumer::Column::Id, it))
    };
    let by_revision = match (wants(Outdated), wants(Aligned)) {
        (true, false) => Some(to(AgreedRevision.into_expr().lt(Revision.into_expr()))),
        (false, true) => Some(to(AgreedRevision.into_expr().gte(Revision.into_expr()))),
        _ => None,
    };
    Condition::any().add(Id.in_subquery(select(service_consumer::Entity, ServiceId, alone))).add_option(by_revision)
}
