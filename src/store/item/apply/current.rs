//! Configuration items as they are before a write.

use std::collections::{HashMap, HashSet};

use entente_entity::{
    configuration_item,
    enums::ReferencedKind,
    external_reference,
    id::{ItemId, OrganizationId},
    item_dependency, organization,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{ExprTrait, LockType},
};

use crate::{
    definition::document::{ConfigurationItemInput, ExternalKey, ExternalReferenceInput},
    item::Item,
    store::{
        db::{
            database::{Database, is_among, unindexed},
            error::Error,
            parts::KEYS,
        },
        write::{rows::Row, writer::Writer},
    },
};

/// The items of a call as they are before it.
pub(super) struct Current {
    looked_for: HashSet<String>,
    references: HashMap<(String, String), Vec<external_reference::Model>>,
    items: HashMap<ItemId, configuration_item::Model>,
    dependencies: HashMap<ItemId, Vec<item_dependency::Model>>,
}

/// What a reference names.
pub(super) enum Matched<'a> {
    Nothing,
    Item(&'a external_reference::Model, &'a configuration_item::Model),
    Several,
    /// Something that is no configuration item.
    Other(&'a external_reference::Model),
}

impl Current {
    /// Reads it, and keeps other writers of the same organization's items out until the transaction ends: of two that
    /// come at once, neither would see what the other's depend on.
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
        let mut references: HashMap<_, Vec<_>> = HashMap::with_capacity(rows.len());
        for row in rows {
            references.entry((row.system.clone(), row.key.clone())).or_default().push(row);
        }
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

    /// What a reference names: exactly, else, where one of both has no type, under any.
    pub(super) fn matching(&self, given: &ExternalReferenceInput) -> Matched<'_> {
        let named = self.references.get(&(given.system.clone(), given.key.clone()));
        let named = named.map(Vec::as_slice).unwrap_or_default();
        let class = given.r#type.as_deref().unwrap_or_default();
        if let Some(row) = named.iter().find(|row| row.class == class) {
            return self.matched(row);
        }
        if given.r#type.is_some() {
            // The item that came without a type has one now, whichever of the two comes first.
            let untyped = named.iter().find(|row| row.class.is_empty() && is_item(row));
            let alone = untyped.filter(|_| named.iter().filter(|row| is_item(row)).count() == 1);
            return alone.map_or(Matched::Nothing, |row| self.matched(row));
        }
        let mut items = named.iter().filter(|row| is_item(row));
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

    /// An item as its source had it.
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

    /// The other items that have the key, under whatever type.
    pub(super) fn others_called(&self, row: &external_reference::Model) -> impl Iterator<Item = ItemId> {
        let named = self.references.get(&(row.system.clone(), row.key.clone())).into_iter().flatten();
        named.filter(|other| is_item(other) && other.entity_id != row.entity_id).map(|other| ItemId(other.entity_id))
    }

    pub(super) fn references(&self) -> impl Iterator<Item = &external_reference::Model> {
        self.references.values().flatten()
    }
}

/// Lets one writer at a time at the items of an organization. Rows that refer to the organization do not wait.
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

/// The references of an organization that have one of these keys.
pub(super) async fn references(
    writer: &Writer,
    organization: OrganizationId,
    keys: Vec<&str>,
) -> Result<Vec<external_reference::Model>, Error> {
    use external_reference::Column;
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let backend = writer.transaction.get_database_backend();
    let [owner, key] = [Column::OrganizationId, Column::Key].map(|column| (external_reference::Entity, column));
    Ok(external_reference::Entity::find()
        // By the keys: an organization has as many as there are items.
        .filter(unindexed(owner).eq(organization))
        .filter(Column::Slot.eq(""))
        .filter(is_among(backend, key, keys))
        .all(&writer.transaction)
        .await?)
}

pub(super) fn is_item(row: &external_reference::Model) -> bool {
    row.entity_kind == ReferencedKind::ConfigurationItem
}
