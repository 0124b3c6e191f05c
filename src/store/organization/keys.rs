//! Finds organizations by their keys, all keys together.

use std::collections::{HashMap, HashSet};

use entente_entity::{enums::ReferencedKind, id::OrganizationId, organization};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{OrganizationWrites, Organizations};
use crate::{
    definition::{
        document::{ExternalKey, OrganizationKey},
        limits::is_key,
        nearest::meant,
    },
    policy::Viewer,
    problem::{Meant, Rule, Thing},
    store::{
        db::{error::Error, parts::KEYS},
        reference::read::each_named,
    },
};

/// Most unknown slugs that get a suggestion.
const SUGGESTED: usize = 20;
/// Most slugs that are compared.
const COMPARED: u64 = 10_000;

/// The organizations of keys, or the rules that the keys break.
#[derive(Default)]
pub(in crate::store) struct Named(HashMap<OrganizationKey, Result<OrganizationId, Rule>>);

impl Named {
    /// The organization of a key; NOT_FOUND if there is none.
    pub fn get(&self, key: &OrganizationKey) -> Result<OrganizationId, Rule> {
        self.0.get(key).cloned().unwrap_or_else(|| {
            let given = match key {
                OrganizationKey::Slug(slug) => slug.clone(),
                OrganizationKey::Id(id) => id.to_string(),
                OrganizationKey::Ref(reference) => reference.key.clone(),
            };
            Err(Rule::NotFound { what: Thing::Organization, given: Some(given), meant: Meant::default() })
        })
    }
}

impl Organizations<'_> {
    /// The organizations with these keys, of those that the viewer sees. Keys without an organization are left out.
    pub(in crate::store) async fn all_called(
        self,
        keys: impl Iterator<Item = &OrganizationKey> + Send,
    ) -> Result<HashMap<OrganizationKey, OrganizationId>, Error> {
        let keys: Vec<_> = keys.collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let found = find(self.read(), self.viewer()?, keys).await?;
        Ok(found.0.into_iter().filter_map(|(key, found)| Some((key, found.ok()?))).collect())
    }
}

impl OrganizationWrites<'_> {
    /// The slugs of these organizations.
    pub(in crate::store) async fn slugs(
        self,
        ids: impl IntoIterator<Item = OrganizationId>,
    ) -> Result<HashMap<OrganizationId, String>, Error> {
        let ids: HashSet<OrganizationId> = ids.into_iter().collect();
        let ids: Vec<OrganizationId> = ids.into_iter().collect();
        let mut slugs = HashMap::new();
        for some in ids.chunks(KEYS) {
            let some: Vec<(OrganizationId, String)> = organization::Entity::find()
                .select_only()
                .columns([organization::Column::Id, organization::Column::Slug])
                .filter(organization::Column::Id.is_in(some.iter().copied()))
                .into_tuple()
                .all(&self.transaction)
                .await?;
            slugs.extend(some);
        }
        Ok(slugs)
    }

    /// The organizations with these keys, of those that the viewer sees. Those that were found before the transaction
    /// began are not read again.
    pub(in crate::store) async fn named<'a>(
        self,
        keys: impl Iterator<Item = &'a OrganizationKey>,
    ) -> Result<Named, Error> {
        let (mut found, mut others) = (Named::default(), Vec::new());
        for key in keys {
            match self.known.organizations.get(key) {
                Some(id) => drop(found.0.insert(key.clone(), Ok(*id))),
                None => others.push(key),
            }
        }
        if others.is_empty() {
            return Ok(found);
        }
        let (suggested, named) = (others.clone(), find(&self.transaction, &self.viewer, others).await?);
        found.0.extend(named.0);
        self.suggest(&mut found, &suggested).await?;
        Ok(found)
    }

    /// Adds suggestions for unknown slugs.
    async fn suggest(self, found: &mut Named, keys: &[&OrganizationKey]) -> Result<(), Error> {
        let missing = keys.iter().filter_map(|key| match key {
            OrganizationKey::Slug(slug) if !found.0.contains_key(*key) => Some(slug.clone()),
            _ => None,
        });
        let missing: Vec<String> = missing.take(SUGGESTED).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let slugs = organization::Entity::find()
            .filter(self.viewer.sees_organizations()?)
            .select_only()
            .column(organization::Column::Slug)
            .order_by_asc(organization::Column::Slug)
            .limit(COMPARED)
            .into_tuple::<String>()
            .all(&self.transaction)
            .await?;
        for given in missing {
            let meant = meant(&given, slugs.iter().map(String::as_str));
            let rule = Rule::NotFound { what: Thing::Organization, given: Some(given.clone()), meant };
            found.0.insert(OrganizationKey::Slug(given), Err(rule));
        }
        Ok(())
    }
}

/// Reads the organizations with these keys; unknown slugs and ids are left out.
async fn find(connection: &impl ConnectionTrait, viewer: &Viewer, keys: Vec<&OrganizationKey>) -> Result<Named, Error> {
    let seen = || Ok::<_, Error>(organization::Entity::find().filter(viewer.sees_organizations()?));
    let (mut slugs, mut ids, mut references) = (Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        match key {
            OrganizationKey::Slug(slug) => slugs.extend(is_key(slug).then_some(slug.as_str())),
            OrganizationKey::Id(id) => ids.extend(OrganizationId::parse(id)),
            OrganizationKey::Ref(reference) => references.push(reference),
        }
    }
    let mut found = HashMap::new();
    if !references.is_empty() {
        let references: Vec<&ExternalKey> = references;
        let (id, kind) = (organization::Column::Id, ReferencedKind::Organization);
        let named = each_named(connection, viewer, seen()?, id, &references, kind).await?;
        for (key, named) in references.into_iter().zip(named) {
            let one = match &named[..] {
                [] => continue,
                [row] => Ok(row.id),
                _ => Err(Rule::Ambiguous { what: Thing::Organization }),
            };
            found.insert(OrganizationKey::Ref(key.clone()), one);
        }
    }
    let by_slug = slugs.chunks(KEYS).map(|some| organization::Column::Slug.is_in(some.iter().copied()));
    let by_id = ids.chunks(KEYS).map(|some| organization::Column::Id.is_in(some.iter().copied()));
    for named in by_slug.chain(by_id) {
        for row in seen()?.filter(named).all(connection).await? {
            found.insert(OrganizationKey::Id(row.id.to_string().into()), Ok(row.id));
            found.insert(OrganizationKey::Slug(row.slug), Ok(row.id));
        }
    }
    Ok(Named(found))
}
