//! The terms of a document beside the published ones, in a database in memory. The same API normalizes both, and the reader
//! of the service needs no right to write.

use entente_entity::scalar::Locale;
use serde_json::json;

use crate::{
    cli::{
        apply::send::{How, Outcome},
        database::Opened,
        endpoint::{
            Endpoint,
            reading::{Format, Revision},
        },
    },
    definition::{
        diff::Change,
        document::{DefinitionInput, Document, OrganizationInput, OrganizationKey},
        read::read_documents,
    },
};

const DIGEST: &str = "query NormalizedDigest($slug: String!) { service(by: {slug: $slug}) { definition { digest } } }";

const REPLACE: How<'static> =
    How { dry_run: false, only_checks: false, replace: true, comment: None, expected_revision: None };

/// What is known of terms that are compared with the published ones.
pub(super) struct Comparison {
    /// The digest of the terms as the server would store them.
    pub digest: Option<String>,
    /// How they would change the published terms.
    pub changes: Vec<Change>,
}

impl Comparison {
    /// Compares terms with the published ones of the service at `real`; or the problems of the terms.
    pub async fn of(real: &Endpoint, terms: &DefinitionInput, published: i32) -> anyhow::Result<Outcome<Self>> {
        let current = real.published_terms(&terms.slug, published).await?;
        let memory = in_memory(real, [Some(terms), current.as_ref()].into_iter().flatten()).await?;
        if let Some(current) = &current
            && let Err(problems) = memory.apply_definition(current, REPLACE).await?
        {
            return Ok(Err(problems));
        }
        let done = match memory.apply_definition(terms, REPLACE).await? {
            Ok(done) => done,
            Err(problems) => return Ok(Err(problems)),
        };
        let data = memory.execute(DIGEST, json!({ "slug": terms.slug })).await?;
        let digest = data["service"]["definition"]["digest"].as_str().map(str::to_owned);
        Ok(Ok(Self { digest, changes: done.changes }))
    }
}

/// An empty database in memory, with the providers that these documents name.
async fn in_memory(real: &Endpoint, documents: impl Iterator<Item = &DefinitionInput>) -> anyhow::Result<Endpoint> {
    let locale = Locale(real.default_locale().await?);
    let memory = Endpoint::local(Opened::in_memory(&locale).await?.store, real.speech());
    let provider = |document: &DefinitionInput| match document.provider.value() {
        Some(OrganizationKey::Slug(slug)) => Some(slug.clone()),
        _ => None,
    };
    let mut slugs: Vec<String> = documents.filter_map(provider).collect();
    slugs.dedup();
    let named = |slug: &String| serde_json::from_value(json!({ "slug": slug, "name": slug }));
    let organizations: Vec<OrganizationInput> = slugs.iter().map(named).collect::<Result<_, _>>()?;
    let all: Vec<_> = organizations.iter().collect();
    // A slug that is refused here is a problem of the document, which the caller is told.
    drop::<Outcome<_>>(memory.apply_organizations(&all, REPLACE).await?);
    Ok(memory)
}

impl Endpoint {
    /// The terms of a revision; `None` if the reader does not see it any more.
    async fn published_terms(&self, slug: &str, revision: i32) -> anyhow::Result<Option<DefinitionInput>> {
        let Ok(revision) = u32::try_from(revision) else { return Ok(None) };
        let Revision::Found(text) = self.revision_document(slug, revision, Format::Json).await? else {
            return Ok(None);
        };
        let terms = read_documents(&text)?.into_iter().find_map(|document| match document {
            Document::ServiceDefinition(definition) => Some(*definition),
            _ => None,
        });
        Ok(terms)
    }
}
