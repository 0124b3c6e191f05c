//! Suggestions of parties of a service: checked when they are made, compared with the published terms when they are read.

use std::collections::HashMap;

use async_graphql::MaybeUndefined;
use entente_entity::{id::OrganizationId, scalar::Locale, service};

use super::{ServiceWrites, related::ServiceRow};
use crate::{
    definition::{
        at::At, diff::Change, document::DefinitionInput, document::OrganizationKey, languages::leaves_open,
        localized::locale, suggestion,
    },
    problem::{Problem, Rule},
    store::{
        db::error::{Error, Refusal},
        organization::{ReadOrganizations, WriteOrganizations},
    },
};

impl ServiceWrites<'_> {
    /// A suggestion for a service, checked, as it is stored: with the id of the provider that it names, and the language of its plain
    /// strings.
    pub(in crate::store) async fn suggestion(
        self,
        service: &service::Model,
        document: &DefinitionInput,
    ) -> Result<String, Refusal> {
        if document.slug != service.slug {
            return Err(Problem::at(["suggestion", "slug"], Rule::OtherService { slug: service.slug.clone() }).into());
        }
        let terms = self.store.definition(&self.transaction, service.definition_id).await?;
        let named = self.organizations().named(document.provider.value().into_iter()).await?;
        let provider = document.provider.value().map(|key| named.get(key));
        let slugs =
            self.organizations().slugs(provider.iter().flatten().copied().chain([terms.terms.provider])).await?;
        let default = self.store.default_locale();
        let changes = suggestion::changes(&terms.terms, document, provider.clone(), default, slug_in(&slugs))?;
        if changes.is_empty() {
            return Err(Problem::at(["suggestion"], Rule::NoNewTerms).into());
        }
        let mut stored = document.clone();
        if let Some(Ok(id)) = provider {
            stored.provider = MaybeUndefined::Value(OrganizationKey::Id(id.to_string().into()));
        }
        if leaves_open(document) {
            let language =
                locale(&document.locale, Some(&terms.terms), default, &At::top("suggestion"), &mut Vec::new());
            stored.locale = MaybeUndefined::Value(Locale(language.to_string()));
        }
        Ok(serde_json::to_string(&stored).map_err(Error::from)?)
    }
}

impl ServiceRow {
    /// What a stored suggestion would change in the published terms. `None` if it can no longer be applied to them.
    pub async fn suggested_changes(&self, document: &DefinitionInput) -> Result<Option<Vec<Change>>, Error> {
        let terms = &self.definition.terms;
        let provider = suggestion::stored_provider(document);
        let mut slugs = HashMap::new();
        for id in provider.into_iter().chain([terms.provider]) {
            slugs.insert(id, self.session().organizations().party(id).await?.slug.clone());
        }
        let default = self.session().store().default_locale();
        Ok(suggestion::changes(terms, document, provider.map(Ok), default, slug_in(&slugs)).ok())
    }
}

fn slug_in(slugs: &HashMap<OrganizationId, String>) -> impl Fn(OrganizationId) -> String {
    |id| slugs.get(&id).cloned().unwrap_or_else(|| id.to_string())
}
