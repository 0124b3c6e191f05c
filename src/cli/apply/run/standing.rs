//! Documents that the token may not write, but that change nothing. They are not written and not refused.
//!
//! The server refuses every write without the scope. But it must be possible to apply an export again, so the documents
//! are compared here with the current, visible state.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Run;
use crate::{
    cli::apply::{
        files::ItemsSource,
        forecast::{Forecast, Made},
        send::{How, ServiceDone},
    },
    definition::document::{DefinitionInput, OrganizationInput},
};

/// The current state, read when it is needed.
#[derive(Default)]
pub(super) struct Standing {
    /// The organizations, in memory; `Some(None)` if they cannot be created there.
    organizations: Option<Option<Forecast>>,
    /// The configuration items, by system, type and key.
    items: Option<HashMap<Value, Value>>,
}

impl Run<'_> {
    /// Whether organizations are unchanged.
    pub(super) async fn organizations_stand(&mut self, inputs: &[&OrganizationInput]) -> anyhow::Result<bool> {
        let Some(standing) = self.standing_organizations().await? else { return Ok(false) };
        standing.are_unchanged(inputs).await
    }

    /// The result of applying a definition, if it is unchanged.
    pub(super) async fn definition_stands(
        &mut self,
        definition: &DefinitionInput,
    ) -> anyhow::Result<Option<ServiceDone>> {
        if self.how.expected_revision.is_some() {
            return Ok(None);
        }
        let how = How { dry_run: true, ..self.how };
        self.standing_organizations().await?;
        let Some(Some(standing)) = &self.standing.organizations else { return Ok(None) };
        let outcome = standing.definition(&self.endpoint, definition, &Made::default(), how).await?;
        Ok(outcome.and_then(Result::ok).filter(|done| done.before.is_some() && done.changes.is_empty()))
    }

    /// Whether configuration items are unchanged.
    pub(super) async fn items_stand(&mut self, portion: &ItemsSource) -> anyhow::Result<bool> {
        if self.standing.items.is_none() {
            let documents = self.endpoint.items().await?.unwrap_or_default();
            let items = documents.into_iter().flat_map(|document| document.items);
            self.standing.items = Some(items.map(|item| (named(&json!(item)), json!(item))).collect());
        }
        let Some(standing) = &self.standing.items else { return Ok(false) };
        Ok(portion.items.iter().all(|item| {
            let item = json!(item);
            standing.get(&named(&item)).is_some_and(|stands| says_no_more(&item, stands))
        }))
    }

    async fn standing_organizations(&mut self) -> anyhow::Result<Option<&Forecast>> {
        if self.standing.organizations.is_none() {
            self.standing.organizations = Some(Forecast::new(&self.endpoint, &[]).await?);
        }
        Ok(self.standing.organizations.as_ref().and_then(Option::as_ref))
    }
}

/// The system, the type and the key of an item.
fn named(item: &Value) -> Value {
    let reference = &item["ref"];
    json!([reference["system"], reference["type"], reference["key"]])
}

/// Whether each field that is given has its current value.
fn says_no_more(item: &Value, stands: &Value) -> bool {
    item.as_object().into_iter().flatten().all(|(name, value)| *value == stands[name])
}
