//! Documents of what stands, as their reader may see it, and what differs between revisions.

use std::collections::BTreeMap;

use async_graphql::MaybeUndefined::{Undefined, Value};
use entente_entity::{
    definition,
    enums::DocumentFormat,
    id::{DefinitionId, ElementId, OrganizationId},
    scalar::URL,
    text::Str,
};
use futures_util::future::try_join_all;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::Serialize;

use super::{DefinitionRow, Error, OrganizationRow, ReferenceRow, ServiceRow, Session};
use crate::definition::{
    diff::{self, Change, State},
    document::{ExternalReferenceInput, OrganizationInput, OrganizationKey},
    links::{Consumer, Links},
    read::Document,
    render::{self, References},
    write,
};

impl ServiceRow {
    /// Terms and links as a document, as far as the viewer sees them.
    pub async fn document(&self, format: DocumentFormat) -> Result<String, Error> {
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
        };
        let references = References {
            service: self.own(self.references().await?)?,
            elements: self.element_references_in_documents().await?,
        };
        let terms = &self.definition.terms;
        let document = render::document(&self.row.slug, terms, Some(&links), &references, slug_in(&slugs));
        Ok(written(Document::SERVICE_DEFINITION, &document, format))
    }

    /// The terms of one revision as a document.
    pub async fn definition_document(&self, id: DefinitionId, format: DocumentFormat) -> Result<String, Error> {
        let definition = self.session().terms(id).await?;
        let provider = self.session().party(definition.terms.provider).await?;
        let slugs = BTreeMap::from([(provider.id, provider.slug.clone())]);
        let document =
            render::document(&self.row.slug, &definition.terms, None, &References::default(), slug_in(&slugs));
        Ok(written(Document::SERVICE_DEFINITION, &document, format))
    }

    async fn element_references_in_documents(&self) -> Result<BTreeMap<ElementId, Vec<ExternalReferenceInput>>, Error> {
        let terms = &self.definition.terms;
        let ids = terms.outcomes.iter().map(|it| it.id).chain(terms.offerings.iter().map(|it| it.id));
        let mut all = BTreeMap::new();
        for id in ids {
            all.insert(id, self.own(self.element_references(id).await?)?);
        }
        Ok(all)
    }

    /// Those references that applying a document would link again: another party's are not one's own to write.
    fn own(&self, rows: &[ReferenceRow]) -> Result<Vec<ExternalReferenceInput>, Error> {
        let own = self.session().viewer()?.links_for(self.row.provider_id);
        Ok(references_by(own, rows))
    }
}

impl Session {
    /// What differs between two revisions of a service that the viewer sees: from another one, from the one before if
    /// none is named, and from nothing for the first.
    pub async fn definition_changes(&self, row: &DefinitionRow, since: Option<i32>) -> Result<Vec<Change>, Error> {
        let before = match since.unwrap_or(row.revision - 1) {
            0 => None,
            revision => {
                let id: Option<DefinitionId> = definition::Entity::find()
                    .select_only()
                    .column(definition::Column::Id)
                    .filter(definition::Column::ServiceId.eq(row.service_id))
                    .filter(definition::Column::Revision.eq(revision))
                    .into_tuple()
                    .one(self.read())
                    .await?;
                let id = id.ok_or_else(|| Error::BadRequest(format!("there is no revision {revision}")))?;
                Some(self.terms(id).await?)
            }
        };
        let after = self.terms(row.id).await?;
        let mut slugs = BTreeMap::new();
        for id in before.iter().map(|it| it.terms.provider).chain([after.terms.provider]) {
            slugs.insert(id, self.party(id).await?.slug.clone());
        }
        let state = |terms| State { terms, links: None };
        let before = before.as_ref().map(|it| state(&it.terms));
        Ok(diff::diff(before, state(&after.terms), slug_in(&slugs)).changes)
    }

    /// An organization that the viewer sees, as a document.
    pub async fn organization_document(&self, row: &OrganizationRow, format: DocumentFormat) -> Result<String, Error> {
        #[derive(Serialize)]
        struct Organizations {
            organizations: [OrganizationInput; 1],
        }
        let parent = match row.parent_id {
            None => None,
            Some(id) => self.organization_by_id(id).await?,
        };
        let references =
            references_by(self.viewer()?.links_for(row.id), &self.references_of_organization(row.id).await?);
        let organization = OrganizationInput {
            slug: row.slug.clone(),
            name: Value(render::text(&row.name)),
            parent: parent.map_or(Undefined, |parent| Value(OrganizationKey::Slug(parent.slug.clone()))),
            external_references: if references.is_empty() { Undefined } else { Value(references) },
        };
        Ok(written(Document::ORGANIZATIONS, &Organizations { organizations: [organization] }, format))
    }
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
