//! Configuration items as they are before a write.

use std::collections::{HashMap, HashSet};

use entente_entity::{
    configuration_item, external_reference,
    id::{ItemId, OrganizationId},
    item_dependency, organization,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType};

use crate::{
    definition::document::{ConfigurationItemInput, ExternalKey, ExternalReferenceInput},
    item::Item,
    store::{
        db::{database::Database, error::Error, parts::KEYS},
        item::names::{is_item, others_called, references},
        reference::by_key::ByKey,
        write::{rows::Row, writer::Writer},
    },
};

/// The items of the input as they are before the write, with their references and dependencies.
pub(super) struct Current {
    looked_for: HashSet<String>,
    references: ByKey<external_reference::Model>,
    items: HashMap<ItemId, configuration_item::Model>,
    dependencies: HashMap<ItemId, Vec<item_dependency::Model>>,
}

/// The object of a key in the input.
pub(super) enum Matched<'a> {
    Nothing,
    Item(&'a external_reference::Model, &'a configuration_item::Model),
    Several,
    /// An object of another kind.
    Other(&'a external_reference::Model),
}

impl Current {
    /// Reads the items, and locks the items of the organization until the transaction ends: two concurrent writes would
    /// not see each other's dependencies.
    pub(super) async fn read(
        writer: &Writer,
        organization: OrganizationId,
        inputs: &[ConfigurationItemInput],
    ) -> Result<Self, Error> {
        Database::plan_anew(&writer.transaction).await?;
        lock(writer, organization).await?;
        let keys: HashSet<&str> = inputs.iter().map(|input| input.r#ref.key.as_str()).collect();
        let rows = references(writer, organization, keys.iter().copied().collect()).await?;
        let ids: Vec<ItemId> = rows.iter().filter(|row| is_item(row)).map(|row| ItemId(row.entity_id)).collect();
        let references = rows.into_iter().collect();
        let mut items = HashMap::with_capacity(ids.len());
        let mut dependencies: HashMap<_, Vec<_>> = HashMap::with_capacity(ids.len());
        for some in ids.chunks(KEYS) {
            let rows = configuration_item::Entity::find()
                .filter(configuration_item::Column::Id.is_in(some.iter().copied()))
                .all(&writer.transaction)
                .await?;
            items.extend(rows.into_iter().map(|row| (row.id, row)));
            let rows = item_dependency::Entity::find()
                .filter(item_dependency::Column::ItemId.is_in(some.iter().copied()))
                .order_by_asc(item_dependency::Column::ItemId)
                .order_by_asc(item_dependency::Column::Position)
                .all(&writer.transaction)
                .await?;
            for row in rows {
                dependencies.entry(row.item_id).or_default().push(row);
            }
        }
        let looked_for = keys.into_iter().map(str::to_owned).collect();
        Ok(Self { looked_for, references, items, dependencies })
    }

    /// The object of a key: of the same type, otherwise of any type if the key or the stored reference has none.
    pub(super) fn matching(&self, given: &ExternalReferenceInput) -> Matched<'_> {
        let called = || self.references.called(&given.system, &given.key);
        let items = || called().filter(|row| is_item(row));
        let class = given.r#type.as_deref().unwrap_or_default();
        if let Some(row) = called().find(|row| row.class == class) {
            return self.matched(row);
        }
        if given.r#type.is_some() {
            // The item was written without a type before, and gets this one.
            let untyped = items().find(|row| row.class.is_empty());
            let alone = untyped.filter(|_| items().count() == 1);
            return alone.map_or(Matched::Nothing, |row| self.matched(row));
        }
        let mut items = items();
        match (items.next(), items.next()) {
            (None, _) => Matched::Nothing,
            (Some(row), None) => self.matched(row),
            (Some(_), Some(_)) => Matched::Several,
        }
    }

    fn matched<'a>(&'a self, row: &'a external_reference::Model) -> Matched<'a> {
        match self.items.get(&ItemId(row.entity_id)) {
            Some(item) => Matched::Item(row, item),
            None => Matched::Other(row),
        }
    }

    /// An item as in the input of its last write.
    pub(super) fn item(&self, reference: &external_reference::Model, row: &configuration_item::Model) -> Item {
        let key = |row: &item_dependency::Model| ExternalKey {
            system: row.system.clone(),
            r#type: Some(row.class.clone()).filter(|class| !class.is_empty()),
            key: row.key.clone(),
        };
        Item {
            name: row.name.clone(),
            class: row.class.clone(),
            environment: row.environment.clone(),
            status: row.status.clone(),
            dependencies_needed: row.dependencies_needed,
            depends_on: self.dependencies(row.id).iter().map(key).collect(),
            url: reference.url.clone(),
        }
    }

    pub(super) fn dependencies(&self, id: ItemId) -> &[item_dependency::Model] {
        self.dependencies.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn has_looked_for(&self, key: &str) -> bool {
        self.looked_for.contains(key)
    }

    /// The other items with this system and key, of any type.
    pub(super) fn others_called<'a>(&'a self, row: &'a external_reference::Model) -> impl Iterator<Item = ItemId> {
        others_called(&self.references, &row.system, &row.key, ItemId(row.entity_id))
    }

    pub(super) fn references(&self) -> impl Iterator<Item = &external_reference::Model> {
        self.references.rows()
    }
}

/// Locks the items of an organization: one writer at a time. Rows that refer to the organization can still be written.
pub(in crate::store) async fn lock(writer: &Writer, organization: OrganizationId) -> Result<(), Error> {
    writer.hold(Row::Items(organization))?;
    let _: Option<OrganizationId> = organization::Entity::find_by_id(organization)
        .select_only()
        .column(organization::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .one(&writer.transaction)
        .await?;
    Ok(())
}
