//! Merging of links. In both modes, links that the document leaves out are kept. In REPLACE, a list of the document
//! replaces the current list.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_graphql::MaybeUndefined;
use entente_entity::{
    enums::{ApplyMode, ServiceLifecycle},
    id::OrganizationId,
};

use super::Merge;
use crate::{
    definition::{
        at::At,
        document::{ConfigurationItemKey, ConsumerInput, ContactInput, DefinitionInput, OutcomeInput},
        limits::MAX_LINKED_ITEMS,
        links::{Consumer, ItemLinks, LinkedItem, Links},
        stored::{CurrentDefinition, Lookups},
        terms::{Contact, Terms},
    },
    problem::{Rule, Thing},
};

impl Merge<'_> {
    /// The resulting links.
    pub(in crate::definition) fn links(
        &mut self,
        current: Option<CurrentDefinition>,
        terms: &Terms,
        document: &DefinitionInput,
        lookups: &Lookups,
        at: &At,
    ) -> Links {
        let base = current.map(|current| current.links);
        // The items belong to the provider: with another provider, none of them is kept.
        let of_provider = current.filter(|current| current.terms.provider == terms.provider);
        let items = of_provider.and_then(|current| current.links.items.as_ref());
        let start = ServiceLifecycle::Pipeline;
        let lifecycle = Some(base.map_or(start, |base| base.lifecycle));
        Links {
            lifecycle: self
                .required(&at.field("lifecycle"), &document.lifecycle, lifecycle, start, |_, _, given| Some(*given)),
            contacts: self.contact_list(&at.field("contacts"), &document.contacts, base.map(|base| &*base.contacts)),
            consumers: self.consumers(&at.field("consumers"), document, base, lookups),
            items: Some(self.items(at, items, terms, document, lookups)),
        }
    }

    /// The items of the service, and of each outcome of the terms.
    fn items(
        &mut self,
        at: &At,
        base: Option<&ItemLinks>,
        terms: &Terms,
        document: &DefinitionInput,
        lookups: &Lookups,
    ) -> ItemLinks {
        let of_service = base.map(|base| &*base.service);
        let service =
            self.item_list(&at.field("configurationItems"), &document.configuration_items, of_service, lookups);
        let entries = document.outcomes.value().map(Vec::as_slice).unwrap_or_default();
        let entries: HashMap<&str, (usize, &OutcomeInput)> =
            entries.iter().enumerate().map(|(index, entry)| (entry.key.as_str(), (index, entry))).collect();
        let at = at.field("outcomes");
        let mut outcomes = BTreeMap::new();
        for outcome in &terms.outcomes {
            let current = base.and_then(|base| base.outcomes.get(&outcome.key)).map(Vec::as_slice);
            let items = match entries.get(outcome.key.as_str()) {
                None => current.unwrap_or_default().to_vec(),
                Some((index, entry)) => {
                    let at = at.index(*index);
                    self.item_list(&at.field("configurationItems"), &entry.configuration_items, current, lookups)
                }
            };
            if !items.is_empty() {
                outcomes.insert(outcome.key.clone(), items);
            }
        }
        ItemLinks { service, outcomes }
    }

    fn item_list(
        &mut self,
        at: &At,
        field: &MaybeUndefined<Vec<ConfigurationItemKey>>,
        base: Option<&[LinkedItem]>,
        lookups: &Lookups,
    ) -> Vec<LinkedItem> {
        let keys = match field {
            MaybeUndefined::Undefined => return base.unwrap_or_default().to_vec(),
            MaybeUndefined::Null => return Vec::new(),
            MaybeUndefined::Value(keys) => keys,
        };
        if keys.len() > MAX_LINKED_ITEMS {
            self.problem(at, Rule::TooMany { max: MAX_LINKED_ITEMS, found: keys.len() });
            return Vec::new();
        }
        let mut seen = HashSet::new();
        let mut items = Vec::with_capacity(keys.len());
        for (index, key) in keys.iter().enumerate() {
            match (lookups.items)(key) {
                Err(rule) => self.problem(&at.index(index), rule),
                Ok(item) if !seen.insert(item.id) => {
                    let name = match &item.key {
                        ConfigurationItemKey::Id(id) => id.to_string(),
                        ConfigurationItemKey::Ref(key) => key.key.clone(),
                    };
                    self.problem(&at.index(index), Rule::NamedTwice { name });
                }
                Ok(item) => items.push(item),
            }
        }
        items
    }

    fn contact_list(
        &mut self,
        at: &At,
        field: &MaybeUndefined<Vec<ContactInput>>,
        base: Option<&[Contact]>,
    ) -> Vec<Contact> {
        match field {
            MaybeUndefined::Undefined => base.unwrap_or_default().to_vec(),
            MaybeUndefined::Null => Vec::new(),
            MaybeUndefined::Value(contacts) => self.contacts(at, contacts),
        }
    }

    /// The resulting consumers. Existing ones keep their order, and new ones are added at the end.
    fn consumers(
        &mut self,
        at: &At,
        document: &DefinitionInput,
        base: Option<&Links>,
        lookups: &Lookups,
    ) -> Vec<Consumer> {
        let base = base.map(|base| &*base.consumers).unwrap_or_default();
        let entries = match &document.consumers {
            MaybeUndefined::Undefined => return base.to_vec(),
            MaybeUndefined::Null => return Vec::new(),
            MaybeUndefined::Value(entries) => entries,
        };
        let by_organization: HashMap<OrganizationId, &Consumer> =
            base.iter().map(|consumer| (consumer.organization, consumer)).collect();
        let mut seen = HashMap::with_capacity(entries.len());
        let mut added = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let at = at.index(index);
            let organization = match lookups.consumers.get(index) {
                Some(Ok(organization)) => *organization,
                Some(Err(rule)) => {
                    self.problem(&at.field("organization"), rule.clone());
                    continue;
                }
                None => {
                    self.problem(&at.field("organization"), Rule::not_found(Thing::Organization));
                    continue;
                }
            };
            let removed = entry.remove.value() == Some(&true);
            if removed && self.mode == ApplyMode::Replace {
                self.problem(&at.field("remove"), Rule::RemoveWhileReplacing);
            }
            if seen.contains_key(&organization) {
                self.problem(&at.field("organization"), Rule::NamedTwice { name: (lookups.slug_of)(organization) });
                continue;
            }
            let current = by_organization.get(&organization).copied();
            let consumer = (!removed).then(|| self.consumer(&at, entry, organization, current));
            if current.is_none() {
                added.extend(consumer.clone());
            }
            seen.insert(organization, consumer);
        }
        let kept = base.iter().filter_map(|consumer| match seen.remove(&consumer.organization) {
            Some(named) => named,
            None => (self.mode == ApplyMode::Merge).then(|| consumer.clone()),
        });
        kept.chain(added).collect()
    }

    fn consumer(
        &mut self,
        at: &At,
        entry: &ConsumerInput,
        organization: OrganizationId,
        current: Option<&Consumer>,
    ) -> Consumer {
        let ConsumerInput { organization: _, offering, contacts, remove: _ } = entry;
        let kept = current.filter(|_| self.mode == ApplyMode::Merge).and_then(|current| current.offering.clone());
        Consumer {
            organization,
            offering: self.optional(&at.field("offering"), offering, kept, |_, _, given| Some(given.into())),
            // A list of links that is left out is kept, in both modes.
            contacts: self.contact_list(&at.field("contacts"), contacts, current.map(|current| &*current.contacts)),
        }
    }
}
