//! Documents of stored objects, as far as the viewer sees them, and the differences between revisions.

use std::{collections::BTreeMap, sync::Arc};

use async_graphql::MaybeUndefined::{Undefined, Value};
use entente_entity::{
    enums::DocumentFormat,
    id::{DefinitionId, ElementId, OrganizationId, ServiceId},
    scalar::URL,
    text::Str,
};
use futures_util::future::{try_join, try_join_all};
use serde::Serialize;

use super::{ReadServices, Services, definitions::DefinitionRow, related::ServiceRow, revisions::Numbered};
use crate::{
    definition::{
        diff::{self, Change, State},
        digest,
        document::{
            ConfigurationItemInput, ConfigurationItemKey, ConfigurationItems, Document, ExternalKey,
            ExternalReferenceInput, OrganizationInput, OrganizationKey,
        },
        links::{Consumer, ItemLinks, LinkedItem, Links},
        render::{self, References},
        write,
    },
    store::{
        db::error::Error,
        item::related::ItemRow,
        organization::{ReadOrganizations, read::OrganizationRow},
        reference::{ReadReferences, read::ReferenceRow},
    },
};

/// The key of the document of a service, which is kept because a query may ask for it in many places.
#[derive(PartialEq, Eq, Hash)]
struct DocumentOf(ServiceId, DocumentFormat);

/// The key of the document of a revision.
#[derive(PartialEq, Eq, Hash)]
struct DocumentOfRevision(DefinitionId, DocumentFormat);

/// The key of the differences between two revisions.
#[derive(PartialEq, Eq, Hash)]
struct ChangesSince(DefinitionId, Option<i32>);

impl ServiceRow {
    /// The terms and links as a document, as far as the viewer sees them.
    pub async fn document(&self, format: DocumentFormat) -> Result<Arc<str>, Error> {
        self.batch.kept().once(DocumentOf(self.row.id, format), || self.write_document(format)).await
    }

    async fn write_document(&self, format: DocumentFormat) -> Result<Arc<str>, Error> {
        let rows = self.consumers().await?;
        let mut slugs = BTreeMap::from([(self.row.provider_id, self.provider().await?.slug.clone())]);
        let organizations = try_join_all(rows.iter().map(|row| self.consumer_organization(row))).await?;
        slugs.extend(organizations.into_iter().map(|row| (row.id, row.slug.clone())));
        let consumers = rows.iter().map(|row| Consumer {
            organization: row.organization_id,
            offering: row.offering.as_deref().map(Str::from),
            contacts: row.contacts.0.clone(),
        });
        let links = Links {
            lifecycle: self.row.lifecycle,
            contacts: self.row.contacts.0.clone(),
            consumers: consumers.collect(),
            items: self.items_in_documents().await?,
        };
        let references = References {
            service: self.own(&self.references().await?)?,
            elements: self.element_references_in_documents().await?,
        };
        let terms = &self.definition.terms;
        let document = render::document(&self.row.slug, terms, Some(&links), &references, slug_in(&slugs));
        Ok(written(Document::SERVICE_DEFINITION, &document, format).into())
    }

    /// The terms of one revision as a document.
    pub async fn definition_document(&self, id: DefinitionId, format: DocumentFormat) -> Result<Arc<str>, Error> {
        self.session().kept().once(DocumentOfRevision(id, format), || self.write_definition_document(id, format)).await
    }

    async fn write_definition_document(&self, id: DefinitionId, format: DocumentFormat) -> Result<Arc<str>, Error> {
        let definition = self.session().services().terms(id).await?;
        let provider = self.session().organizations().party(definition.terms.provider).await?;
        let slugs = BTreeMap::from([(provider.id, provider.slug.clone())]);
        let document =
            render::document(&self.row.slug, &definition.terms, None, &References::default(), slug_in(&slugs));
        Ok(written(Document::SERVICE_DEFINITION, &document, format).into())
    }

