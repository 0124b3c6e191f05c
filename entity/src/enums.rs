//! Closed sets of values, with the names that the API gives them.

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
    /// Where a service stands in the portfolio (ITIL: pipeline, catalogue, retired).
    ServiceLifecycle {
        /// Being prepared: it can be read and agreed to before it is used.
        Pipeline = "PIPELINE",
        /// In use.
        Live = "LIVE",
        /// No longer offered.
        Retired = "RETIRED",
    }
    /// The effect of a service on a cost or a risk (ITIL value proposition).
    Effect {
        /// The customer no longer carries it.
        Removed = "REMOVED",
        /// The customer carries it because of the service.
        Imposed = "IMPOSED",
    }
    /// How likely, or how grave.
    Level {
        /// Hardly.
        Low = "LOW",
        /// Somewhat.
        Medium = "MEDIUM",
        /// Very.
        High = "HIGH",
    }
    /// The two sides of a service relationship.
    Party {
        /// Who provides the service.
        Provider = "PROVIDER",
        /// Who consumes it.
        Consumer = "CONSUMER",
    }
    /// What a contact is to the service. Customer, user and sponsor are the consumer's roles (ITIL).
    ContactRole {
        /// Answers for the service at the provider.
        Owner = "OWNER",
        /// Defines what is needed and answers for the outcomes.
        Customer = "CUSTOMER",
        /// Uses the service.
        User = "USER",
        /// Authorises the budget.
        Sponsor = "SPONSOR",
        /// Helps those who use it.
        Support = "SUPPORT",
    }
    /// Which way an indicator gets better.
    Direction {
        /// More is better.
        HigherIsBetter = "HIGHER_IS_BETTER",
        /// Less is better.
        LowerIsBetter = "LOWER_IS_BETTER",
    }
    /// How grave a problem is to the one who raises it.
    Severity {
        /// Can wait.
        Low = "LOW",
        /// Hinders.
        Medium = "MEDIUM",
        /// Stops a part of the work.
        High = "HIGH",
        /// Stops the work.
        Critical = "CRITICAL",
    }
    /// Which way an escalation goes (ITIL).
    EscalationKind {
        /// To more expertise.
        Functional = "FUNCTIONAL",
        /// To more authority.
        Hierarchical = "HIERARCHICAL",
    }
    /// What a thread is for.
    ThreadKind {
        /// To say how the service is perceived.
        Feedback = "FEEDBACK",
        /// To have a problem solved in time.
        Escalation = "ESCALATION",
    }
    /// How far a thread has come.
    ThreadStatus {
        /// Nobody has answered yet.
        Open = "OPEN",
        /// The provider has seen it.
        Acknowledged = "ACKNOWLEDGED",
        /// The provider is at work on it.
        InProgress = "IN_PROGRESS",
        /// Solved, as the provider sees it.
        Resolved = "RESOLVED",
        /// Done with.
        Closed = "CLOSED",
    }
    /// What happened to a thread.
    ThreadEventKind {
        /// It was opened.
        Opened = "OPENED",
        /// The provider has seen it.
        Acknowledged = "ACKNOWLEDGED",
        /// The provider went to work on it.
        Started = "STARTED",
        /// It was raised to a level.
        Raised = "RAISED",
        /// It was given to someone, or taken from everyone.
        Assigned = "ASSIGNED",
        /// It became more or less grave.
        SeverityChanged = "SEVERITY_CHANGED",
        /// Feedback became an escalation.
        Converted = "CONVERTED",
        /// It was not acknowledged in time.
        AcknowledgeBreached = "ACKNOWLEDGE_BREACHED",
        /// It was not resolved in time.
        ResolveBreached = "RESOLVE_BREACHED",
        /// It was solved.
        Resolved = "RESOLVED",
        /// It was not solved after all.
        Reopened = "REOPENED",
        /// It was done with.
        Closed = "CLOSED",
        /// Another system's key was linked to it, or to one of its messages.
        ReferenceLinked = "REFERENCE_LINKED",
        /// Another system's key was taken from it, or from one of its messages.
        ReferenceUnlinked = "REFERENCE_UNLINKED",
    }
    /// Who reads a message.
    Visibility {
        /// Both sides.
        Shared = "SHARED",
        /// The provider's side only.
        Internal = "INTERNAL",
    }
    /// What became of a revision of the terms.
    DefinitionState {
        /// Waiting for the decisions of the consumers.
        Proposed = "PROPOSED",
        /// In force.
        Published = "PUBLISHED",
        /// Was in force, until a newer one was published.
        Superseded = "SUPERSEDED",
        /// Taken back, or replaced by a newer proposal, before it was published.
        Withdrawn = "WITHDRAWN",
    }
    /// How a document is written.
    DocumentFormat {
        /// As the files that `entente apply` reads.
        Yaml = "YAML",
        /// The same fields as JSON.
        Json = "JSON",
    }
    /// What a document does to what stands.
    ApplyMode {
        /// By key at every level: what is not named keeps its place, what is new goes last; `remove` takes out.
        Merge = "MERGE",
        /// The terms become exactly the document, and what it leaves out is cleared; a list of links left out stays.
        Replace = "REPLACE",
    }
    /// What happened to a thing.
    ChangeAction {
        /// It is new.
        Created = "CREATED",
        /// It says something else than before.
        Updated = "UPDATED",
        /// It is gone.
        Deleted = "DELETED",
    }
    /// What kind of thing changed.
    ChangeEntityType {
        /// A party.
        Organization = "ORGANIZATION",
        /// A service, or its links.
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
    }
    /// The kinds of element that a definition has.
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
    /// The kinds of thing that another system may know under a key of its own.
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
    /// What a failure of configuration items means to a service or an outcome.
    ImpactEffect {
        /// An item that the service, or the outcome, runs on has failed.
        Outage = "OUTAGE",
        /// Of a service: items of some of its outcomes have failed, and none that it runs on itself.
        Degraded = "DEGRADED",
        /// All still works, on fewer items than it has.
        RedundancyLost = "REDUNDANCY_LOST",
    }
    /// What the search finds.
    SearchType {
        /// A service, by its name, its summary or its slug.
        Service = "SERVICE",
        /// An outcome, by its statement.
        Outcome = "OUTCOME",
        /// A cost, by its statement.
        Cost = "COST",
        /// A risk, by its statement or what is done against it.
        Risk = "RISK",
        /// A benefit, by its statement or who has it.
        Benefit = "BENEFIT",
        /// An expectation, by its statement.
        Expectation = "EXPECTATION",
        /// A feedback or escalation thread.
        Thread = "THREAD",
    }
    /// What went wrong with the caller's input.
    UserErrorCode {
        /// It must be there.
        Required = "REQUIRED",
        /// It is there and breaks a rule.
        Invalid = "INVALID",
        /// It is longer, or there is more of it, than allowed.
        TooLong = "TOO_LONG",
        /// It names nothing that the viewer may see.
        NotFound = "NOT_FOUND",
        /// It names what something else is called already.
        Taken = "TAKEN",
        /// What stands is not what the caller thought.
        Conflict = "CONFLICT",
        /// The viewer may not do this.
        Forbidden = "FORBIDDEN",
        /// The thing is not in a state in which this can be done.
        InvalidState = "INVALID_STATE",
        /// There is more of it than the server takes.
        LimitExceeded = "LIMIT_EXCEEDED",
    }
    /// Who acts.
    ActorKind {
        /// A person.
        Person = "PERSON",
        /// A program with a token of its own.
        ServiceAccount = "SERVICE_ACCOUNT",
        /// Entente itself.
        System = "SYSTEM",
    }
}

impl ElementKind {
    /// What stands before the underscore in the ids of this kind.
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

    /// The list of a document that holds elements of this kind; indicators stand below their parent's.
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

    /// What the change log calls it.
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
