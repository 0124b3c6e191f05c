//! Every text that the guard accepts is prepared, validated and executed on a worker's stack, in a short time and without a panic.

use std::sync::LazyLock;

use async_graphql::{EmptyMutation, EmptySubscription, Schema, Variables};
use proptest::prelude::*;

use crate::{
    Documents, Guarded, Limits, Rules,
    guard::tests::{
        PATIENCE,
        library::{Query, config, generate},
        on_small_stack,
    },
};

type Small = Schema<Query, EmptyMutation, EmptySubscription>;

static SCHEMA: LazyLock<(Small, Documents)> = LazyLock::new(|| {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let documents = Documents::new(&schema.sdl(), Rules::default());
    (schema, documents)
});

proptest! {
    #![proptest_config(config())]

    #[test]
    fn soup(text in generate::soup()) {
        answered(&text);
    }

    #[test]
    fn characters(text in generate::characters()) {
        answered(&text);
    }

    #[test]
    fn mutated(text in generate::mutated()) {
        answered(&text);
    }

    #[test]
    fn documents(text in generate::document()) {
        answered(&text);
    }
}

#[test]
fn good_texts_are_executed_and_others_are_not() {
    assert!(answered("{n{name ...F}} fragment F on Node{a(ids:[1])}"));
    assert!(!answered("{n{name"));
    assert!(!answered("query($v:[Nope]=[1]){n{name}}"), "the library would panic");
}

/// Whether the text was executed, and not refused.
fn answered(text: &str) -> bool {
    let Ok(guarded) = Guarded::new(text, &Limits::default()) else { return false };
    let (schema, documents) = &*SCHEMA;
    let (executed, took) = on_small_stack(|| {
        let chosen = documents.choose(&guarded, None);
        let Ok(prepared) = chosen.and_then(|chosen| chosen.prepare(Variables::default())) else { return false };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(schema.execute(prepared.into_request()));
        true
    });
    assert!(took < PATIENCE, "answered in {took:?}: {text}");
    executed
}
