//! Suggestions: changes of the terms that threads ask for.

use async_graphql::{Context, Object};
use entente_entity::enums::DocumentFormat;

use crate::{
    api::{
        service::{Service, definition::DefinitionChange},
        shared::{
            list::{Budget, List},
            price,
            reader::shown,
        },
    },
    definition::{
        diff::Change,
        document::{DefinitionInput, Document},
        write,
    },
    store::{Error, ThreadRow},
};

/// A change of the terms that a thread asks for.
pub struct Suggestion {
    document: DefinitionInput,
    /// `None` if it can no longer be applied.
    changes: Option<Vec<Change>>,
}

impl Suggestion {
    /// The suggestion of a thread, compared with the published terms.
    pub(in crate::api) async fn of(thread: &ThreadRow) -> Result<Option<Self>, Error> {
        let Some(json) = &thread.row.suggestion else { return Ok(None) };
        let document: DefinitionInput =
            serde_json::from_str(json).map_err(|error| Error::Corrupt(format!("suggestion: {error}")))?;
        let service = Service(thread.service().await?);
        let changes = service.0.suggested_changes(&document).await?;
        Ok(Some(Self { document, changes }))
    }
}

/// A change of the terms that a party asks for, in the form of the document of a definition.
#[Object]
impl Suggestion {
    /// What it would change in the terms that are published now. Empty if it is adopted, and if it can no longer be applied
    /// because the elements that it changes were deleted.
    #[graphql(complexity = "price::each(price::CHANGES, child_complexity)")]
    async fn changes(&self, ctx: &Context<'_>) -> Result<List<DefinitionChange>, Error> {
        // Before the copy, which can be large.
        ctx.data_unchecked::<Budget>().check(self.changes.as_ref().map_or(0, Vec::len))?;
        Ok(self.changes.iter().flatten().cloned().map(DefinitionChange::from).collect())
    }

    /// The document, as it was suggested: `definitionPropose` accepts it.
    #[graphql(complexity = "child_complexity + price::DOCUMENT")]
    async fn document(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(DocumentFormat::Yaml)")] format: Option<DocumentFormat>,
    ) -> Result<String, Error> {
        let document = match format.unwrap_or(DocumentFormat::Yaml) {
            DocumentFormat::Yaml => write::to_yaml(Document::SERVICE_DEFINITION, &self.document),
            DocumentFormat::Json => write::to_json(Document::SERVICE_DEFINITION, &self.document),
        };
        shown(ctx, document)
    }

    /// Whether the published terms contain all of it.
    async fn adopted(&self) -> bool {
        self.changes.as_ref().is_some_and(Vec::is_empty)
    }
}
