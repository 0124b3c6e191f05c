//! Lists of objects, written as JSON while they are resolved. Most fields of most entries wait for nothing, or for data that is
//! read once for all entries. Each field is polled once: a value that is ready is written, the others are awaited together and
//! then inserted at their positions.
//!
//! The library makes a future for each field of each entry, polls all of them together and keeps a map for each entry. Without this
//! module, that is most of the time and of the memory of an answer.

use std::{collections::HashMap, pin::Pin, sync::Arc, task::Poll};

use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerError, ServerResult, Value,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
    resolver_utils::ContainerType,
};
use futures_util::{
    TryFutureExt,
    future::{try_join, try_join_all},
    poll,
};

use super::{
    reader::Reader,
    size::{self, Counted},
};
use crate::{
    api::json::{self, AsText},
    store::{Error, give_way},
    turns::apart::Gate,
};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// The library resolves a selection of more fields, because here each field is compared with all fields before it.
const FIELDS: usize = 32;
/// The number of entries after which other tasks may run.
const ENTRIES: usize = 64;
/// The most bytes that are reserved for the text in advance.
const RESERVED: usize = 1 << 20;
/// The approximate number of bytes of a field in the answer.
const FIELD_BYTES: usize = 48;

/// The value of a list: text if the request and the selection allow it, otherwise a value of the library.
pub(super) async fn all<T: ContainerType>(
    entries: &[T],
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> ServerResult<Value> {
    let text = ctx.data_opt::<AsText>();
    match text.and_then(|_| fields::<T>(&ctx.item.node, &ctx.query_env.fragments)) {
        Some(fields) => in_place(entries, ctx, &fields).await,
        None => OutputType::resolve(&entries, ctx, field).await,
    }
}

/// The selected fields, including those of fragments. `None` if the library must resolve the selection.
fn fields<'a, T: ContainerType>(set: &'a SelectionSet, fragments: &'a Fragments) -> Option<Vec<&'a Positioned<Field>>> {
    let mut found = Vec::with_capacity(set.items.len().min(FIELDS));
    collect::<T>(set, fragments, &mut found)?;
    Some(found)
}

fn collect<'a, T: ContainerType>(
    set: &'a SelectionSet,
    fragments: &'a Fragments,
    found: &mut Vec<&'a Positioned<Field>>,
) -> Option<()> {
    for Positioned { node: selection, .. } in &set.items {
        // The library has already applied `@skip` and `@include`. It must apply any other directive.
        if !selection.directives().is_empty() {
            return None;
        }
        let (on, set) = match selection {
            Selection::Field(field) => {
                // The library must merge the values of a field that is selected twice.
                let again = found.iter().any(|other| other.node.response_key().node == field.node.response_key().node);
                if again || found.len() == FIELDS {
                    return None;
                }
                found.push(field);
                continue;
            }
            Selection::FragmentSpread(spread) => {
                let fragment = &fragments.get(&spread.node.fragment_name.node)?.node;
                (Some(&fragment.type_condition), &fragment.selection_set)
            }
            Selection::InlineFragment(fragment) => {
                (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
            }
        };
        // A condition on an interface or another type, which the library must check.
        if on.is_some_and(|on| on.node.on.node.as_str() != T::type_name()) {
            return None;
        }
        collect::<T>(&set.node, fragments, found)?;
    }
    Some(())
}

/// A value that was not ready when it was polled, and its position in the text.
struct Late<F> {
    gap: usize,
    value: Pin<Box<F>>,
}

/// The same list as the library would make, as text.
async fn in_place<T: ContainerType>(
    entries: &[T],
    ctx: &ContextSelectionSet<'_>,
    fields: &[&Positioned<Field>],
) -> ServerResult<Value> {
    let mut text = Vec::with_capacity((entries.len() * fields.len() * FIELD_BYTES).min(RESERVED));
    let (mut late, mut first_late) = (Vec::new(), Vec::new());
    // The fields whose value was not ready for one of the entries.
    let mut are_late = vec![false; fields.len()];
    // The memory of the last future, used again for the next one if it was ready.
    let mut memory = None;
    text.push(b'[');
    for (index, entry) in entries.iter().enumerate() {
        if index % ENTRIES == ENTRIES - 1 {
            give_way().await;
        }
        text.extend_from_slice(if index > 0 { b",{" } else { b"{" });
        for (at, field) in fields.iter().enumerate() {
            let key = field.node.response_key().node.as_str();
            // A name contains no characters that JSON escapes.
            text.extend_from_slice(if at > 0 { b",\"" } else { b"\"" });
            text.extend_from_slice(key.as_bytes());
            text.extend_from_slice(b"\":");
            let is_counted = are_late[at];
            let mut value = pinned(value(entry, ctx, index, field, is_counted), memory.take());
            match poll!(value.as_mut()) {
                Poll::Ready(ready) => {
                    json::write(&ready?, &mut text).map_err(|error| unwritten(&error, field))?;
                    memory = Some(value);
                }
                Poll::Pending => {
                    if !is_counted {
                        are_late[at] = true;
                        first_late.push(*field);
                    }
                    late.push(Late { gap: text.len(), value });
                }
            }
        }
        text.push(b'}');
    }
    text.push(b']');
    // This may wait at the gate. Meanwhile the values that wait for a statement continue, and release its connection.
    let counted =
        try_join_all(first_late.iter().map(|field| count(ctx, field))).map_err(|error| ctx.set_error_path(error));
    let text =
        if late.is_empty() { text } else { try_join(with_late_values(&text, late, fields[0]), counted).await?.0 };
    let text = String::from_utf8(text).map_err(|error| ServerError::new(error.to_string(), None))?;
    Ok(json::text(text))
}

/// Pins a future, in the memory of one that has ended if there is one.
fn pinned<F>(future: F, memory: Option<Pin<Box<F>>>) -> Pin<Box<F>> {
    match memory {
        None => Box::pin(future),
        Some(mut memory) => {
            memory.as_mut().set(future);
            memory
        }
    }
}

/// The value of a field of an entry. `is_counted`: another entry had to wait for this field, so that the field is counted.
async fn value<T: ContainerType>(
    entry: &T,
    ctx: &ContextSelectionSet<'_>,
    index: usize,
    field: &Positioned<Field>,
    is_counted: bool,
) -> ServerResult<Value> {
    let ctx = ctx.with_index(index);
    if is_counted {
        count(&ctx, field).await.map_err(|error| ctx.set_error_path(error))?;
    }
    let value = match field.node.name.node.as_str() {
        "__typename" => Value::String(entry.introspection_type_name().into_owned()),
        _ => {
            let read = entry.resolve_field(&ctx.with_field(field)).await;
            read.map_err(|error| ctx.set_error_path(error))?.unwrap_or_default()
        }
    };
    let bytes = size::of_name(&field.node.response_key().node) + size::of(&value);
    let spent = ctx.data_unchecked::<Reader>().spend(bytes);
    spent.map_err(|error| ctx.with_field(field).set_error_path(too_large(error, field)))?;
    Ok(value)
}

/// Counts a field that was not ready when it was polled, as the library's fields are counted.
async fn count(ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<()> {
    let has_fields = !field.node.selection_set.node.items.is_empty();
    let (reader, gate) = (ctx.data_unchecked::<Reader>(), ctx.data_opt::<Gate>());
    let counted = ctx.data_unchecked::<Counted>().begin(reader, gate, has_fields).await;
    counted.map_err(|error| too_large(error, field))
}

/// The text with the late values inserted.
async fn with_late_values<F: Future<Output = ServerResult<Value>>>(
    text: &[u8],
    late: Vec<Late<F>>,
    field: &Positioned<Field>,
) -> ServerResult<Vec<u8>> {
    let (gaps, values): (Vec<_>, Vec<_>) = late.into_iter().map(|late| (late.gap, late.value)).unzip();
    let values = try_join_all(values).await?;
    let mut whole = Vec::with_capacity(text.len() + values.len() * FIELD_BYTES);
    let mut written = 0;
    for (gap, value) in gaps.into_iter().zip(values) {
        whole.extend_from_slice(&text[written..gap]);
        json::write(&value, &mut whole).map_err(|error| unwritten(&error, field))?;
        written = gap;
    }
    whole.extend_from_slice(&text[written..]);
    Ok(whole)
}

fn unwritten(error: &serde_json::Error, field: &Positioned<Field>) -> ServerError {
    ServerError::new(error.to_string(), Some(field.pos))
}

/// The error at a field if the answer becomes too large.
fn too_large(error: Error, field: &Positioned<Field>) -> ServerError {
    let mut at_field = ServerError::new(error.to_string(), Some(field.pos));
    at_field.source = Some(Arc::new(error));
    at_field
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        time::Duration,
    };

    use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema};
    use entente_entity::text::Lang;

    use super::*;
    use crate::api::shared::list::{Budget, List};

    /// Has a field that waits, and then records that it has.
    struct Waits(Arc<AtomicBool>);

    #[Object]
    impl Waits {
        async fn late(&self) -> bool {
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.0.store(true, Ordering::SeqCst);
            true
        }
    }

    struct Query(Arc<AtomicBool>);

    #[Object]
    impl Query {
        async fn list(&self) -> List<Waits> {
            [Waits(Arc::clone(&self.0))].into_iter().collect()
        }
    }

    #[tokio::test]
    async fn values_continue_while_their_list_waits_at_the_gate() {
        let came = Arc::new(AtomicBool::new(false));
        let schema = Schema::new(Query(Arc::clone(&came)), EmptyMutation, EmptySubscription);
        let (gate, asked) = Gate::new();
        let (reader, counted) = (Reader::new(None, &Lang::parse("en").unwrap()), Counted::default());
        // So many fields make an answer large.
        for _ in 0..10_000 {
            counted.begin(&reader, None, false).await.unwrap();
        }
        let request = Request::new("{ list { late } }").data(AsText).data(reader).data(counted);
        let mut answer = Box::pin(schema.execute(request.data(gate).data(Budget::default())));
        let through = tokio::select! {
            biased;
            _ = &mut answer => panic!("it did not wait at the gate"),
            through = asked => through.unwrap(),
        };
        assert!(tokio::time::timeout(Duration::from_millis(50), &mut answer).await.is_err());
        assert!(came.load(Ordering::SeqCst));
        drop(through);
        let answer = answer.await;
        assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    }
}
