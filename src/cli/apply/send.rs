//! Sends documents, and reads the answers.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    cli::endpoint::{Answered, Endpoint},
    definition::{
        diff::Change,
        document::{ConfigurationItemInput, DefinitionInput, OrganizationInput, OrganizationKey},
    },
};

const ORGANIZATIONS: &str = "mutation ApplyOrganizations($input: OrganizationsApplyInput!) {
  organizationsApply(input: $input) { created updated unchanged userErrors { code message path } }
}";

const ITEMS: &str = "mutation ApplyConfigurationItems($input: ConfigurationItemsApplyInput!) {
  configurationItemsApply(input: $input) {
    created updated unchanged removed unresolved userErrors { code message path }
  }
}";

const DEFINITION: &str = "mutation ApplyDefinition($input: DefinitionApplyInput!) {
  definitionApply(input: $input) {
    service { revision lifecycle }
    changes { action path before after }
    userErrors { code message path }
  }
}";

const REVISION: &str = "query Revision($slug: String!) {
  service(by: {slug: $slug}) { revision revisions(last: 1) { nodes { revision } } }
}";

/// How documents are applied.
#[derive(Clone, Copy, Debug, Default)]
pub struct How<'a> {
    /// Whether it is a dry run.
    pub dry_run: bool,
    /// Whether the documents are only checked, and will not be applied.
    pub only_checks: bool,
    /// Whether the terms become exactly the documents (REPLACE).
    pub replace: bool,
    /// The comment for new revisions.
    pub comment: Option<&'a str>,
    /// The revision that the service must have; `None`: any.
    pub expected_revision: Option<i32>,
}

/// A problem of a document.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct UserError {
    /// The code, for programs.
    pub code: String,
    /// The message, for people.
    pub message: String,
    /// The path in the input of the mutation.
    #[serde(default)]
    pub path: Option<Vec<String>>,
}

/// The result of a mutation, or its problems.
pub type Outcome<T> = Result<T, Vec<UserError>>;

/// The result for organizations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct OrganizationsDone {
    /// Number created.
    pub created: usize,
    /// Number updated.
    pub updated: usize,
    /// Number unchanged.
    pub unchanged: usize,
}

/// The result for configuration items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct ItemsDone {
    /// Number created.
    pub created: usize,
    /// Number updated.
    pub updated: usize,
    /// Number unchanged.
    pub unchanged: usize,
    /// Number deleted.
    pub removed: usize,
    /// Number of their dependencies that are unresolved.
    pub unresolved: usize,
}

/// The result for a service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceDone {
    /// The revision before; `None` for a new one.
    pub before: Option<i32>,
    /// The revision now.
    pub after: i32,
    /// The changes.
    pub changes: Vec<Change>,
    /// Whether it is retired.
    pub is_retired: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DefinitionPayload {
    service: Option<Revision>,
    changes: Vec<Change>,
    user_errors: Vec<UserError>,
}

#[derive(Deserialize)]
struct Revision {
    revision: i32,
    #[serde(default)]
    lifecycle: String,
}

impl Endpoint {
    /// Writes organizations, up to 1,000.
    pub async fn apply_organizations(
        &self,
        organizations: &[&OrganizationInput],
        how: How<'_>,
    ) -> anyhow::Result<Outcome<OrganizationsDone>> {
        let input = json!({ "organizations": organizations, "dryRun": how.dry_run });
        let mut payload = match self.mutate(ORGANIZATIONS, input).await? {
            Ok(mut data) => data["organizationsApply"].take(),
            Err(refused) => return Ok(Err(refused)),
        };
        let problems: Vec<UserError> = read(payload["userErrors"].take())?;
        if problems.is_empty() { Ok(Ok(read(payload)?)) } else { Ok(Err(problems)) }
    }

    /// Writes configuration items, up to 1,000, of one organization; `None`: of the caller's organization.
    pub async fn apply_items(
        &self,
        organization: Option<&OrganizationKey>,
        items: &[ConfigurationItemInput],
        how: How<'_>,
    ) -> anyhow::Result<Outcome<ItemsDone>> {
        let input = json!({ "organization": organization, "items": items, "dryRun": how.dry_run });
        let mut payload = match self.mutate(ITEMS, input).await? {
            Ok(mut data) => data["configurationItemsApply"].take(),
            Err(refused) => return Ok(Err(refused)),
        };
        let problems: Vec<UserError> = read(payload["userErrors"].take())?;
        if problems.is_empty() { Ok(Ok(read(payload)?)) } else { Ok(Err(problems)) }
    }

