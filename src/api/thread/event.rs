//! What happens to threads.

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

/// Something that happened to a thread.
#[derive(Clone)]
pub struct ThreadEvent(pub(in crate::api) Arc<thread_event::Model>);

connection!(ThreadEventConnection, ThreadEventEdge, ThreadEvent);

/// Something that happened to a thread. The timeline of a thread, with the escalation policy as it stood when the thread
/// became an escalation, replays to the thread.
#[Object]
impl ThreadEvent {
    /// Global, and stable.
    async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// What happened.
    async fn kind(&self) -> ThreadEventKind {
        self.0.kind
    }

    /// When it happened; for breaches and raises, when it was recorded.
    async fn at(&self) -> DateTime {
        self.0.at
    }

    /// Who did it: Entente itself for breaches, and for raises that are not by hand.
    async fn actor(&self) -> Actor {
        Actor(self.0.actor.clone())
    }

    /// What there is to say of it, by kind: OPENED has `kind` and `severity`; RAISED `level`, its `kind` and `name`,
    /// `byHand`, and where it was due `dueAt`; breaches `dueAt`; ASSIGNED `assignee`; SEVERITY_CHANGED `before` and
    /// `after`; REFERENCE_LINKED and REFERENCE_UNLINKED `system`, `type`, `key`, `url`, and of a message its id as
    /// `message`. Where words came with an action, `message` is the id of the message that has them.
    async fn detail(&self, ctx: &Context<'_>) -> Result<Json, Error> {
        shown(ctx, self.0.detail.to_string())?;
        Ok(sorted(&self.0.detail))
    }
}

/// The same, with the names of each object in order: databases keep them in orders of their own.
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
