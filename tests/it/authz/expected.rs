//! Who sees what: every field of every type, and every mutation. A new field is one word in `FIELDS`, a new type a line
//! in `REACH` too, a new mutation a line in `MUTATIONS`.

use entente::policy::Scope;

/// What the provider of a service and one of its consumers see in a field. Others see nothing of both, as if the
/// service did not exist; without a token there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Both the same.
    Shared,
    /// Each what it may: the provider more than the consumer, or something else.
    Each,
    /// Only the provider: for the consumer it is null, with FORBIDDEN, and the rest of the answer is intact.
    Own,
    /// Nothing yet: no mutation writes it.
    Unset,
    /// Everyone with a token something of their own.
    Anyone,
}

use Sight::{Anyone, Each, Own, Shared, Unset};

/// The fields of each type, by who sees what in them.
pub const FIELDS: &[(&str, Sight, &str)] = &[
    ("Actor", Shared, "kind subject displayName organization onBehalfOf"),
    ("Agreement", Each, "id service definition organization revision state comment decidedBy decidedAt thread"),
    ("Alignment", Shared, "state"),
    ("Alignment", Each, "score gaps"),
    ("AlignmentGap", Each, "code message element organization"),
    ("Attainment", Shared, "status progress"),
    ("Benefit", Shared, "id key service statement stakeholder indicators perception"),
    (
        "ConfigurationItem",
        Each,
        "id organization name class environment status dependsOn dependents dependenciesNeeded unresolvedDependencies",
    ),
    ("ConfigurationItem", Each, "services impactIfFailed externalReferences document seenAt updatedAt"),
    ("ConfigurationItemConnection", Each, "edges nodes pageInfo totalCount"),
    ("ConfigurationItemEdge", Each, "cursor node"),
    ("Contact", Shared, "role name email"),
    ("Cost", Shared, "id key service statement effect amount period"),
    (
        "Definition",
        Shared,
        "id service revision state createdAt author publishedAt name summary provider journey outcomes costs",
    ),
    ("Deadlines", Shared, "acknowledgeBy resolveBy acknowledgeBreached resolveBreached nextRaiseAt"),
    ("Definition", Shared, "risks benefits expectations offerings escalationPolicy changes document"),
    ("Definition", Shared, "digest reviewEvery"),
    ("Definition", Each, "agreements"),
    ("Definition", Unset, "comment"),
    ("DefinitionChange", Shared, "action path before after"),
    ("DefinitionConnection", Shared, "edges nodes pageInfo totalCount"),
    ("DefinitionEdge", Shared, "cursor node"),
    ("EscalationLevel", Shared, "level kind name contact after"),
    ("EscalationPolicy", Shared, "targets levels"),
    ("Expectation", Shared, "id key service of statement"),
    ("ExternalReference", Each, "id organization system type key url entity createdAt"),
    ("Impact", Each, "configurationItems notFound services"),
    ("ImpactedOutcome", Each, "outcome effect path"),
    ("ImpactedService", Each, "service effect path outcomes consumers openEscalations"),
    ("Indicator", Shared, "id key service name unit direction baseline target latest measurements attainment"),
    ("JourneyStage", Shared, "id key service name position outcomes"),
    ("Measurement", Shared, "at value"),
    ("Measurement", Each, "source recordedBy"),
    ("MeasurementConnection", Shared, "edges nodes pageInfo totalCount"),
    ("MeasurementEdge", Shared, "cursor node"),
    ("Message", Each, "id thread author body visibility createdAt editedAt redactedAt externalReferences"),
    ("MessageConnection", Each, "edges nodes pageInfo totalCount"),
    ("MessageEdge", Each, "cursor node"),
    ("Money", Shared, "amount currency"),
    ("Organization", Shared, "id slug name"),
    ("Organization", Each, "parent providedServices consumedServices externalReferences document"),
    ("OrganizationConnection", Each, "edges nodes pageInfo totalCount"),
    ("OrganizationEdge", Each, "cursor node"),
    ("Outcome", Shared, "id key service statement supported stage position indicators perception"),
    ("Outcome", Each, "externalReferences"),
    ("Outcome", Own, "configurationItems"),
    ("PageInfo", Shared, "hasNextPage hasPreviousPage startCursor endCursor"),
    ("Perception", Each, "average count distribution"),
    ("Query", Shared, "node nodes service organization search"),
    ("Query", Each, "services organizations configurationItem configurationItems"),
    ("Query", Each, "threads"),
    ("Query", Shared, "lookup impact thread"),
    ("Query", Anyone, "viewer settledAt"),
    ("Realization", Shared, "met improving regressed notMeasured"),
    ("ResponseTarget", Shared, "severity acknowledgeWithin resolveWithin"),
    ("Risk", Shared, "id key service statement effect likelihood impact mitigation"),
    ("SearchConnection", Shared, "edges nodes pageInfo totalCount"),
    ("SearchEdge", Shared, "cursor node"),
    ("SearchHit", Shared, "node service snippet locale score"),
    (
        "Service",
        Shared,
        "id slug name summary lifecycle provider contacts journey outcomes costs risks value expectations",
    ),
    ("Service", Shared, "escalationPolicy offerings revision definition revisions createdAt"),
    ("Service", Shared, "alignment reviewEvery agreedDefinition proposedDefinition"),
    ("Service", Each, "updatedAt agreements"),
    ("Service", Each, "consumers threads externalReferences document"),
    ("Service", Own, "configurationItems"),
    ("ServiceConnection", Each, "edges nodes pageInfo totalCount"),
    ("ServiceConsumer", Each, "id service organization offering contacts since confirmedAt agreement"),
    ("ServiceEdge", Each, "cursor node"),
    ("ServiceOffering", Shared, "id key service name description indicators escalationPolicy"),
    ("ServiceOffering", Each, "consumers externalReferences"),
    ("Suggestion", Shared, "changes document adopted"),
    (
        "Thread",
        Shared,
        "id number kind title status severity service subject consumer rating openedBy assignee level deadlines openedAt",
    ),
    ("Thread", Shared, "acknowledgedAt resolvedAt closedAt externalReferences suggestion"),
    ("Thread", Each, "updatedAt"),
    ("Thread", Each, "messages timeline"),
    ("ThreadConnection", Each, "edges nodes pageInfo totalCount"),
    ("ThreadEdge", Each, "cursor node"),
    ("ThreadEvent", Each, "id kind at actor detail"),
    ("ThreadEventConnection", Each, "edges nodes pageInfo totalCount"),
    ("ThreadEventEdge", Each, "cursor node"),
    ("Value", Shared, "benefits realization perception"),
    ("Viewer", Anyone, "actor organization scopes locale tokenExpiresAt"),
];

