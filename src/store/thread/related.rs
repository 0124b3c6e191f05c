//! What a list of threads needs besides its rows: loaded for all of them at once, when one of them first asks.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    definition, element,
    id::{DefinitionId, ElementId, ServiceId, ThreadId},
    message, service, thread, thread_event,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{
    ReadThreads, Threads,
    lists::{MessageRow, OfThread},
    state,
};
use crate::{
    definition::element::identities,
    store::{
        db::{error::Error, parts::KEYS},
        organization::{ReadOrganizations, read::OrganizationRow},
        read::{
            each_once::EachOnce,
            page::{Page, Window},
            session::Session,
        },
        reference::{ReadReferences, read::ReferenceRow},
        service::{ReadServices, definitions::Definition, related::ServiceRow},
    },
    thread::State,
};

/// A thread that the viewer sees.
#[derive(Clone)]
pub struct ThreadRow {
    /// The row itself.
    pub row: Arc<thread::Model>,
    batch: Arc<ThreadBatch>,
}

/// The threads that were read together.
struct ThreadBatch {
    session: Session,
    threads: Vec<Arc<thread::Model>>,
    services: OnceCell<HashMap<ServiceId, ServiceRow>>,
    gone: OnceCell<HashMap<ElementId, Arc<Definition>>>,
    references: OnceCell<HashMap<Uuid, Vec<ReferenceRow>>>,
    messages: EachOnce<Window, Pages<message::Model>>,
    message_counts: OnceCell<HashMap<ThreadId, u64>>,
    events: EachOnce<Window, Pages<thread_event::Model>>,
    event_counts: OnceCell<HashMap<ThreadId, u64>>,
}

/// A page of a list of every thread.
struct Pages<M> {
    by_thread: HashMap<ThreadId, Page<Arc<M>>>,
    loaded: Arc<Loaded>,
}

/// Entries of lists of threads, which were read together.
pub(in crate::store) struct Loaded {
    pub(in crate::store) ids: Vec<Uuid>,
    /// Other systems' keys for them.
    pub(in crate::store) references: OnceCell<HashMap<Uuid, Vec<ReferenceRow>>>,
}

impl Loaded {
    pub(in crate::store) fn of(ids: impl Iterator<Item = Uuid>) -> Self {
        Self { ids: ids.collect(), references: OnceCell::new() }
    }
}

/// What a thread is about.
pub enum Subject {
    /// The service as a whole.
    Service,
    /// An element of its published terms.
    Element(ElementId),
    /// An element that is in them no more, as it last was.
    Gone(ElementId, Arc<Definition>),
}

impl Threads<'_> {
    /// Makes a batch of rows.
    pub(in crate::store) fn batch(self, rows: Vec<thread::Model>) -> Vec<ThreadRow> {
        let threads: Vec<_> = rows.into_iter().map(Arc::new).collect();
        let batch = Arc::new(ThreadBatch {
            session: (*self).clone(),
            threads: threads.clone(),
            services: OnceCell::new(),
            gone: OnceCell::new(),
            references: OnceCell::new(),
            messages: EachOnce::default(),
            message_counts: OnceCell::new(),
            events: EachOnce::default(),
            event_counts: OnceCell::new(),
        });
        threads.into_iter().map(|row| ThreadRow { row, batch: batch.clone() }).collect()
    }

    /// Of these services, those that the viewer deals with: of threads that it sees, and of what it finds.
    pub(in crate::store) async fn services_dealt_with(
        self,
        ids: Vec<ServiceId>,
    ) -> Result<HashMap<ServiceId, ServiceRow>, Error> {
        let dealt_with = self.services().shown()?.filter(self.viewer()?.deals_with_services());
        let mut ids: Vec<ServiceId> = ids;
        ids.sort_unstable();
        ids.dedup();
        let mut rows = Vec::new();
        for some in ids.chunks(KEYS) {
            let some = dealt_with.clone().filter(service::Column::Id.is_in(some.iter().copied()));
            rows.extend(self.organizations().all_with_party(some, service::Column::ProviderId).await?);
        }
        Ok(self.services().batch(rows).await?.into_iter().map(|row| (row.row.id, row)).collect())
    }

    /// The last published terms that have each of these elements.
    async fn last_terms_of(self, ids: Vec<ElementId>) -> Result<HashMap<ElementId, Arc<Definition>>, Error> {
        let elements = element::Entity::find().filter(element::Column::Id.is_in(ids)).all(self.read()).await?;
        let revisions: Vec<(DefinitionId, ServiceId, i32)> = definition::Entity::find()
            .select_only()
            .columns([definition::Column::Id, definition::Column::ServiceId, definition::Column::Revision])
            .filter(definition::Column::ServiceId.is_in(elements.iter().map(|row| row.service_id)))
            .filter(definition::Column::PublishedAt.is_not_null())
            .into_tuple()
            .all(self.read())
            .await?;
        let last = |element: &element::Model| {
            let had_it = revisions.iter().filter(|(_, service, revision)| {
                *service == element.service_id && element.gone_in.is_none_or(|gone| *revision < gone)
            });
            Some((element.id, had_it.max_by_key(|(_, _, revision)| *revision)?.0))
        };
        let last: HashMap<ElementId, DefinitionId> = elements.iter().filter_map(last).collect();
        let terms = self.services().terms_of(last.values().copied()).await?;
        Ok(last.into_iter().filter_map(|(element, id)| Some((element, terms.get(&id)?.clone()))).collect())
    }
}

