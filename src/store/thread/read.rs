//! Threads, as far as the viewer sees them: one, or a page of a filtered and ordered list.

use std::collections::HashMap;

use entente_entity::{
    enums::{ReferencedKind, SearchType, Severity, ThreadKind, ThreadStatus},
    external_reference,
    id::{OrganizationId, ServiceId, ThreadId},
    index_entry,
    scalar::DateTime,
    thread,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{CaseStatement, Expr, ExprTrait, Func, SelectStatement},
};

use super::{ReadThreads, Threads, related::ThreadRow};
use crate::{
    definition::{document::ExternalKey, order::OrderDirection},
    policy::Viewer,
    problem::Rule,
    search::Wanted,
    store::{
        db::error::Error,
        index::dialect::{ENTRIES, has_words},
        read::{
            batch::{Found, Relation, counts},
            first_per_group::Groups,
            page::{By, Order, Page, Window},
            session::Session,
        },
        reference::read::all_named,
    },
    thread::{
        input::ThreadKey,
        order::{ThreadOrder, ThreadOrderField},
    },
    words::Speech,
};

/// Which threads are wanted. All of it must hold; what is left out does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ThreadsWanted {
    /// Feedback or escalations.
    pub kind: Option<ThreadKind>,
    /// In one of these statuses.
    pub status: Option<Vec<ThreadStatus>>,
    /// Of one of these severities.
    pub severity: Option<Vec<Severity>>,
    /// About this service.
    pub service: Option<ServiceId>,
    /// Of this consumer.
    pub consumer: Option<OrganizationId>,
    /// Whether they were raised to a level.
    pub raised: Option<bool>,
    /// Whether a deadline was missed.
    pub breached: Option<bool>,
    /// They, or what both sides see of them, changed at this instant or later.
    pub updated_since: Option<DateTime>,
    /// Every word of this, or one that it begins, is in the title or in a message.
    pub text: Option<Wanted>,
    /// They are what another system calls so.
    pub reference: Option<ExternalKey>,
}

impl ThreadsWanted {
    /// Escalations that are neither resolved nor closed.
    pub fn open_escalations() -> Self {
        let status = ThreadStatus::ALL.iter().copied().filter(|status| *status < ThreadStatus::Resolved);
        Self { kind: Some(ThreadKind::Escalation), status: Some(status.collect()), ..Self::default() }
    }
}