/// The threads of `ward-a` about a service.
macro_rules! of_ward_a {
    ($selected:literal) => {
        concat!(
            "service(by: {slug: SLUG}) { threads(filter: {consumer: {slug: \"canary-slug-ward-a\"}}) { nodes { ",
            $selected,
            " } } }"
        )
    };
}

/// The way to each type: from a service where the type belongs to one. `@` is where its fields go; `SLUG` and `ID` are
/// the service's, `PARTY` its provider's slug. The sweep asks once for those that are there, once for others that are not.
pub const REACH: &[(&str, &str)] = &[
    ("Actor", of_ward_a!("openedBy { @ }")),
    ("Agreement", "service(by: {slug: SLUG}) { agreements { @ } }"),
    ("Alignment", "service(by: {slug: SLUG}) { alignment { @ } }"),
    ("AlignmentGap", "service(by: {slug: SLUG}) { alignment { gaps { @ } } }"),
    ("Attainment", "service(by: {slug: SLUG}) { outcomes { indicators { attainment { @ } } } }"),
    ("Benefit", "service(by: {slug: SLUG}) { value { benefits { @ } } }"),
    ("ConfigurationItem", "configurationItem(by: {ref: {system: \"tool\", key: \"canary-item-app\"}}) { @ }"),
    ("ConfigurationItemConnection", "configurationItems { @ }"),
    ("ConfigurationItemEdge", "configurationItems { edges { @ } }"),
    ("Contact", "service(by: {slug: SLUG}) { contacts { @ } }"),
    ("Cost", "service(by: {slug: SLUG}) { costs { @ } }"),
    ("Deadlines", of_ward_a!("deadlines { @ }")),
    ("Definition", "service(by: {slug: SLUG}) { definition { @ } }"),
    ("DefinitionChange", "service(by: {slug: SLUG}) { definition { changes { @ } } }"),
    ("DefinitionConnection", "service(by: {slug: SLUG}) { revisions { @ } }"),
    ("DefinitionEdge", "service(by: {slug: SLUG}) { revisions { edges { @ } } }"),
    ("EscalationLevel", "service(by: {slug: SLUG}) { escalationPolicy { levels { @ } } }"),
    ("EscalationPolicy", "service(by: {slug: SLUG}) { escalationPolicy { @ } }"),
    ("Expectation", "service(by: {slug: SLUG}) { expectations { @ } }"),
    ("ExternalReference", "service(by: {slug: SLUG}) { externalReferences { @ } }"),
    ("Impact", "impact(of: [{ref: {system: \"tool\", key: \"canary-item-app\"}}, {id: ID}]) { @ }"),
    (
        "ImpactedOutcome",
        "impact(of: [{ref: {system: \"tool\", key: \"canary-item-app\"}}]) { services { outcomes { @ } } }",
    ),
    ("ImpactedService", "impact(of: [{ref: {system: \"tool\", key: \"canary-item-app\"}}]) { services { @ } }"),
    ("Indicator", "service(by: {slug: SLUG}) { outcomes { indicators { @ } } }"),
    ("JourneyStage", "service(by: {slug: SLUG}) { journey { @ } }"),
    ("Measurement", "service(by: {slug: SLUG}) { outcomes { indicators { measurements { nodes { @ } } } } }"),
    ("MeasurementConnection", "service(by: {slug: SLUG}) { outcomes { indicators { measurements { @ } } } }"),
    ("MeasurementEdge", "service(by: {slug: SLUG}) { outcomes { indicators { measurements { edges { @ } } } } }"),
    ("Message", of_ward_a!("messages { nodes { @ } }")),
    ("MessageConnection", of_ward_a!("messages { @ }")),
    ("MessageEdge", of_ward_a!("messages { edges { @ } }")),
    ("Money", "service(by: {slug: SLUG}) { costs { amount { @ } } }"),
    ("Organization", "service(by: {slug: SLUG}) { provider { @ } }"),
    ("OrganizationConnection", "organizations { @ }"),
    ("OrganizationEdge", "organizations { edges { @ } }"),
    ("Outcome", "service(by: {slug: SLUG}) { outcomes { @ } }"),
    ("PageInfo", "service(by: {slug: SLUG}) { revisions { pageInfo { @ } } }"),
    ("Perception", "service(by: {slug: SLUG}) { value { perception { @ } } }"),
    ("Query", "@"),
    ("Realization", "service(by: {slug: SLUG}) { value { realization { @ } } }"),
    ("ResponseTarget", "service(by: {slug: SLUG}) { escalationPolicy { targets { @ } } }"),
    ("Risk", "service(by: {slug: SLUG}) { risks { @ } }"),
    ("SearchConnection", "search(text: SLUG) { @ }"),
    ("SearchEdge", "search(text: SLUG) { edges { @ } }"),
    ("SearchHit", "search(text: SLUG) { nodes { @ } }"),
    ("Service", "service(by: {slug: SLUG}) { @ }"),
    ("ServiceConnection", "organization(by: {slug: PARTY}) { providedServices { @ } }"),
    ("ServiceConsumer", "service(by: {slug: SLUG}) { consumers { @ } }"),
    ("ServiceEdge", "organization(by: {slug: PARTY}) { providedServices { edges { @ } } }"),
    ("ServiceOffering", "service(by: {slug: SLUG}) { offerings { @ } }"),
    ("Suggestion", of_ward_a!("suggestion { @ }")),
    ("Thread", of_ward_a!("@")),
    ("ThreadConnection", "threads { @ }"),
    ("ThreadEdge", "threads { edges { @ } }"),
    ("ThreadEvent", of_ward_a!("timeline { nodes { @ } }")),
    ("ThreadEventConnection", of_ward_a!("timeline { @ }")),
    ("ThreadEventEdge", of_ward_a!("timeline { edges { @ } }")),
    ("Value", "service(by: {slug: SLUG}) { value { @ } }"),
    ("Viewer", "viewer { @ }"),
];

