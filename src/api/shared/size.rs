//! How large an answer may be. Whatever is written is counted while it is made, by whichever way it is made: lists that are
//! written in place count what they write, all else passes here.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{
    Name, PathSegment, Pos, QueryPathNode, QueryPathSegment, ServerError, ServerResult, Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo},
};
use async_graphql_value::RAW_VALUE_TOKEN;

use super::reader::Reader;
use crate::{
    store::{Error, give_way},
    turns::apart::Gate,
};

/// After so many fields others have their turn, and the time limit of the request acts.
const FIELDS: usize = 512;
/// An answer with more fields or more bytes than this is made apart, whatever its price is: that is some 20 ms of work.
const LARGE_FIELDS: usize = 3_000;
const LARGE_BYTES: usize = 512 << 10;
/// The number of fields from which an answer is large while the queue of its organization is full.
const CROWDED_FIELDS: usize = 500;
/// So many fields with subfields one answer may have, besides those that are written in place: in memory each takes some
/// 5 KiB until it is there.
pub const MOST_FIELDS: usize = 20_000;
/// What a field takes besides its name and its value. In memory it takes more.
const FIELD: usize = 16;

/// What a name takes, with what stands around it.
pub fn of_name(name: &Name) -> usize {
    FIELD + name.len()
}

/// What a value takes, without what was counted before: the entries of lists, and the values within objects.
pub fn of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Boolean(_) => 5,
        Value::Number(_) => 12,
        Value::String(text) => text.len() + 2,
        Value::Enum(name) => name.len() + 2,
        Value::Binary(bytes) => bytes.len(),
        Value::List(entries) => entries.len() + 2,
        Value::Object(fields) if fields.first().is_some_and(|(name, _)| name == RAW_VALUE_TOKEN) => 2,
        Value::Object(fields) => 2 + fields.keys().map(of_name).sum::<usize>(),
    }
}

/// Counts what the library makes.
pub struct Size;

impl ExtensionFactory for Size {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Counting::default())
    }
}

#[derive(Default)]
struct Counting {
    ended: AtomicUsize,
}

/// The fields of one answer that were not written as soon as they were asked for.
#[derive(Default)]
pub struct Counted {
    begun: AtomicUsize,
    /// Those that have fields of their own.
    with_fields: AtomicUsize,
}

impl Counted {
    /// Counts one more field; waits, where it is of much.
    pub async fn begin(&self, reader: &Reader, gate: Option<&Gate>, has_fields: bool) -> Result<(), Error> {
        let fields = self.begun.fetch_add(1, Ordering::Relaxed);
        if has_fields && self.with_fields.fetch_add(1, Ordering::Relaxed) >= MOST_FIELDS {
            return Err(reader.over(Error::TooManyFields(MOST_FIELDS)));
        }
        let is_large = fields >= LARGE_FIELDS || reader.taken() >= LARGE_BYTES;
        if (is_large || fields == CROWDED_FIELDS)
            && let Some(gate) = gate
            && (is_large || gate.is_crowded())
        {
            gate.pass().await;
        }
        Ok(())
    }
}

/// The error at a field.
fn at(pos: Pos, path: &QueryPathNode<'_>, error: Error) -> ServerError {
    let segment = |segment: &QueryPathSegment<'_>| match segment {
        QueryPathSegment::Index(index) => PathSegment::Index(*index),
        QueryPathSegment::Name(name) => PathSegment::Field((*name).to_owned()),
    };
    let mut path: Vec<PathSegment> =
        std::iter::once(&path.segment).chain(path.parents().map(|node| &node.segment)).map(segment).collect();
    path.reverse();
    ServerError {
        message: error.to_string(),
        source: Some(Arc::new(error)),
        locations: vec![pos],
        path,
        extensions: None,
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Counting {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let (pos, path) = (info.field.name.pos, info.path_node);
        let Some(reader) = ctx.data_opt::<Reader>() else { return next.run(ctx, info).await };
        if reader.is_over() {
            return Ok(Some(Value::Null));
        }
        let has_fields = !info.field.selection_set.node.items.is_empty();
        if let Some(counted) = ctx.data_opt::<Counted>() {
            let begun = counted.begin(reader, ctx.data_opt::<Gate>(), has_fields).await;
            begun.map_err(|error| at(pos, path, error))?;
        }
        let value = next.run(ctx, info).await?;
        // Not before: the entries of a list ask at once for what they need, so that it is read at once.
        if self.ended.fetch_add(1, Ordering::Relaxed) % FIELDS == FIELDS - 1 {
            give_way().await;
        }
        reader.takes(value.as_ref().map_or(0, of)).map_err(|error| at(pos, path, error))?;
        Ok(value)
    }
}
