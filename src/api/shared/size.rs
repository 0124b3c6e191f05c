//! How large an answer may be. Whatever is written is counted while it is made, by whichever way it is made: lists that are
//! written in place count what they write, all else passes here.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_graphql::{
    Name, PathSegment, QueryPathSegment, ServerError, ServerResult, Value,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo},
};
use async_graphql_value::RAW_VALUE_TOKEN;

use super::reader::Reader;
use crate::store::give_way;

/// After so many fields others have their turn, and the time limit of the request acts.
const FIELDS: usize = 512;
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
    fields: AtomicUsize,
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
        let value = next.run(ctx, info).await?;
        // Not before: the entries of a list ask at once for what they need, so that it is read at once.
        if self.fields.fetch_add(1, Ordering::Relaxed) % FIELDS == FIELDS - 1 {
            give_way().await;
        }
        reader.takes(value.as_ref().map_or(0, of)).map_err(|error| {
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
        })?;
        Ok(value)
    }
}
