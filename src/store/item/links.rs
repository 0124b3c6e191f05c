//! The links of services and outcomes to configuration items.

use std::collections::{BTreeMap, HashMap, HashSet};

use entente_entity::{
    change::FieldChange,
    configuration_item, element,
    enums::{ChangeAction, ElementKind, ReferencedKind},
    external_reference,
    id::{ElementId, ItemId, OrganizationId, ServiceId},
    item_link,
    text::Str,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::{
    ItemWrites,
    names::{is_item, references},
};
use crate::{
    definition::{
        document::{ConfigurationItemKey, ExternalKey},
        links::{ItemLinks, LinkedItem},
        terms::Terms,
    },
    policy::Changed,
    problem::{Meant, Rule, Thing},
    store::{
        db::{error::Error, parts::KEYS},
        reference::by_key::ByKey,
        service::WriteServices,
    },
};

/// The keys of items in documents: the oldest reference of their own organization.
pub(in crate::store) async fn own_keys(
    connection: &impl ConnectionTrait,
    ids: &[ItemId],
) -> Result<HashMap<ItemId, ExternalKey>, Error> {
    let mut keys = HashMap::with_capacity(ids.len());
    for some in ids.chunks(KEYS) {
        // Only its own organization sees an item, so all its references are of this organization.
        let rows = external_reference::Entity::find()
            .filter(external_reference::Column::EntityKind.eq(ReferencedKind::ConfigurationItem))
            .filter(external_reference::Column::EntityId.is_in(some.iter().map(|id| id.0)))
            .order_by_asc(external_reference::Column::CreatedAt)
            .order_by_asc(external_reference::Column::Id)
            .all(connection)
            .await?;
        for row in rows {
            keys.entry(ItemId(row.entity_id)).or_insert_with(|| ExternalKey {
                system: row.system,
                r#type: Some(row.class).filter(|class| !class.is_empty()),
                key: row.key,
            });
        }
    }
    Ok(keys)
}

/// An item as in documents; with its id if it has no key.
fn linked(id: ItemId, keys: &HashMap<ItemId, ExternalKey>) -> LinkedItem {
    let key = match keys.get(&id) {
        Some(key) => ConfigurationItemKey::Ref(key.clone()),
        None => ConfigurationItemKey::Id(id.to_string().into()),
    };
    LinkedItem { id, key }
}

impl ItemWrites<'_> {
    /// The items of a service and of its outcomes.
    pub(in crate::store) async fn links_of(self, service: ServiceId, terms: &Terms) -> Result<ItemLinks, Error> {
        let rows = item_link::Entity::find()
            .filter(item_link::Column::ServiceId.eq(service))
            .order_by_asc(item_link::Column::Position)
            .order_by_asc(item_link::Column::ItemId)
            .all(&self.transaction)
            .await?;
        let ids: Vec<ItemId> = rows.iter().map(|row| row.item_id).collect();
        let keys = own_keys(&self.transaction, &ids).await?;
        let outcomes: HashMap<Uuid, &Str> = terms.outcomes.iter().map(|it| (it.id.0, &it.key)).collect();
        let mut links = ItemLinks::default();
        for row in rows {
            let item = linked(row.item_id, &keys);
            if row.entity_id == service.0 {
                links.service.push(item);
            } else if let Some(key) = outcomes.get(&row.entity_id) {
                links.outcomes.entry((*key).clone()).or_default().push(item);
            }
        }
        Ok(links)
    }

    /// The items of an organization with these keys.
    pub(in crate::store) async fn named(
        self,
        organization: OrganizationId,
        keys: Vec<ConfigurationItemKey>,
    ) -> Result<HashMap<ConfigurationItemKey, Result<LinkedItem, Rule>>, Error> {
        let (keys, mut ids, mut named) = (keys.iter().collect::<HashSet<_>>(), Vec::new(), HashSet::new());
        for key in &keys {
            match key {
                ConfigurationItemKey::Id(id) => ids.extend(ItemId::parse(id)),
                ConfigurationItemKey::Ref(key) if key.can_be_kept() => drop(named.insert(key.key.as_str())),
                ConfigurationItemKey::Ref(_) => {}
            }
        }
        let references = references(&self, organization, named.into_iter().collect()).await?;
        let references: ByKey<_> = references.into_iter().filter(is_item).collect();
        ids.extend(references.rows().map(|row| ItemId(row.entity_id)));
        let mut there = HashSet::new();
        for some in ids.chunks(KEYS) {
            let rows = configuration_item::Entity::find()
                .filter(configuration_item::Column::OrganizationId.eq(organization))
                .filter(configuration_item::Column::Id.is_in(some.iter().copied()))
                .all(&self.transaction)
                .await?;
            there.extend(rows.into_iter().map(|row| row.id));
        }
        let names = own_keys(&self.transaction, &there.iter().copied().collect::<Vec<_>>()).await?;
        let what = Thing::ConfigurationItem;
        let found = keys.into_iter().map(|key| {
            let mut fitting: Vec<ItemId> = match key {
                ConfigurationItemKey::Id(id) => ItemId::parse(id).into_iter().collect(),
                ConfigurationItemKey::Ref(key) => references.named(key).map(|row| ItemId(row.entity_id)).collect(),
            };
            fitting.retain(|id| there.contains(id));
            fitting.sort_unstable();
            fitting.dedup();
            let one = match fitting[..] {
                [] => {
                    let given = match key {
                        ConfigurationItemKey::Id(id) => id.to_string(),
                        ConfigurationItemKey::Ref(key) => key.key.clone(),
                    };
                    Err(Rule::NotFound { what, given: Some(given), meant: Meant::default() })
                }
                [id] => Ok(linked(id, &names)),
                _ => Err(Rule::Ambiguous { what }),
            };
            (key.clone(), one)
        });
        Ok(found.collect())
    }

    /// Writes the links of a service as its document gives them.
    pub(in crate::store) async fn write_links(
        self,
        service: ServiceId,
        before: Option<&ItemLinks>,
        after: Option<&ItemLinks>,
        outcomes: &HashMap<&str, ElementId>,
    ) -> Result<(), Error> {
        let nothing = ItemLinks::default();
        let (before, after) = (before.unwrap_or(&nothing), after.unwrap_or(&nothing));
        let lists = |links: &ItemLinks| -> BTreeMap<Uuid, Vec<ItemId>> {
            let ids = |items: &[LinkedItem]| items.iter().map(|item| item.id).collect();
            let of_outcomes =
                links.outcomes.iter().filter_map(|(key, items)| Some((outcomes.get(key.as_str())?.0, ids(items))));
            of_outcomes.chain([(service.0, ids(&links.service))]).collect()
        };
        let (old, new) = (lists(before), lists(after));
        let entities: HashSet<Uuid> = old.keys().chain(new.keys()).copied().collect();
        let changed: Vec<Uuid> = entities.into_iter().filter(|id| old.get(id) != new.get(id)).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let items: HashSet<ItemId> = old.values().chain(new.values()).flatten().copied().collect();
        for some in items.into_iter().collect::<Vec<_>>().chunks(KEYS) {
            let owners: Vec<OrganizationId> = configuration_item::Entity::find()
                .select_only()
                .distinct()
                .column(configuration_item::Column::OrganizationId)
                .filter(configuration_item::Column::Id.is_in(some.iter().copied()))
                .into_tuple()
                .all(&self.transaction)
                .await?;
            owners.into_iter().for_each(|owner| self.changes_graph_of(owner));
        }
        item_link::Entity::delete_many()
            .filter(item_link::Column::EntityId.is_in(changed.iter().copied()))
            .exec(&self.transaction)
            .await?;
        let rows = changed.iter().flat_map(|id| {
            let items = new.get(id).map(Vec::as_slice).unwrap_or_default().iter().enumerate();
            items.map(|(position, item)| item_link::ActiveModel {
                entity_id: Set(*id),
                item_id: Set(*item),
                service_id: Set(service),
                position: Set(position as i32),
            })
        });
        self.insert(rows.collect()).await
    }

    /// Deletes all links to items that are removed.
    pub(in crate::store) async fn unlink(self, ids: &[ItemId]) -> Result<(), Error> {
        let mut rows = Vec::new();
        for some in ids.chunks(KEYS) {
            let entities = item_link::Entity::find()
                .filter(item_link::Column::ItemId.is_in(some.iter().copied()))
                .all(&self.transaction)
                .await?;
            rows.extend(entities);
        }
        if rows.is_empty() {
            return Ok(());
        }
        let gone: HashSet<ItemId> = ids.iter().copied().collect();
        let mut entities: Vec<Uuid> = rows.iter().map(|row| row.entity_id).collect();
        entities.sort_unstable();
        entities.dedup();
        let services: HashSet<ServiceId> = rows.iter().map(|row| row.service_id).collect();
        let all = item_link::Entity::find()
            .filter(item_link::Column::EntityId.is_in(entities.iter().copied()))
            .order_by_asc(item_link::Column::EntityId)
            .order_by_asc(item_link::Column::Position)
            .all(&self.transaction)
            .await?;
        let linked_ids: Vec<ItemId> = all.iter().map(|row| row.item_id).collect();
        let keys = own_keys(&self.transaction, &linked_ids).await?;
        for some in ids.chunks(KEYS) {
            item_link::Entity::delete_many()
                .filter(item_link::Column::ItemId.is_in(some.iter().copied()))
                .exec(&self.transaction)
                .await?;
        }
        self.services().touch_for_provider(services).await?;
        for some in all.chunk_by(|one, other| one.entity_id == other.entity_id) {
            let of = &some[0];
            let said = |rows: &mut dyn Iterator<Item = &item_link::Model>| {
                let keys: Vec<_> = rows.map(|row| linked(row.item_id, &keys).key).collect();
                (!keys.is_empty()).then(|| json!(keys))
            };
            let left = said(&mut some.iter().filter(|row| !gone.contains(&row.item_id)));
            let field = FieldChange::between("configurationItems", said(&mut some.iter()), left);
            let changed = match of.entity_id == of.service_id.0 {
                true => Changed::service(of.service_id),
                false => Changed::element(of.service_id, ElementKind::Outcome, ElementId(of.entity_id)),
            };
            self.log(changed.items(), ChangeAction::Updated, field);
        }
        Ok(())
    }
}

/// The ids of present and former outcomes, by key.
pub(in crate::store) fn outcomes<'a>(
    identities: &'a HashMap<(ElementKind, String), element::Model>,
    terms: &'a Terms,
) -> HashMap<&'a str, ElementId> {
    let had = identities.values().filter(|row| row.kind == ElementKind::Outcome).map(|row| (&*row.key, row.id));
    had.chain(terms.outcomes.iter().map(|it| (it.key.as_str(), it.id))).collect()
}
