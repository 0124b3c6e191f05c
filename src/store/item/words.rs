//! Writes the words by which configuration items are found, in the transaction that writes the items.

use std::collections::HashMap;

use entente_entity::{configuration_item, enums::ReferencedKind, external_reference, id::ItemId, item_words};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    search::{SearchWords, item_words as words},
    store::{
        Store,
        db::{error::Error, parts::ROWS},
        index::dialect::{ITEMS, has_words},
        write::writer::insert,
    },
};

/// The words of an item with this key.
pub(in crate::store) fn row(item: &configuration_item::Model, key: &str) -> item_words::ActiveModel {
    item_words::ActiveModel { id: NotSet, item_id: Set(item.id), words: Set(words(&item.name, &item.class, key)) }
}

/// A condition on `configuration_item`: for each word, the item has a word that begins with it.
pub(in crate::store) fn has_all(backend: DatabaseBackend, searched: &SearchWords) -> Expr {
    let found = item_words::Entity::find().select_only().column(item_words::Column::ItemId).filter(has_words(
        backend,
        &ITEMS,
        searched.words(),
    ));
    configuration_item::Column::Id.in_subquery(found.into_query())
}

impl Store {
    /// Writes the words of all items, if there are none yet.
    pub(in crate::store) async fn write_missing_item_words<C: ConnectionTrait>(
        &self,
        connection: &C,
    ) -> Result<(), Error> {
        let known = item_words::Entity::find().select_only().column(item_words::Column::Id).into_tuple::<i64>();
        if known.one(connection).await?.is_some() {
            return Ok(());
        }
        let mut last = ItemId(Uuid::nil());
        loop {
            let items = configuration_item::Entity::find()
                .filter(configuration_item::Column::Id.gt(last))
                .order_by_asc(configuration_item::Column::Id)
                .limit(ROWS as u64)
                .all(connection)
                .await?;
            let Some(end) = items.last() else { return Ok(()) };
            last = end.id;
            // The last one in this order is kept: the oldest key, with which the item was created.
            let references = external_reference::Entity::find()
                .filter(external_reference::Column::EntityKind.eq(ReferencedKind::ConfigurationItem))
                .filter(external_reference::Column::EntityId.is_in(items.iter().map(|item| item.id.0)))
                .order_by_desc(external_reference::Column::CreatedAt)
                .order_by_desc(external_reference::Column::Id)
                .all(connection)
                .await?;
            let keys: HashMap<Uuid, String> = references.into_iter().map(|row| (row.entity_id, row.key)).collect();
            let key = |item: &configuration_item::Model| keys.get(&item.id.0).map(String::as_str).unwrap_or_default();
            insert(connection, items.iter().map(|item| row(item, key(item))).collect()).await?;
        }
    }
}