/// The arguments of fields that cannot do without.
pub const ARGUMENTS: &[(&str, &str)] = &[
    ("Query.configurationItem", "(by: {ref: {system: \"tool\", key: \"canary-item-app\"}})"),
    ("Query.impact", "(of: [{ref: {system: \"tool\", key: \"canary-item-app\"}}])"),
    ("Query.lookup", "(ref: {system: \"tool\", key: \"canary-ref-dsi-care\"})"),
    ("Query.node", "(id: ID)"),
    ("Query.nodes", "(ids: [ID])"),
    ("Query.service", "(by: {slug: SLUG})"),
    ("Query.organization", "(by: {slug: PARTY})"),
    ("Query.search", "(text: SLUG)"),
    ("Query.thread", "(by: {ref: {system: \"tool\", key: \"canary-ref-ward-a-thread\"}})"),
];

/// The owner of the object that a mutation changes.
pub const TARGETS: [&str; 4] = ["the provider's", "the consumer's", "unseen", "nonexistent"];

/// A mutation: its name and scope, the input for one thing, what that is for each target, and by who asks, with the scope
/// and `read`, the code that each target answers: `ok` where it is done.
pub type Written = (&'static str, Scope, &'static str, [&'static str; 4], &'static [(&'static str, [&'static str; 4])]);

