//! What a dry run cannot ask: documents that name organizations which the same run would make first.
//!
//! They are applied to a database in memory that has the organizations as the run would leave them. The same API gives
//! the same answers there, for all but what only the real database knows: what the viewer may do, and which external
//! keys others have taken.

use std::collections::HashSet;

use super::{
    organizations::{parent, parents_first, portions},
    send::{How, OrganizationsDone, Outcome, ServiceDone, UserError},
};
use crate::{
    cli::{database::Opened, endpoint::Endpoint, export::Format},
    definition::{
        document::{DefinitionInput, OrganizationInput, OrganizationKey},
        read::{Document, read_documents},
    },
};

const REALLY: How = How { dry_run: false, replace: false };

/// The organizations as the run would leave them.
pub(super) struct Forecast {
    endpoint: Endpoint,
    /// What the run would do to organizations.
    pub organizations: OrganizationsDone,
}

impl Forecast {
    /// A forecast for a run that sends these organizations, in portions; `None` where they do not apply there either.
    pub async fn new(real: &Endpoint, sent: &[Vec<&OrganizationInput>]) -> anyhow::Result<Option<Self>> {
        let locale = entente_entity::scalar::Locale(real.default_locale().await?);
        let endpoint = Endpoint::local(Opened::in_memory(&locale).await?.store);
        for portion in portions(parents_first(real.organizations().await?, |one| one), |one| one) {
            let portion: Vec<_> = portion.iter().collect();
            if endpoint.apply_organizations(&portion, REALLY).await?.is_err() {
                return Ok(None);
            }
        }
        let mut organizations = OrganizationsDone::default();
        for portion in sent {
            let Ok(done) = endpoint.apply_organizations(portion, REALLY).await? else { return Ok(None) };
            organizations.created += done.created;
            organizations.updated += done.updated;
            organizations.unchanged += done.unchanged;
        }
        Ok(Some(Self { endpoint, organizations }))
    }

    /// What applying a definition would do; `None` where that cannot be told.
    pub async fn definition(
        &self,
        real: &Endpoint,
        definition: &DefinitionInput,
        how: How,
    ) -> anyhow::Result<Option<Outcome<ServiceDone>>> {
        let before = real.revision(&definition.slug).await?;
        if let Some(document) = real.service_document(&definition.slug, Format::Json).await? {
            for document in read_documents(&document)? {
                let Document::ServiceDefinition(standing) = document else { continue };
                if self.endpoint.apply_definition(&standing, REALLY).await?.is_err() {
                    return Ok(None);
                }
            }
        }
        let outcome = self.endpoint.apply_definition(definition, how).await?;
        Ok(Some(outcome.map(|mut done| {
            let steps = done.after - done.before.unwrap_or_default();
            done.before = before;
            done.after = before.unwrap_or_default() + steps;
            done
        })))
    }
}

/// The organizations that a dry run would have made by the time that something names them.
#[derive(Debug, Default)]
pub(super) struct Made(HashSet<String>);

impl Made {
    /// These organizations.
    pub fn of<'o>(organizations: impl Iterator<Item = &'o OrganizationInput>) -> Self {
        Self(organizations.map(|organization| organization.slug.clone()).collect())
    }

    /// What is wrong with organizations, but for parents that would be there.
    pub fn others_of_organizations(&self, problems: Vec<UserError>, inputs: &[&OrganizationInput]) -> Vec<UserError> {
        self.others(problems, |path| match path {
            [_, index, field] if field == "parent" => {
                inputs.get(index.parse::<usize>().ok()?).and_then(|it| parent(it))
            }
            _ => None,
        })
    }

    /// What is wrong with a definition, but for parties that would be there.
    pub fn others_of_definition(&self, problems: Vec<UserError>, definition: &DefinitionInput) -> Vec<UserError> {
        let named = |path: &[String]| match path {
            [_, field] if field == "provider" => definition.provider.value(),
            [_, list, index, field] if list == "consumers" && field == "organization" => {
                let consumers = definition.consumers.value()?;
                consumers.get(index.parse::<usize>().ok()?).map(|consumer| &consumer.organization)
            }
            _ => None,
        };
        self.others(problems, |path| match named(path)? {
            OrganizationKey::Slug(slug) => Some(slug),
            _ => None,
        })
    }

    /// The problems that are not of a name which is not found, but would be. `named` is the slug at a path of the input.
    fn others<'s>(&self, mut problems: Vec<UserError>, named: impl Fn(&[String]) -> Option<&'s str>) -> Vec<UserError> {
        problems.retain(|error| {
            let slug = named(error.path.as_deref().unwrap_or_default());
            error.code != "NOT_FOUND" || slug.is_none_or(|slug| !self.0.contains(slug))
        });
        problems
    }
}
