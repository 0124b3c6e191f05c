//! Links: what is left out stays, in both modes; a list that is given to REPLACE is whole.

use std::collections::{BTreeMap, HashMap, HashSet};

use async_graphql::MaybeUndefined;
use entente_entity::{
    enums::{ApplyMode, ServiceLifecycle},
    id::OrganizationId,
    problem::{Rule, Thing},
};

use super::Merge;
use crate::definition::{
    at::At,
    document::{ConfigurationItemKey, ConsumerInput, ContactInput, DefinitionInput, OutcomeInput},
    limits::MAX_LINKED_ITEMS,
    links::{Consumer, ItemLinks, LinkedItem, Links},
    plan::{Given, Standing},
    terms::{Contact, Terms},
};

impl Merge<'_> {
    /// The resulting links.
    pub(in crate::definition) fn links(
        &mut self,
        standing: Option<&Standing>,
        terms: &Terms,
        document: &DefinitionInput,
        given: &Given,
        at: &At,
    ) -> Links {
        let base = standing.map(|standing| standing.links);
        // Items are the provider's own: another provider has others.
        let stays = standing.filter(|standing| standing.terms.provider == terms.provider);
        let items = stays.and_then(|standing| standing.links.items.as_ref());
        let start = ServiceLifecycle::Pipeline;
        let lifecycle = Some(base.map_or(start, |base| base.lifecycle));
        Links {
            lifecycle: self
                .required(&at.field("lifecycle"), &document.lifecycle, lifecycle, start, |_, _, given| Some(*given)),
            contacts: self.contact_list(&at.field("contacts"), &document.contacts, base.map(|base| &*base.contacts)),
            consumers: self.consumers(&at.field("consumers"), document, base, given),
            items: Some(self.items(at, items, terms, document, given)),
        }
    }

    /// The items of the service, and of the outcomes that there are.
    fn items(
        &mut self,
        at: &At,
        base: Option<&ItemLinks>,
        terms: &Terms,
        document: &DefinitionInput,
        given: &Given,
    ) -> ItemLinks {
        let of_service = base.map(|base| &*base.service);
        let service = self.item_list(&at.field("configurationItems"), &document.configuration_items, of_service, given);
        let entries = document.outcomes.value().map(Vec::as_slice).unwrap_or_default();
        let entries: HashMap<&str, (usize, &OutcomeInput)> =
            entries.iter().enumerate().map(|(index, entry)| (entry.key.as_str(), (index, entry))).collect();
        let at = at.field("outcomes");
        let mut outcomes = BTreeMap::new();
        for outcome in &terms.outcomes {
            let stands = base.and_then(|base| base.outcomes.get(&outcome.key)).map(Vec::as_slice);
            let items = match entries.get(outcome.key.as_str()) {
                None => stands.unwrap_or_default().to_vec(),
                Some((index, entry)) => {
                    let at = at.index(*index);
                    self.item_list(&at.field("configurationItems"), &entry.configuration_items, stands, given)
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
        given: &Given,
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
            match (given.items)(key) {
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

    /// Existing ones keep their order, and new ones are added at the end.
    fn consumers(&mut self, at: &At, document: &DefinitionInput, base: Option<&Links>, given: &Given) -> Vec<Consumer> {
        let base = base.map(|base| &*base.consumers).unwrap_or_default();
        let entries = match &document.consumers {
            MaybeUndefined::Undefined => return base.to_vec(),
            MaybeUndefined::Null => return Vec::new(),
            MaybeUndefined::Value(entries) => entries,
        };
        let standing: HashMap<OrganizationId, &Consumer> =
            base.iter().map(|consumer| (consumer.organization, consumer)).collect();
        let mut seen = HashMap::with_capacity(entries.len());
        let mut added = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let at = at.index(index);
            let organization = match given.consumers.get(index) {
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
                self.problem(&at.field("organization"), Rule::NamedTwice { name: (given.slug_of)(organization) });
                continue;
            }
            let stands = standing.get(&organization).copied();
            let consumer = (!removed).then(|| self.consumer(&at, entry, organization, stands));
            if stands.is_none() {
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
        stands: Option<&Consumer>,
    ) -> Consumer {
        let ConsumerInput { organization: _, offering, contacts, remove: _ } = entry;
        let kept = stands.filter(|_| self.mode == ApplyMode::Merge).and_then(|stands| stands.offering.clone());
        Consumer {
            organization,
            offering: self.optional(&at.field("offering"), offering, kept, |_, _, given| Some(given.into())),
            // A list of links that is left out stays, in both modes.
            contacts: self.contact_list(&at.field("contacts"), contacts, stands.map(|stands| &*stands.contacts)),
        }
    }
}
