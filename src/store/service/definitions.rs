//! Revisions of definitions: their rows, and the parsed terms, which never change and are shared.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    actor::Actor,
    definition,
    enums::DefinitionState,
    id::{DefinitionId, ServiceId},
    scalar::DateTime,
};
use sea_orm::{ColumnTrait, ConnectionTrait, DerivePartialModel, EntityTrait, QueryFilter, QuerySelect};

use super::{
    Services,
    revisions::{At, RevisionCounts, Revisions, TermsOf},
};
use crate::{
    definition::terms::Terms,
    store::{
        Store,
        db::{error::Error, parts::in_parts},
        read::{
            batch::{Found, Relation},
            page::{By, Order, Page, Window},
            session::Session,
        },
        read_terms,
    },
};

/// The terms of a revision, which never change.
#[derive(Debug)]
pub struct Definition {
    /// Its id.
    pub id: DefinitionId,
    /// Whose terms these are.
    pub service_id: ServiceId,
    /// Which revision.
    pub revision: i32,
    /// The terms.
    pub terms: Terms,
    /// Its approximate size in memory, in bytes.
    pub(in crate::store) weight: u32,
}

impl Definition {
    /// A revision with these terms, in JSON.
    pub(in crate::store) fn parse(
        id: DefinitionId,
        service_id: ServiceId,
        revision: i32,
        json: &str,
    ) -> Result<Self, Error> {
        let weight = u32::try_from(json.len().saturating_mul(PARSED)).unwrap_or(u32::MAX);
        Ok(Self { id, service_id, revision, terms: read_terms(json)?, weight })
    }
}

/// A revision with its state, without its terms.
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "definition::Entity")]
pub struct DefinitionRow {
    /// Its id.
    pub id: DefinitionId,
    /// Whose terms these are.
    pub service_id: ServiceId,
    /// Which revision.
    pub revision: i32,
    /// Its state.
    pub state: DefinitionState,
    /// The published revision from which it was made; `None` if that is the one before.
    pub base: Option<i32>,
    /// The author's comment.
    pub comment: Option<String>,
    /// The author.
    pub author: Actor,
    /// When it was created.
    pub created_at: DateTime,
    /// When it was published; null if never.
    pub published_at: Option<DateTime>,
}

/// The order of revisions.
pub const BY_REVISION: Order<DefinitionRow> =
    Order { list: "revisions", by: By::Number(|row| row.revision), id: |row| row.id.0, descending: false };

/// Approximate size of parsed terms in memory, as a multiple of the size of their JSON.
const PARSED: usize = 3;

impl Store {
    /// The terms with these ids; one statement for those that are not in the cache.
    pub(in crate::store) async fn definitions<C: ConnectionTrait>(
        &self,
        connection: &C,
        ids: impl IntoIterator<Item = DefinitionId>,
    ) -> Result<HashMap<DefinitionId, Arc<Definition>>, Error> {
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        for id in ids {
            match self.definitions.get(&id) {
                Some(definition) => drop(found.insert(id, definition)),
                None => missing.push(id),
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let columns = [
            definition::Column::Id,
            definition::Column::ServiceId,
            definition::Column::Revision,
            definition::Column::Terms,
        ];
        let mut rows: Vec<(DefinitionId, ServiceId, i32, String)> = Vec::new();
        for ids in in_parts(missing) {
            let of_them = definition::Entity::find().select_only().columns(columns);
            let of_them = of_them.filter(definition::Column::Id.is_in(ids));
            rows.extend(of_them.into_tuple::<(DefinitionId, ServiceId, i32, String)>().all(connection).await?);
        }
        for (id, service_id, revision, json) in rows {
            let parsed = Arc::new(Definition::parse(id, service_id, revision, &json)?);
            self.definitions.insert(id, parsed.clone());
            found.insert(id, parsed);
        }
        Ok(found)
    }

    /// Replaces a superseded revision in the cache by the one that was just committed. Otherwise frequent writes would fill the cache
    /// with revisions that are rarely read.
    pub(in crate::store) fn keep_published(&self, published: Definition, superseded: Option<DefinitionId>) {
        if let Some(superseded) = superseded {
            self.definitions.invalidate(&superseded);
        }
        self.definitions.insert(published.id, Arc::new(published));
    }

    /// The terms with this id, which must exist.
    pub(in crate::store) async fn definition<C: ConnectionTrait>(
        &self,
        connection: &C,
        id: DefinitionId,
    ) -> Result<Arc<Definition>, Error> {
        let mut found = self.definitions(connection, [id]).await?;
        found.remove(&id).ok_or_else(|| Error::Corrupt(format!("{id} is not there")))
    }
}

impl Services<'_> {
    /// The terms of a revision of a service that the viewer sees.
    pub async fn terms(self, id: DefinitionId) -> Result<Arc<Definition>, Error> {
        self.load(TermsOf, id).await?.ok_or_else(|| Error::Corrupt(format!("{id} is not there")))
    }

    /// The terms of revisions of services that the viewer sees.
    pub async fn terms_of(
        self,
        ids: impl IntoIterator<Item = DefinitionId>,
    ) -> Result<HashMap<DefinitionId, Arc<Definition>>, Error> {
        self.store().definitions(self.read(), ids).await
    }

    /// The row of a revision of a service that the viewer sees. It must exist.
    pub async fn revision(self, id: DefinitionId) -> Result<DefinitionRow, Error> {
        self.load(Published, id).await?.ok_or_else(|| Error::Corrupt(format!("{id} is not there")))
    }

    /// The revision of a service that the viewer sees.
    pub async fn definition_at_revision(
        self,
        service: ServiceId,
        revision: i32,
    ) -> Result<Option<DefinitionRow>, Error> {
        self.load(At::Revision(revision), service).await
    }

    /// The revision of a service that was published at an instant; `None` before the first.
    pub async fn definition_as_of(self, service: ServiceId, at: DateTime) -> Result<Option<DefinitionRow>, Error> {
        self.load(At::Instant(at), service).await
    }

    /// The revisions with these ids, of services that the viewer sees.
    pub async fn definitions_by_ids(
        self,
        ids: Vec<DefinitionId>,
    ) -> Result<HashMap<DefinitionId, DefinitionRow>, Error> {
        let rows: Vec<DefinitionRow> = definition::Entity::find()
            .filter(definition::Column::Id.is_in(ids))
            .filter(definition::Column::ServiceId.in_subquery(self.ids_seen()?))
            .into_partial_model()
            .all(self.read())
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    /// The revisions of a service that the viewer sees, oldest first.
    pub async fn revisions(self, service: ServiceId, window: &Window) -> Result<Page<DefinitionRow>, Error> {
        let page = self.load(Revisions(window.clone()), service).await?;
        Ok(page.unwrap_or_else(|| window.page(Vec::new())))
    }

    /// The number of revisions of a service that the viewer sees.
    pub async fn revision_count(self, service: ServiceId) -> Result<u64, Error> {
        Ok(self.load(RevisionCounts, service).await?.unwrap_or_default())
    }
}

/// The rows of revisions of services that the viewer sees.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store) struct Published;

impl Relation for Published {
    type Key = DefinitionId;
    type Value = DefinitionRow;

    async fn read(&self, session: &Session, ids: Vec<DefinitionId>) -> Found<Self> {
        let of_them = definition::Entity::find().filter(definition::Column::Id.is_in(ids));
        let rows: Vec<DefinitionRow> = of_them.into_partial_model().all(session.read()).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}
