//! Keeping what the search finds: rows are written and removed in the transaction that writes what they say.

use entente_entity::{
    id::{DefinitionId, ServiceId},
    passage, service,
};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::{Error, Store, Writer, writer::insert};
use crate::{
    definition::terms::Terms,
    search::{Passage, rewritten},
};

/// So many definitions are read at once when all are written.
const DEFINITIONS: u64 = 100;

impl Writer {
    /// Writes what differs between the published terms of a service before and now.
    pub(super) async fn write_passages(
        &self,
        service: ServiceId,
        slug: &str,
        before: Option<&Terms>,
        after: &Terms,
    ) -> Result<(), Error> {
        let rewritten = rewritten(service, slug, before, after);
        self.remove_passages(rewritten.gone).await?;
        self.insert(rewritten.come.iter().map(|passage| row(service, passage)).collect()).await
    }

    /// Removes whatever these parts say.
    pub(super) async fn remove_passages(&self, parts: Vec<Uuid>) -> Result<(), Error> {
        if !parts.is_empty() {
            let of_parts = passage::Column::PartId.is_in(parts);
            passage::Entity::delete_many().filter(of_parts).exec(&self.transaction).await?;
        }
        Ok(())
    }
}

impl Store {
    /// Writes what the search finds where there are definitions and nothing of them is found yet.
    pub(super) async fn write_missing_passages<C: ConnectionTrait>(&self, connection: &C) -> Result<(), Error> {
        if passage::Entity::find()
            .select_only()
            .column(passage::Column::Id)
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
        while let Some(some) = services.fetch_and_next().await? {
            let definitions = self.definitions(connection, some.iter().map(|(_, definition, _)| *definition)).await?;
            let mut rows = Vec::new();
            for (service, definition, slug) in &some {
                let Some(definition) = definitions.get(definition) else { continue };
                let all = rewritten(*service, slug, None, &definition.terms);
                rows.extend(all.come.iter().map(|passage| row(*service, passage)));
            }
            insert(connection, rows).await?;
        }
        Ok(())
    }
}

/// A passage of a definition: whoever sees the service finds it.
fn row(service: ServiceId, passage: &Passage) -> passage::ActiveModel {
    let (words, weight) = passage.words();
    passage::ActiveModel {
        id: NotSet,
        service_id: Set(service),
        consumer_id: Set(None),
        internal: Set(false),
        kind: Set(passage.kind),
        entity_id: Set(passage.entity),
        part_id: Set(passage.entity),
        language: Set(passage.language.to_string()),
        weight: Set(weight),
        text: Set(passage.text()),
        words: Set(words),
    }
}
