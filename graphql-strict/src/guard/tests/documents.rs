//! What clients send every day passes, with room to spare.

use super::{
    super::{Limits, check_document},
    passes,
};

/// What GraphiQL asks for first: `getIntrospectionQuery` of graphql-js 16 with every option on.
pub(super) const INTROSPECTION: &str = r"
    query IntrospectionQuery {
      __schema {
        description
        queryType { name kind }
        mutationType { name kind }
        subscriptionType { name kind }
        types {
          ...FullType
        }
        directives {
          name
          description
          isRepeatable
          locations
          args(includeDeprecated: true) {
            ...InputValue
          }
        }
      }
    }

    fragment FullType on __Type {
      kind
      name
      description
      specifiedByURL
      isOneOf
      fields(includeDeprecated: true) {
        name
        description
        args(includeDeprecated: true) {
          ...InputValue
        }
        type {
          ...TypeRef
        }
        isDeprecated
        deprecationReason
      }
      inputFields(includeDeprecated: true) {
        ...InputValue
      }
      interfaces {
        ...TypeRef
      }
      enumValues(includeDeprecated: true) {
        name
        description
        isDeprecated
        deprecationReason
      }
      possibleTypes {
        ...TypeRef
      }
    }

    fragment InputValue on __InputValue {
      name
      description
      type { ...TypeRef }
      defaultValue
      isDeprecated
      deprecationReason
    }

    fragment TypeRef on __Type {
      kind
      name
      ofType {
        kind
        name
        ofType {
          kind
          name
          ofType {
            kind
            name
            ofType {
              kind
              name
              ofType {
                kind
                name
                ofType {
                  kind
                  name
                  ofType {
                    kind
                    name
                    ofType {
                      kind
                      name
                      ofType {
                        kind
                        name
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
";

pub(super) const SERVICES: &str = r##"
    # The services of a dashboard, and one that was asked for by the key of another tool.
    query Services($first: Int! = 20, $after: String, $filter: ServiceFilter = {lifecycle: [LIVE, PROPOSED]}, $full: Boolean!) {
      services(first: $first, after: $after, filter: $filter, orderBy: {field: NAME, direction: ASC}) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          ...Head
          consumers { nodes { organization { name } role } }
          outcomes @include(if: $full) {
            key
            name(locale: "fr-FR")
            indicators { ...Indicator latest: measurements(last: 1) { nodes { value takenAt } } }
          }
          alignment { state since }
        }
      }
      ticketed: service(by: {ref: {system: "servicenow", key: "SVC \"1\" #4"}}) {
        ...Head
        ... on Service @skip(if: $full) { openThreads: threads(open: true) { totalCount } }
      }
    }

    fragment Head on Service { id name summary revision lifecycle }
    fragment Indicator on Indicator { key name unit target { value comparison } }
"##;

pub(super) const APPLY: &str = r#"
    mutation Apply {
      definitionApply(input: {
        provider: "it", name: {en: "Record", fr: "Dossier"}, mode: MERGE,
        journey: [{key: "admission", name: {en: "Admission"}}],
        outcomes: [{key: "admitted", stage: "admission", name: {en: """
          A patient is admitted
          without "retyping" {the record}.
        """}, indicators: [{key: "time", unit: "min", target: {value: 5.5, comparison: AT_MOST}}]}],
      }, dryRun: true) { revision changes { path before after } errors { code path message } }
    }
"#;

#[test]
fn everyday_documents() {
    for text in [INTROSPECTION, SERVICES, APPLY, "{__typename}", "subscription{changes(after:\"x\"){cursor}}"] {
        passes(text);
        passes(&text.replace('\n', "\r\n"));
        passes(&format!("\u{feff}{text}"));
    }
}

#[test]
fn everyday_documents_leave_room() {
    let half = Limits {
        document_bytes: Limits::DOCUMENT_BYTES / 2,
        tokens: Limits::TOKENS / 2,
        comments: Limits::COMMENTS / 2,
        name_bytes: Limits::NAME_BYTES / 2,
        nesting: Limits::NESTING / 2,
        aliases: Limits::ALIASES / 2,
        directives: Limits::DIRECTIVES / 2,
        operations: Limits::OPERATIONS / 2,
        fragments: Limits::FRAGMENTS / 2,
        spreads: Limits::SPREADS / 2,
        expanded_selections: Limits::EXPANDED_SELECTIONS / 2,
        comparisons: Limits::COMPARISONS / 2,
        variables_bytes: Limits::VARIABLES_BYTES / 2,
    };
    for text in [INTROSPECTION, SERVICES, APPLY] {
        assert_eq!(check_document(text, &half), Ok(()), "{text}");
    }
}
