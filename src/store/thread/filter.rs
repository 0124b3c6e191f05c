//! Filtered lists of threads: of all that the viewer sees, or of those about one service.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    enums::{ReferencedKind, SearchType},
    external_reference,
    id::{ElementId, OrganizationId, ServiceId, ThreadId},
    index_entry, thread,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, SelectStatement},
};

use super::{ReadThreads, Threads, read::ordered_by, related::ThreadRow};
use crate::{
    definition::document::ExternalKey,
    search::SearchWords,
    store::{
        db::error::Error,
        index::dialect::{ENTRIES, has_words},
        organization::ReadOrganizations,
        read::{
            batch::{Found, Relation, counts, lists},
            first_per_group::Groups,
            page::{Order, Page, Window},
            session::Session,
        },
        reference::read::is_called,
        service::{ReadServices, related::ServiceRow},
    },
    thread::{filter::ThreadFilter, order::ThreadOrder},
};

/// A list of threads.
#[derive(Clone)]
pub struct ThreadList {
    session: Session,
    /// The service that these threads are about; `None`: any.
    of: Option<ServiceRow>,
    /// `None` if the filter names something that the viewer does not see: then the list is empty.
    filter: Option<Resolved>,
}

/// A filter with the words of its text, and with the ids of its keys.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(in crate::store) struct Resolved {
    filter: ThreadFilter,
    text: Option<SearchWords>,
    service: Option<ServiceId>,
    consumer: Option<OrganizationId>,
}

impl Resolved {
    /// Escalations that are neither resolved nor closed.
    pub(in crate::store) fn open_escalations() -> Self {
        Self { filter: ThreadFilter::open_escalations(), ..Self::default() }
    }
}

