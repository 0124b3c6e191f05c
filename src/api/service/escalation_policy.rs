//! Escalation policies: the deadlines for answers, and the levels to which an open escalation is raised.

use async_graphql::{ComplexObject, Context, SimpleObject};
use entente_entity::{
    enums::{EscalationKind, Severity},
    scalar::{Duration, Locale},
    text::{Str, Text},
};

use crate::{
    api::{service::contact::Contact, shared::reader::read},
    definition::terms,
    store::Error,
};

/// An escalation policy: the deadlines for answers, and the levels to which an open escalation is raised. Time counts
/// day and night; there are no calendars. The server's default policy: CRITICAL 15 minutes to acknowledge and 4 hours
/// to resolve, HIGH 1 hour and 8 hours, MEDIUM 8 hours and 3 days, LOW 1 day and 10 days; no levels.
#[derive(SimpleObject)]
pub struct EscalationPolicy {
    /// The deadlines, at most one entry for each severity. A severity without an entry has no deadlines.
    targets: Vec<ResponseTarget>,
    /// The levels, in ascending order.
    levels: Vec<EscalationLevel>,
}

/// The deadlines for one severity.
#[derive(SimpleObject)]
pub struct ResponseTarget {
    /// The severity for which the deadlines apply.
    severity: Severity,
    /// The time to acknowledge: an exact ISO 8601 duration, for example `PT15M`.
    acknowledge_within: Duration,
    /// The time to resolve: an exact ISO 8601 duration, for example `PT4H`.
    resolve_within: Duration,
}

/// A level to which an open escalation is raised.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct EscalationLevel {
    /// The number of the level. Numbers start at 1 and increase.
    level: i32,
    /// The kind of escalation: to more expertise (FUNCTIONAL) or to more authority (HIERARCHICAL).
    kind: EscalationKind,
    #[graphql(skip)]
    name: Text,
    /// The person or team to inform. Null if none is given.
    contact: Option<Contact>,
    /// The time after which an open escalation is raised to this level: an exact ISO 8601 duration. It counts from the
    /// moment when the thread became an escalation. Time in the status RESOLVED or CLOSED does not count.
    after: Duration,
}

#[ComplexObject]
impl EscalationLevel {
    /// The display name of the level.
    async fn name(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.name, locale)
    }
}

impl From<terms::Escalation> for EscalationPolicy {
    fn from(policy: terms::Escalation) -> Self {
        let terms::Escalation { targets, levels } = policy;
        Self {
            targets: targets
                .into_iter()
                .map(|terms::ResponseTarget { severity, acknowledge_within, resolve_within }| ResponseTarget {
                    severity,
                    acknowledge_within,
                    resolve_within,
                })
                .collect(),
            levels: levels.into_iter().map(EscalationLevel::from).collect(),
        }
    }
}

impl From<terms::EscalationLevel> for EscalationLevel {
    fn from(level: terms::EscalationLevel) -> Self {
        let terms::EscalationLevel { level, kind, name, contact, after } = level;
        Self { level, kind, name, contact: contact.map(Contact::from), after }
    }
}
