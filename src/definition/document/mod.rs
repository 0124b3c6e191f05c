//! The document: the input of `definitionApply`, and the content of a YAML file. Both use the same types. Every field
//! has three states: if it is left out, the stored value stays; `null` deletes it; a value replaces it.

use async_graphql::{ID, InputObject, MaybeUndefined, OneofObject};
use entente_entity::{
    enums::{ContactRole, Direction, Effect, EscalationKind, Level, Party, ServiceLifecycle, Severity},
    scalar::{Decimal, Duration, Locale, URL},
    text::LocalizedText,
};
use serde::{Deserialize, Serialize};

use super::normalize;

/// The key of an object in another system.
#[derive(Clone, Debug, PartialEq, Eq, Hash, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalKey {
    /// The instance of the other tool, for example `servicenow`, `jira` or `zammad-ward`.
    #[graphql(process_with = "normalize::key")]
    #[serde(deserialize_with = "normalize::read_key")]
    pub system: String,
    /// The table or class in the other system, for example `cmdb_ci_service` or `incident`. Left out, it matches every
    /// type.
    #[graphql(process_with = "normalize::wanted_type")]
    #[serde(default, deserialize_with = "normalize::read_wanted_type", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// The identifier in the other system, for example a sys_id, `INC0012345` or `HELP-42`.
    #[graphql(process_with = "normalize::key")]
    #[serde(deserialize_with = "normalize::read_key")]
    pub key: String,
}

impl ExternalKey {
    /// Whether a database can store this key: PostgreSQL refuses U+0000 even in a search.
    pub fn can_be_kept(&self) -> bool {
        let Self { system, r#type, key } = self;
        ![Some(system), r#type.as_ref(), Some(key)].into_iter().flatten().any(|text| text.contains('\0'))
    }
}

/// The key of an object in another system, to link to an object in Entente.
#[derive(Clone, Debug, PartialEq, Eq, InputObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalReferenceInput {
    /// The instance of the other tool, for example `servicenow`, `jira` or `zammad-ward`: lower-case letters, digits
    /// and hyphens, 64 characters at most.
    #[graphql(process_with = "normalize::key")]
    #[serde(deserialize_with = "normalize::read_key")]
    pub system: String,
    /// The table or class in the other system, for example `cmdb_ci_service` or `incident`. At most 255 characters.
    #[graphql(process_with = "normalize::optional_key")]
    #[serde(default, deserialize_with = "normalize::read_optional_key", skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// The identifier in the other system, for example a sys_id, `INC0012345` or `HELP-42`. At most 255 characters.
    #[graphql(process_with = "normalize::key")]
    #[serde(deserialize_with = "normalize::read_key")]
    pub key: String,
    /// The address of the object in the other system: an absolute http or https URL of at most 2,048 characters.
    #[graphql(process_with = "normalize::optional_url")]
    #[serde(default, deserialize_with = "normalize::read_optional_url", skip_serializing_if = "Option::is_none")]
    pub url: Option<URL>,
}

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Hash, OneofObject, Serialize, Deserialize)]
            #[serde(rename_all = "camelCase")]
            pub enum $name {
                /// The global id.
                Id(ID),
                /// The slug.
                Slug(String),
                /// The key in another system. Keys that the viewer's own organization linked are searched first.
                Ref(ExternalKey),
            }
        )*
    };
}

keys! {
    /// Identifies a service. Exactly one of the fields must be given.
    ServiceKey;
    /// Identifies an organization. Exactly one of the fields must be given.
    OrganizationKey;
}

