//! The lists that every thread has: its messages and its timeline, as far as the viewer sees them.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    id::{MessageId, ThreadId},
    message, thread_event,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, sea_query::ExprTrait};
use uuid::Uuid;

use super::{
    Threads,
    related::{Loaded, ThreadRow},
};
use crate::{
    policy::Viewer,
    store::{
        db::error::Error,
        read::{
            ends::{Lists, Ordered},
            page::{self, Key, Page, Window},
        },
        reference::{ReadReferences, read::ReferenceRow},
    },
};

/// A message that the viewer sees.
#[derive(Clone)]
pub struct MessageRow {
    /// The row itself.
    pub row: Arc<message::Model>,
    /// The thread that it belongs to.
    pub thread: ThreadRow,
    pub(in crate::store) loaded: Arc<Loaded>,
}

/// Something of which a thread has a list, in the order of an instant and the id.
pub(in crate::store) trait OfThread: EntityTrait {
    const LIST: &'static str;
    const THREAD: Self::Column;
    const AT: Self::Column;
    const ID: Self::Column;

    /// What the viewer sees of it, in threads that it sees.
    fn seen(viewer: &Viewer) -> Condition;
}

impl OfThread for message::Entity {
    const LIST: &'static str = "messages";
    const THREAD: message::Column = message::Column::ThreadId;
    const AT: message::Column = message::Column::CreatedAt;
    const ID: message::Column = message::Column::Id;

    fn seen(viewer: &Viewer) -> Condition {
        viewer.sees_messages()
    }
}

impl OfThread for thread_event::Entity {
    const LIST: &'static str = "timeline";
    const THREAD: thread_event::Column = thread_event::Column::ThreadId;
    const AT: thread_event::Column = thread_event::Column::At;
    const ID: thread_event::Column = thread_event::Column::Id;

    fn seen(viewer: &Viewer) -> Condition {
        viewer.sees_thread_events()
    }
}

impl Threads<'_> {
    /// A page of the list of each of several threads.
    pub(in crate::store) async fn pages_of_each<E: OfThread>(
        self,
        threads: Vec<ThreadId>,
        window: &Window,
    ) -> Result<HashMap<ThreadId, Page<Arc<E::Model>>>, Error> {
        let rows = E::find().filter(E::seen(self.viewer()?));
        let lists = Lists { rows, belongs: Box::new(|thread| E::THREAD.into_expr().eq(thread)), id: E::ID };
        let order = Ordered { list: E::LIST, column: E::AT.into_expr(), key: page::instant, descending: false };
        let pages = lists.pages(threads.into_iter().map(|id| id.0).collect(), order, window, self.read()).await?;
        Ok(pages.into_iter().map(|(id, page)| (ThreadId(id), page.filter_map(|row| Some(Arc::new(row))))).collect())
    }

    /// How many entries of its list that the viewer sees each of several threads has.
    pub(in crate::store) async fn counts_of_each<E: OfThread>(
        self,
        threads: Vec<ThreadId>,
    ) -> Result<HashMap<ThreadId, u64>, Error> {
        let counted: Vec<(ThreadId, i64)> = E::find()
            .select_only()
            .column(E::THREAD)
            .column_as(E::ID.count(), "entries")
            .filter(E::THREAD.is_in(threads))
            .filter(E::seen(self.viewer()?))
            .group_by(E::THREAD)
            .into_tuple()
            .all(self.read())
            .await?;
        Ok(counted.into_iter().map(|(thread, entries)| (thread, entries.unsigned_abs())).collect())
    }

    /// The messages with these ids that the viewer sees.
    pub async fn messages_by_ids(self, ids: Vec<MessageId>) -> Result<HashMap<MessageId, MessageRow>, Error> {
        let rows = message::Entity::find()
            .filter(message::Column::Id.is_in(ids))
            .filter(message::Column::ThreadId.in_subquery(self.ids_seen()?))
            .filter(self.viewer()?.sees_messages())
            .all(self.read())
            .await?;
        let rows: Vec<Arc<message::Model>> = rows.into_iter().map(Arc::new).collect();
        let threads = self.by_ids(rows.iter().map(|row| row.thread_id).collect()).await?;
        let loaded = Arc::new(Loaded::of(rows.iter().map(|row| row.id.0)));
        let row = |row: Arc<message::Model>| {
            let thread = threads.get(&row.thread_id)?.clone();
            Some((row.id, MessageRow { row, thread, loaded: Arc::clone(&loaded) }))
        };
        Ok(rows.into_iter().filter_map(row).collect())
    }
}

impl MessageRow {
    /// The cursor of this row among the messages of its thread.
    pub fn cursor(&self) -> String {
        cursor::<message::Entity>(self.row.created_at.0.timestamp_micros(), self.row.id.0)
    }

    /// Other systems' keys for it, as far as the viewer sees them.
    pub async fn references(&self) -> Result<&[ReferenceRow], Error> {
        let read = || self.thread.session().references().of_threads(self.loaded.ids.iter().copied());
        let all = self.loaded.references.get_or_try_init(read).await?;
        Ok(all.get(&self.row.id.0).map(Vec::as_slice).unwrap_or_default())
    }
}

/// The cursor of a row in the timeline of its thread.
pub fn event_cursor(row: &thread_event::Model) -> String {
    cursor::<thread_event::Entity>(row.at.0.timestamp_micros(), row.id.0)
}

fn cursor<E: OfThread>(micros: i64, id: Uuid) -> String {
    page::cursor(E::LIST, Key::Number(micros), id)
}
