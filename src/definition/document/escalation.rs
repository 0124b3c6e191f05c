//! The escalation policy of a service or an offering.

use async_graphql::{InputObject, MaybeUndefined};
use entente_entity::{
    enums::{EscalationKind, Severity},
    scalar::Duration,
    text::LocalizedText,
};
use serde::{Deserialize, Serialize};

use super::ContactInput;
use crate::definition::normalize;

input! {
    /// An escalation policy: deadlines and levels. A list that is given replaces the current one.
    EscalationInput {}
    {
        /// The deadlines for each severity. A severity that is not in the list has no deadlines.
        targets: Vec<ResponseTargetInput>,
        /// The levels to which an open escalation is raised, in order; at most 100.
        levels: Vec<EscalationLevelInput>,
    }
}

input! {
    /// The deadlines for one severity. Time counts day and night; a day has 24 hours. Years and months are not allowed;
    /// a deadline has at most 3,650 days.
    ResponseTargetInput
    {
        /// The severity for which the deadlines apply.
        severity: Severity,
        /// The time to acknowledge: an exact ISO 8601 duration, for example `PT15M`.
        acknowledge_within: Duration,
        /// The time to resolve: an exact ISO 8601 duration, for example `PT4H`.
        resolve_within: Duration,
    }
    {}
}

input! {
    /// A level to which an open escalation is raised.
    EscalationLevelInput
    {
        /// The number of the level. Numbers start at 1 and increase.
        #[serde(deserialize_with = "normalize::read_whole")]
        level: i32,
        /// The kind of escalation: to more expertise (FUNCTIONAL) or to more authority (HIERARCHICAL).
        kind: EscalationKind,
        /// The display name of the level.
        name: LocalizedText,
        /// The time after which an open escalation is raised to this level: an exact ISO 8601 duration. It counts from
        /// the moment when the thread became an escalation. Time in the status RESOLVED or CLOSED does not count.
        after: Duration,
    }
    {
        /// The person or team to inform.
        contact: ContactInput,
    }
}
