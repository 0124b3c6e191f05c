//! The size of an answer, counted while it is made. Lists that are written in place count their own fields; all other fields are
//! counted here.

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

/// The number of fields after which other tasks may run, and the time limit of the request can stop this one.
const FIELDS: usize = 512;
/// The number of fields and of bytes from which an answer is large, whatever the price of its query: about 20 ms of work.
const LARGE_FIELDS: usize = 3_000;
const LARGE_BYTES: usize = 512 << 10;
/// The number of fields from which an answer is large while the queue of its organization is full.
const CROWDED_FIELDS: usize = 500;
/// The most fields with subfields of one answer, besides those that are written in place. Each needs about 5 KiB of memory until
/// it is resolved.
pub const MOST_FIELDS: usize = 20_000;
/// The bytes of a field besides its name and its value. In memory it needs more.
const FIELD: usize = 16;

/// The bytes of a field's name, with its quotes and separators.
pub fn of_name(name: &Name) -> usize {
    FIELD + name.len()
}

/// The bytes of a value, without those that were counted before: the entries of a list and the values in an object.
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

/// Counts the fields that the library resolves.
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

/// The number of fields of one answer that were not ready when they were polled.
#[derive(Default)]
pub struct Counted {
    begun: AtomicUsize,
    /// Those with subfields.
    with_fields: AtomicUsize,
}

impl Counted {
    /// Counts one more field. If the answer becomes large, waits at the gate.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyFields`] if the answer has too many fields with subfields.
    pub async fn begin(&self, reader: &Reader, gate: Option<&Gate>, has_fields: bool) -> Result<(), Error> {
        let fields = self.begun.fetch_add(1, Ordering::Relaxed);
        if has_fields && self.with_fields.fetch_add(1, Ordering::Relaxed) >= MOST_FIELDS {
            return Err(reader.exceeded(Error::TooManyFields(MOST_FIELDS)));
        }
        let is_large = fields >= LARGE_FIELDS || reader.spent() >= LARGE_BYTES;
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
        if reader.is_exceeded() {
            return Ok(Some(Value::Null));
        }
        let has_fields = !info.field.selection_set.node.items.is_empty();
        if let Some(counted) = ctx.data_opt::<Counted>() {
            let begun = counted.begin(reader, ctx.data_opt::<Gate>(), has_fields).await;
            begun.map_err(|error| at(pos, path, error))?;
        }
        let value = next.run(ctx, info).await?;
        // Not before the field is resolved: the entries of a list must request their data in the same round.
        if self.ended.fetch_add(1, Ordering::Relaxed) % FIELDS == FIELDS - 1 {
            give_way().await;
        }
        reader.spend(value.as_ref().map_or(0, of)).map_err(|error| at(pos, path, error))?;
        Ok(value)
    }
}
