//! Notes about an accepted definition.

use async_graphql::MaybeUndefined;
use serde_json::json;

use crate::{
    cli::{
        apply::{files::ServiceSource, problem::Told, send::ServiceDone},
        endpoint::{Endpoint, reading::Format},
    },
    definition::{
        document::{DefinitionInput, Document},
        languages::{leaves_open, only_language},
        read::read_documents,
        rename,
    },
    words::{Speech, Words},
};

/// Notes about a definition.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// In a dry run, the language of plain strings if the document does not set it.
    pub language: Option<String>,
    /// Parts that the author probably did not mean.
    pub found: Vec<Told>,
}

impl Notes {
    /// Whether the current service is needed for notes.
    pub fn need_what_stands(definition: &DefinitionInput, is_dry_run: bool) -> bool {
        (is_dry_run && leaves_open(definition)) || json!(definition).to_string().contains("\"renamedFrom\"")
    }

    /// The notes about a definition before it is applied. In a dry run, with the server's default language.
    pub fn of(
        service: &ServiceSource,
        standing: Option<&DefinitionInput>,
        default_locale: Option<String>,
        speech: Speech,
    ) -> Self {
        let definition = &service.definition;
        let only = || standing.and_then(only_language).map(|only| only.to_string());
        let language = default_locale.filter(|_| leaves_open(definition)).map(|default| only().unwrap_or(default));
        let lost = standing.map(|standing| rename::lost(standing, definition)).unwrap_or_default();
        let found = lost.into_iter().map(|rename::Lost { path, key, from, nearest }| {
            let words = match nearest {
                Some(nearest) => Words::RenameLostNear { key, from, nearest },
                None => Words::RenameLost { key, from },
            };
            service.noted(&path, words.say(speech))
        });
        Self { language, found: found.collect() }
    }

    /// Adds a note that the service is retired, if the document does not set the lifecycle.
    pub fn add_lifecycle(&mut self, service: &ServiceSource, done: &ServiceDone, speech: Speech) {
        let definition = &service.definition;
        if done.is_retired && matches!(definition.lifecycle, MaybeUndefined::Undefined) {
            let words = Words::StillRetired { slug: definition.slug.clone() };
            self.found.push(service.noted(&["slug".to_owned()], words.say(speech)));
        }
    }
}

impl Endpoint {
    /// The current definition of a service; `None` if it does not exist or may not be seen.
    pub(super) async fn standing(&self, slug: &str) -> anyhow::Result<Option<DefinitionInput>> {
        let Some(text) = self.service_document(slug, Format::Json).await? else { return Ok(None) };
        let documents = read_documents(&text)?.into_iter();
        let mut definitions = documents.filter_map(|document| match document {
            Document::ServiceDefinition(definition) => Some(*definition),
            _ => None,
        });
        Ok(definitions.next())
    }
}
