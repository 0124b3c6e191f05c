//! The terms that both parties agree to, as stored in a revision and cached in memory. They are valid and never change.

use chrono::TimeDelta;
pub use entente_entity::contact::Contact;
use entente_entity::{
    enums::{Direction, Effect, ElementKind, EscalationKind, Level, Party, Severity},
    id::{ElementId, OrganizationId},
    scalar::Duration,
    text::{Str, Text},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The terms of a service at one revision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// The organization that provides the service.
    pub provider: OrganizationId,
    /// The display name.
    pub name: Text,
    /// What the service does for its customers, in one or two sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Text>,
    /// The customer's journey, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub journey: Vec<Stage>,
    /// The outcomes, in the order in which the customer experiences them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<Outcome>,
    /// The costs that the service removes or imposes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<Cost>,
    /// The risks that the service removes or imposes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<Risk>,
    /// The benefits that the service promises.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<Benefit>,
    /// The expectations: what each party expects the other party to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<Expectation>,
    /// The offerings that consumers can choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offerings: Vec<Offering>,
    /// Deadlines and levels; `None`: the server's default policy applies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
    /// The longest time after which the parties look at the terms again; `None`: they have not agreed on one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_every: Option<Duration>,
}

/// A stage of the customer's journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Stable over revisions.
    pub id: ElementId,
    /// Unique within the service.
    pub key: Str,
    /// The display name.
    pub name: Text,
}

/// A result that the customer wants to achieve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Stable over revisions.
    pub id: ElementId,
    /// Unique within the service.
    pub key: Str,
    /// In the customer's words.
    pub statement: Text,
    /// False if the service hinders it.
    pub supported: bool,
    /// The key of its stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Str>,
    /// The indicators that measure whether the outcome is achieved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<Indicator>,
}

/// A quantity that is measured, with its target value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Indicator {
    /// Stable over revisions, also if the parent changes.
    pub id: ElementId,
    /// Unique within the service.
    pub key: Str,
    /// The display name.
    pub name: Text,
    /// The unit of its values.
    pub unit: Str,
    /// Whether higher or lower values are better.
    pub direction: Direction,
    /// The value before the service was introduced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
    /// The target value.
    pub target: f64,
}

/// A cost that the service removes or imposes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Stable over revisions.
    pub id: ElementId,
    /// Unique within the service.
    pub key: Str,
    /// In the customer's words.
    pub statement: Text,
    /// Whether the service removes or imposes it.
    pub effect: Effect,
    /// The amount of money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// How often it occurs; `None`: once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Duration>,
}

/// An exact amount in a currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Money {
    /// The amount as it was given, with trailing zeros.
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    /// The currency code of ISO 4217.
    pub currency: Str,
}

/// A risk that the service removes or imposes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// Stable over revisions.
    pub id: ElementId,
    /// Unique within the service.
    pub key: Str,
    /// In the customer's words.
    pub statement: Text,
    /// Whether the service removes or imposes it.
    pub effect: Effect,
    /// How likely it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likelihood: Option<Level>,
    /// How serious its consequences are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Level>,
    /// What is done to reduce the risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitigation: Option<Text>,
}

/// A benefit that the service promises to a stakeholder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Benefit {
    /// Stable over revisions.
    pub id: ElementId,
    /// Unique within the service.
    pub key: Str,
    /// In the stakeholder's words.
    pub statement: Text,
    /// Who has the benefit, for example patients or nurses.
    pub stakeholder: Text,
    /// The indicators that measure whether the benefit is realized.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<Indicator>,
}

/// An expectation: what one party expects the other party to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// Stable over revisions.
    pub id: ElementId,
    /// Unique within the service.
    pub key: Str,
    /// The party that must do it: the provider or the consumer.
    pub of: Party,
    /// What that party must do.
    pub statement: Text,
}

/// A variant in which the service is offered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offering {
    /// Stable over revisions.
    pub id: ElementId,
    /// Unique within the service.
    pub key: Str,
    /// The display name.
    pub name: Text,
    /// What it includes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Its service level targets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<Indicator>,
    /// Its own deadlines and levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
}

/// Deadlines and levels of escalations.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Escalation {
    /// The deadlines, at most one entry for each severity.
    pub targets: Vec<ResponseTarget>,
    /// The levels, in ascending order.
    pub levels: Vec<EscalationLevel>,
}

/// The deadlines for one severity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResponseTarget {
    /// The severity.
    pub severity: Severity,
    /// Time to acknowledge, exact.
    pub acknowledge_within: Duration,
    /// Time to resolve, exact.
    pub resolve_within: Duration,
}

/// A level to which an escalation is raised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EscalationLevel {
    /// The number of the level, from 1.
    pub level: i32,
    /// To more expertise or to more authority.
    pub kind: EscalationKind,
    /// The display name.
    pub name: Text,
    /// The person or team to inform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// The exact time after which a thread that is neither resolved nor closed is raised to this level. It counts from
    /// when the thread became an escalation; time in the status RESOLVED or CLOSED does not count.
    pub after: Duration,
}

impl Escalation {
    /// The default policy, if neither the offering nor the service has one: the usual deadlines of service desks, and
    /// no levels.
    pub fn server_default() -> Self {
        let target = |severity, acknowledge: &str, resolve: &str| ResponseTarget {
            severity,
            acknowledge_within: Duration(acknowledge.to_owned()),
            resolve_within: Duration(resolve.to_owned()),
        };
        Self {
            targets: vec![
                target(Severity::Critical, "PT15M", "PT4H"),
                target(Severity::High, "PT1H", "PT8H"),
                target(Severity::Medium, "PT8H", "P3D"),
                target(Severity::Low, "P1D", "P10D"),
            ],
            levels: Vec::new(),
        }
    }
}

impl Terms {
    /// Every indicator: of the outcomes, the benefits and the offerings.
    pub fn indicators(&self) -> impl Iterator<Item = &Indicator> {
        let of_outcomes = self.outcomes.iter().flat_map(|outcome| &outcome.indicators);
        let of_benefits = self.benefits.iter().flat_map(|benefit| &benefit.indicators);
        let of_offerings = self.offerings.iter().flat_map(|offering| &offering.indicators);
        of_outcomes.chain(of_benefits).chain(of_offerings)
    }

    /// The escalation policy for a consumer that has chosen this offering: that of the offering, otherwise that of the
    /// service, otherwise the server's default.
    pub fn policy_for(&self, offering: Option<&str>) -> Escalation {
        let offering = self.offerings.iter().find(|it| Some(it.key.as_str()) == offering);
        let own = offering.and_then(|offering| offering.escalation.as_ref()).or(self.escalation.as_ref());
        own.cloned().unwrap_or_else(Escalation::server_default)
    }
}

impl EscalationLevel {
    /// [`EscalationLevel::after`], as a length of time.
    pub fn delay(&self) -> TimeDelta {
        self.after.exact().unwrap_or_default()
    }
}

/// The place of an element in the terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its kind.
    pub kind: ElementKind,
    /// Its index in its list (for an indicator: in its parent's).
    pub index: usize,
    /// For an indicator: its parent's kind and index.
    pub parent: Option<(ElementKind, usize)>,
}
