//! The library parses every text that the guard accepts, and the guard reads it in the same way. The tests of the preparation also
//! validate and execute all texts, on a worker's stack and in a short time: the preparation refuses texts at which the library panics.
//! Here the library's validation is tested with the most expensive documents.

pub mod generate;

use std::sync::LazyLock;

use async_graphql::{
    EmptyMutation, EmptySubscription, Object, Schema,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use proptest::prelude::*;
use rstest::rstest;

use super::{
    super::{Exceeded, Limit, Limits},
    PATIENCE,
    attacks::doubling,
    check, on_small_stack, parse,
    reading::read_alike,
};

/// Nested fields, and arguments.
pub struct Query;

/// The type of the fields.
pub struct Node;

#[Object]
impl Query {
    async fn n(&self) -> Node {
        Node
    }
}

#[Object]
impl Node {
    async fn n(&self) -> Node {
        Node
    }

    async fn name(&self) -> &str {
        "name"
    }

    async fn a(&self, x: Option<i32>, ids: Option<Vec<i32>>) -> usize {
        usize::from(x.is_some()) + ids.map_or(0, |ids| ids.len())
    }
}

type Small = Schema<Query, EmptyMutation, EmptySubscription>;

/// Validates documents, but executes none: every document is too complex.
static VALIDATION: LazyLock<Small> =
    LazyLock::new(|| Schema::build(Query, EmptyMutation, EmptySubscription).limit_complexity(0).finish());

fn validate(text: &str) {
    let ((), took) = on_small_stack(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(VALIDATION.execute(text));
    });
    println!("{took:?} for {} bytes", text.len());
    assert!(took < PATIENCE, "validated in {took:?}: {text}");
}

/// The most expensive known documents within all limits.
#[rstest]
#[case::expanded(doubling(11, "_"))]
#[case::long_lists_expanded({
    let list = format!("{{a(ids:[{}])}}", "1 ".repeat(1_700));
    doubling(11, "_").replacen("{name}", &list, 1)
})]
#[case::fields_repeated({
    let (arguments, fields) = ("x:1 ".repeat(22), " a".repeat(1_080));
    format!("{{n{{a({arguments}){fields}}}}}")
})]
#[case::fields_repeated_inline({
    let (arguments, fields) = ("x:1 ".repeat(14), " a".repeat(58));
    nested(27, &format!("a({arguments}){fields}"))
})]
#[case::many_arguments_repeated({
    let (some, others) = ("x:1 ".repeat(300), "y:1 ".repeat(300));
    nested(28, &format!("a({some})a({others})"))
})]
#[case::long_aliases({
    let alias = format!("{}:b{} ", "b".repeat(256), "c".repeat(250));
    nested(27, &alias.repeat(30))
})]
#[case::unknown_fields({
    let fields: String = (0..1_900).map(|n| format!("b{n:027} ")).collect();
    format!("{{n{{{fields}}}}}")
})]
#[case::unknown_variables({
    let name = "q".repeat(250);
    let operations: String = (0..10).map(|n| format!("query {name}{n}{{...F}}")).collect();
    let fields: String = (0..260).map(|n| format!("a(x:$v{n})")).collect();
    format!("{operations}fragment F on Query{{n{{{fields}}}}}")
})]
#[case::deep_chain({
    let (down, up) = ("n{".repeat(8), "}".repeat(8));
    let fragment = |n| format!("fragment F{n} on Node{{{down}...F{}{up}}}", n + 1);
    (0..50).map(fragment).collect::<String>() + "{n{...F0}}"
})]
#[case::long_comment(format!("{{n{{name#{}\n}}}}", "[".repeat(65_000)))]
#[case::long_block_string({
    let lines = "[\n ".repeat(21_000);
    format!("{{n{{a(x:\"\"\"{lines}\"\"\")}}}}")
})]
fn the_dearest_documents(#[case] text: String) {
    check(&text, &Limits::default()).unwrap_or_else(|exceeded| panic!("{exceeded}: {text}"));
    parse(&text).unwrap();
    validate(&text);
}

