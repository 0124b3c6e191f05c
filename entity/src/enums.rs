//! Enums, with the names of their values in the API.

use async_graphql::Enum;
use sea_orm::{DeriveActiveEnum, EnumIter, prelude::StringLen};
use serde::{Deserialize, Serialize};

macro_rules! api_enums {
    ($($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $text:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(
                Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum, Serialize, Deserialize, EnumIter,
                DeriveActiveEnum,
            )]
            #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(32))")]
            pub enum $name {
                $(
                    $(#[$value_doc])*
                    #[serde(rename = $text)]
                    #[graphql(name = $text)]
                    #[sea_orm(string_value = $text)]
                    $value,
                )*
            }

            impl $name {
                /// Every value.
                pub const ALL: &'static [Self] = &[$(Self::$value),*];

                /// The value's name in the API and in documents.
                pub fn name(self) -> &'static str {
                    match self { $(Self::$value => $text),* }
                }
            }
        )*
    };
}

api_enums! {
    /// The stage of a service in the service portfolio (ITIL: pipeline, catalogue, retired).
    ServiceLifecycle {
        /// In preparation. Consumers can read the definition and agree to it, but do not use the service yet.
        Pipeline = "PIPELINE",
        /// In use.
        Live = "LIVE",
        /// No longer offered.
        Retired = "RETIRED",
    }
    /// The effect of a service on a cost or a risk of the customer (ITIL: value proposition).
    Effect {
        /// The service removes it: the customer no longer has it.
        Removed = "REMOVED",
        /// The service imposes it: the customer has it because of the service.
        Imposed = "IMPOSED",
    }
    /// How likely a risk is, or how serious its consequences are.
    Level {
        /// Low.
        Low = "LOW",
        /// Medium.
        Medium = "MEDIUM",
        /// High.
        High = "HIGH",
    }
    /// The parties of a service relationship.
    Party {
        /// The organization that provides the service.
        Provider = "PROVIDER",
        /// The organization that consumes the service.
        Consumer = "CONSUMER",
    }
    /// The role of a contact for the service. CUSTOMER, USER and SPONSOR are roles of the consumer (ITIL).
    ContactRole {
        /// Is accountable for the service, on the provider's side.
        Owner = "OWNER",
        /// Defines the requirements and is responsible for the outcomes.
        Customer = "CUSTOMER",
        /// Uses the service.
        User = "USER",
        /// Authorises the budget.
        Sponsor = "SPONSOR",
        /// Supports the users of the service.
        Support = "SUPPORT",
    }
    /// Whether higher or lower values of an indicator are better.
    Direction {
        /// Higher values are better.
        HigherIsBetter = "HIGHER_IS_BETTER",
        /// Lower values are better.
        LowerIsBetter = "LOWER_IS_BETTER",
    }
    /// How serious a problem is for the consumer. It determines the deadlines.
    Severity {
        /// The problem can wait.
        Low = "LOW",
        /// The problem makes work harder.
        Medium = "MEDIUM",
        /// A part of the work is not possible.
        High = "HIGH",
        /// The work is not possible.
        Critical = "CRITICAL",
    }
    /// The kind of escalation (ITIL).
    EscalationKind {
        /// To a team with more expertise.
        Functional = "FUNCTIONAL",
        /// To a person with more authority.
        Hierarchical = "HIERARCHICAL",
    }
    /// The kind of a thread.
    ThreadKind {
        /// Feedback: how the consumer perceives the service. It has no deadlines.
        Feedback = "FEEDBACK",
        /// Escalation: a problem that must be solved within a deadline.
        Escalation = "ESCALATION",
    }
    /// The status of a thread. The order is OPEN, ACKNOWLEDGED, IN_PROGRESS, RESOLVED, CLOSED.
    ThreadStatus {
        /// The thread was opened; the provider has not acknowledged it.
        Open = "OPEN",
        /// The provider has acknowledged the thread.
        Acknowledged = "ACKNOWLEDGED",
        /// The provider is working on the thread.
        InProgress = "IN_PROGRESS",
        /// The provider has resolved the thread.
        Resolved = "RESOLVED",
        /// The thread is closed.
        Closed = "CLOSED",
    }
    /// The kind of an event in the timeline of a thread.
    ThreadEventKind {
        /// The thread was opened.
        Opened = "OPENED",
        /// The provider acknowledged the thread.
        Acknowledged = "ACKNOWLEDGED",
        /// The provider started to work on the thread.
        Started = "STARTED",
        /// The thread was raised to a level.
        Raised = "RAISED",
        /// The assignee was changed or removed.
        Assigned = "ASSIGNED",
        /// The severity was changed.
        SeverityChanged = "SEVERITY_CHANGED",
        /// Feedback was converted into an escalation.
        Converted = "CONVERTED",
        /// The deadline for the acknowledgement was missed.
        AcknowledgeBreached = "ACKNOWLEDGE_BREACHED",
        /// The deadline for the resolution was missed.
        ResolveBreached = "RESOLVE_BREACHED",
        /// The provider resolved the thread.
        Resolved = "RESOLVED",
        /// The thread was reopened.
        Reopened = "REOPENED",
        /// The thread was closed.
        Closed = "CLOSED",
        /// A key of another system was linked to the thread or to one of its messages.
        ReferenceLinked = "REFERENCE_LINKED",
        /// A key of another system was unlinked from the thread or from one of its messages.
        ReferenceUnlinked = "REFERENCE_UNLINKED",
    }
    /// Who can read a message.
    Visibility {
        /// Both parties: the provider and the consumer of the thread.
        Shared = "SHARED",
        /// Only the provider.
        Internal = "INTERNAL",
    }
    /// The state of a revision of the terms.
    DefinitionState {
        /// Proposed: waiting for the decisions of the consumers.
        Proposed = "PROPOSED",
        /// Published: the current terms.
        Published = "PUBLISHED",
        /// Published earlier, and replaced by a newer published revision.
        Superseded = "SUPERSEDED",
        /// Withdrawn, or replaced by a newer proposal, before it was published.
        Withdrawn = "WITHDRAWN",
    }
    /// The decision of a consumer on a revision of the terms.
    AgreementState {
        /// The consumer has not decided.
        Pending = "PENDING",
        /// The consumer agrees to the terms.
        Agreed = "AGREED",
        /// The consumer objects to the terms.
        Objected = "OBJECTED",
        /// The consumer has withdrawn its decision.
        Withdrawn = "WITHDRAWN",
    }
    /// What a consumer decides on a revision of the terms.
    AgreementDecision {
        /// Agree to the terms.
        Agree = "AGREE",
        /// Object to the terms. Needs a comment, and opens a feedback thread with it.
        Object = "OBJECT",
        /// Withdraw the decision that was made before.
        Withdraw = "WITHDRAW",
    }
    /// Whether the provider and the consumers have the same view of a service.
    AlignmentState {
        /// The definition lacks one of its four components, or has no consumer: there is a gap NO_….
        Incomplete = "INCOMPLETE",
        /// A consumer has never agreed to a published revision.
        Unagreed = "UNAGREED",
        /// A consumer objects to the published revision or to the open proposal.
        Disputed = "DISPUTED",
        /// A consumer has agreed to an older published revision only.
        Outdated = "OUTDATED",
        /// All consumers agree to the published revision.
        Aligned = "ALIGNED",
    }
    /// What is missing for a shared view of a service.
    AlignmentGapCode {
        /// The definition has no outcome.
        NoOutcome = "NO_OUTCOME",
        /// The definition has no benefit.
        NoBenefit = "NO_BENEFIT",
        /// The definition has neither a cost nor a risk.
        NoCostOrRisk = "NO_COST_OR_RISK",
        /// The definition has no expectation of the provider.
        NoExpectationOfProvider = "NO_EXPECTATION_OF_PROVIDER",
        /// The definition has no expectation of the consumer.
        NoExpectationOfConsumer = "NO_EXPECTATION_OF_CONSUMER",
        /// The service has no consumer. Only the provider sees this gap.
        NoConsumer = "NO_CONSUMER",
        /// A supported outcome has no indicator.
        OutcomeWithoutIndicator = "OUTCOME_WITHOUT_INDICATOR",
        /// A benefit has no indicator.
        BenefitWithoutIndicator = "BENEFIT_WITHOUT_INDICATOR",
        /// An indicator has no measurement.
        IndicatorNotMeasured = "INDICATOR_NOT_MEASURED",
        /// The latest value of an indicator is worse than its baseline.
        IndicatorRegressed = "INDICATOR_REGRESSED",
        /// The terms contain how often they are reviewed (`reviewEvery`), and neither their publication nor the last
        /// decision of the consumer is younger than that.
        ReviewOverdue = "REVIEW_OVERDUE",
        /// A consumer has never agreed to a published revision.
        NotAgreed = "NOT_AGREED",
        /// A consumer has agreed to an older published revision only.
        AgreedToOlderRevision = "AGREED_TO_OLDER_REVISION",
        /// A consumer objects to the published revision or to the open proposal.
        Objected = "OBJECTED",
        /// An escalation is neither resolved nor closed.
        OpenEscalation = "OPEN_ESCALATION",
        /// A text lacks a language that the definition uses elsewhere.
        MissingTranslation = "MISSING_TRANSLATION",
        /// A text for customers names a configuration item of the provider. Only viewers who may read the provider's
        /// configuration items see this gap.
        InfrastructureWording = "INFRASTRUCTURE_WORDING",
    }
    /// The format of a document.
    DocumentFormat {
        /// YAML, in the form of the files that `entente apply` reads.
        Yaml = "YAML",
        /// JSON, with the same fields.
        Json = "JSON",
    }
    /// How a document changes the stored definition.
    ApplyMode {
        /// The document is merged by key at every level. What it does not contain stays as it is; new elements are
        /// added at the end of their list; `remove` deletes an element.
        Merge = "MERGE",
        /// The terms become exactly the document, and terms that it does not contain are deleted. Lists of links that
        /// it does not contain stay as they are.
        Replace = "REPLACE",
    }
    /// The kind of a change.
    ChangeAction {
        /// Created.
        Created = "CREATED",
        /// Updated.
        Updated = "UPDATED",
        /// Deleted.
        Deleted = "DELETED",
    }
    /// The kind of the object that changed.
    ChangeEntityType {
        /// A party.
        Organization = "ORGANIZATION",
        /// A service or its links.
        Service = "SERVICE",
        /// A revision of a service's terms.
        Definition = "DEFINITION",
        /// A stage of the customer's journey.
        JourneyStage = "JOURNEY_STAGE",
        /// An outcome.
        Outcome = "OUTCOME",
        /// A cost.
        Cost = "COST",
        /// A risk.
        Risk = "RISK",
        /// A benefit.
        Benefit = "BENEFIT",
        /// An expectation.
        Expectation = "EXPECTATION",
        /// A service offering.
        Offering = "OFFERING",
        /// A service relationship.
        Consumer = "CONSUMER",
        /// An indicator.
        Indicator = "INDICATOR",
        /// Another system's key.
        ExternalReference = "EXTERNAL_REFERENCE",
        /// A service's or an offering's escalation policy.
        EscalationPolicy = "ESCALATION_POLICY",
        /// A thread.
        Thread = "THREAD",
        /// A message of a thread.
        Message = "MESSAGE",
        /// A configuration item.
        ConfigurationItem = "CONFIGURATION_ITEM",
        /// A measurement of an indicator.
        Measurement = "MEASUREMENT",
        /// The decision of a consumer on a revision.
        Agreement = "AGREEMENT",
    }
    /// The kinds of elements of a definition.
    ElementKind {
        /// A stage of the customer's journey.
        JourneyStage = "JOURNEY_STAGE",
        /// An outcome.
        Outcome = "OUTCOME",
        /// A cost.
        Cost = "COST",
        /// A risk.
        Risk = "RISK",
        /// A benefit.
        Benefit = "BENEFIT",
        /// An expectation.
        Expectation = "EXPECTATION",
        /// A service offering.
        Offering = "OFFERING",
        /// An indicator, of an outcome, a benefit or an offering.
        Indicator = "INDICATOR",
    }
    /// The kinds of objects that can have keys in other systems.
    ReferencedKind {
        /// A party.
        Organization = "ORGANIZATION",
        /// A service.
        Service = "SERVICE",
        /// An outcome or an offering.
        Element = "ELEMENT",
        /// A thread.
        Thread = "THREAD",
        /// A message of a thread.
        Message = "MESSAGE",
        /// A configuration item.
        ConfigurationItem = "CONFIGURATION_ITEM",
    }
    /// The effect of a failure of configuration items on a service or an outcome.
    ImpactEffect {
        /// A configuration item that the service or the outcome depends on directly has failed.
        Outage = "OUTAGE",
        /// Only for a service: configuration items of some of its outcomes have failed, but none that the whole service
        /// depends on.
        Degraded = "DEGRADED",
        /// The service or outcome still works, but a configuration item that it depends on has lost redundancy.
        RedundancyLost = "REDUNDANCY_LOST",
    }
    /// How the latest value of an indicator compares with its baseline and its target.
    AttainmentStatus {
        /// The indicator has no measurement.
        NotMeasured = "NOT_MEASURED",
        /// The latest value does not meet the target, and is worse than the baseline.
        Regressed = "REGRESSED",
        /// The latest value does not meet the target, and is not worse than the baseline. Also without a baseline.
        Improving = "IMPROVING",
        /// The latest value is equal to the target or better.
        Met = "MET",
    }
    /// The types of objects that `search` finds.
    SearchType {
        /// Services: name, summary and slug.
        Service = "SERVICE",
        /// Outcomes: statement.
        Outcome = "OUTCOME",
        /// Costs: statement.
        Cost = "COST",
        /// Risks: statement and mitigation.
        Risk = "RISK",
        /// Benefits: statement and stakeholder.
        Benefit = "BENEFIT",
        /// Expectations: statement.
        Expectation = "EXPECTATION",
        /// Threads of feedback and escalations: title and messages.
        Thread = "THREAD",
    }
    /// The code of an error in the input of a mutation.
    UserErrorCode {
        /// A required value is missing.
        Required = "REQUIRED",
        /// The value breaks a rule. The message names the rule.
        Invalid = "INVALID",
        /// The text or the document is too long.
        TooLong = "TOO_LONG",
        /// The id, slug or key identifies no object, or none that the viewer may see.
        NotFound = "NOT_FOUND",
        /// Another object already has this slug or external key.
        Taken = "TAKEN",
        /// The stored state differs from the one you expected. Read it again and retry. Also: the `Idempotency-Key` was
        /// already used for another request.
        Conflict = "CONFLICT",
        /// The viewer is not allowed to do this: the token lacks a scope, or the organization is the wrong party.
        Forbidden = "FORBIDDEN",
        /// The action is not possible in the current state of the object, for example in a closed thread.
        InvalidState = "INVALID_STATE",
        /// A list has too many entries, or another limit of the server is exceeded.
        LimitExceeded = "LIMIT_EXCEEDED",
    }
    /// The kind of an actor.
    ActorKind {
        /// A person.
        Person = "PERSON",
        /// A program with its own token.
        ServiceAccount = "SERVICE_ACCOUNT",
        /// Entente itself, for example when a deadline is missed.
        System = "SYSTEM",
    }
}

