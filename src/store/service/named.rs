//! Finds the services of a write by their keys, all keys together.

use std::collections::{HashMap, HashSet};

use entente_entity::{enums::ReferencedKind, id::ServiceId, service};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::ServiceWrites;
use crate::{
    definition::{
        document::{ExternalKey, ServiceKey},
        limits::is_key,
    },
    problem::{Rule, Thing},
    store::{db::error::Error, reference::read::each_named},
};

/// The services of keys.
pub(in crate::store) struct Named {
    rows: HashMap<ServiceId, service::Model>,
    slugs: HashMap<String, ServiceId>,
    references: HashMap<ExternalKey, Result<ServiceId, Rule>>,
}

impl Named {
    /// The service of a key; otherwise the rule that the key breaks.
    pub(in crate::store) fn get(&self, key: &ServiceKey) -> Result<&service::Model, Rule> {
        let id = match key {
            ServiceKey::Id(id) => ServiceId::parse(id),
            ServiceKey::Slug(slug) => self.slugs.get(slug).copied(),
            ServiceKey::Ref(reference) => self.references.get(reference).cloned().transpose()?,
        };
        id.and_then(|id| self.rows.get(&id)).ok_or_else(|| Rule::not_found(Thing::Service))
    }

    /// The ids of all services.
    pub(in crate::store) fn ids(&self) -> Vec<ServiceId> {
        self.rows.keys().copied().collect()
    }

    /// All services, each once.
    pub(in crate::store) fn into_rows(self) -> Vec<service::Model> {
        self.rows.into_values().collect()
    }
}

impl ServiceWrites<'_> {
    /// The services with these keys, of those of which the viewer is a party, with any scopes.
    pub(in crate::store) async fn named<'k>(
        self,
        keys: impl IntoIterator<Item = &'k ServiceKey>,
    ) -> Result<Named, Error> {
        let dealt_with = || service::Entity::find().filter(self.viewer.deals_with_services());
        let (mut slugs, mut ids, mut references) = (HashSet::new(), HashSet::new(), HashSet::new());
        for key in keys {
            match key {
                ServiceKey::Id(id) => ids.extend(ServiceId::parse(id)),
                ServiceKey::Slug(slug) => slugs.extend(is_key(slug).then_some(slug.as_str())),
                ServiceKey::Ref(reference) => drop(references.insert(reference)),
            }
        }
        let mut named = Named { rows: HashMap::new(), slugs: HashMap::new(), references: HashMap::new() };
        if !slugs.is_empty() || !ids.is_empty() {
            let called = Condition::any().add(service::Column::Slug.is_in(slugs)).add(service::Column::Id.is_in(ids));
            for row in dealt_with().filter(called).all(&self.transaction).await? {
                named.slugs.insert(row.slug.clone(), row.id);
                named.rows.insert(row.id, row);
            }
        }
        if !references.is_empty() {
            let references: Vec<&ExternalKey> = references.into_iter().collect();
            let (id, kind) = (service::Column::Id, ReferencedKind::Service);
            let found = each_named(&self.transaction, &self.viewer, dealt_with(), id, &references, kind).await?;
            for (reference, mut found) in references.into_iter().zip(found) {
                let one = match (found.pop(), found.is_empty()) {
                    (None, _) => continue,
                    (Some(row), true) => {
                        let id = row.id;
                        named.rows.insert(id, row);
                        Ok(id)
                    }
                    (Some(_), false) => Err(Rule::Ambiguous { what: Thing::Service }),
                };
                named.references.insert(reference.clone(), one);
            }
        }
        Ok(named)
    }
}