    /// The digest of the terms of one revision.
    pub async fn definition_digest(&self, id: DefinitionId) -> Result<String, Error> {
        let definition = self.session().services().terms(id).await?;
        let provider = self.session().organizations().party(definition.terms.provider).await?;
        Ok(digest::of(&self.row.slug, &definition.terms, &provider.slug))
    }

    async fn element_references_in_documents(&self) -> Result<BTreeMap<ElementId, Vec<ExternalReferenceInput>>, Error> {
        let terms = &self.definition.terms;
        let ids = terms.outcomes.iter().map(|it| it.id).chain(terms.offerings.iter().map(|it| it.id));
        let mut all = BTreeMap::new();
        for id in ids {
            all.insert(id, self.own(&self.element_references(id).await?)?);
        }
        Ok(all)
    }

    /// The configuration items of the service; `None` if the viewer may not see them.
    async fn items_in_documents(&self) -> Result<Option<ItemLinks>, Error> {
        if self.session().viewer()?.sees_items_of(self.row.provider_id).is_err() {
            return Ok(None);
        }
        let mut links = ItemLinks { service: linked(&self.items(self.row.id.0).await?).await?, ..ItemLinks::default() };
        for outcome in &self.definition.terms.outcomes {
            let items = linked(&self.items(outcome.id.0).await?).await?;
            if !items.is_empty() {
                links.outcomes.insert(outcome.key.clone(), items);
            }
        }
        Ok(Some(links))
    }

    /// The references that the viewer's own document would link. References of other parties are left out.
    fn own(&self, rows: &[ReferenceRow]) -> Result<Vec<ExternalReferenceInput>, Error> {
        let own = self.session().viewer()?.links_for(self.row.provider_id);
        Ok(references_by(own, rows))
    }
}

impl Services<'_> {
    /// The differences of a revision from another one; if `since` is `None`, from the published one from which it was made; from an
    /// empty definition for the first. The viewer must see the service. BAD_REQUEST if `since` does not exist.
    pub async fn changes(self, row: &DefinitionRow, since: Option<i32>) -> Result<Arc<[Change]>, Error> {
        self.kept().once(ChangesSince(row.id, since), || self.compare(row, since)).await
    }

    async fn compare(self, row: &DefinitionRow, since: Option<i32>) -> Result<Arc<[Change]>, Error> {
        let before = match since.or(row.base).unwrap_or(row.revision - 1) {
            0 => None,
            revision => {
                let id = self.load(Numbered, (row.service_id, revision)).await?;
                Some(id.ok_or_else(|| Error::BadRequest(format!("there is no revision {revision}")))?)
            }
        };
        let mut terms = try_join_all([row.id].into_iter().chain(before).map(|id| self.terms(id))).await?.into_iter();
        let (Some(after), before) = (terms.next(), terms.next()) else {
            return Err(Error::Corrupt(format!("{} is not there", row.id)));
        };
        let providers = before.iter().map(|it| it.terms.provider).chain([after.terms.provider]);
        let providers = try_join_all(providers.map(|id| self.organizations().party(id))).await?;
        let slugs = providers.into_iter().map(|row| (row.id, row.slug.clone())).collect();
        let state = |terms| State { terms, links: None };
        let before = before.as_ref().map(|it| state(&it.terms));
        Ok(diff::diff(before, state(&after.terms), slug_in(&slugs)).changes.into())
    }

    /// An organization that the viewer sees, as a document.
    pub async fn organization_document(self, row: &OrganizationRow, format: DocumentFormat) -> Result<String, Error> {
        #[derive(Serialize)]
        struct Organizations {
            organizations: [OrganizationInput; 1],
        }
        let parent = async {
            match row.parent_id {
                None => Ok(None),
                Some(id) => self.organizations().by_id(id).await,
            }
        };
        let (parent, references) = try_join(parent, self.references().of_organization(row.id)).await?;
        let references = references_by(self.viewer()?.links_for(row.id), &references);
        let organization = OrganizationInput {
            slug: row.slug.clone(),
            name: Value(render::text(&row.name)),
            parent: parent.map_or(Undefined, |parent| Value(OrganizationKey::Slug(parent.slug.clone()))),
            external_references: if references.is_empty() { Undefined } else { Value(references) },
        };
        Ok(written(Document::ORGANIZATIONS, &Organizations { organizations: [organization] }, format))
    }
}

