//! Whether the content of a file equals the current state.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{
    files::{Documents, read},
    forecast::{Forecast, Made},
    send::How,
};
use crate::{cli::endpoint::Endpoint, definition::document::ConfigurationItems, words::Speech};

/// The content that an export will write to a file.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) enum Content<'c> {
    /// This number of organizations.
    Organizations(usize),
    /// These configuration items.
    Items(&'c [ConfigurationItems]),
    /// The current service with this slug.
    Service(&'c str),
}

/// Compares files with the current state.
pub(in crate::cli) struct Same<'e> {
    endpoint: &'e Endpoint,
    speech: Speech,
    /// The organizations in memory, created when they are needed; `Some(None)` if they cannot be created.
    forecast: Option<Option<Forecast>>,
}

impl<'e> Same<'e> {
    /// Compares with the state of this endpoint.
    pub fn new(endpoint: &'e Endpoint) -> Self {
        Self { endpoint, speech: endpoint.speech(), forecast: None }
    }

    /// Whether the content of a file equals what an export will write to it; spelling and order do not matter.
    pub async fn says(&mut self, file: &Path, content: Content<'_>) -> anyhow::Result<bool> {
        let Some(documents) = read(&[PathBuf::from(file)], self.speech).faultless() else { return Ok(false) };
        let Documents { organizations, services, items, .. } = documents;
        match (content, &organizations[..], &services[..], &items[..]) {
            (Content::Organizations(count), all, [], []) if all.len() == count => {
                let inputs: Vec<_> = all.iter().map(|source| &source.organization).collect();
                match self.forecast().await? {
                    Some(forecast) => forecast.are_unchanged(&inputs).await,
                    None => Ok(false),
                }
            }
            (Content::Items(stand), [], [], all) => {
                let said = |one: &ConfigurationItems| {
                    let organization = json!(one.organization);
                    one.items.iter().map(move |item| json!([organization, item]).to_string()).collect::<Vec<_>>()
                };
                let given = all.iter().map(|source| ConfigurationItems {
                    organization: source.organization.clone(),
                    items: source.items.clone(),
                });
                let given: BTreeSet<String> = given.flat_map(|one| said(&one)).collect();
                Ok(given == stand.iter().flat_map(said).collect())
            }
            (Content::Service(slug), [], [service], []) if service.definition.slug == slug => {
                let endpoint = self.endpoint;
                let Some(forecast) = self.forecast().await? else { return Ok(false) };
                let how = How { dry_run: true, replace: true, ..How::default() };
                let outcome = forecast.definition(endpoint, &service.definition, &Made::default(), how).await?;
                Ok(outcome
                    .is_some_and(|outcome| outcome.is_ok_and(|done| done.before.is_some() && done.changes.is_empty())))
            }
            _ => Ok(false),
        }
    }

    async fn forecast(&mut self) -> anyhow::Result<Option<&Forecast>> {
        if self.forecast.is_none() {
            self.forecast = Some(Forecast::new(self.endpoint, &[]).await?);
        }
        Ok(self.forecast.as_ref().and_then(Option::as_ref))
    }
}
