//! Up to when nothing can still appear, for those who follow by `updatedSince`.

use async_graphql::{
    Context, Object,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};
use entente_entity::scalar::DateTime;

use crate::store::{Error, Session};

const FIELD: &str = "settledAt";

/// The question how far what is read is complete.
#[derive(Default)]
pub struct SettledQuery;

#[Object]
impl SettledQuery {
    /// No change with an earlier `updatedAt` can still appear: what a client that follows by `updatedSince` passes next time.
    /// Taken before anything else of the request is read, whatever the order of its fields. Ask for it with the first page,
    /// and keep it until the last one was read. The greatest `updatedAt` that was seen is no such instant: what was begun
    /// earlier may be written later.
    async fn settled_at(&self, ctx: &Context<'_>) -> Result<DateTime, Error> {
        ctx.data_unchecked::<Session>().settled_at().await
    }
}

/// Whether some operation of the document asks for it.
pub fn is_asked_for(document: &ExecutableDocument) -> bool {
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
