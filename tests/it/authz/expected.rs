//! Who sees what: every field of every type, and every mutation. A new field is one word in `FIELDS`, a new type a line
//! in `REACH` too, a new mutation a line in `MUTATIONS`.

use entente::policy::Scope;

/// What the provider of a service and one of its consumers see in a field. Others see nothing of either, as if there
/// were no such service; without a token there is no answer at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Both the same.
    Shared,
    /// Each what it may: the provider more than the consumer, or something else.
    Each,
    /// Nothing yet: no mutation writes it.
    Unset,
    /// Everyone with a token something of their own.
    Anyone,
}

use Sight::{Anyone, Each, Shared, Unset};

/// The fields of each type, by who sees what in them.
pub const FIELDS: &[(&str, Sight, &str)] = &[
    ("Actor", Shared, "kind subject displayName organization"),
    ("Actor", Unset, "onBehalfOf"),
    ("Benefit", Shared, "id key service statement stakeholder indicators"),
    ("Contact", Shared, "role name email"),
    ("Cost", Shared, "id key service statement effect amount period"),
    (
        "Definition",
        Shared,
        "id service revision state createdAt author publishedAt name summary provider journey outcomes costs",
    ),
    ("Definition", Shared, "risks benefits expectations offerings escalationPolicy changes document"),
    ("Definition", Unset, "comment"),
    ("DefinitionChange", Shared, "action path before after"),
    ("DefinitionConnection", Shared, "edges nodes pageInfo totalCount"),
    ("DefinitionEdge", Shared, "cursor node"),
    ("EscalationLevel", Shared, "level kind name contact after"),
    ("EscalationPolicy", Shared, "targets levels"),
    ("Expectation", Shared, "id key service of statement"),
    ("ExternalReference", Each, "id organization system type key url entity createdAt"),
    ("Indicator", Shared, "id key service name unit direction baseline target"),
    ("JourneyStage", Shared, "id key service name position outcomes"),
    ("Money", Shared, "amount currency"),
    ("Organization", Shared, "id slug name"),
    ("Organization", Each, "parent providedServices consumedServices externalReferences document"),
    ("OrganizationConnection", Each, "edges nodes pageInfo totalCount"),
    ("OrganizationEdge", Each, "cursor node"),
    ("Outcome", Shared, "id key service statement supported stage position indicators"),
    ("Outcome", Each, "externalReferences"),
    ("PageInfo", Shared, "hasNextPage hasPreviousPage startCursor endCursor"),
    ("Query", Shared, "node nodes service organization"),
    ("Query", Each, "services organizations"),
    ("Query", Anyone, "viewer"),
    ("ResponseTarget", Shared, "severity acknowledgeWithin resolveWithin"),
    ("Risk", Shared, "id key service statement effect likelihood impact mitigation"),
    (
        "Service",
        Shared,
        "id slug name summary lifecycle provider contacts journey outcomes costs risks value expectations",
    ),
    ("Service", Shared, "escalationPolicy offerings revision definition revisions createdAt updatedAt"),
    ("Service", Each, "consumers externalReferences document"),
    ("ServiceConnection", Each, "edges nodes pageInfo totalCount"),
    ("ServiceConsumer", Each, "id service organization offering contacts since"),
    ("ServiceEdge", Each, "cursor node"),
    ("ServiceOffering", Shared, "id key service name description indicators escalationPolicy"),
    ("ServiceOffering", Each, "consumers externalReferences"),
    ("Value", Shared, "benefits"),
    ("Viewer", Anyone, "actor organization scopes locale tokenExpiresAt"),
];

/// The way to each type: from a service where the type belongs to one. `@` is where its fields go; `SLUG` and `ID` are
/// the service's, `PARTY` its provider's slug. The sweep asks once for those that are there, once for others that are not.
pub const REACH: &[(&str, &str)] = &[
    ("Actor", "service(by: {slug: SLUG}) { definition { author { @ } } }"),
    ("Benefit", "service(by: {slug: SLUG}) { value { benefits { @ } } }"),
    ("Contact", "service(by: {slug: SLUG}) { contacts { @ } }"),
    ("Cost", "service(by: {slug: SLUG}) { costs { @ } }"),
    ("Definition", "service(by: {slug: SLUG}) { definition { @ } }"),
    ("DefinitionChange", "service(by: {slug: SLUG}) { definition { changes { @ } } }"),
    ("DefinitionConnection", "service(by: {slug: SLUG}) { revisions { @ } }"),
    ("DefinitionEdge", "service(by: {slug: SLUG}) { revisions { edges { @ } } }"),
    ("EscalationLevel", "service(by: {slug: SLUG}) { escalationPolicy { levels { @ } } }"),
    ("EscalationPolicy", "service(by: {slug: SLUG}) { escalationPolicy { @ } }"),
    ("Expectation", "service(by: {slug: SLUG}) { expectations { @ } }"),
    ("ExternalReference", "service(by: {slug: SLUG}) { externalReferences { @ } }"),
    ("Indicator", "service(by: {slug: SLUG}) { outcomes { indicators { @ } } }"),
    ("JourneyStage", "service(by: {slug: SLUG}) { journey { @ } }"),
    ("Money", "service(by: {slug: SLUG}) { costs { amount { @ } } }"),
    ("Organization", "service(by: {slug: SLUG}) { provider { @ } }"),
    ("OrganizationConnection", "organizations { @ }"),
    ("OrganizationEdge", "organizations { edges { @ } }"),
    ("Outcome", "service(by: {slug: SLUG}) { outcomes { @ } }"),
    ("PageInfo", "service(by: {slug: SLUG}) { revisions { pageInfo { @ } } }"),
    ("Query", "@"),
    ("ResponseTarget", "service(by: {slug: SLUG}) { escalationPolicy { targets { @ } } }"),
    ("Risk", "service(by: {slug: SLUG}) { risks { @ } }"),
    ("Service", "service(by: {slug: SLUG}) { @ }"),
    ("ServiceConnection", "organization(by: {slug: PARTY}) { providedServices { @ } }"),
    ("ServiceConsumer", "service(by: {slug: SLUG}) { consumers { @ } }"),
    ("ServiceEdge", "organization(by: {slug: PARTY}) { providedServices { edges { @ } } }"),
    ("ServiceOffering", "service(by: {slug: SLUG}) { offerings { @ } }"),
    ("Value", "service(by: {slug: SLUG}) { value { @ } }"),
    ("Viewer", "viewer { @ }"),
];

/// The arguments of fields that cannot do without.
pub const ARGUMENTS: &[(&str, &str)] = &[
    ("Query.node", "(id: ID)"),
    ("Query.nodes", "(ids: [ID])"),
    ("Query.service", "(by: {slug: SLUG})"),
    ("Query.organization", "(by: {slug: PARTY})"),
];

/// Whose thing a mutation is to change.
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

/// The types that only mutations answer with, whole to who made the change.
pub const PAYLOADS: &[&str] = &["DefinitionApplyPayload", "OrganizationsApplyPayload", "UserError", "Mutation"];
