//! Writes the entries of the search, in the transaction that writes their source.

use std::collections::HashMap;

use entente_entity::{
    enums::{SearchType, Visibility},
    id::{DefinitionId, OrganizationId, ServiceId, ThreadId},
    index_entry, message, service, thread,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::IndexWrites;
use crate::{
    definition::terms::Terms,
    search::{IndexEntry, rewritten, thread_words},
    store::{Store, db::error::Error, write::writer::insert},
};

/// Number of definitions that are read together when the index is filled.
const DEFINITIONS: u64 = 100;
/// Number of threads, with all their messages, that are read together when the index is filled.
const THREADS: u64 = 200;

impl IndexWrites<'_> {
    /// Writes the entries of a service that differ between its previous and its new terms.
    pub(in crate::store) async fn write_terms(
        self,
        service: ServiceId,
        slug: &str,
        before: Option<&Terms>,
        after: &Terms,
    ) -> Result<(), Error> {
        let rewritten = rewritten(service, slug, before, after);
        self.remove(rewritten.gone).await?;
        self.insert(rewritten.come.iter().map(|entry| row(service, entry)).collect()).await
    }

    /// Deletes the entries of these parts.
    pub(in crate::store) async fn remove(self, parts: Vec<Uuid>) -> Result<(), Error> {
        if !parts.is_empty() {
            let of_parts = index_entry::Column::PartId.is_in(parts);
            index_entry::Entity::delete_many().filter(of_parts).exec(&self.transaction).await?;
        }
        Ok(())
    }
}

impl IndexWrites<'_> {
    /// Writes the entry of the title of a thread.
    pub(in crate::store) async fn write_thread(self, thread: &thread::Model) -> Result<(), Error> {
        self.remove(vec![thread.id.0]).await?;
        self.insert(vec![title_row(thread)]).await
    }

    /// Writes the entry of a message; a redacted message has none.
    pub(in crate::store) async fn write_message(
        self,
        thread: &thread::Model,
        message: &message::Model,
    ) -> Result<(), Error> {
        if message.edited_at.is_some() || message.redacted_at.is_some() {
            self.remove(vec![message.id.0]).await?;
        }
        self.insert(message_row(thread.consumer_id, message).into_iter().collect()).await
    }
}

impl Store {
    /// Fills the index, if it is empty and there are definitions.
    pub(in crate::store) async fn write_missing_index_entries<C: ConnectionTrait>(
        &self,
        connection: &C,
    ) -> Result<(), Error> {
        if index_entry::Entity::find()
            .select_only()
            .column(index_entry::Column::Id)
            .into_tuple::<i64>()
            .one(connection)
            .await?
            .is_some()
        {
            return Ok(());
        }
        let mut services = service::Entity::find()
            .select_only()
            .columns([service::Column::Id, service::Column::DefinitionId, service::Column::Slug])
            .order_by_asc(service::Column::Id)
            .into_tuple::<(ServiceId, DefinitionId, String)>()
            .paginate(connection, DEFINITIONS);
        self.write_missing_thread_entries(connection).await?;
        while let Some(some) = services.fetch_and_next().await? {
            let definitions = self.definitions(connection, some.iter().map(|(_, definition, _)| *definition)).await?;
            let mut rows = Vec::new();
            for (service, definition, slug) in &some {
                let Some(definition) = definitions.get(definition) else { continue };
                let all = rewritten(*service, slug, None, &definition.terms);
                rows.extend(all.come.iter().map(|entry| row(*service, entry)));
            }
            insert(connection, rows).await?;
        }
        Ok(())
    }

    async fn write_missing_thread_entries<C: ConnectionTrait>(&self, connection: &C) -> Result<(), Error> {
        let mut threads = thread::Entity::find().order_by_asc(thread::Column::Number).paginate(connection, THREADS);
        while let Some(some) = threads.fetch_and_next().await? {
            let consumers: HashMap<ThreadId, OrganizationId> =
                some.iter().map(|thread| (thread.id, thread.consumer_id)).collect();
            insert(connection, some.iter().map(title_row).collect()).await?;
            let messages = message::Entity::find()
                .filter(message::Column::ThreadId.is_in(consumers.keys().copied()))
                .all(connection)
                .await?;
            let rows = messages.iter().filter_map(|message| message_row(*consumers.get(&message.thread_id)?, message));
            insert(connection, rows.collect()).await?;
        }
        Ok(())
    }
}

/// The entry of the title of a thread.
fn title_row(thread: &thread::Model) -> index_entry::ActiveModel {
    let said = Said { part: thread.id.0, text: &thread.title, internal: false };
    said.row(thread.service_id, thread.consumer_id, thread.id)
}

/// The entry of a message; `None` if it was redacted.
fn message_row(consumer: OrganizationId, message: &message::Model) -> Option<index_entry::ActiveModel> {
    let internal = message.visibility == Visibility::Internal;
    let said = Said { part: message.id.0, text: &message.body, internal };
    message.redacted_at.is_none().then(|| said.row(message.service_id, consumer, message.thread_id))
}

/// A text of a thread.
struct Said<'a> {
    part: Uuid,
    text: &'a str,
    internal: bool,
}

impl Said<'_> {
    /// The provider finds it, and the consumer of the thread if it is not internal. Its language is unknown.
    fn row(self, service: ServiceId, consumer: OrganizationId, thread: ThreadId) -> index_entry::ActiveModel {
        let (words, weight) = thread_words(self.text, self.part == thread.0);
        index_entry::ActiveModel {
            id: NotSet,
            service_id: Set(service),
            consumer_id: Set(Some(consumer)),
            internal: Set(self.internal),
            kind: Set(SearchType::Thread),
            entity_id: Set(thread.0),
            part_id: Set(self.part),
            language: Set(String::new()),
            weight: Set(weight),
            text: Set(self.text.to_owned()),
            words: Set(words),
        }
    }
}

/// An entry of a definition. Everyone who sees the service finds it.
fn row(service: ServiceId, entry: &IndexEntry) -> index_entry::ActiveModel {
    let (words, weight) = entry.words();
    index_entry::ActiveModel {
        id: NotSet,
        service_id: Set(service),
        consumer_id: Set(None),
        internal: Set(false),
        kind: Set(entry.kind),
        entity_id: Set(entry.entity),
        part_id: Set(entry.entity),
        language: Set(entry.language.to_string()),
        weight: Set(weight),
        text: Set(entry.text()),
        words: Set(words),
    }
}
