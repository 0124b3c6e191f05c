//! Configuration items in batches for writing, with their organization.

use async_graphql::MaybeUndefined;
use serde::Serialize;

use super::{
    files::{Documents, ItemsSource},
    report::Tally,
    send::ItemsDone,
};
use crate::{
    definition::{document::OrganizationKey, limits::MAX_ITEMS},
    words::{Came, Noun, Speech, Words},
};

/// Maximum size of a portion, in bytes of JSON.
const MAX_BYTES: usize = 1024 * 1024;

/// Divides items into portions that one call can write. Keeps their order.
pub(super) fn portions(sources: Vec<ItemsSource>) -> Vec<ItemsSource> {
    let mut portions = Vec::<ItemsSource>::new();
    for ItemsSource { origin, before, organization, items } in sources {
        let mut bytes = MAX_BYTES;
        for (item, before) in items.into_iter().zip(before..) {
            let own = serde_json::to_string(&item).map_or(0, |json| json.len());
            bytes += own;
            match portions.last_mut() {
                Some(portion) if portion.items.len() < MAX_ITEMS && bytes <= MAX_BYTES => portion.items.push(item),
                _ => {
                    bytes = own;
                    let (origin, organization) = (origin.clone(), organization.clone());
                    portions.push(ItemsSource { origin, before, organization, items: vec![item] });
                }
            }
        }
    }
    portions
}

/// The kind of caller that applies documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Applier {
    /// A caller that uses the database directly has no organization.
    Database,
    /// A token with the scope `admin`, of an organization or of none.
    Admin,
    /// Another token.
    Bearer,
}

impl Documents {
    /// Whether there are items whose document names no organization.
    pub fn leaves_items_open(&self) -> bool {
        self.items.iter().any(|source| source.organization.is_none())
    }

    /// Sets the organization of items whose document names none: the named organization, otherwise the organization of
    /// the token. A caller that may write for every organization applies them for the only provider of the services in
    /// the same run.
    pub fn assign_items(&mut self, named: Option<String>, applier: Applier, speech: Speech) -> Result<(), String> {
        let mut owner = named.map(OrganizationKey::Slug);
        if owner.is_none() && applier != Applier::Bearer {
            let mut providers = self.services.iter().filter_map(|service| match &service.definition.provider {
                MaybeUndefined::Value(provider) => Some(provider),
                _ => None,
            });
            let first = providers.next();
            owner = first.filter(|first| providers.all(|other| other == *first)).cloned();
        }
        for source in self.items.iter_mut().filter(|source| source.organization.is_none()) {
            source.organization = owner.clone();
            if owner.is_none() && applier == Applier::Database {
                return Err(Words::WhoseItems { file: source.origin.file.clone() }.say(speech));
            }
        }
        Ok(())
    }
}

/// The number of items by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct ItemsTally {
    #[serde(flatten)]
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

    /// `8 configuration items: 5 new, 1 unchanged, 2 removed.`; `None` without items.
    pub fn say(&self, speech: Speech) -> Option<String> {
        let counts: Vec<_> = self.tally.counts().into_iter().chain([(self.removed, Came::Removed)]).collect();
        let told = Words::tally(Noun::ConfigurationItem, &counts, speech);
        let unresolved = match self.unresolved {
            0 => None,
            1 => Some(Words::OneUnresolved.say(speech)),
            count => Some(Words::Unresolved { count }.say(speech)),
        };
        let told: Vec<String> = [told, unresolved].into_iter().flatten().collect();
        (!told.is_empty()).then(|| told.join(" "))
    }
}
