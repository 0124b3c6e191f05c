//! The services to retire with `--prune`: those that are not in the folder, of the providers of the services in the
//! folder.

use std::collections::HashSet;

use async_graphql::MaybeUndefined;
use serde_json::{Value, json};

use super::{
    files::Documents,
    send::{How, Outcome, ServiceDone},
};
use crate::{
    cli::endpoint::Endpoint,
    definition::document::{DefinitionInput, OrganizationKey},
    words::{Speech, Words},
};

const SERVICES: &str = "query PrunedServices($after: String) {
  services(first: 200, after: $after) {
    nodes { slug lifecycle provider { slug } }
    pageInfo { hasNextPage endCursor }
  }
}";

/// The services that are not in the folder.
#[derive(Debug, Default)]
pub(super) struct Pruned {
    /// Their slugs.
    pub slugs: Vec<String>,
    /// The number of services, including those of the folder, without retired ones.
    pub all: usize,
    /// Whether more than a tenth of the services may be retired.
    pub may_be_many: bool,
}

impl Pruned {
    /// Why they may not be retired: they are more than a tenth. `None` if they may.
    pub fn refusal(&self, speech: Speech) -> Option<String> {
        let (count, all) = (self.slugs.len(), self.all);
        let words = if count == 1 { Words::OnePruned { all } } else { Words::TooManyPruned { count, all } };
        (count * 10 > all && !self.may_be_many).then(|| words.say(speech))
    }
}

impl Endpoint {
    /// The services to retire: those that are not in the documents, are not retired, and whose provider also provides a
    /// service in the documents, according to a document or on the server.
    pub(super) async fn pruned(&self, documents: &Documents, may_be_many: bool) -> anyhow::Result<Pruned> {
        let kept: HashSet<&str> = documents.services.iter().map(|source| &*source.definition.slug).collect();
        let named = documents.services.iter().filter_map(|source| match &source.definition.provider {
            MaybeUndefined::Value(OrganizationKey::Slug(slug)) => Some(slug.clone()),
            _ => None,
        });
        let mut providers: HashSet<String> = named.collect();
        let mut standing: Vec<(String, String, bool)> = Vec::new();
        let mut after = Value::Null;
        loop {
            let data = self.execute(SERVICES, json!({ "after": after })).await?;
            let page = &data["services"];
            for node in page["nodes"].as_array().into_iter().flatten() {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let (slug, provider) = (text(&node["slug"]), text(&node["provider"]["slug"]));
                if kept.contains(&*slug) {
                    providers.insert(provider.clone());
                }
                standing.push((slug, provider, node["lifecycle"] == "RETIRED"));
            }
            if page["pageInfo"]["hasNextPage"] != true {
                break;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
        standing.retain(|(_, provider, is_retired)| providers.contains(provider) && !is_retired);
        let all = standing.len();
        let slugs = standing.into_iter().map(|(slug, ..)| slug).filter(|slug| !kept.contains(&**slug)).collect();
        Ok(Pruned { slugs, all, may_be_many })
    }

    /// Retires a service.
    pub(super) async fn retire(&self, slug: &str, how: How<'_>) -> anyhow::Result<Outcome<ServiceDone>> {
        let document = json!({ "slug": slug, "lifecycle": "RETIRED" });
        let document: DefinitionInput = serde_json::from_value(document)?;
        self.apply_definition(&document, How { replace: false, expected_revision: None, ..how }).await
    }
}
