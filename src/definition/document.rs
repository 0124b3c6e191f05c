//! The document: what `definitionApply` takes and the YAML file holds. One set of types is both, so that the file and
//! the API cannot disagree. Every field has three states: left out keeps what stands, `null` clears it, a value sets it.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};
use entente_entity::{
    enums::{ContactRole, Direction, Effect, EscalationKind, Level, Party, ServiceLifecycle, Severity},
    scalar::{Decimal, Duration, Locale, URL},
    text::LocalizedText,
};
use serde::{Deserialize, Serialize};

use super::given;

/// Another system's key for something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalKey {
    /// An instance of a tool: `servicenow`, `jira`, `zammad-ward`.
    #[graphql(process_with = "given::key")]
    #[serde(deserialize_with = "given::read_key")]
    pub system: String,
    /// The other system's table or class: `cmdb_ci_service`, `incident`. Left out, it matches any.
    #[graphql(process_with = "given::wanted_type")]
    #[serde(default, deserialize_with = "given::read_wanted_type", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// The other system's own identifier: a sys_id, `INC0012345`, `HELP-42`.
    #[graphql(process_with = "given::key")]
    #[serde(deserialize_with = "given::read_key")]
    pub key: String,
}

impl ExternalKey {
    /// Whether a database can hold such a key: PostgreSQL refuses even to look for U+0000.
    pub fn can_be_kept(&self) -> bool {
        let Self { system, r#type, key } = self;
        ![Some(system), r#type.as_ref(), Some(key)].into_iter().flatten().any(|text| text.contains('\0'))
    }
}

/// Another system's key for something, to be linked.
#[derive(Clone, Debug, PartialEq, Eq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalReferenceInput {
    /// An instance of a tool: `servicenow`, `jira`, `zammad-ward`: lower-case letters, digits and hyphens, 64 at most.
    #[graphql(process_with = "given::key")]
    #[serde(deserialize_with = "given::read_key")]
    pub system: String,
    /// The other system's table or class: `cmdb_ci_service`, `incident`.
    #[graphql(process_with = "given::optional_key")]
    #[serde(default, deserialize_with = "given::read_optional_key", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// The other system's own identifier: a sys_id, `INC0012345`, `HELP-42`.
    #[graphql(process_with = "given::key")]
    #[serde(deserialize_with = "given::read_key")]
    pub key: String,
    /// Where a person can look at it there: an absolute http or https URL.
    #[graphql(process_with = "given::optional_url")]
    #[serde(default, deserialize_with = "given::read_optional_url", skip_serializing_if = "Option::is_none")]
    pub url: Option<URL>,
}

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Hash, OneofObject, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase")]
            pub enum $name {
                /// Its id here.
                Id(ID),
                /// Its slug here.
                Slug(String),
                /// Another system's key for it; the viewer's own organization's first.
                Ref(ExternalKey),
            }
        )*
    };
}

keys! {
    /// Names a service, in one of three ways.
    ServiceKey;
    /// Names an organization, in one of three ways.
    OrganizationKey;
}

/// Names a configuration item, in one of two ways.
#[derive(Clone, Debug, PartialEq, Eq, Hash, OneofObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConfigurationItemKey {
    /// Its id here.
    Id(ID),
    /// Another system's key for it; the viewer's own organization's first. In a definition: the provider's.
    Ref(ExternalKey),
}

