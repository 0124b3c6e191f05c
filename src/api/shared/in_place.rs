//! Lists whose entries are in memory: what stands in the terms, and the nodes of a page. Most of their fields wait for
//! nothing, or for what is read once for all the entries; where all that is selected is so, they are read one after another,
//! by the same resolvers, and written as they are read.
//!
//! The library makes a future of every field of every entry, polls them together and keeps a map for every entry. That is
//! right where a field waits for the database, and else most of the time that an answer takes.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    ContextSelectionSet, Name, OutputType, Positioned, ServerError, ServerResult, Value,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
    resolver_utils::ContainerType,
};
use async_graphql_value::Value as Given;

use super::{
    list::{List, same_as_vec},
    reader::Reader,
    size,
};
use crate::{
    api::json::{self, AsText},
    store::{Error, give_way},
};

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// A selection of more fields is left to the library: here each is compared with those before it.
const FIELDS: usize = 32;
/// After so many entries others have their turn.
const ENTRIES: usize = 64;
/// About what a field takes in the answer.
const FIELD_BYTES: usize = 48;

/// What has fields that are at hand.
pub trait AtHand: ContainerType {
    /// Whether a field, with all that is selected of it, waits for nothing, or only for what the first entry of a list that
    /// asks has read for all of them. In doubt it is false: then the library reads the list, and its entries wait together.
    ///
    /// Of entries that fail, one after another may be told of more faults than the library finds before it gives up.
    fn at_hand(_: Selected<'_>) -> bool {
        false
    }
}

/// A field as it is selected.
#[derive(Clone, Copy)]
pub struct Selected<'a> {
    /// The field's name.
    pub name: &'a str,
    arguments: &'a [(Positioned<Name>, Positioned<Given>)],
    set: &'a SelectionSet,
    fragments: &'a Fragments,
}

impl Selected<'_> {
    /// Whether all that is selected of the field is at hand, where it is made of these.
    pub fn of<T: AtHand>(self) -> bool {
        fields::<T>(self.set, self.fragments).is_some()
    }

    /// Whether nothing but these is selected of the field.
    pub fn only(self, names: &[&str]) -> bool {
        only(self.set, self.fragments, names)
    }

    /// Whether the field has this argument.
    pub fn has(self, argument: &str) -> bool {
        self.arguments.iter().any(|(name, _)| name.node == argument)
    }
}

fn only(set: &SelectionSet, fragments: &Fragments, names: &[&str]) -> bool {
    set.items.iter().all(|Positioned { node: selection, .. }| match selection {
        Selection::Field(field) => {
            let name = field.node.name.node.as_str();
            name == "__typename" || names.contains(&name)
        }
        Selection::InlineFragment(fragment) => only(&fragment.node.selection_set.node, fragments, names),
        Selection::FragmentSpread(spread) => fragments
            .get(&spread.node.fragment_name.node)
            .is_some_and(|fragment| only(&fragment.node.selection_set.node, fragments, names)),
    })
}

/// A list of elements; in the schema the same as `Vec<T>`.
pub struct Elements<T>(pub Vec<T>);

impl<T> FromIterator<T> for Elements<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self(elements.into_iter().collect())
    }
}

impl<T: AtHand> OutputType for Elements<T> {
    same_as_vec!(T);

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        List::<T>::spend(ctx, field, self.0.len())?;
        all(&self.0, ctx, field).await
    }
}

/// The nodes of a page; in the schema the same as `Vec<T>`.
pub struct Nodes<'a, T>(pub &'a [T]);

impl<T: AtHand> OutputType for Nodes<'_, T> {
    same_as_vec!(T);

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        all(self.0, ctx, field).await
    }
}

/// The value of a list: written in place where it can be.
async fn all<T: AtHand>(
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

/// The fields that are selected, those of fragments among them; `None` where one may wait, or is nothing that
/// [`in_place`] knows how to read.
fn fields<'a, T: AtHand>(set: &'a SelectionSet, fragments: &'a Fragments) -> Option<Vec<&'a Positioned<Field>>> {
    let mut found = Vec::with_capacity(set.items.len().min(FIELDS));
    collect::<T>(set, fragments, &mut found)?;
    Some(found)
}

fn collect<'a, T: AtHand>(
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
                let Field { name, arguments, selection_set, .. } = &field.node;
                let selected = Selected { name: name.node.as_str(), arguments, set: &selection_set.node, fragments };
                // The values of a field that is selected twice would have to be merged.
                let again = found.iter().any(|other| other.node.response_key().node == field.node.response_key().node);
                if again || found.len() == FIELDS || !(selected.name == "__typename" || T::at_hand(selected)) {
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

/// The text of what the library would answer, for fields that are at hand.
async fn in_place<T: AtHand>(
    elements: &[T],
    ctx: &ContextSelectionSet<'_>,
    fields: &[&Positioned<Field>],
) -> ServerResult<Value> {
    let mut text = Vec::with_capacity(elements.len() * fields.len() * FIELD_BYTES);
    text.push(b'[');
    let reader = ctx.data_unchecked::<Reader>();
    for (index, element) in elements.iter().enumerate() {
        let ctx = ctx.with_index(index);
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
            let value = match field.node.name.node.as_str() {
                "__typename" => Value::String(element.introspection_type_name().into_owned()),
                _ => {
                    let read = element.resolve_field(&ctx.with_field(field)).await;
                    read.map_err(|error| ctx.set_error_path(error))?.unwrap_or_default()
                }
            };
            let takes = size::of_name(&field.node.response_key().node) + size::of(&value);
            reader.takes(takes).map_err(|error| ctx.with_field(field).set_error_path(over(error, field)))?;
            json::write(&value, &mut text).map_err(|error| ServerError::new(error.to_string(), Some(field.pos)))?;
        }
        text.push(b'}');
    }
    text.push(b']');
    let text = String::from_utf8(text).map_err(|error| ServerError::new(error.to_string(), None))?;
    Ok(json::text(text))
}

/// What is said where an answer grows too large.
fn over(error: Error, field: &Positioned<Field>) -> ServerError {
    let mut said = ServerError::new(error.to_string(), Some(field.pos));
    said.source = Some(Arc::new(error));
    said
}
