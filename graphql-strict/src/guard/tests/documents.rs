//! Usual documents of clients stay far below the limits.

use super::{super::Limits, check, passes};

/// The first query of GraphiQL: `getIntrospectionQuery` of graphql-js 16 with all options.
pub(super) const INTROSPECTION: &str = include_str!("introspection.graphql");

pub(super) const BOOKS: &str = r##"
    # The books of a shelf, and one that was asked for by the key of another library.
    query Books($first: Int! = 20, $after: String, $filter: BookFilter = {state: [LENT, LOST]}, $full: Boolean!) {
      books(first: $first, after: $after, filter: $filter, orderBy: {field: NAME, direction: ASC}) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          ...Head
          readers { nodes { person { name } role } }
          chapters @include(if: $full) {
            key
            name(locale: "fr-FR")
            figures { ...Figure latest: prints(last: 1) { nodes { value madeAt } } }
          }
          loan { state since }
        }
      }
      asked: book(by: {ref: {system: "elsewhere", key: "BK \"1\" #4"}}) {
        ...Head
        ... on Book @skip(if: $full) { openNotes: notes(open: true) { totalCount } }
      }
    }

    fragment Head on Book { id name summary edition state }
    fragment Figure on Figure { key name unit target { value comparison } }
"##;

pub(super) const WRITE: &str = r#"
    mutation Write {
      bookWrite(input: {
        publisher: "us", name: {en: "Record", fr: "Dossier"}, mode: MERGE,
        parts: [{key: "first", name: {en: "First"}}],
        chapters: [{key: "begun", part: "first", name: {en: """
          A story is told
          without "retyping" {the record}.
        """}, figures: [{key: "time", unit: "min", target: {value: 5.5, comparison: AT_MOST}}]}],
      }, dryRun: true) { edition changes { path before after } errors { code path message } }
    }
"#;

#[test]
fn everyday_documents() {
    for text in [INTROSPECTION, BOOKS, WRITE, "{__typename}", "subscription{changes(after:\"x\"){cursor}}"] {
        passes(text);
        passes(&text.replace('\n', "\r\n"));
        passes(&format!("\u{feff}{text}"));
    }
}

#[test]
fn usual_documents_stay_far_below_the_limits() {
    let limits = Limits::default();
    let half = Limits {
        document_bytes: limits.document_bytes / 2,
        tokens: limits.tokens / 2,
        comments: limits.comments / 2,
        name_bytes: limits.name_bytes / 2,
        nesting: limits.nesting / 2,
        aliases: limits.aliases / 2,
        directives: limits.directives / 2,
        operations: limits.operations / 2,
        fragments: limits.fragments / 2,
        spreads: limits.spreads / 2,
        expanded_selections: limits.expanded_selections / 2,
        comparisons: limits.comparisons / 2,
        variables_bytes: limits.variables_bytes / 2,
    };
    for text in [INTROSPECTION, BOOKS, WRITE] {
        assert_eq!(check(text, &half), Ok(()), "{text}");
    }
}
