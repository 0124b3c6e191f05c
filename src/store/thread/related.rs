//! The related data of threads. It is read for all threads of a list when one of them first asks for it.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    definition, element,
    id::{DefinitionId, ElementId, ServiceId, ThreadId},
    thread, thread_event,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::{
    Threads,
    lists::{Counts, MessageRow, Messages, Timeline},
};
use crate::{
    definition::element::identities,
    store::{
        db::error::Error,
        organization::{ReadOrganizations, read::OrganizationRow},
        read::{
            batch::{Batch, Found, Relation},
            page::{Page, Window},
            session::Session,
        },
        reference::read::{KeysOf, ReferenceRow},
        service::{ReadServices, definitions::Definition, related::ServiceRow},
    },
    thread::State,
};

/// A thread that the viewer sees.
#[derive(Clone)]
pub struct ThreadRow {
    /// The row.
    pub row: Arc<thread::Model>,
    batch: Arc<Batch<thread::Model>>,
}

/// The subject of a thread.
pub enum Subject {
    /// The service as a whole.
    Service,
    /// An element of its published terms.
    Element(ElementId),
    /// An element that is no longer in the terms, with the last definition that has it.
    Gone(ElementId, Arc<Definition>),
}

impl Threads<'_> {
    /// Makes a batch of rows.
    pub(in crate::store) fn batch(self, rows: Vec<thread::Model>) -> Vec<ThreadRow> {
        let batch = Batch::of(&self, rows.into_iter().map(Arc::new).collect());
        batch.rows().iter().map(|row| ThreadRow { row: row.clone(), batch: batch.clone() }).collect()
    }
}

/// Services that the viewer deals with.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct DealtWith;

impl Relation for DealtWith {
    type Key = ServiceId;
    type Value = ServiceRow;

    async fn read(&self, session: &Session, ids: Vec<ServiceId>) -> Found<Self> {
        session.services().dealt_with(ids).await
    }
}

/// The last published definition that has an element.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct LastTerms;

impl Relation for LastTerms {
    type Key = ElementId;
    type Value = Arc<Definition>;

    async fn read(&self, session: &Session, ids: Vec<ElementId>) -> Found<Self> {
        let elements = element::Entity::find().filter(element::Column::Id.is_in(ids)).all(session.read()).await?;
        let revisions: Vec<(DefinitionId, ServiceId, i32)> = definition::Entity::find()
            .select_only()
            .columns([definition::Column::Id, definition::Column::ServiceId, definition::Column::Revision])
            .filter(definition::Column::ServiceId.is_in(elements.iter().map(|row| row.service_id)))
            .filter(definition::Column::PublishedAt.is_not_null())
            .into_tuple()
            .all(session.read())
            .await?;
        let last = |element: &element::Model| {
            let had_it = revisions.iter().filter(|(_, service, revision)| {
                *service == element.service_id && element.gone_in.is_none_or(|gone| *revision < gone)
            });
            Some((element.id, had_it.max_by_key(|(_, _, revision)| *revision)?.0))
        };
        let last: HashMap<ElementId, DefinitionId> = elements.iter().filter_map(last).collect();
        let terms = session.services().terms_of(last.values().copied()).await?;
        Ok(last.into_iter().filter_map(|(element, id)| Some((element, terms.get(&id)?.clone()))).collect())
    }
}

impl ThreadRow {
    /// The session.
    pub fn session(&self) -> &Session {
        self.batch.session()
    }

    async fn related<R: Relation<Key = ThreadId>>(&self, relation: R) -> Result<Option<R::Value>, Error> {
        self.batch.related(&self.row, relation, |row| row.id).await
    }

    /// Its service.
    pub async fn service(&self) -> Result<ServiceRow, Error> {
        let service = self.batch.related(&self.row, DealtWith, |row| row.service_id).await?;
        service.ok_or_else(|| Error::Corrupt(format!("{} is not there", self.row.service_id)))
    }

    /// Its consumer.
    pub async fn consumer(&self) -> Result<OrganizationRow, Error> {
        self.session().organizations().party(self.row.consumer_id).await
    }

    /// Its subject.
    pub async fn subject(&self) -> Result<Subject, Error> {
        let Some(id) = self.row.element_id else { return Ok(Subject::Service) };
        if has(&self.service().await?, id) {
            return Ok(Subject::Element(id));
        }
        let services = self.batch.all(DealtWith, |row| Some(row.service_id)).await?;
        let is_there = |row: &thread::Model, id| services.get(&row.service_id).is_some_and(|service| has(service, id));
        let gone = |row: &thread::Model| row.element_id.filter(|id| !is_there(row, *id));
        let terms = self.batch.all(LastTerms, gone).await?.get(&id).cloned();
        Ok(Subject::Gone(id, terms.ok_or_else(|| Error::Corrupt(format!("no terms have the element {}", id.0)))?))
    }

    /// Its keys in other systems, as far as the viewer sees them.
    pub async fn references(&self) -> Result<Arc<[ReferenceRow]>, Error> {
        Ok(self.batch.related(&self.row, KeysOf::Threads, |row| row.id.0).await?.unwrap_or_default())
    }

    /// A page of its messages that the viewer sees, oldest first.
    pub async fn messages(&self, window: &Window) -> Result<Page<MessageRow>, Error> {
        let page = self.related(Messages(window.clone())).await?.unwrap_or_else(|| window.page(Vec::new()));
        Ok(page.map(|(row, batch)| MessageRow { row, thread: self.clone(), batch }))
    }

    /// A page of its events that the viewer sees, oldest first.
    pub async fn timeline(&self, window: &Window) -> Result<Page<Arc<thread_event::Model>>, Error> {
        Ok(self.related(Timeline(window.clone())).await?.unwrap_or_else(|| window.page(Vec::new())))
    }

    /// The number of its messages that the viewer sees.
    pub async fn message_count(&self) -> Result<u64, Error> {
        Ok(self.related(Counts::Messages).await?.unwrap_or_default())
    }

    /// The number of its events that the viewer sees.
    pub async fn event_count(&self) -> Result<u64, Error> {
        Ok(self.related(Counts::Timeline).await?.unwrap_or_default())
    }

    /// The thread with its escalation policy.
    pub fn state(&self) -> Result<State, Error> {
        Ok(State::read(thread::Model::clone(&self.row))?)
    }
}

/// Whether the published terms of a service contain the element.
fn has(service: &ServiceRow, id: ElementId) -> bool {
    identities(&service.definition.terms).iter().any(|identity| identity.id == id)
}
