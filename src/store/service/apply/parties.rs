//! The organizations and the external references in the document of a service.

use std::collections::HashMap;

use entente_entity::{
    enums::ReferencedKind,
    id::{ElementId, OrganizationId, ServiceId},
};

use super::{current::Current, nearest::no_provider};
use crate::{
    definition::{
        at::At,
        document::{DefinitionInput, OrganizationKey},
        terms::Terms,
    },
    problem::Rule,
    store::{
        db::error::Error,
        organization::WriteOrganizations,
        reference::link::{ReferenceWanted, Referenced},
        write::writer::Writer,
    },
};

/// The organizations that a document names, and those that the service has now.
pub(super) struct Parties {
    /// The provider that the document names, otherwise the viewer's organization.
    pub(super) provider: Result<OrganizationId, Rule>,
    /// In the order of the document.
    pub(super) consumers: Vec<Result<OrganizationId, Rule>>,
    /// The slugs of all of them.
    slugs: HashMap<OrganizationId, String>,
}

impl Parties {
    pub(super) async fn look_up(
        writer: &Writer,
        document: &DefinitionInput,
        current: Option<&Current>,
    ) -> Result<Self, Error> {
        let consumers = document.consumers.value().into_iter().flatten().map(|consumer| &consumer.organization);
        let found = writer.organizations().named(organizations(document)).await?;
        let provider = match document.provider.value() {
            Some(key) => found.get(key),
            None => writer.viewer.organization.ok_or_else(|| no_provider(&writer.viewer, document)),
        };
        let consumers: Vec<_> = consumers.map(|key| found.get(key)).collect();
        let current_parties = current
            .into_iter()
            .flat_map(|it| it.consumers.iter().map(|row| row.organization_id).chain([it.row.provider_id]));
        let ids = provider.iter().chain(consumers.iter().flatten()).copied().chain(current_parties).collect::<Vec<_>>();
        let slugs = writer.organizations().slugs(ids).await?;
        Ok(Self { provider, consumers, slugs })
    }

    /// The slug of one of them; otherwise the id as text.
    pub(super) fn slug(&self, id: OrganizationId) -> String {
        self.slugs.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

/// The organizations that a document names.
pub(super) fn organizations(document: &DefinitionInput) -> impl Iterator<Item = &OrganizationKey> {
    let consumers = document.consumers.value().into_iter().flatten().map(|consumer| &consumer.organization);
    consumers.chain(document.provider.value())
}

/// The references that a document links to the service, its outcomes and its offerings.
pub(in crate::store) fn references_wanted(
    service: ServiceId,
    document: &DefinitionInput,
    terms: &Terms,
) -> Vec<ReferenceWanted> {
    let at = At::top("definition");
    let (kind, provider) = (ReferencedKind::Service, Some(terms.provider));
    let of_service = Referenced { kind, id: service.0, service: Some(service), provider };
    let mut wanted = ReferenceWanted::of(of_service, &document.external_references, &at, "");
    let element = |id: ElementId| Referenced { kind: ReferencedKind::Element, id: id.0, ..of_service };
    let place = at.field("outcomes");
    for (index, outcome) in document.outcomes.value().into_iter().flatten().enumerate() {
        if let Some(terms) = terms.outcomes.iter().find(|it| it.key.as_str() == outcome.key) {
            let within = format!("outcomes/{}/", outcome.key);
            wanted.extend(ReferenceWanted::of(
                element(terms.id),
                &outcome.external_references,
                &place.index(index),
                &within,
            ));
        }
    }
    let place = at.field("offerings");
    for (index, offering) in document.offerings.value().into_iter().flatten().enumerate() {
        if let Some(terms) = terms.offerings.iter().find(|it| it.key.as_str() == offering.key) {
            let within = format!("offerings/{}/", offering.key);
            wanted.extend(ReferenceWanted::of(
                element(terms.id),
                &offering.external_references,
                &place.index(index),
                &within,
            ));
        }
    }
    wanted
}
