//! Lists of objects, written as they are resolved. Most fields of most entries wait for nothing, or for what is read once for all the
//! entries. Each field is polled once: what is ready is written, what is not is waited for together, and written into its gap.
//!
//! The library makes a future of every field of every entry, polls them together and keeps a map for every entry. That is most of the time
//! that an answer takes, and of its memory.

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

/// A selection of more fields is left to the library: here each is compared with those before it.
const FIELDS: usize = 32;
/// After so many entries others have their turn.
const ENTRIES: usize = 64;
/// So many bytes of the answer are reserved at most before anything is written.
const RESERVED: usize = 1 << 20;
/// About what a field takes in the answer.
const FIELD_BYTES: usize = 48;

/// The value of a list: written in place where it can be.
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

/// The fields that are selected, those of fragments among them; `None` where one is nothing that [`in_place`] knows how to read.
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
        // `@skip` and `@include` have been carried out; another directive would have to be.
        if !selection.directives().is_empty() {
            return None;
        }
        let (on, set) = match selection {
            Selection::Field(field) => {
                // The values of a field that is selected twice would have to be merged.
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
        // Of an interface or of another type: for the library to find out.
        if on.is_some_and(|on| on.node.on.node.as_str() != T::type_name()) {
            return None;
        }
        collect::<T>(&set.node, fragments, found)?;
    }
    Some(())
}

/// A value that was not ready when it was asked for, and the gap in the text that it belongs in.
struct Late<F> {
    gap: usize,
    value: Pin<Box<F>>,
}

/// The text of what the library would answer.
async fn in_place<T: ContainerType>(
    entries: &[T],
    ctx: &ContextSelectionSet<'_>,
    fields: &[&Positioned<Field>],
) -> ServerResult<Value> {
    let mut text = Vec::with_capacity((entries.len() * fields.len() * FIELD_BYTES).min(RESERVED));
    let (mut late, mut first_late) = (Vec::new(), Vec::new());
    // Fields that were not ready of some entry.
    let mut are_late = vec![false; fields.len()];
    // The place of the future that is polled, used again while futures are ready.
    let mut place = None;
    text.push(b'[');
    for (index, entry) in entries.iter().enumerate() {
        if index % ENTRIES == ENTRIES - 1 {
            give_way().await;
        }
        text.extend_from_slice(if index > 0 { b",{" } else { b"{" });
        for (at, field) in fields.iter().enumerate() {
            let key = field.node.response_key().node.as_str();
            // A name has no character that would have to be escaped.
            text.extend_from_slice(if at > 0 { b",\"" } else { b"\"" });
            text.extend_from_slice(key.as_bytes());
            text.extend_from_slice(b"\":");
            let is_counted = are_late[at];
            let mut value = pinned(value(entry, ctx, index, field, is_counted), place.take());
            match poll!(value.as_mut()) {
                Poll::Ready(ready) => {
                    json::write(&ready?, &mut text).map_err(|error| unwritten(&error, field))?;
                    place = Some(value);
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
    // They may wait at the gate: meanwhile the values that wait for a statement go on, and give back its connection.
    let counted =
        try_join_all(first_late.iter().map(|field| count(ctx, field))).map_err(|error| ctx.set_error_path(error));
    let text = if late.is_empty() { text } else { try_join(filled(&text, late, fields[0]), counted).await?.0 };
    let text = String::from_utf8(text).map_err(|error| ServerError::new(error.to_string(), None))?;
    Ok(json::text(text))
}

/// A future in the place of one that has ended, if there is one.
fn pinned<F>(future: F, place: Option<Pin<Box<F>>>) -> Pin<Box<F>> {
    match place {
        None => Box::pin(future),
        Some(mut place) => {
            place.as_mut().set(future);
            place
        }
    }
}

/// The value of a field of an entry. A field `is_counted` where others of its kind had to be waited for.
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
    let takes = size::of_name(&field.node.response_key().node) + size::of(&value);
    let taken = ctx.data_unchecked::<Reader>().takes(takes);
    taken.map_err(|error| ctx.with_field(field).set_error_path(over(error, field)))?;
    Ok(value)
}

/// Counts a field that is not written as soon as it is asked for, as it is counted wherever the library resolves it.
async fn count(ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<()> {
    let has_fields = !field.node.selection_set.node.items.is_empty();
    let (reader, gate) = (ctx.data_unchecked::<Reader>(), ctx.data_opt::<Gate>());
    let counted = ctx.data_unchecked::<Counted>().begin(reader, gate, has_fields).await;
    counted.map_err(|error| over(error, field))
}

/// The text with its gaps filled.
async fn filled<F: Future<Output = ServerResult<Value>>>(
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

/// What is said where an answer grows too large.
fn over(error: Error, field: &Positioned<Field>) -> ServerError {
    let mut said = ServerError::new(error.to_string(), Some(field.pos));
    said.source = Some(Arc::new(error));
    said
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

    /// Has a field that waits, and then says that it has.
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
    async fn what_a_value_waits_for_goes_on_while_its_list_waits_at_the_gate() {
        let came = Arc::new(AtomicBool::new(false));
        let schema = Schema::new(Query(Arc::clone(&came)), EmptyMutation, EmptySubscription);
        let (gate, asked) = Gate::new();
        let (reader, counted) = (Reader::new(None, &Lang::parse("en").unwrap()), Counted::default());
        // As many as make an answer large.
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
