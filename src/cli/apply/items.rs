//! Configuration items in portions in which they can be written, and whose they are.

use async_graphql::MaybeUndefined;

use super::{
    files::{Documents, ItemsSource},
    report::Tally,
    send::ItemsDone,
};
use crate::definition::{document::OrganizationKey, limits::MAX_ITEMS};

/// So many bytes of JSON are sent at once.
const MAX_BYTES: usize = 1024 * 1024;

/// Portions that can be written at once, in the same order.
pub(super) fn portions(sources: Vec<ItemsSource>) -> Vec<ItemsSource> {
    let mut portions = Vec::<ItemsSource>::new();
    for ItemsSource { name, organization, items } in sources {
        let mut bytes = MAX_BYTES;
        for item in items {
            let own = serde_json::to_string(&item).map_or(0, |json| json.len());
            bytes += own;
            match portions.last_mut() {
                Some(portion) if portion.items.len() < MAX_ITEMS && bytes <= MAX_BYTES => portion.items.push(item),
                _ => {
                    bytes = own;
                    let (name, organization) = (name.clone(), organization.clone());
                    portions.push(ItemsSource { name, organization, items: vec![item] });
                }
            }
        }
    }
    portions
}

impl Documents {
    /// Says whose the items are of documents that do not: of the organization that is named, else of whoever applies
    /// them. On a database that is nobody: then of the one provider of the services that come with them.
    pub fn assign_items(&mut self, named: Option<String>, is_database: bool) -> Result<(), String> {
        let mut owner = named.map(OrganizationKey::Slug);
        if owner.is_none() && is_database {
            let mut providers = self.services.iter().filter_map(|service| match &service.definition.provider {
                MaybeUndefined::Value(provider) => Some(provider),
                _ => None,
            });
            let first = providers.next();
            owner = first.filter(|first| providers.all(|other| other == *first)).cloned();
        }
        for source in self.items.iter_mut().filter(|source| source.organization.is_none()) {
            source.organization = owner.clone();
            if owner.is_none() && is_database {
                return Err(format!(
                    "{}: say whose these configuration items are: `organization: {{ slug: … }}` in the document, or \
                     --organization",
                    source.name
                ));
            }
        }
        Ok(())
    }
}

/// How many items came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ItemsTally {
    pub tally: Tally,
    removed: usize,
    unresolved: usize,
}

impl ItemsTally {
    pub fn add(&mut self, done: ItemsDone) {
        let ItemsDone { created, updated, unchanged, removed, unresolved } = done;
        self.tally.new += created;
        self.tally.changed += updated;
        self.tally.unchanged += unchanged;
        self.removed += removed;
        self.unresolved += unresolved;
    }

    /// `6 configuration items: 5 new, 1 unchanged; 2 removed.`; nothing where there are none.
    pub fn say(&self) -> Option<String> {
        let told = self.tally.say("configuration item", "configuration items");
        let removed = (self.removed > 0).then(|| format!("{} removed.", self.removed));
        let unresolved =
            (self.unresolved > 0).then(|| format!("{} dependencies were on items not known by then.", self.unresolved));
        let told: Vec<String> = [told, removed, unresolved].into_iter().flatten().collect();
        (!told.is_empty()).then(|| told.join(" "))
    }
}
