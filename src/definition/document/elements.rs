//! The elements of a definition: stages, outcomes, indicators, costs, risks, benefits, expectations and offerings.

use async_graphql::{InputObject, MaybeUndefined};
use entente_entity::{
    enums::{Direction, Effect, Level, Party},
    scalar::{Decimal, Duration},
    text::LocalizedText,
};
use serde::{Deserialize, Serialize};

use super::{ConfigurationItemKey, EscalationInput, ExternalReferenceInput};

input! {
    /// A stage of the customer's journey.
    JourneyStageInput
    {
        /// The key of the element: lower-case letters, digits and single hyphens, 64 characters at most. It is unique
        /// within the service, for all kinds of element.
        key: String,
    }
    {
        /// The display name of the stage.
        name: LocalizedText,
        /// The previous key of the element, to rename it. The element keeps its id and its history. Has no effect if an
        /// element with `key` exists already, or if no element has the previous key.
        renamed_from: String,
        /// True deletes the stage; only in mode MERGE. A stage that an outcome refers to cannot be deleted (INVALID).
        remove: bool,
    }
}

input! {
    /// A result that the customer wants to achieve.
    OutcomeInput
    {
        /// The key of the element: lower-case letters, digits and single hyphens, 64 characters at most. It is unique
        /// within the service, for all kinds of element.
        key: String,
    }
    {
        /// The result, in the words of the customer.
        statement: LocalizedText,
        /// False if the service hinders this outcome. Default: true.
        supported: bool,
        /// The key of the stage of the journey to which the outcome belongs.
        stage: String,
        /// The indicators that measure whether the outcome is achieved.
        indicators: Vec<IndicatorInput>,
        /// Link. The provider's configuration items that this outcome depends on, in addition to those of the whole
        /// service; at most 1,000. The list replaces the current one. A change also needs the scope `cmdb:write`.
        configuration_items: Vec<ConfigurationItemKey>,
        /// Link. The keys of the outcome in other systems, at most 100. Keys are only added, never deleted.
        external_references: Vec<ExternalReferenceInput>,
        /// The previous key of the element, to rename it. The element keeps its id and its history. Has no effect if an
        /// element with `key` exists already, or if no element has the previous key.
        renamed_from: String,
        /// True deletes the outcome; only in mode MERGE.
        remove: bool,
    }
}

input! {
    /// A quantity that is measured, with its target value.
    IndicatorInput
    {
        /// The key of the element: lower-case letters, digits and single hyphens, 64 characters at most. It is unique
        /// within the service, for all kinds of element.
        key: String,
    }
    {
        /// The display name.
        name: LocalizedText,
        /// The unit of the values, for example `min` or `%`. At most 100 characters.
        unit: String,
        /// Whether higher or lower values are better.
        direction: Direction,
        /// The value before the service was introduced, in `unit`.
        baseline: f64,
        /// The target value, in `unit`.
        target: f64,
        /// The previous key of the element, to rename it. The element keeps its id and its history. Has no effect if an
        /// element with `key` exists already, or if no element has the previous key.
        renamed_from: String,
        /// True deletes the indicator; only in mode MERGE.
        remove: bool,
    }
}

input! {
    /// A cost that the service removes from the customer, or imposes on the customer.
    CostInput
    {
        /// The key of the element: lower-case letters, digits and single hyphens, 64 characters at most. It is unique
        /// within the service, for all kinds of element.
        key: String,
    }
    {
        /// The cost, in the words of the customer.
        statement: LocalizedText,
        /// Whether the service removes the cost from the customer, or imposes it on the customer.
        effect: Effect,
        /// The amount of money as an exact decimal. Requires `currency`.
        amount: Decimal,
        /// The currency as an ISO 4217 code, for example `EUR`. Requires `amount`.
        currency: String,
        /// How often the cost occurs: an ISO 8601 duration, for example `P1Y` for once a year. Left out: the cost
        /// occurs once.
        period: Duration,
        /// The previous key of the element, to rename it. The element keeps its id and its history. Has no effect if an
        /// element with `key` exists already, or if no element has the previous key.
        renamed_from: String,
        /// True deletes the cost; only in mode MERGE.
        remove: bool,
    }
}

input! {
    /// A risk that the service removes from the customer, or imposes on the customer.
    RiskInput
    {
        /// The key of the element: lower-case letters, digits and single hyphens, 64 characters at most. It is unique
        /// within the service, for all kinds of element.
        key: String,
    }
    {
        /// The risk, in the words of the customer.
        statement: LocalizedText,
        /// Whether the service removes the risk from the customer, or imposes it on the customer.
        effect: Effect,
        /// How likely the risk is.
        likelihood: Level,
        /// How serious the consequences would be.
        impact: Level,
        /// What is done to reduce the risk.
        mitigation: LocalizedText,
        /// The previous key of the element, to rename it. The element keeps its id and its history. Has no effect if an
        /// element with `key` exists already, or if no element has the previous key.
        renamed_from: String,
        /// True deletes the risk; only in mode MERGE.
        remove: bool,
    }
}

input! {
    /// A benefit that the service promises to a stakeholder.
    BenefitInput
    {
        /// The key of the element: lower-case letters, digits and single hyphens, 64 characters at most. It is unique
        /// within the service, for all kinds of element.
        key: String,
    }
    {
        /// The benefit, in the words of the stakeholder.
        statement: LocalizedText,
        /// Who has the benefit, for example patients or nurses.
        stakeholder: LocalizedText,
        /// The indicators that measure whether the benefit is realized.
        indicators: Vec<IndicatorInput>,
        /// The previous key of the element, to rename it. The element keeps its id and its history. Has no effect if an
        /// element with `key` exists already, or if no element has the previous key.
        renamed_from: String,
        /// True deletes the benefit; only in mode MERGE.
        remove: bool,
    }
}

input! {
    /// An expectation: what one party expects the other party to do.
    ExpectationInput
    {
        /// The key of the element: lower-case letters, digits and single hyphens, 64 characters at most. It is unique
        /// within the service, for all kinds of element.
        key: String,
    }
    {
        /// The party that must do it: the provider or the consumer.
        of: Party,
        /// What that party must do.
        statement: LocalizedText,
        /// The previous key of the element, to rename it. The element keeps its id and its history. Has no effect if an
        /// element with `key` exists already, or if no element has the previous key.
        renamed_from: String,
        /// True deletes the expectation; only in mode MERGE.
        remove: bool,
    }
}

input! {
    /// A variant in which the service is offered. Each consumer can choose one.
    OfferingInput
    {
        /// The key of the element: lower-case letters, digits and single hyphens, 64 characters at most. It is unique
        /// within the service, for all kinds of element.
        key: String,
    }
    {
        /// The display name.
        name: LocalizedText,
        /// What the offering includes.
        description: LocalizedText,
        /// The service level targets of the offering.
        indicators: Vec<IndicatorInput>,
        /// The escalation policy of the offering. If left out, the policy of the service applies.
        escalation: EscalationInput,
        /// Link. The keys of the offering in other systems, at most 100. Keys are only added, never deleted.
        external_references: Vec<ExternalReferenceInput>,
        /// The previous key of the element, to rename it. The element keeps its id and its history. Has no effect if an
        /// element with `key` exists already, or if no element has the previous key.
        renamed_from: String,
        /// True deletes the offering; only in mode MERGE. An offering that a consumer has chosen cannot be deleted
        /// (INVALID).
        remove: bool,
    }
}