impl ThreadRow {
    /// The session through which the thread was read.
    pub fn session(&self) -> &Session {
        &self.batch.session
    }

    /// The service that it is about.
    pub async fn service(&self) -> Result<&ServiceRow, Error> {
        let all = self.batch.services().await?;
        all.get(&self.row.service_id).ok_or_else(|| Error::Corrupt(format!("{} is not there", self.row.service_id)))
    }

    /// Who raises it, or for whom.
    pub async fn consumer(&self) -> Result<OrganizationRow, Error> {
        self.session().organizations().party(self.row.consumer_id).await
    }

    /// What it is about.
    pub async fn subject(&self) -> Result<Subject, Error> {
        let Some(id) = self.row.element_id else { return Ok(Subject::Service) };
        if has(self.service().await?, id) {
            return Ok(Subject::Element(id));
        }
        let services = self.batch.services().await?;
        let is_gone = |row: &Arc<thread::Model>| {
            let id = row.element_id?;
            (!services.get(&row.service_id).is_some_and(|service| has(service, id))).then_some(id)
        };
        let gone = || self.session().threads().last_terms_of(self.batch.threads.iter().filter_map(is_gone).collect());
        let terms = self.batch.gone.get_or_try_init(gone).await?.get(&id).cloned();
        Ok(Subject::Gone(id, terms.ok_or_else(|| Error::Corrupt(format!("no terms have the element {}", id.0)))?))
    }

    /// Other systems' keys for it, as far as the viewer sees them.
    pub async fn references(&self) -> Result<&[ReferenceRow], Error> {
        let ids = || self.session().references().of_threads(self.batch.threads.iter().map(|row| row.id.0));
        let all = self.batch.references.get_or_try_init(ids).await?;
        Ok(all.get(&self.row.id.0).map(Vec::as_slice).unwrap_or_default())
    }

    /// A page of its messages that the viewer sees, oldest first.
    pub async fn messages(&self, window: &Window) -> Result<Page<MessageRow>, Error> {
        let (page, loaded) = self.page_of::<message::Entity>(&self.batch.messages, |row| row.id.0, window).await?;
        Ok(page.filter_map(|row| Some(MessageRow { row, thread: self.clone(), loaded: loaded.clone() })))
    }

    /// A page of what happened to it, as far as the viewer sees it, in order.
    pub async fn timeline(&self, window: &Window) -> Result<Page<Arc<thread_event::Model>>, Error> {
        Ok(self.page_of::<thread_event::Entity>(&self.batch.events, |row| row.id.0, window).await?.0)
    }

    /// How many messages of it the viewer sees.
    pub async fn message_count(&self) -> Result<u64, Error> {
        let count = || self.session().threads().counts_of_each::<message::Entity>(self.batch.ids());
        Ok(self.batch.message_counts.get_or_try_init(count).await?.get(&self.row.id).copied().unwrap_or_default())
    }

    /// How many things that happened to it the viewer sees.
    pub async fn event_count(&self) -> Result<u64, Error> {
        let count = || self.session().threads().counts_of_each::<thread_event::Entity>(self.batch.ids());
        Ok(self.batch.event_counts.get_or_try_init(count).await?.get(&self.row.id).copied().unwrap_or_default())
    }

    async fn page_of<E: OfThread>(
        &self,
        pages: &EachOnce<Window, Pages<E::Model>>,
        id: fn(&E::Model) -> Uuid,
        window: &Window,
    ) -> Result<(Page<Arc<E::Model>>, Arc<Loaded>), Error>
    where
        E::Model: Sync,
    {
        let read = async || {
            let by_thread = self.session().threads().pages_of_each::<E>(self.batch.ids(), window).await?;
            let loaded = Loaded::of(by_thread.values().flat_map(|page| &page.rows).map(|row| id(row)));
            Ok::<_, Error>(Pages { by_thread, loaded: loaded.into() })
        };
        let cell = pages.cell(window.clone());
        let all = cell.get_or_try_init(read).await?;
        let page = all.by_thread.get(&self.row.id).cloned().unwrap_or_else(|| window.page(Vec::new()));
        Ok((page, all.loaded.clone()))
    }

    /// The thread as the status machine sees it.
    pub fn state(&self) -> Result<State, Error> {
        state::read(&self.row)
    }
}

impl ThreadBatch {
    fn ids(&self) -> Vec<ThreadId> {
        self.threads.iter().map(|row| row.id).collect()
    }

    async fn services(&self) -> Result<&HashMap<ServiceId, ServiceRow>, Error> {
        let ids =
            || self.session.threads().services_dealt_with(self.threads.iter().map(|row| row.service_id).collect());
        self.services.get_or_try_init(ids).await
    }
}

/// Whether the published terms of a service have the element.
fn has(service: &ServiceRow, id: ElementId) -> bool {
    identities(&service.definition.terms).iter().any(|identity| identity.id == id)
}