    /// Applies a definition.
    pub async fn apply_definition(
        &self,
        definition: &DefinitionInput,
        how: How<'_>,
    ) -> anyhow::Result<Outcome<ServiceDone>> {
        let known = self.revisions(&definition.slug).await?;
        let before = known.map(|(published, _)| published);
        let mode = if how.replace { "REPLACE" } else { "MERGE" };
        let input = json!({
            "definition": definition, "mode": mode, "dryRun": how.dry_run, "comment": how.comment,
            "expectedRevision": how.expected_revision,
        });
        let payload: DefinitionPayload = match self.mutate(DEFINITION, input).await? {
            Ok(mut data) => read(data["definitionApply"].take())?,
            Err(refused) => return Ok(Err(refused)),
        };
        let DefinitionPayload { service, changes, user_errors } = payload;
        if !user_errors.is_empty() {
            return Ok(Err(user_errors));
        }
        let (published, newest) = known.unwrap_or_default();
        let is_retired = service.as_ref().is_some_and(|service| service.lifecycle == "RETIRED");
        let after = match service {
            Some(service) if !how.dry_run => service.revision,
            // Proposals have numbers too.
            _ if changes.iter().any(is_of_terms) => newest + 1,
            _ => published,
        };
        Ok(Ok(ServiceDone { before, after, changes, is_retired }))
    }

    /// The published revision of a service; `None` if the service does not exist.
    pub async fn revision(&self, slug: &str) -> anyhow::Result<Option<i32>> {
        Ok(self.revisions(slug).await?.map(|(published, _)| published))
    }

    /// The published revision of a service and its newest one, which can be a proposal; `None` if the service does not exist.
    pub async fn revisions(&self, slug: &str) -> anyhow::Result<Option<(i32, i32)>> {
        let data = self.execute(REVISION, json!({ "slug": slug })).await?;
        let service = &data["service"];
        let newest: Option<Revision> = read(service["revisions"]["nodes"][0].clone())?;
        let service: Option<Revision> = read(service.clone())?;
        let number = |revision: Revision| revision.revision;
        Ok(service.map(number).map(|published| (published, newest.map_or(published, number))))
    }

    /// The data of a mutation. An error of the whole request is an error of the document in it.
    pub(in crate::cli) async fn mutate(&self, mutation: &str, input: Value) -> anyhow::Result<Outcome<Value>> {
        let error = match self.execute(mutation, json!({ "input": input })).await {
            Ok(data) => return Ok(Ok(data)),
            Err(error) => error,
        };
        match error.downcast::<Answered>() {
            Ok(Answered { code, message }) if matches!(&*code, "BAD_REQUEST" | "LIMIT_EXCEEDED" | "FORBIDDEN") => {
                Ok(Err(vec![UserError { code, message, path: None }]))
            }
            Ok(other) => Err(other.into()),
            Err(error) => Err(error),
        }
    }
}

/// Whether the change makes a new revision; changes of links do not.
fn is_of_terms(change: &Change) -> bool {
    let mut steps = change.path.split('/');
    let first = steps.next().unwrap_or_default();
    let is_link = matches!(first, "lifecycle" | "contacts" | "consumers" | "configurationItems" | "externalReferences");
    !is_link && !matches!(steps.nth(1), Some("configurationItems" | "externalReferences"))
}

/// Reads an answer.
fn read<T: DeserializeOwned>(value: Value) -> anyhow::Result<T> {
    serde_json::from_value(value).map_err(|error| anyhow::anyhow!("the answer is not as the schema has it: {error}"))
}

#[cfg(test)]
mod tests {
    use entente_entity::enums::ChangeAction;

    use super::*;

    #[test]
    fn links_make_no_revision() {
        let of_terms = |path: &str| {
            is_of_terms(&Change { action: ChangeAction::Created, path: path.into(), before: None, after: None })
        };
        for path in ["lifecycle", "contacts", "consumers/emergency", "consumers/emergency/offering"] {
            assert!(!of_terms(path), "{path}");
        }
        for path in ["externalReferences/jira/PMS", "outcomes/one-record/externalReferences/jira/PMS-1"] {
            assert!(!of_terms(path), "{path}");
        }
        for path in ["name/fr", "outcomes", "outcomes/one-record", "offerings/day/escalation/levels/1", "provider"] {
            assert!(of_terms(path), "{path}");
        }
    }
}
