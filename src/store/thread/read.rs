//! Reads threads by id and by key, as far as the viewer sees them. The orders of lists of threads.

use std::collections::HashMap;

use entente_entity::{
    enums::{ReferencedKind, Severity, ThreadStatus},
    id::ThreadId,
    scalar::DateTime,
    thread,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{CaseStatement, Expr, Func, SelectStatement},
};

use super::{Threads, related::ThreadRow};
use crate::{
    definition::{document::ExternalKey, order::OrderDirection},
    policy::Viewer,
    problem::Rule,
    store::{
        db::error::Error,
        read::page::{By, Order},
        reference::read::all_named,
    },
    thread::{
        input::ThreadKey,
        order::{ThreadOrder, ThreadOrderField},
    },
    words::Speech,
};

impl From<ThreadOrder> for Order<ThreadRow> {
    fn from(ThreadOrder { field, direction }: ThreadOrder) -> Self {
        let (list, by): (_, By<ThreadRow>) = match (field, direction) {
            (ThreadOrderField::OpenedAt, _) => ("threads by openedAt", By::Instant(|it| it.row.opened_at)),
            (ThreadOrderField::UpdatedAt, _) => ("threads by updatedAt", By::Instant(ThreadRow::changed_at)),
            (ThreadOrderField::Severity, _) => ("threads by severity", By::Number(|it| it.row.severity as i32)),
            // Threads without a deadline come last in both directions, so each direction has its own sort key.
            (ThreadOrderField::ResolveBy, OrderDirection::Asc) => (
                "threads by resolveBy",
                By::Instant(|it| it.row.resolve_by.unwrap_or_else(|| without_deadline(OrderDirection::Asc))),
            ),
            (ThreadOrderField::ResolveBy, OrderDirection::Desc) => (
                "threads by resolveBy, the last first",
                By::Instant(|it| it.row.resolve_by.unwrap_or_else(|| without_deadline(OrderDirection::Desc))),
            ),
        };
        Self { list, by, id: |it| it.row.id.0, descending: direction == OrderDirection::Desc }
    }
}

/// The sort key of a list of threads.
pub(super) fn ordered_by(order: ThreadOrder, viewer: &Viewer) -> Expr {
    match order.field {
        ThreadOrderField::OpenedAt => thread::Column::OpenedAt.into_expr(),
        ThreadOrderField::UpdatedAt => viewer.thread_changed_at(),
        ThreadOrderField::Severity => gravity(),
        ThreadOrderField::ResolveBy => {
            let last = Expr::val(without_deadline(order.direction).0);
            Func::coalesce([thread::Column::ResolveBy.into_expr(), last]).into()
        }
    }
}

/// The sort key of a thread without a deadline, which comes last.
fn without_deadline(direction: OrderDirection) -> DateTime {
    // In the last and in the first year that both databases write with four digits.
    let seconds = match direction {
        OrderDirection::Asc => 253_370_764_800,
        OrderDirection::Desc => -62_135_596_800,
    };
    DateTime(chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default())
}

impl Threads<'_> {
    /// The threads that the viewer sees.
    pub(super) fn seen(self) -> Result<Select<thread::Entity>, Error> {
        seen_by(self.viewer()?)
    }

    /// The ids of the threads that the viewer sees, as a subquery.
    pub(in crate::store) fn ids_seen(self) -> Result<SelectStatement, Error> {
        Ok(self.seen()?.select_only().column(thread::Column::Id).into_query())
    }

    /// The thread with this id.
    pub async fn by_id(self, id: ThreadId) -> Result<Option<ThreadRow>, Error> {
        Ok(self.by_ids(vec![id]).await?.remove(&id))
    }

    /// The threads with these ids that the viewer sees.
    pub async fn by_ids(self, ids: Vec<ThreadId>) -> Result<HashMap<ThreadId, ThreadRow>, Error> {
        let rows = self.seen()?.filter(thread::Column::Id.is_in(ids)).all(self.read()).await?;
        Ok(self.batch(rows).into_iter().map(|row| (row.row.id, row)).collect())
    }

    /// The thread with this key.
    pub async fn by_key(self, by: &ThreadKey) -> Result<Option<ThreadRow>, Error> {
        let row = match by {
            ThreadKey::Ref(key) => thread_named(self.read(), self.viewer()?, key)
                .await?
                .map_err(|open| Error::BadRequest(Rule::SeveralThreads { open }.say(Speech::English)))?,
            by => match own_key(by) {
                Some(is_it) => self.seen()?.filter(is_it).one(self.read()).await?,
                None => {
                    // The errors of the viewer are the same for an invalid and for an unknown id.
                    self.viewer()?.sees_threads()?;
                    None
                }
            },
        };
        Ok(self.batch(row.into_iter().collect()).pop())
    }
}

/// The threads that a viewer sees.
pub(in crate::store) fn seen_by(viewer: &Viewer) -> Result<Select<thread::Entity>, Error> {
    Ok(thread::Entity::find().filter(viewer.sees_threads()?))
}

/// The thread with this key of another system. If it has several threads: the only one that is neither resolved nor
/// closed; if there is none, the newest. `Err` has the numbers of the open threads if there are several.
pub(in crate::store) async fn thread_named(
    connection: &impl ConnectionTrait,
    viewer: &Viewer,
    key: &ExternalKey,
) -> Result<Result<Option<thread::Model>, Vec<i32>>, Error> {
    let (id, kind) = (thread::Column::Id, ReferencedKind::Thread);
    let named = all_named(connection, viewer, seen_by(viewer)?, id, key, kind).await?;
    let is_open = |row: &&thread::Model| row.status < ThreadStatus::Resolved;
    let mut open: Vec<i32> = named.iter().filter(is_open).map(|row| row.number).collect();
    if open.len() > 1 {
        open.sort_unstable();
        return Ok(Err(open));
    }
    Ok(Ok(named.into_iter().max_by_key(|row| (row.status < ThreadStatus::Resolved, row.number))))
}

/// The condition for a number or an id; `None` for an invalid id, and for a key of another system.
pub(in crate::store) fn own_key(by: &ThreadKey) -> Option<Expr> {
    match by {
        ThreadKey::Id(id) => ThreadId::parse(id).map(|id| thread::Column::Id.eq(id)),
        ThreadKey::Number(number) => Some(thread::Column::Number.eq(*number)),
        ThreadKey::Ref(_) => None,
    }
}

/// The severity as a number.
fn gravity() -> Expr {
    let mut gravity = CaseStatement::new();
    for severity in Severity::ALL {
        gravity = gravity.case(thread::Column::Severity.eq(*severity), *severity as i32);
    }
    gravity.into()
}

impl ThreadRow {
    /// The instant of the last change that the viewer sees.
    pub fn changed_at(&self) -> DateTime {
        let as_consumer = self.session().viewer().is_ok_and(|viewer| viewer.sees_as_consumer(self.row.consumer_id));
        if as_consumer { self.row.updated_at } else { self.row.last_at }
    }
}