/// The fields of one input type: each left out, `null`, or a value.
macro_rules! input {
    (
        $(#[$doc:meta])* $name:ident
        { $($(#[$required_doc:meta])* $required:ident : $required_ty:ty,)* }
        { $($(#[$field_doc:meta])* $field:ident : $ty:ty,)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, InputObject, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $name {
            $($(#[$required_doc])* pub $required: $required_ty,)*
            $(
                $(#[$field_doc])*
                #[serde(default, skip_serializing_if = "MaybeUndefined::is_undefined")]
                pub $field: MaybeUndefined<$ty>,
            )*
        }
    };
}

input! {
    /// A service's definition, as a document: terms, which both parties sign, and links, which they do not.
    /// The YAML file of `entente apply` has the same fields.
    DefinitionInput
    {
        /// What the service is called in URLs, files and scripts; it names the service, and never changes.
        slug: String,
    }
    {
        /// The language of plain strings in this document; if none, the only language of the service's texts, else the
        /// server's default.
        locale: Locale,
        /// Who provides the service. Left out of a new service's document: the viewer's organization.
        provider: OrganizationKey,
        /// What people call the service.
        name: LocalizedText,
        /// What the service does for its customers, in a sentence or two.
        summary: LocalizedText,
        /// The stages that the customer goes through, in order.
        journey: Vec<JourneyStageInput>,
        /// The results that the customer wants, in the order in which they are lived.
        outcomes: Vec<OutcomeInput>,
        /// Costs removed from the customer, or imposed.
        costs: Vec<CostInput>,
        /// Risks removed from the customer, or imposed.
        risks: Vec<RiskInput>,
        /// The value promised.
        benefits: Vec<BenefitInput>,
        /// What each party counts on the other to do.
        expectations: Vec<ExpectationInput>,
        /// What consumers choose from.
        offerings: Vec<OfferingInput>,
        /// Deadlines and levels of escalations.
        escalation: EscalationInput,
        /// Link. Where the service stands in the portfolio; PIPELINE for a new one.
        lifecycle: ServiceLifecycle,
        /// Link. The provider's contacts; whole when given.
        contacts: Vec<ContactInput>,
        /// Link. Who consumes the service.
        consumers: Vec<ConsumerInput>,
        /// Link. The provider's items that the whole service runs on; whole when given. Changing them needs the scope
        /// `cmdb:write` too.
        configuration_items: Vec<ConfigurationItemKey>,
        /// Link. Other systems' keys for the service; only added.
        external_references: Vec<ExternalReferenceInput>,
    }
}

input! {
    /// A stage of the customer's journey.
    JourneyStageInput
    {
        /// Unique within the service, over all kinds.
        key: String,
    }
    {
        /// What people call the stage.
        name: LocalizedText,
        /// The key that it had before: it keeps its id, and with it its history. Nothing where `key` stands already, or where
        /// no such key does.
        renamed_from: String,
        /// Takes the stage out (MERGE).
        remove: bool,
    }
}

input! {
    /// A result that the customer wants to achieve.
    OutcomeInput
    {
        /// Unique within the service, over all kinds.
        key: String,
    }
    {
        /// The result, in the customer's words.
        statement: LocalizedText,
        /// False where the service stands in this outcome's way; true unless said.
        supported: bool,
        /// The key of the stage of the journey in which it is lived.
        stage: String,
        /// What tells whether it is achieved.
        indicators: Vec<IndicatorInput>,
        /// Link. The provider's items that this outcome in particular depends on; whole when given. Changing them needs
        /// the scope `cmdb:write` too.
        configuration_items: Vec<ConfigurationItemKey>,
        /// Link. Other systems' keys for the outcome; only added.
        external_references: Vec<ExternalReferenceInput>,
        /// The key that it had before: it keeps its id, and with it its history. Nothing where `key` stands already, or where
        /// no such key does.
        renamed_from: String,
        /// Takes the outcome out (MERGE).
        remove: bool,
    }
}

input! {
    /// Something measured, with the value that is aimed at.
    IndicatorInput
    {
        /// Unique within the service, over all kinds.
        key: String,
    }
    {
        /// What people call it.
        name: LocalizedText,
        /// The unit of its values: `min`, `%`.
        unit: String,
        /// Which way it gets better.
        direction: Direction,
        /// Where it stood before.
        baseline: f64,
        /// The value that is aimed at.
        target: f64,
        /// The key that it had before: it keeps its id, and with it its history. Nothing where `key` stands already, or where
        /// no such key does.
        renamed_from: String,
        /// Takes the indicator out (MERGE).
        remove: bool,
    }
}

input! {
    /// A cost that the service removes from the customer, or imposes.
    CostInput
    {
        /// Unique within the service, over all kinds.
        key: String,
    }
    {
        /// The cost, in the customer's words.
        statement: LocalizedText,
        /// Removed or imposed.
        effect: Effect,
        /// How much, exactly; with `currency`.
        amount: Decimal,
        /// ISO 4217 code; with `amount`.
        currency: String,
        /// How often: `P1Y` for each year. Once if left out.
        period: Duration,
        /// The key that it had before: it keeps its id, and with it its history. Nothing where `key` stands already, or where
        /// no such key does.
        renamed_from: String,
        /// Takes the cost out (MERGE).
        remove: bool,
    }
}

input! {
    /// A risk that the service removes from the customer, or imposes.
    RiskInput
    {
        /// Unique within the service, over all kinds.
        key: String,
    }
    {
        /// The risk, in the customer's words.
        statement: LocalizedText,
        /// Removed or imposed.
        effect: Effect,
        /// How likely it is.
        likelihood: Level,
        /// How grave it would be.
        impact: Level,
        /// What is done against it.
        mitigation: LocalizedText,
        /// The key that it had before: it keeps its id, and with it its history. Nothing where `key` stands already, or where
        /// no such key does.
        renamed_from: String,
        /// Takes the risk out (MERGE).
        remove: bool,
    }
}

input! {
    /// A benefit that the service promises to a stakeholder.
    BenefitInput
    {
        /// Unique within the service, over all kinds.
        key: String,
    }
    {
        /// The benefit, in the stakeholder's words.
        statement: LocalizedText,
        /// Who benefits.
        stakeholder: LocalizedText,
        /// What tells whether it comes true.
        indicators: Vec<IndicatorInput>,
        /// The key that it had before: it keeps its id, and with it its history. Nothing where `key` stands already, or where
        /// no such key does.
        renamed_from: String,
        /// Takes the benefit out (MERGE).
        remove: bool,
    }
}

input! {
    /// What one party counts on the other to do.
    ExpectationInput
    {
        /// Unique within the service, over all kinds.
        key: String,
    }
    {
        /// Who is to do it.
        of: Party,
        /// What is to be done.
        statement: LocalizedText,
        /// The key that it had before: it keeps its id, and with it its history. Nothing where `key` stands already, or where
        /// no such key does.
        renamed_from: String,
        /// Takes the expectation out (MERGE).
        remove: bool,
    }
}

input! {
    /// A way in which the service is offered: consumers choose one.
    OfferingInput
    {
        /// Unique within the service, over all kinds.
        key: String,
    }
    {
        /// What people call it.
        name: LocalizedText,
        /// What it includes.
        description: LocalizedText,
        /// Its service level targets.
        indicators: Vec<IndicatorInput>,
        /// Its own deadlines and levels; the service's hold where it has none.
        escalation: EscalationInput,
        /// Link. Other systems' keys for the offering; only added.
        external_references: Vec<ExternalReferenceInput>,
        /// The key that it had before: it keeps its id, and with it its history. Nothing where `key` stands already, or where
        /// no such key does.
        renamed_from: String,
        /// Takes the offering out (MERGE).
        remove: bool,
    }
}

input! {
    /// A service relationship: one organization consuming the service.
    ConsumerInput
    {
        /// Who consumes the service.
        organization: OrganizationKey,
    }
    {
        /// The key of the offering that it chose.
        offering: String,
        /// The consumer's contacts; whole when given.
        contacts: Vec<ContactInput>,
        /// Ends the relationship (MERGE).
        remove: bool,
    }
}

input! {
    /// A person or a team to turn to.
    ContactInput
    {
        /// What the contact is to the service.
        role: ContactRole,
        /// The person's or the team's name.
        name: String,
    }
    {
        /// An e-mail address.
        #[graphql(process_with = "given::changed_optional_text")]
        #[serde(deserialize_with = "given::read_changed_optional_text")]
        email: String,
    }
}

input! {
    /// Deadlines and levels of escalations. Each list is whole when given.
    EscalationInput {}
    {
        /// By when to acknowledge and resolve, for each severity; a severity that is not named has no deadline.
        targets: Vec<ResponseTargetInput>,
        /// To whom an escalation is raised when it is neither resolved nor closed in time, in order.
        levels: Vec<EscalationLevelInput>,
    }
}

input! {
    /// The deadlines for one severity, counted day and night. Days are 24 hours; years and months have no place here.
    ResponseTargetInput
    {
        /// The severity that this target is for.
        severity: Severity,
        /// The time to acknowledge.
        acknowledge_within: Duration,
        /// The time to resolve.
        resolve_within: Duration,
    }
    {}
}

input! {
    /// A level to which an escalation is raised.
    EscalationLevelInput
    {
        /// Its number, from 1, rising.
        #[serde(deserialize_with = "given::read_whole")]
        level: i32,
        /// To more expertise, or to more authority.
        kind: EscalationKind,
        /// What people call the level.
        name: LocalizedText,
        /// The time after which a thread that is neither resolved nor closed is raised to it, counted from when the thread
        /// became an escalation, time spent RESOLVED or CLOSED left out.
        after: Duration,
    }
    {
        /// Who is told.
        contact: ContactInput,
    }
}

input! {
    /// A party: an IT department, a supplier, a hospital ward, a business unit.
    OrganizationInput
    {
        /// What the organization is called in URLs, files, tokens and scripts; it names the organization, and never
        /// changes.
        slug: String,
    }
    {
        /// What people call it. A plain string is in the server's default language.
        name: LocalizedText,
        /// The organization that it is a part of; it may stand in the same call, in any order.
        parent: OrganizationKey,
        /// Other systems' keys for it; only added.
        external_references: Vec<ExternalReferenceInput>,
    }
}

input! {
    /// A configuration item, as its source has it.
    ConfigurationItemInput
    {
        /// The source's key for the item, by which it is matched. Where it has no type, an item that has this key under
        /// one type only is the one.
        r#ref: ExternalReferenceInput,
    }
    {
        /// What people call it.
        name: String,
        /// What kind of thing it is, in the words of its source: `cmdb_ci_appl`, `Server`.
        class: String,
        /// Where it is used: `production`, `test`.
        environment: String,
        /// How it is, in the words of its source. Impact does not look at it.
        status: String,
        /// The source's keys for what the item depends on, in no order, the same one twice counting once. They may stand
        /// in the same call, be known already, or come later.
        depends_on: Vec<ExternalKey>,
        /// How many of its dependencies it needs to work: 1 for the cluster of two nodes of which one is enough. All of
        /// them where nothing is said.
        #[serde(deserialize_with = "given::read_optional_whole")]
        dependencies_needed: i32,
        /// Takes the item out. What depended on it waits for it to come back.
        remove: bool,
    }
}

/// Configuration items of one organization, as a file holds them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigurationItems {
    /// Whose they are; of whoever applies the file, if none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationKey>,
    /// The items, in any order.
    pub items: Vec<ConfigurationItemInput>,
}
