//! The events in the timeline of a thread.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entente_entity::{enums::ThreadEventKind, scalar::DateTime, thread_event};
use serde_json::Value as Json;

use crate::{
    api::{
        service::contact::Actor,
        shared::{connection::connection, reader::shown},
    },
    store::Error,
};

/// An event in the timeline of a thread.
#[derive(Clone)]
pub struct ThreadEvent(pub(in crate::api) Arc<thread_event::Model>);

connection!(ThreadEventConnection, ThreadEventEdge, ThreadEvent);

/// An event in the timeline of a thread.
#[Object]
impl ThreadEvent {
    /// The global id. It never changes.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// The kind of event.
    async fn kind(&self) -> ThreadEventKind {
        self.0.kind
    }

    /// When the event happened. For a missed deadline and for a raise: when it was recorded.
    async fn at(&self) -> DateTime {
        self.0.at
    }

    /// The person or program that caused the event. Entente itself for missed deadlines and automatic raises.
    async fn actor(&self) -> Actor {
        Actor(self.0.actor.clone())
    }

    /// Details, depending on `kind`. OPENED: `kind`, `severity`. RAISED: `level`, with its `kind` and `name`, `byHand`,
    /// and `dueAt` if it was due. ACKNOWLEDGE_BREACHED and RESOLVE_BREACHED: `dueAt`. ASSIGNED: `assignee`.
    /// SEVERITY_CHANGED: `before`, `after`. REFERENCE_LINKED and REFERENCE_UNLINKED: `system`, `type`, `key`, `url`,
    /// and for a key of a message the id of the message as `message`. If an action has a comment, `message` is the id
    /// of the message with the comment.
    async fn detail(&self, ctx: &Context<'_>) -> Result<Json, Error> {
        shown(ctx, self.0.detail.to_string())?;
        Ok(sorted(&self.0.detail))
    }
}

/// The same JSON with sorted names. Databases return them in different orders.
fn sorted(json: &Json) -> Json {
    match json {
        Json::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            Json::Object(fields.into_iter().collect())
        }
        Json::Array(entries) => Json::Array(entries.iter().map(sorted).collect()),
        other => other.clone(),
    }
}
