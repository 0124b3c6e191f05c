//! The state of alignment: which view the provider and the consumers share.

use entente_entity::{
    enums::{AlignmentState, Party},
    service_consumer,
};

use crate::definition::terms::Terms;

/// What the decisions of one consumer amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// The newest published revision that it agrees to.
    pub agreed_revision: Option<i32>,
    /// Whether it objects to the published revision or to the open proposal.
    pub objects: bool,
}

impl From<&service_consumer::Model> for Standing {
    fn from(row: &service_consumer::Model) -> Self {
        Self { agreed_revision: row.agreed_revision, objects: row.objects }
    }
}

/// Whether the terms contain all four components of a definition: outcomes, costs or risks, benefits, and expectations of both parties.
pub fn is_complete(terms: &Terms) -> bool {
    let expects = |party: Party| terms.expectations.iter().any(|expectation| expectation.of == party);
    let has_costs_or_risks = !(terms.costs.is_empty() && terms.risks.is_empty());
    let components = [!terms.outcomes.is_empty(), !terms.benefits.is_empty(), has_costs_or_risks];
    components.into_iter().all(|is_there| is_there) && expects(Party::Provider) && expects(Party::Consumer)
}

/// The state of a service with this published revision, for a viewer who sees these consumers.
pub fn state(is_complete: bool, revision: i32, consumers: &[Standing]) -> AlignmentState {
    let agrees = |to: fn(&Standing, i32) -> bool| consumers.iter().all(|consumer| to(consumer, revision));
    if !is_complete || consumers.is_empty() {
        AlignmentState::Incomplete
    } else if consumers.iter().any(|consumer| consumer.objects) {
        AlignmentState::Disputed
    } else if !agrees(|consumer, _| consumer.agreed_revision.is_some()) {
        AlignmentState::Unagreed
    } else if !agrees(|consumer, revision| consumer.agreed_revision == Some(revision)) {
        AlignmentState::Outdated
    } else {
        AlignmentState::Aligned
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use AlignmentState::{Aligned, Disputed, Incomplete, Outdated, Unagreed};

    const NEVER: Standing = Standing { agreed_revision: None, objects: false };
    const OLD: Standing = Standing { agreed_revision: Some(2), objects: false };
    const AGREES: Standing = Standing { agreed_revision: Some(3), objects: false };
    const OBJECTS: Standing = Standing { agreed_revision: Some(3), objects: true };

    #[rstest]
    #[case(false, &[AGREES], Incomplete)]
    #[case(true, &[], Incomplete)]
    #[case(true, &[AGREES, OBJECTS, NEVER], Disputed)]
    #[case(true, &[AGREES, OLD, NEVER], Unagreed)]
    #[case(true, &[AGREES, OLD], Outdated)]
    #[case(true, &[AGREES, AGREES], Aligned)]
    fn the_worst_consumer_decides(
        #[case] is_complete: bool,
        #[case] consumers: &[Standing],
        #[case] expected: AlignmentState,
    ) {
        assert_eq!(state(is_complete, 3, consumers), expected);
    }
}
