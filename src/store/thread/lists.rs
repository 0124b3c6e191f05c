//! The lists that every thread has: its messages and its timeline, as far as the viewer sees them.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    id::{MessageId, ThreadId},
    message, thread_event,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::ExprTrait};

use super::{Threads, related::ThreadRow};
use crate::{
    policy::Viewer,
    store::{
        db::error::Error,
        read::{
            batch::{Batch, Found, Relation, counts},
            first_per_group::Groups,
            page::{By, Order, Page, Window},
            session::Session,
        },
        reference::read::{KeysOf, ReferenceRow},
    },
};

/// A message that the viewer sees.
#[derive(Clone)]
pub struct MessageRow {
    /// The row itself.
    pub row: Arc<message::Model>,
    /// The thread that it belongs to.
    pub thread: ThreadRow,
    pub(in crate::store) batch: Arc<Batch<message::Model>>,
}

/// How the messages of a thread are listed.
pub const MESSAGES: Order<MessageRow> = Order {
    list: "messages",
    by: By::Instant(|message| message.row.created_at),
    id: |message| message.row.id.0,
    descending: false,
};
/// How the timeline of a thread is listed.
pub const TIMELINE: Order<Arc<thread_event::Model>> =
    Order { list: "timeline", by: By::Instant(|event| event.at), id: |event| event.id.0, descending: false };

/// Something of which a thread has a list, in the order of an instant and the id.
trait OfThread: EntityTrait {
    type Row;
    const ORDER: Order<Self::Row>;
    const THREAD: Self::Column;
    const AT: Self::Column;
    const ID: Self::Column;

    /// What the viewer sees of it, in threads that it sees.
    fn seen(viewer: &Viewer) -> Condition;
}

impl OfThread for message::Entity {
    type Row = MessageRow;
    const ORDER: Order<MessageRow> = MESSAGES;
    const THREAD: message::Column = message::Column::ThreadId;
    const AT: message::Column = message::Column::CreatedAt;
    const ID: message::Column = message::Column::Id;

    fn seen(viewer: &Viewer) -> Condition {
        viewer.sees_messages()
    }
}

impl OfThread for thread_event::Entity {
    type Row = Arc<thread_event::Model>;
    const ORDER: Order<Arc<thread_event::Model>> = TIMELINE;
    const THREAD: thread_event::Column = thread_event::Column::ThreadId;
    const AT: thread_event::Column = thread_event::Column::At;
    const ID: thread_event::Column = thread_event::Column::Id;

    fn seen(viewer: &Viewer) -> Condition {
        viewer.sees_thread_events()
    }
}

/// A page of the list of each of several threads.
async fn pages<E: OfThread>(
    session: &Session,
    threads: Vec<ThreadId>,
    window: &Window,
) -> Result<HashMap<ThreadId, Page<Arc<E::Model>>>, Error> {
    let rows = E::find().filter(E::seen(session.viewer()?));
    let groups = Groups { rows, belongs: Box::new(|thread| E::THREAD.into_expr().eq(thread)), id: E::ID };
    let by = (&E::ORDER, E::AT.into_expr());
    let pages = groups.pages(threads.into_iter().map(|id| id.0).collect(), by, window, session.read()).await?;
    Ok(pages.into_iter().map(|(id, page)| (ThreadId(id), page.filter_map(|row| Some(Arc::new(row))))).collect())
}

/// How many entries of its list that the viewer sees each of several threads has.
async fn counted<E: OfThread>(session: &Session, threads: Vec<ThreadId>) -> Result<HashMap<ThreadId, u64>, Error> {
    counts(session, E::find().filter(E::seen(session.viewer()?)), E::ID.count(), E::THREAD, threads).await
}

/// A page of the messages of each thread: one batch of all of them, so that what they ask for is read at once too.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::store) struct Messages(pub(in crate::store) Window);

/// A page of the timeline of each thread.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::store) struct Events(pub(in crate::store) Window);

/// How many messages each thread has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) struct MessageCounts;

/// How many entries the timeline of each thread has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) struct EventCounts;

impl Relation for Messages {
    type Key = ThreadId;
    type Value = Page<(Arc<message::Model>, Arc<Batch<message::Model>>)>;

    async fn read(&self, session: &Session, threads: Vec<ThreadId>) -> Found<Self> {
        let pages = pages::<message::Entity>(session, threads, &self.0).await?;
        let batch = Batch::of(session, pages.values().flat_map(|page| page.rows.iter().cloned()).collect());
        let with_batch = |page: Page<_>| page.filter_map(|row| Some((row, batch.clone())));
        Ok(pages.into_iter().map(|(id, page)| (id, with_batch(page))).collect())
    }
}

impl Relation for Events {
    type Key = ThreadId;
    type Value = Page<Arc<thread_event::Model>>;

    async fn read(&self, session: &Session, threads: Vec<ThreadId>) -> Found<Self> {
        pages::<thread_event::Entity>(session, threads, &self.0).await
    }
}

impl Relation for MessageCounts {
    type Key = ThreadId;
    type Value = u64;

    async fn read(&self, session: &Session, threads: Vec<ThreadId>) -> Found<Self> {
        counted::<message::Entity>(session, threads).await
    }
}

impl Relation for EventCounts {
    type Key = ThreadId;
    type Value = u64;

    async fn read(&self, session: &Session, threads: Vec<ThreadId>) -> Found<Self> {
        counted::<thread_event::Entity>(session, threads).await
    }
}

impl Threads<'_> {
    /// The messages with these ids that the viewer sees.
    pub async fn messages_by_ids(self, ids: Vec<MessageId>) -> Result<HashMap<MessageId, MessageRow>, Error> {
        let rows = message::Entity::find()
            .filter(message::Column::Id.is_in(ids))
            .filter(message::Column::ThreadId.in_subquery(self.ids_seen()?))
            .filter(self.viewer()?.sees_messages())
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
    /// Other systems' keys for it, as far as the viewer sees them.
    pub async fn references(&self) -> Result<Arc<[ReferenceRow]>, Error> {
        Ok(self.batch.related(&self.row, KeysOf::Threads, |row| row.id.0).await?.unwrap_or_default())
    }
}