/// Selections in nested inline fragments. Each fragment merges them into its set again.
fn nested(depth: usize, selections: &str) -> String {
    let (open, close) = ("{...".repeat(depth), "}".repeat(depth));
    format!("{{n{open}{{{selections}}}{close}}}")
}

/// `PROPTEST_CASES` sets the number of cases.
pub fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn soup(text in generate::soup()) {
        holds(&text);
    }

    #[test]
    fn characters(text in generate::characters()) {
        holds(&text);
    }

    #[test]
    fn mutated(text in generate::mutated()) {
        holds(&text);
    }

    #[test]
    fn documents(text in generate::document()) {
        parse(&text).unwrap();
        holds(&text);
    }
}

/// The properties of every text.
fn holds(text: &str) {
    if check(text, &Limits::default()).is_err() {
        return;
    }
    read_alike(text);
    if let Ok(document) = parse(text) {
        counts_alike(text, &document);
    }
}

/// Asserts that the guard counts exactly what the parsed document contains.
fn counts_alike(text: &str, document: &ExecutableDocument) {
    let counts = Counts::of(document);
    let counted = |limit: Limit, count: usize, set: fn(&mut Limits, usize)| {
        let with = |allowed| -> Result<(), Exceeded> {
            let mut limits = Limits::NONE;
            set(&mut limits, allowed);
            check(text, &limits)
        };
        assert_eq!(with(count), Ok(()), "{text}");
        if count > 0 {
            assert_eq!(with(count - 1).map_err(|e| e.limit), Err(limit), "{text}");
        }
    };
    counted(Limit::Aliases, counts.aliases, |l, n| l.aliases = n);
    counted(Limit::Directives, counts.directives, |l, n| l.directives = n);
    counted(Limit::Spreads, counts.spreads, |l, n| l.spreads = n);
    counted(Limit::Operations, document.operations.iter().count(), |l, n| l.operations = n);
    counted(Limit::Fragments, document.fragments.len(), |l, n| l.fragments = n);
    let fragments = document.fragments.values();
    let expanded = fragments
        .map(|fragment| expand(document, &fragment.node.selection_set.node))
        .chain([document
            .operations
            .iter()
            .map(|(_, operation)| expand(document, &operation.node.selection_set.node))
            .sum()])
        .max();
    let expanded = expanded.unwrap_or_default();
    counted(Limit::ExpandedSelections, expanded, |l, n| l.expanded_selections = n);
}

#[derive(Default)]
struct Counts {
    aliases: usize,
    directives: usize,
    spreads: usize,
}

impl Counts {
    fn of(document: &ExecutableDocument) -> Self {
        let mut counts = Self::default();
        for (_, operation) in document.operations.iter() {
            let operation = &operation.node;
            counts.directives += operation.directives.len();
            for variable in &operation.variable_definitions {
                counts.directives += variable.node.directives.len();
            }
            counts.set(&operation.selection_set.node);
        }
        for fragment in document.fragments.values() {
            counts.directives += fragment.node.directives.len();
            counts.set(&fragment.node.selection_set.node);
        }
        counts
    }

    fn set(&mut self, set: &SelectionSet) {
        for selection in &set.items {
            self.directives += selection.node.directives().len();
            match &selection.node {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.node.alias.is_some());
                    self.set(&field.node.selection_set.node);
                }
                Selection::FragmentSpread(_) => self.spreads += 1,
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node),
            }
        }
    }
}

fn expand(document: &ExecutableDocument, set: &SelectionSet) -> usize {
    let selections = set.items.iter().map(|selection| match &selection.node {
        Selection::Field(field) => 1 + expand(document, &field.node.selection_set.node),
        Selection::InlineFragment(inline) => 1 + expand(document, &inline.node.selection_set.node),
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(&spread.node.fragment_name.node);
            1 + fragment.map_or(0, |fragment| expand(document, &fragment.node.selection_set.node))
        }
    });
    selections.sum()
}
