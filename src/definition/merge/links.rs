//! Links: what is left out stays, in both modes; a list that is given to REPLACE is whole.

use std::collections::HashMap;

use async_graphql::MaybeUndefined;
use entente_entity::{
    enums::{ApplyMode, ServiceLifecycle},
    id::OrganizationId,
    problem::{Rule, Thing},
};

use super::Merge;
use crate::definition::{
    at::At,
    document::{ConsumerInput, ContactInput, DefinitionInput},
    links::{Consumer, Links},
    plan::Given,
    terms::Contact,
};

impl Merge<'_> {
    /// The links that shall stand.
    pub(in crate::definition) fn links(
        &mut self,
        base: Option<&Links>,
        document: &DefinitionInput,
        given: &Given,
        at: &At,
    ) -> Links {
        let start = ServiceLifecycle::Pipeline;
        let lifecycle = Some(base.map_or(start, |base| base.lifecycle));
        Links {
            lifecycle: self
                .required(&at.field("lifecycle"), &document.lifecycle, lifecycle, start, |_, _, given| Some(*given)),
            contacts: self.contact_list(&at.field("contacts"), &document.contacts, base.map(|base| &*base.contacts)),
            consumers: self.consumers(&at.field("consumers"), document, base, given),
        }
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

    /// Those that stand stay in the order in which they began, and new ones come last.
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
                    self.problem(&at.field("organization"), Rule::NotFound { what: Thing::Organization });
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