impl ItemRow {
    /// The oldest reference of its own organization; its source uses it.
    pub async fn reference(&self) -> Result<Option<ReferenceRow>, Error> {
        let references = self.references().await?;
        let own = references.iter().filter(|row| row.organization_id == self.row.organization_id);
        Ok(own.min_by_key(|row| (row.created_at, row.id)).cloned())
    }

    /// The item as an entry of a document.
    pub async fn in_documents(&self) -> Result<ConfigurationItemInput, Error> {
        let reference = self.reference().await?.ok_or_else(|| Error::Corrupt(format!("{} has no key", self.row.id)))?;
        let optional = |text: &Option<String>| text.clone().map_or(Undefined, Value);
        let depends_on: Vec<_> = self
            .dependencies()
            .await?
            .iter()
            .map(|row| ExternalKey {
                system: row.system.clone(),
                r#type: Some(row.class.clone()).filter(|class| !class.is_empty()),
                key: row.key.clone(),
            })
            .collect();
        Ok(ConfigurationItemInput {
            r#ref: ExternalReferenceInput {
                system: reference.system.clone(),
                r#type: Some(reference.class.clone()).filter(|class| !class.is_empty()),
                key: reference.key.clone(),
                url: reference.url.clone().map(URL),
            },
            name: Value(self.row.name.clone()),
            class: Value(self.row.class.clone()),
            environment: optional(&self.row.environment),
            status: optional(&self.row.status),
            depends_on: if depends_on.is_empty() { Undefined } else { Value(depends_on) },
            dependencies_needed: self.row.dependencies_needed.map_or(Undefined, Value),
            remove: Undefined,
        })
    }

    /// The item as a document. It names the organization if that is not the viewer's own.
    pub async fn document(&self, format: DocumentFormat) -> Result<String, Error> {
        let organization = match self.session().viewer()?.organization == Some(self.row.organization_id) {
            true => None,
            false => {
                let owner = self.session().organizations().party(self.row.organization_id).await?;
                Some(OrganizationKey::Slug(owner.slug.clone()))
            }
        };
        let document = ConfigurationItems { organization, items: vec![self.in_documents().await?] };
        Ok(written(Document::CONFIGURATION_ITEMS, &document, format))
    }
}

/// Items as in documents of services.
async fn linked(items: &[(i32, ItemRow)]) -> Result<Vec<LinkedItem>, Error> {
    let mut linked = Vec::with_capacity(items.len());
    for (_, item) in items {
        let key = match item.reference().await? {
            Some(row) => ConfigurationItemKey::Ref(ExternalKey {
                system: row.system.clone(),
                r#type: Some(row.class.clone()).filter(|class| !class.is_empty()),
                key: row.key.clone(),
            }),
            None => ConfigurationItemKey::Id(item.row.id.to_string().into()),
        };
        linked.push(LinkedItem { id: item.row.id, key });
    }
    Ok(linked)
}

fn references_by(own: OrganizationId, rows: &[ReferenceRow]) -> Vec<ExternalReferenceInput> {
    let rows = rows.iter().filter(|row| row.organization_id == own);
    rows.map(|row| ExternalReferenceInput {
        system: row.system.clone(),
        r#type: Some(row.class.clone()).filter(|class| !class.is_empty()),
        key: row.key.clone(),
        url: row.url.clone().map(URL),
    })
    .collect()
}

fn slug_in(slugs: &BTreeMap<OrganizationId, String>) -> impl Fn(OrganizationId) -> String {
    |id| slugs.get(&id).cloned().unwrap_or_else(|| id.to_string())
}

fn written(kind: &str, document: &impl Serialize, format: DocumentFormat) -> String {
    match format {
        DocumentFormat::Yaml => write::to_yaml(kind, document),
        DocumentFormat::Json => write::to_json(kind, document),
    }
}
