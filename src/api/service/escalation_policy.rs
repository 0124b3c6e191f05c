//! Escalation policies: by when problems are answered, and to whom they are raised.

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

/// By when problems are answered, and to whom they are raised when they are not. The clock runs day and night: there
/// are no calendars.
#[derive(SimpleObject)]
pub struct EscalationPolicy {
    /// At most one for each severity; one that has none has no deadline.
    targets: Vec<ResponseTarget>,
    /// Rising.
    levels: Vec<EscalationLevel>,
}

/// The deadlines for one severity.
#[derive(SimpleObject)]
pub struct ResponseTarget {
    /// The severity.
    severity: Severity,
    /// The time to acknowledge.
    acknowledge_within: Duration,
    /// The time to resolve.
    resolve_within: Duration,
}

/// A level to which an escalation is raised.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct EscalationLevel {
    /// Its number, rising from 1.
    level: i32,
    /// To more expertise, or to more authority.
    kind: EscalationKind,
    #[graphql(skip)]
    name: Text,
    /// Who is told; null where nobody in particular.
    contact: Option<Contact>,
    /// The time after which a thread that is neither resolved nor closed is raised to it, counted from when the thread
    /// became an escalation, time spent RESOLVED or CLOSED left out.
    after: Duration,
}

#[ComplexObject]
impl EscalationLevel {
    /// What people call the level.
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