impl From<ThreadOrder> for Order<ThreadRow> {
    fn from(ThreadOrder { field, direction }: ThreadOrder) -> Self {
        let (list, by): (_, By<ThreadRow>) = match (field, direction) {
            (ThreadOrderField::OpenedAt, _) => ("threads by openedAt", By::Instant(|it| it.row.opened_at)),
            (ThreadOrderField::UpdatedAt, _) => ("threads by updatedAt", By::Instant(ThreadRow::changed_at)),
            (ThreadOrderField::Severity, _) => ("threads by severity", By::Number(|it| it.row.severity as i32)),
            // Where those without a deadline stand depends on the direction.
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

/// What a list of threads is ordered by.
fn ordered_by(order: ThreadOrder, viewer: &Viewer) -> Expr {
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

/// Where a thread without a deadline stands among the others.
fn without_deadline(direction: OrderDirection) -> DateTime {
    // The first and the last year that both databases write with four digits.
    let seconds = match direction {
        OrderDirection::Asc => 253_370_764_800,
        OrderDirection::Desc => -62_135_596_800,
    };
    DateTime(chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default())
}

impl Threads<'_> {
    /// The threads that the viewer sees.
    fn seen(self) -> Result<Select<thread::Entity>, Error> {
        seen_by(self.viewer()?)
    }

    /// The ids of the threads that the viewer sees, for a condition on what belongs to them.
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

    /// The thread that a key names.
    pub async fn by_key(self, by: &ThreadKey) -> Result<Option<ThreadRow>, Error> {
        let row = match by {
            ThreadKey::Ref(key) => thread_named(self.read(), self.viewer()?, key)
                .await?
                .map_err(|open| Error::BadRequest(Rule::SeveralThreads { open }.say(Speech::English)))?,
            by => match own_key(by) {
                Some(is_it) => self.seen()?.filter(is_it).one(self.read()).await?,
                None => {
                    // A stranger learns no more from a malformed id than from one that names nothing.
                    self.viewer()?.sees_threads()?;
                    None
                }
            },
        };
        Ok(self.batch(row.into_iter().collect()).pop())
    }

    /// A page of the threads that are wanted.
    pub async fn page(
        self,
        wanted: &ThreadsWanted,
        order: ThreadOrder,
        window: &Window,
    ) -> Result<Page<ThreadRow>, Error> {
        let (column, id) = (ordered_by(order, self.viewer()?), thread::Column::Id.into_expr());
        let query = window.cut(self.wanted(wanted)?, &order.into(), column, id)?;
        let page = window.page(query.all(self.read()).await?);
        Ok(Page { rows: self.batch(page.rows), has_next: page.has_next, has_previous: page.has_previous })
    }

    /// How many threads are wanted.
    pub async fn count(self, wanted: &ThreadsWanted) -> Result<u64, Error> {
        Ok(self.wanted(wanted)?.count(self.read()).await?)
    }

    fn wanted(self, wanted: &ThreadsWanted) -> Result<Select<thread::Entity>, Error> {
        use thread::Column;
        let ThreadsWanted {
            kind,
            status,
            severity,
            service,
            consumer,
            raised,
            breached,
            updated_since,
            text,
            reference,
        } = wanted;
        let changed_at = self.viewer()?.thread_changed_at();
        let mut filter = Condition::all()
            .add_option(kind.map(|kind| Column::Kind.eq(kind)))
            .add_option(status.as_ref().map(|status| Column::Status.is_in(status.iter().copied())))
            .add_option(severity.as_ref().map(|severity| Column::Severity.is_in(severity.iter().copied())))
            .add_option(service.map(|service| Column::ServiceId.eq(service)))
            .add_option(consumer.map(|consumer| Column::ConsumerId.eq(consumer)))
            // Nothing that the viewer sees happened later than anything did: that has an index.
            .add_option(updated_since.map(|since| Column::LastAt.gte(since)))
            .add_option(updated_since.map(|since| changed_at.gte(since)));
        if let Some(raised) = raised {
            filter = filter.add(if *raised { Column::Level.is_not_null() } else { Column::Level.is_null() });
        }
        if let Some(breached) = breached {
            let missed = Column::AcknowledgeBreached.eq(true).or(Column::ResolveBreached.eq(true));
            filter = filter.add(if *breached { missed } else { missed.not() });
        }
        for word in text.iter().flat_map(Wanted::words) {
            filter = filter.add(Column::Id.in_subquery(self.saying(word)?));
        }
        if let Some(key) = reference {
            filter = filter.add(match key.can_be_kept() {
                true => Column::Id.in_subquery(self.called(key)?),
                false => Expr::val(false),
            });
        }
        Ok(self.seen()?.filter(filter))
    }

    /// The ids of the threads of which something that the viewer may find has the word.
    fn saying(self, word: &String) -> Result<SelectStatement, Error> {
        let said = index_entry::Entity::find()
            .select_only()
            .column(index_entry::Column::EntityId)
            .filter(has_words(self.read().backend(), &ENTRIES, std::slice::from_ref(word)))
            .filter(index_entry::Column::Kind.eq(SearchType::Thread))
            .filter(self.viewer()?.sees_index_entries()?);
        Ok(said.into_query())
    }

    /// The ids of the threads that anyone whom the viewer deals with calls so.
    fn called(self, key: &ExternalKey) -> Result<SelectStatement, Error> {
        use external_reference::Column;
        let named = external_reference::Entity::find()
            .select_only()
            .column(Column::EntityId)
            .filter(Column::EntityKind.eq(ReferencedKind::Thread))
            .filter(Column::System.eq(&key.system))
            .filter(Column::Key.eq(&key.key))
            .filter(Condition::all().add_option(key.r#type.as_ref().map(|class| Column::Class.eq(class))))
            .filter(self.viewer()?.sees_thread_references())
            .filter(self.viewer()?.finds_by_references());
        Ok(named.into_query())
    }
}

/// A page of the wanted threads of each service.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::store) struct PagesOfServices {
    pub(in crate::store) wanted: ThreadsWanted,
    pub(in crate::store) order: ThreadOrder,
    pub(in crate::store) window: Window,
}

impl Relation for PagesOfServices {
    type Key = ServiceId;
    type Value = Page<ThreadRow>;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        let Self { wanted, order, window } = self;
        let wanted = session.threads().wanted(wanted)?;
        let groups = Groups::by(wanted, thread::Column::ServiceId, thread::Column::Id);
        let by = (&Order::<ThreadRow>::from(*order), ordered_by(*order, session.viewer()?));
        let pages = groups.pages(services, by, window, session).await?;
        // One batch of all of them, so that what they ask for is read at once too.
        let rows = pages.values().flat_map(|page| &page.rows).cloned().collect();
        let mut threads: HashMap<ThreadId, ThreadRow> =
            session.threads().batch(rows).into_iter().map(|thread| (thread.row.id, thread)).collect();
        let mut page = |page: Page<thread::Model>| page.filter_map(|row| threads.remove(&row.id));
        Ok(pages.into_iter().map(|(id, rows)| (id, page(rows))).collect())
    }
}

/// How many threads of each service are wanted.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::store) struct CountsOfServices(pub(in crate::store) ThreadsWanted);

impl Relation for CountsOfServices {
    type Key = ServiceId;
    type Value = u64;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        let wanted = session.threads().wanted(&self.0)?;
        counts(session, wanted, thread::Column::Id.count(), thread::Column::ServiceId, services).await
    }
}

/// The threads that a viewer sees.
pub(in crate::store) fn seen_by(viewer: &Viewer) -> Result<Select<thread::Entity>, Error> {
    Ok(thread::Entity::find().filter(viewer.sees_threads()?))
}

/// The thread that another system's key names: of several the one that is neither resolved nor closed, else the newest.
/// The numbers of those that are open, where they are several.
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

/// The condition that a key of our own sets; `None` where it can be none, or is another system's.
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
    /// When something that the viewer sees of it last changed.
    pub fn changed_at(&self) -> DateTime {
        let as_consumer = self.session().viewer().is_ok_and(|viewer| viewer.sees_as_consumer(self.row.consumer_id));
        if as_consumer { self.row.updated_at } else { self.row.last_at }
    }
}