/// Identifies a configuration item. Exactly one of the fields must be given.
#[derive(Clone, Debug, PartialEq, Eq, Hash, OneofObject, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConfigurationItemKey {
    /// The global id.
    Id(ID),
    /// The key in another system. Keys that the viewer's own organization linked are searched first. In a definition,
    /// only the provider's configuration items are searched.
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
    /// The definition of a service as a document. It has terms, which both parties agree to, and links, which are not
    /// part of the agreement. The YAML file of `entente apply` has the same fields.
    DefinitionInput
    {
        /// The slug of the service: its unique name in URLs, files and scripts. It never changes. Lower-case letters,
        /// digits and single hyphens, 64 characters at most.
        slug: String,
    }
    {
        /// The language of the plain strings in this document. If left out: the only language of the service's texts;
        /// if there are several or none, the server's default language.
        locale: Locale,
        /// The organization that provides the service. If left out for a new service: the viewer's organization.
        provider: OrganizationKey,
        /// The display name of the service. Required for a new service.
        name: LocalizedText,
        /// What the service does for its customers, in one or two sentences.
        summary: LocalizedText,
        /// The stages of the customer's journey, in order.
        journey: Vec<JourneyStageInput>,
        /// The results that the customer wants, in the order in which the customer experiences them.
        outcomes: Vec<OutcomeInput>,
        /// The costs that the service removes from the customer, or imposes on the customer.
        costs: Vec<CostInput>,
        /// The risks that the service removes from the customer, or imposes on the customer.
        risks: Vec<RiskInput>,
        /// The benefits that the service promises.
        benefits: Vec<BenefitInput>,
        /// The expectations: what each party expects the other party to do.
        expectations: Vec<ExpectationInput>,
        /// The offerings that consumers can choose from.
        offerings: Vec<OfferingInput>,
        /// The escalation policy of the service. If it is left out for a new service, the server's default policy
        /// applies.
        escalation: EscalationInput,
        /// Link. The stage of the service in the service portfolio. Default for a new service: PIPELINE.
        lifecycle: ServiceLifecycle,
        /// Link. The provider's contacts, at most 100. The list replaces the current one.
        contacts: Vec<ContactInput>,
        /// Link. The organizations that consume the service. In mode MERGE, the list is merged by organization; in mode
        /// REPLACE, it replaces the current list.
        consumers: Vec<ConsumerInput>,
        /// Link. The provider's configuration items that the whole service depends on, at most 1,000. The list replaces
        /// the current one. A change also needs the scope `cmdb:write`.
        configuration_items: Vec<ConfigurationItemKey>,
        /// Link. The keys of the service in other systems, at most 100. Keys are only added, never deleted.
        external_references: Vec<ExternalReferenceInput>,
    }
}

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

input! {
    /// A service relationship: one organization that consumes the service.
    ConsumerInput
    {
        /// The organization that consumes the service.
        organization: OrganizationKey,
    }
    {
        /// The key of the offering that the consumer has chosen.
        offering: String,
        /// The consumer's contacts, at most 100. The list replaces the current one.
        contacts: Vec<ContactInput>,
        /// True ends the service relationship; only in mode MERGE.
        remove: bool,
    }
}

input! {
    /// A contact: a person or a team, with a role for the service.
    ContactInput
    {
        /// The role of the contact for the service.
        role: ContactRole,
        /// The name of the person or team. At most 200 characters.
        name: String,
    }
    {
        /// The e-mail address. At most 254 characters.
        #[graphql(process_with = "normalize::changed_optional_text")]
        #[serde(deserialize_with = "normalize::read_changed_optional_text")]
        email: String,
    }
}

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

input! {
    /// A party: an IT department, a supplier, a hospital ward, a business unit.
    OrganizationInput
    {
        /// The slug of the organization: its unique name in URLs, files, tokens and scripts. It never changes.
        /// Lower-case letters, digits and single hyphens, 64 characters at most.
        slug: String,
    }
    {
        /// The display name. A plain string is in the server's default language. Required for a new organization.
        name: LocalizedText,
        /// The organization to which this one belongs. It can be created in the same call, in any order.
        parent: OrganizationKey,
        /// The keys of the organization in other systems, at most 100. Keys are only added, never deleted.
        external_references: Vec<ExternalReferenceInput>,
    }
}

input! {
    /// A configuration item, as its source describes it.
    ConfigurationItemInput
    {
        /// The key of the item in its source. It identifies the item. If `type` is left out, the key matches an
        /// existing item that has it under one type only.
        r#ref: ExternalReferenceInput,
    }
    {
        /// The display name. Required for a new item. At most 255 characters.
        name: String,
        /// The class of the item, as its source writes it, for example `cmdb_ci_appl` or `Server`. Required for a new
        /// item. At most 255 characters.
        class: String,
        /// The environment in which the item is used, for example `production` or `test`. At most 255 characters.
        environment: String,
        /// The status of the item, as its source writes it. At most 255 characters. `impact` does not use it.
        status: String,
        /// The keys of the items that this item depends on, at most 1,000, in any order; duplicates are ignored. Those
        /// items can be in the same call, exist already, or be created later. The list replaces the current one.
        depends_on: Vec<ExternalKey>,
        /// How many of its dependencies the item needs to work. Null: all of them. Example: 1 for a cluster of two
        /// nodes of which one is enough.
        #[serde(deserialize_with = "normalize::read_optional_whole")]
        dependencies_needed: i32,
        /// True deletes the item and its links to services. Items that depend on it keep the dependency as unresolved
        /// until an item with this key exists again.
        remove: bool,
    }
}

/// Configuration items of one organization, as a file holds them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfigurationItems {
    /// The organization that the items belong to. If left out: the organization that applies the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationKey>,
    /// The items, in any order.
    pub items: Vec<ConfigurationItemInput>,
}