impl ElementKind {
    /// The part before the underscore in the ids of this kind.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::JourneyStage => "stage",
            Self::Outcome => "outcome",
            Self::Cost => "cost",
            Self::Risk => "risk",
            Self::Benefit => "benefit",
            Self::Expectation => "expectation",
            Self::Offering => "offering",
            Self::Indicator => "indicator",
        }
    }

    /// The list of a document that contains elements of this kind. Indicators are in lists of their parents.
    pub fn list(self) -> &'static str {
        match self {
            Self::JourneyStage => "journey",
            Self::Outcome => "outcomes",
            Self::Cost => "costs",
            Self::Risk => "risks",
            Self::Benefit => "benefits",
            Self::Expectation => "expectations",
            Self::Offering => "offerings",
            Self::Indicator => "indicators",
        }
    }

    /// Its kind in the change log.
    pub fn entity_type(self) -> ChangeEntityType {
        match self {
            Self::JourneyStage => ChangeEntityType::JourneyStage,
            Self::Outcome => ChangeEntityType::Outcome,
            Self::Cost => ChangeEntityType::Cost,
            Self::Risk => ChangeEntityType::Risk,
            Self::Benefit => ChangeEntityType::Benefit,
            Self::Expectation => ChangeEntityType::Expectation,
            Self::Offering => ChangeEntityType::Offering,
            Self::Indicator => ChangeEntityType::Indicator,
        }
    }
}
