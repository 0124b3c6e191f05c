//! One transaction that writes.

use std::{collections::BTreeSet, sync::Arc};

use entente_entity::{
    change,
    id::{OrganizationId, ServiceId},
    item_graph,
    scalar::DateTime,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseTransaction, EntityTrait, sea_query::OnConflict};
use uuid::Uuid;

use super::{mutation::Known, rows::Held};
use crate::{
    policy::Viewer,
    store::{
        Store,
        db::{error::Error, parts::ROWS},
    },
};

/// One transaction.
pub struct Writer {
    pub(in crate::store) transaction: DatabaseTransaction,
    pub(in crate::store) store: Store,
    pub(in crate::store) viewer: Viewer,
    /// The rows that it holds, and the one that it would.
    pub(in crate::store) held: Held,
    /// When what is written was written: never before the transaction began.
    pub(in crate::store) now: DateTime,
    /// When the transaction began, for as long as it lasts.
    _start: Arc<DateTime>,
    /// The person behind an integration, in that tool's words.
    pub(in crate::store) on_behalf_of: Option<String>,
    /// The organizations that keys named before the transaction began. None of them ever goes.
    pub(in crate::store) known: Arc<Known>,
    pub(super) changes: Vec<change::ActiveModel>,
    /// Whose items' graphs change.
    graphs: BTreeSet<OrganizationId>,
    /// Services that lose keys of organizations that are no parties of theirs any more.
    pub(in crate::store) freed: BTreeSet<ServiceId>,
}

impl Writer {
    /// Begins a transaction.
    pub(super) async fn begin(store: Store, viewer: Viewer, held: Held, known: Arc<Known>) -> Result<Self, Error> {
        let (transaction, start) = store.begin_to_write().await?;
        Ok(Self {
            transaction,
            store,
            viewer,
            held,
            now: *start,
            _start: start,
            on_behalf_of: None,
            known,
            changes: Vec::new(),
            graphs: BTreeSet::new(),
            freed: BTreeSet::new(),
        })
    }

    /// Inserts rows, so many in a statement.
    pub(in crate::store) async fn insert<A>(&self, rows: Vec<A>) -> Result<(), Error>
    where
        A: sea_orm::ActiveModelTrait + Send,
    {
        insert(&self.transaction, rows).await
    }

    /// Rows of which some are new and some stand: those say these columns anew.
    pub(in crate::store) async fn upsert<A>(
        &self,
        rows: Vec<A>,
        id: <A::Entity as EntityTrait>::Column,
        columns: &[<A::Entity as EntityTrait>::Column],
    ) -> Result<(), Error>
    where
        A: sea_orm::ActiveModelTrait + Send,
    {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some: Vec<A> = rows.by_ref().take(ROWS).collect();
            let on_conflict = OnConflict::column(id).update_columns(columns.iter().copied()).to_owned();
            A::Entity::insert_many(some).on_conflict(on_conflict).exec_without_returning(&self.transaction).await?;
        }
        Ok(())
    }

    /// Notes that the dependencies of this organization's items change, or what runs on them.
    pub(in crate::store) fn changes_graph_of(&mut self, organization: OrganizationId) {
        self.graphs.insert(organization);
    }

    /// Writes the log, and ends the transaction.
    pub(super) async fn commit(mut self) -> Result<(), Error> {
        let changes = std::mem::take(&mut self.changes);
        self.insert(changes).await?;
        let freed = std::mem::take(&mut self.freed);
        if !freed.is_empty() {
            self.touch_for_provider(freed).await?;
        }
        // At the very end, and in order, so that no writer waits here for one that waits for it.
        let version =
            |id: &OrganizationId| item_graph::ActiveModel { organization_id: Set(*id), version: Set(Uuid::now_v7()) };
        let versions: Vec<_> = self.graphs.iter().map(version).collect();
        self.upsert(versions, item_graph::Column::OrganizationId, &[item_graph::Column::Version]).await?;
        Ok(self.transaction.commit().await?)
    }
}

/// Inserts rows, so many in a statement.
pub(in crate::store) async fn insert<A, C>(connection: &C, rows: Vec<A>) -> Result<(), Error>
where
    A: sea_orm::ActiveModelTrait + Send,
    C: ConnectionTrait,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<A> = rows.by_ref().take(ROWS).collect();
        A::Entity::insert_many(some).exec_without_returning(connection).await?;
    }
    Ok(())
}
