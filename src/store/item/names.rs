//! The items of an organization by their keys: for input items, for dependencies, and for links in documents.

use entente_entity::{
    enums::ReferencedKind,
    external_reference,
    id::{ItemId, OrganizationId},
    item_dependency,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::ExprTrait};

use crate::store::{
    db::{
        database::{is_among, unindexed},
        error::Error,
    },
    reference::by_key::ByKey,
    write::writer::Writer,
};

/// The references of an organization that have one of these keys.
pub(in crate::store) async fn references(
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
        // No index on the organization: it has as many references as items. The keys are selective.
        .filter(unindexed(owner).eq(organization))
        .filter(Column::Slot.eq(""))
        .filter(is_among(backend, key, keys))
        .all(&writer.transaction)
        .await?)
}

/// Whether a reference belongs to a configuration item.
pub(in crate::store) fn is_item(row: &external_reference::Model) -> bool {
    row.entity_kind == ReferencedKind::ConfigurationItem
}

/// The other items with this system and key, of any type.
pub(in crate::store) fn others_called<'k>(
    references: &'k ByKey<external_reference::Model>,
    system: &'k str,
    key: &'k str,
    item: ItemId,
) -> impl Iterator<Item = ItemId> {
    let called = references.called(system, key).filter(|row| is_item(row)).map(|row| ItemId(row.entity_id));
    called.filter(move |other| *other != item)
}

/// The result of resolving a dependency.
pub(in crate::store) enum Found {
    Nothing,
    Item(ItemId),
    /// Only the dependent item itself.
    Itself,
}

/// Resolves a dependency with these references, by the rules of [`super::ItemWrites::resolve_dependencies`].
pub(in crate::store) fn find(names: &ByKey<&external_reference::Model>, row: &item_dependency::Model) -> Found {
    let fitting = || {
        let called = names.called(&row.system, &row.key);
        called.filter(|it| row.class.is_empty() || it.class == row.class).map(|it| (&it.class, ItemId(it.entity_id)))
    };
    let others = || fitting().filter(|(_, id)| *id != row.item_id);
    if let Some((_, id)) = others().find(|(class, _)| **class == row.class) {
        return Found::Item(id);
    }
    let first = others().next().map(|(_, id)| id);
    match first {
        None if fitting().next().is_some() => Found::Itself,
        Some(first) if others().all(|(_, id)| id == first) => Found::Item(first),
        _ => Found::Nothing,
    }
}