/// The mutations. Here `ward-a` provides a service too, and so sees the names of all organizations.
pub const MUTATIONS: &[Written] = &[
    (
        "definitionApply",
        Scope::DefinitionsWrite,
        r#"definition: {slug: "TARGET", name: "changed"}"#,
        ["canary-slug-care", "canary-slug-own", "canary-slug-other", "nothing-here"],
        &[
            ("dsi", ["ok", "TAKEN", "TAKEN", "ok"]),
            ("ward-a", ["FORBIDDEN", "ok", "TAKEN", "ok"]),
            ("stranger", ["TAKEN", "TAKEN", "TAKEN", "ok"]),
        ],
    ),
    (
        "definitionPropose",
        Scope::DefinitionsWrite,
        r#"definition: {slug: "TARGET", name: "changed"}"#,
        ["canary-slug-care", "canary-slug-own", "canary-slug-other", "nothing-here"],
        &[
            ("dsi", ["ok", "NOT_FOUND", "NOT_FOUND", "NOT_FOUND"]),
            ("ward-a", ["FORBIDDEN", "ok", "NOT_FOUND", "NOT_FOUND"]),
            ("stranger", ["NOT_FOUND"; 4]),
        ],
    ),
    // Each organization calls its own items as it will.
    (
        "configurationItemsApply",
        Scope::CmdbWrite,
        r#"items: [{ref: {system: "tool", key: "TARGET"}, name: "changed", class: "x"}]"#,
        ["canary-item-database", "canary-item-of-ward-a", "canary-item-of-lab", "nothing-here"],
        &[("dsi", ["ok"; 4]), ("ward-a", ["ok"; 4]), ("stranger", ["ok"; 4])],
    ),
    (
        "organizationsApply",
        Scope::OrganizationsWrite,
        r#"organizations: [{slug: "TARGET", name: "changed"}]"#,
        ["canary-slug-dsi", "canary-slug-ward-a", "canary-slug-elsewhere", "nothing-here"],
        &[
            ("dsi", ["ok", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"]),
            ("ward-a", ["FORBIDDEN", "ok", "FORBIDDEN", "FORBIDDEN"]),
            ("stranger", ["TAKEN", "TAKEN", "TAKEN", "FORBIDDEN"]),
        ],
    ),
];

/// Mutations that other files test: they use ids that are not known beforehand.
pub const ELSEWHERE: &[(&str, &str)] = &[
    ("agreementDecide", "agreement/rights.rs"),
    ("definitionPublish", "agreement/rights.rs"),
    ("definitionWithdraw", "agreement/rights.rs"),
    ("measurementsRecord", "measurements.rs"),
    ("referenceLink", "linking.rs"),
    ("referenceUnlink", "linking.rs"),
    ("threadOpen", "authz/threads.rs"),
    ("threadAcknowledge", "authz/threads.rs"),
    ("threadStart", "authz/threads.rs"),
    ("threadRaise", "authz/threads.rs"),
    ("threadResolve", "authz/threads.rs"),
    ("threadReopen", "authz/threads.rs"),
    ("threadClose", "authz/threads.rs"),
    ("threadUpdate", "authz/threads.rs"),
    ("messagePost", "authz/threads.rs"),
    ("messageEdit", "authz/threads.rs"),
    ("messageRedact", "authz/threads.rs"),
];

/// The types that only mutations answer with, whole to who made the change.
pub const PAYLOADS: &[&str] = &[
    "DefinitionApplyPayload",
    "DefinitionPayload",
    "AgreementPayload",
    "OrganizationsApplyPayload",
    "UserError",
    "Mutation",
    "ConfigurationItemsApplyPayload",
    "MeasurementsRecordPayload",
    "ReferencePayload",
    "ThreadPayload",
    "MessagePayload",
];
