//! `settledAt`: the instant until which the data is complete, for clients that read with `updatedSince`.

use async_graphql::{
    Context, Object,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use entente_entity::scalar::DateTime;

use crate::store::{Error, Session};

const FIELD: &str = "settledAt";

/// The query `settledAt`.
#[derive(Default)]
pub struct SettledQuery;

#[Object]
impl SettledQuery {
    /// An instant for incremental reading: no change with an earlier `updatedAt` can appear after this request. Query
    /// it together with the first page of a list, read all pages, and pass it as `updatedSince` next time. Do not pass
    /// the greatest `updatedAt` that you received: a change that began earlier can be written later. The value is taken
    /// before any other field of the request is read.
    async fn settled_at(&self, ctx: &Context<'_>) -> Result<DateTime, Error> {
        ctx.data_unchecked::<Session>().settled_at().await
    }
}

/// Whether an operation of the document selects `settledAt`.
pub fn is_selected(document: &ExecutableDocument) -> bool {
    let mut operations = document.operations.iter();
    operations.any(|(_, operation)| selects(&operation.node.selection_set.node))
        || document.fragments.values().any(|fragment| selects(&fragment.node.selection_set.node))
}

fn selects(set: &SelectionSet) -> bool {
    set.items.iter().any(|selection| match &selection.node {
        Selection::Field(field) => field.node.name.node == FIELD,
        Selection::InlineFragment(fragment) => selects(&fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}