impl Threads<'_> {
    /// The list of threads that the viewer sees and that match a filter; about one service if `of` is given.
    /// BAD_REQUEST for a text that cannot be searched, and for a key with several objects.
    pub async fn list(self, of: Option<&ServiceRow>, filter: ThreadFilter) -> Result<ThreadList, Error> {
        self.viewer()?.sees_threads()?;
        // A thread about another service is not in the list of this one.
        let is_in_list = |id: ServiceId| of.is_none_or(|service| service.row.id == id);
        let filter = self.resolved(filter).await?.filter(|filter| filter.service.is_none_or(is_in_list));
        Ok(ThreadList { session: Session::clone(&self), of: of.cloned(), filter })
    }

    async fn resolved(self, filter: ThreadFilter) -> Result<Option<Resolved>, Error> {
        let text = filter.text.as_deref().map(SearchWords::parse).transpose()?;
        let service = match &filter.service {
            None => None,
            Some(key) => match self.services().by_key(key).await? {
                Some(service) => Some(service.row.id),
                None => return Ok(None),
            },
        };
        let consumer = match &filter.consumer {
            None => None,
            Some(key) => match self.organizations().by_key(key).await? {
                Some(consumer) => Some(consumer.id),
                None => return Ok(None),
            },
        };
        Ok(Some(Resolved { filter, text, service, consumer }))
    }

    /// The threads that the viewer sees and that match a filter.
    fn matching(self, resolved: &Resolved) -> Result<Select<thread::Entity>, Error> {
        use thread::Column;
        let Resolved { filter, text, service, consumer } = resolved;
        let ThreadFilter {
            kind,
            status,
            severity,
            service: _,
            consumer: _,
            raised,
            breached,
            updated_since,
            text: _,
            r#ref,
        } = filter;
        let changed_at = self.viewer()?.thread_changed_at();
        let mut matches = Condition::all()
            .add_option(kind.map(|kind| Column::Kind.eq(kind)))
            .add_option(status.as_ref().map(|status| Column::Status.is_in(status.iter().copied())))
            .add_option(severity.as_ref().map(|severity| Column::Severity.is_in(severity.iter().copied())))
            .add_option(service.map(|service| Column::ServiceId.eq(service)))
            .add_option(consumer.map(|consumer| Column::ConsumerId.eq(consumer)))
            // `last_at` is not before any change that the viewer sees, and it has an index.
            .add_option(updated_since.map(|since| Column::LastAt.gte(since)))
            .add_option(updated_since.map(|since| changed_at.gte(since)));
        if let Some(raised) = raised {
            matches = matches.add(if *raised { Column::Level.is_not_null() } else { Column::Level.is_null() });
        }
        if let Some(breached) = breached {
            let missed = Column::AcknowledgeBreached.eq(true).or(Column::ResolveBreached.eq(true));
            matches = matches.add(if *breached { missed } else { missed.not() });
        }
        for word in text.iter().flat_map(SearchWords::words) {
            matches = matches.add(Column::Id.in_subquery(self.saying(word)?));
        }
        if let Some(key) = r#ref {
            matches = matches.add(match key.can_be_kept() {
                true => Column::Id.in_subquery(self.called(key)?),
                false => Expr::val(false),
            });
        }
        Ok(self.seen()?.filter(matches))
    }

    /// The ids of the threads with a search entry that has the word and that the viewer may find.
    fn saying(self, word: &String) -> Result<SelectStatement, Error> {
        let said = index_entry::Entity::find()
            .select_only()
            .column(index_entry::Column::EntityId)
            .filter(has_words(self.read().backend(), &ENTRIES, std::slice::from_ref(word)))
            .filter(index_entry::Column::Kind.eq(SearchType::Thread))
            .filter(self.viewer()?.sees_index_entries()?);
        Ok(said.into_query())
    }

    /// The ids of the threads with this key, linked by any organization whose keys the viewer sees.
    fn called(self, key: &ExternalKey) -> Result<SelectStatement, Error> {
        use external_reference::Column;
        let named = external_reference::Entity::find()
            .select_only()
            .column(Column::EntityId)
            .filter(Column::EntityKind.eq(ReferencedKind::Thread))
            .filter(is_called(&key.system, key.r#type.as_deref(), &key.key))
            .filter(self.viewer()?.sees_thread_references())
            .filter(self.viewer()?.finds_by_references());
        Ok(named.into_query())
    }
}

impl ThreadList {
    /// A page of the list.
    pub async fn page(&self, order: ThreadOrder, window: &Window) -> Result<Page<ThreadRow>, Error> {
        let Some(filter) = &self.filter else { return Ok(window.page(Vec::new())) };
        if let Some(service) = &self.of {
            let pages = PagesOfServices { filter: filter.clone(), order, window: window.clone() };
            return Ok(service.related(pages).await?.unwrap_or_else(|| window.page(Vec::new())));
        }
        let threads = self.session.threads();
        let (column, id) = (ordered_by(order, self.session.viewer()?), thread::Column::Id.into_expr());
        let query = window.cut(threads.matching(filter)?, &order.into(), column, id)?;
        let page = window.page(query.all(self.session.read()).await?);
        Ok(Page { rows: threads.batch(page.rows), has_next: page.has_next, has_previous: page.has_previous })
    }

    /// The number of threads in the list.
    pub async fn count(&self) -> Result<u64, Error> {
        match (&self.filter, &self.of) {
            (None, _) => Ok(0),
            (Some(filter), Some(service)) => {
                Ok(service.related(CountsOfServices(filter.clone())).await?.unwrap_or_default())
            }
            (Some(filter), None) => Ok(self.session.threads().matching(filter)?.count(self.session.read()).await?),
        }
    }
}

/// A page of the threads of each service that match a filter.
#[derive(Clone, PartialEq, Eq, Hash)]
struct PagesOfServices {
    filter: Resolved,
    order: ThreadOrder,
    window: Window,
}

impl Relation for PagesOfServices {
    type Key = ServiceId;
    type Value = Page<ThreadRow>;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        let Self { filter, order, window } = self;
        let groups = Groups::by(session.threads().matching(filter)?, thread::Column::ServiceId, thread::Column::Id);
        let by = (&Order::<ThreadRow>::from(*order), ordered_by(*order, session.viewer()?));
        let pages = groups.pages(services, by, window, session).await?;
        // One batch of all threads, so that their related data is read together.
        let rows = pages.values().flat_map(|page| &page.rows).cloned().collect();
        let mut threads: HashMap<ThreadId, ThreadRow> =
            session.threads().batch(rows).into_iter().map(|thread| (thread.row.id, thread)).collect();
        let mut page = |page: Page<thread::Model>| page.filter_map(|row| threads.remove(&row.id));
        Ok(pages.into_iter().map(|(id, rows)| (id, page(rows))).collect())
    }
}

/// What the open escalations of each service are about: an element, or the whole service (`None`); and their consumers.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) struct EscalationsByElement;

impl Relation for EscalationsByElement {
    type Key = ServiceId;
    type Value = Arc<[(Option<ElementId>, OrganizationId)]>;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        use thread::Column::{ConsumerId, ElementId as Element, ServiceId as Service};
        let rows: Vec<(ServiceId, Option<ElementId>, OrganizationId)> = session
            .threads()
            .matching(&Resolved::open_escalations())?
            .filter(Service.is_in(services))
            .select_only()
            .columns([Service, Element, ConsumerId])
            .distinct()
            .into_tuple()
            .all(session.read())
            .await?;
        Ok(lists(rows.into_iter().map(|(service, element, consumer)| (service, (element, consumer)))))
    }
}

/// The number of threads of each service that match a filter.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::store) struct CountsOfServices(pub(in crate::store) Resolved);

impl Relation for CountsOfServices {
    type Key = ServiceId;
    type Value = u64;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        let matching = session.threads().matching(&self.0)?;
        counts(session, matching, thread::Column::Id.count(), thread::Column::ServiceId, services).await
    }
}
