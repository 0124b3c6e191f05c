//! The messages and the timelines of threads, as far as the viewer sees them.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    id::{MessageId, ThreadId},
    message, thread_event,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};

use super::{Threads, related::ThreadRow};
use crate::store::{
    db::error::Error,
    read::{
        batch::{Batch, Found, Relation, counts},
        first_per_group::Groups,
        page::{By, Order, Page, Window},
        session::Session,
    },
    reference::read::{KeysOf, ReferenceRow},
};

/// A message that the viewer sees.
#[derive(Clone)]
pub struct MessageRow {
    /// The row.
    pub row: Arc<message::Model>,
    /// Its thread.
    pub thread: ThreadRow,
    pub(in crate::store) batch: Arc<Batch<message::Model>>,
}

/// The order of the messages of a thread.
pub const MESSAGES: Order<MessageRow> = Order {
    list: "messages",
    by: By::Instant(|message| message.row.created_at),
    id: |message| message.row.id.0,
    descending: false,
};
/// The order of the timeline of a thread.
pub const TIMELINE: Order<Arc<thread_event::Model>> =
    Order { list: "timeline", by: By::Instant(|event| event.at), id: |event| event.id.0, descending: false };

/// The messages that the viewer sees, in threads that it sees.
fn messages(session: &Session) -> Result<Select<message::Entity>, Error> {
    Ok(message::Entity::find().filter(session.viewer()?.sees_messages()))
}

/// The events that the viewer sees, in threads that it sees.
fn events(session: &Session) -> Result<Select<thread_event::Entity>, Error> {
    Ok(thread_event::Entity::find().filter(session.viewer()?.sees_thread_events()))
}

/// A page of the messages of each thread. All messages are one batch, so that their related data is read together too.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::store) struct Messages(pub(in crate::store) Window);

impl Relation for Messages {
    type Key = ThreadId;
    type Value = Page<(Arc<message::Model>, Arc<Batch<message::Model>>)>;

    async fn read(&self, session: &Session, threads: Vec<ThreadId>) -> Found<Self> {
        use message::Column;
        let groups = Groups::by(messages(session)?, Column::ThreadId, Column::Id);
        let pages = groups.pages(threads, (&MESSAGES, Column::CreatedAt.into_expr()), &self.0, session).await?;
        let pages: Vec<_> = pages.into_iter().map(|(id, page)| (id, page.map(Arc::new))).collect();
        let batch = Batch::of(session, pages.iter().flat_map(|(_, page)| page.rows.iter().cloned()).collect());
        Ok(pages.into_iter().map(|(id, page)| (id, page.map(|row| (row, batch.clone())))).collect())
    }
}

/// A page of the timeline of each thread.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::store) struct Timeline(pub(in crate::store) Window);

impl Relation for Timeline {
    type Key = ThreadId;
    type Value = Page<Arc<thread_event::Model>>;

    async fn read(&self, session: &Session, threads: Vec<ThreadId>) -> Found<Self> {
        use thread_event::Column;
        let groups = Groups::by(events(session)?, Column::ThreadId, Column::Id);
        let pages = groups.pages(threads, (&TIMELINE, Column::At.into_expr()), &self.0, session).await?;
        Ok(pages.into_iter().map(|(id, page)| (id, page.map(Arc::new))).collect())
    }
}

/// The number of entries in a list of each thread.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) enum Counts {
    Messages,
    Timeline,
}

impl Relation for Counts {
    type Key = ThreadId;
    type Value = u64;

    async fn read(&self, session: &Session, threads: Vec<ThreadId>) -> Found<Self> {
        use message::Column as Message;
        use thread_event::Column as Event;
        match self {
            Self::Messages => {
                counts(session, messages(session)?, Message::Id.count(), Message::ThreadId, threads).await
            }
            Self::Timeline => counts(session, events(session)?, Event::Id.count(), Event::ThreadId, threads).await,
        }
    }
}

impl Threads<'_> {
    /// The messages with these ids that the viewer sees.
    pub async fn messages_by_ids(self, ids: Vec<MessageId>) -> Result<HashMap<MessageId, MessageRow>, Error> {
        let rows = messages(&self)?
            .filter(message::Column::Id.is_in(ids))
            .filter(message::Column::ThreadId.in_subquery(self.ids_seen()?))
            .all(self.read())
            .await?;
        let threads = self.by_ids(rows.iter().map(|row| row.thread_id).collect()).await?;
        let batch = Batch::of(&self, rows.into_iter().map(Arc::new).collect());
        let row = |row: &Arc<message::Model>| {
            let thread = threads.get(&row.thread_id)?.clone();
            Some((row.id, MessageRow { row: row.clone(), thread, batch: batch.clone() }))
        };
        Ok(batch.rows().iter().filter_map(row).collect())
    }
}

impl MessageRow {
    /// Its keys in other systems, as far as the viewer sees them.
    pub async fn references(&self) -> Result<Arc<[ReferenceRow]>, Error> {
        Ok(self.batch.related(&self.row, KeysOf::Threads, |row| row.id.0).await?.unwrap_or_default())
    }
}
