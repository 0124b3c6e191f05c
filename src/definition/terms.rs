//! The terms that both parties agree to, as frozen in a revision and kept in memory. They are valid and never change.

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
    /// What it does, in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Text>,
    /// The customer's journey, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub journey: Vec<Stage>,
    /// The outcomes, in the order in which they are lived.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<Outcome>,
    /// Costs removed or imposed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub costs: Vec<Cost>,
    /// Risks removed or imposed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<Risk>,
    /// The value promised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benefits: Vec<Benefit>,
    /// The expectations: what each party expects the other party to do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<Expectation>,
    /// The offerings that consumers can choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offerings: Vec<Offering>,
    /// Deadlines and levels; the server's default holds where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
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

/// Something measured.
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
    /// What is aimed at.
    pub target: f64,
}

/// A cost removed or imposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Stable over revisions.
    pub id: ElementId,
    /// Unique within the service.
    pub key: Str,
    /// In the customer's words.
    pub statement: Text,
    /// Removed or imposed.
    pub effect: Effect,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// How often; once if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Duration>,
}

/// An exact amount in a currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Money {
    /// Written as it was given, trailing zeros included.
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: Str,
}

/// A risk removed or imposed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// Stable over revisions.
    pub id: ElementId,
    /// Unique within the service.
    pub key: Str,
    /// In the customer's words.
    pub statement: Text,
    /// Removed or imposed.
    pub effect: Effect,
    /// How likely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likelihood: Option<Level>,
    /// How grave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<Level>,
    /// What is done to reduce the risk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitigation: Option<Text>,
}

/// A benefit promised to a stakeholder.
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
    /// At most one for a severity.
    pub targets: Vec<ResponseTarget>,
    /// Rising.
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
    /// From 1, rising.
    pub level: i32,
    /// To expertise or authority.
    pub kind: EscalationKind,
    /// The display name.
    pub name: Text,
    /// The person or team to inform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// The time after which a thread that is neither resolved nor closed is raised to it, counted from when the thread
    /// became an escalation, time spent RESOLVED or CLOSED left out. Exact.
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

    /// The deadlines and levels that hold for a consumer that chose this offering: the offering's, else the service's,
    /// else the server's default.
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
