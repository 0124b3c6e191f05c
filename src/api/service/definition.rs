//! Definitions: the terms as both parties sign them, frozen at a revision, and how they are written.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entente_entity::{
    enums::{ApplyMode, ChangeAction, DefinitionState, DocumentFormat},
    scalar::{DateTime, Locale},
    text::Str,
};
use serde_json::Value as Json;

use crate::{
    api::{
        organization::Organization,
        service::{
            Service,
            benefit::Benefit,
            contact::Actor,
            cost::Cost,
            element::{Source, all},
            escalation_policy::EscalationPolicy,
            expectation::Expectation,
            journey_stage::JourneyStage,
            offering::ServiceOffering,
            outcome::Outcome,
            risk::Risk,
        },
        shared::{
            connection::connection,
            error::{Nullable, UserError, done_or_problems, nullable},
            in_place::Nodes,
            list::{Budget, List},
            price,
            reader::{read, read_option, shown},
        },
    },
    definition::{diff::Change, document::DefinitionInput, given, terms::Escalation},
    store::{DefinitionApply, DefinitionRow, Error, ReadOrganizations, ReadServices, Session},
};

/// The terms of a service at one revision.
#[derive(Clone)]
pub struct Definition {
    pub(in crate::api) service: Service,
    pub(in crate::api) row: DefinitionRow,
}

connection!(DefinitionConnection, DefinitionEdge, Definition);

impl Definition {
    /// The terms, to read elements from.
    pub(in crate::api) async fn source(&self) -> Result<Arc<Source>, Error> {
        let definition = self.service.0.session().services().terms(self.row.id).await?;
        Ok(Arc::new(Source { service: self.service.clone(), definition, frozen: true }))
    }
}

/// The terms as both parties sign them, frozen at a revision: they never change, whatever happens to the service later.
/// Elements reached through a Definition carry an id of that revision, which `node` takes (one id, one content: clients
/// may cache by id); `key` joins them to the published element.
#[Object]
impl Definition {
    /// Global, and stable.
    pub(in crate::api) async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// Whose terms these are.
    async fn service(&self) -> Service {
        self.service.clone()
    }

    /// Its number, from 1, rising by one.
    async fn revision(&self) -> i32 {
        self.row.revision
    }

    /// What became of it.
    async fn state(&self) -> DefinitionState {
        self.row.state
    }

    /// Why it was written, in the author's words; null where nothing was said.
    async fn comment(&self) -> Option<&str> {
        self.row.comment.as_deref()
    }

    /// When it was frozen.
    async fn created_at(&self) -> DateTime {
        self.row.created_at
    }

    /// Who wrote it.
    async fn author(&self) -> Actor {
        Actor(self.row.author.clone())
    }

    /// When it was published; null where it never was.
    async fn published_at(&self) -> Option<DateTime> {
        self.row.published_at
    }

    /// What people call the service.
    async fn name(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.source().await?.terms().name, locale)
    }

    /// What the service does for its customers; null where nothing is said.
    async fn summary(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Nullable<Str> {
        match self.source().await {
            Ok(source) => read_option(ctx, source.terms().summary.as_ref(), locale),
            Err(error) => nullable(Err(error)),
        }
    }

    /// Who provides the service.
    async fn provider(&self) -> Result<Organization, Error> {
        let provider = self.source().await?.terms().provider;
        self.service.0.session().organizations().party(provider).await.map(Organization)
    }

    /// The stages that the customer goes through, in order.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn journey(&self) -> Result<List<JourneyStage>, Error> {
        Ok(all!(&self.source().await?, journey => JourneyStage))
    }

    /// The results that the customer wants, in the order in which they are lived.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn outcomes(&self) -> Result<List<Outcome>, Error> {
        Ok(all!(&self.source().await?, outcomes => Outcome))
    }

    /// Costs removed from the customer, or imposed.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn costs(&self) -> Result<List<Cost>, Error> {
        Ok(all!(&self.source().await?, costs => Cost))
    }

    /// Risks removed from the customer, or imposed.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn risks(&self) -> Result<List<Risk>, Error> {
        Ok(all!(&self.source().await?, risks => Risk))
    }

    /// The benefits promised.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn benefits(&self) -> Result<List<Benefit>, Error> {
        Ok(all!(&self.source().await?, benefits => Benefit))
    }

    /// What one party counts on the other to do.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn expectations(&self) -> Result<List<Expectation>, Error> {
        Ok(all!(&self.source().await?, expectations => Expectation))
    }

    /// What consumers choose from.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn offerings(&self) -> Result<List<ServiceOffering>, Error> {
        Ok(all!(&self.source().await?, offerings => ServiceOffering))
    }

    /// By when problems are answered, and to whom they are raised; the server's default where the terms say nothing.
    async fn escalation_policy(&self) -> Result<EscalationPolicy, Error> {
        let own = self.source().await?.terms().escalation.clone();
        Ok(own.unwrap_or_else(Escalation::server_default).into())
    }

    /// What differs from another revision; from the one before if none is named, and from nothing for the first.
    #[graphql(complexity = "price::each(price::CHANGES, child_complexity) + price::DOCUMENT")]
    async fn changes(&self, ctx: &Context<'_>, since: Option<i32>) -> Result<List<DefinitionChange>, Error> {
        let changes = self.service.0.session().services().changes(&self.row, since).await?;
        // Looked at before they are copied.
        ctx.data_unchecked::<Budget>().holds(changes.len())?;
        Ok(changes.iter().cloned().map(DefinitionChange::from).collect())
    }

    /// These terms as a document that `definitionApply` takes back unchanged.
    #[graphql(complexity = "child_complexity + price::DOCUMENT")]
    async fn document(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(DocumentFormat::Yaml)")] format: Option<DocumentFormat>,
    ) -> Result<String, Error> {
        let format = format.unwrap_or(DocumentFormat::Yaml);
        // Counted before it is copied.
        Ok(shown(ctx, self.service.0.definition_document(self.row.id, format).await?)?.to_string())
    }
}

/// What differs at one place of a definition.
#[derive(SimpleObject)]
pub struct DefinitionChange {
    /// CREATED where there was nothing, DELETED where nothing is left.
    action: ChangeAction,
    /// The place: `outcomes/one-record/statement/fr`. Elements are named by key, targets by severity, levels by number,
    /// consumers by slug. A change at a list itself is one of its order, and holds keys.
    path: String,
    /// What stood there, as in documents; null where nothing did.
    before: Option<Json>,
    /// What stands there now, as in documents; null where nothing does.
    after: Option<Json>,
}

impl From<Change> for DefinitionChange {
    fn from(change: Change) -> Self {
        let Change { action, path, before, after } = change;
        Self { action, path, before, after }
    }
}

/// A definition to apply, and how.
#[derive(InputObject)]
pub struct DefinitionApplyInput {
    /// The document. A service is matched by its slug, and made where there is none.
    definition: DefinitionInput,
    /// MERGE: by key at every level; what is not named keeps its place, what is new goes last; `remove` takes out.
    /// REPLACE: the terms become exactly this document, and what is left out is cleared; a list of links left out stays;
    /// `remove` is INVALID. Lists without keys (contacts, targets, levels) are whole when given, in both modes.
    /// externalReferences are only added.
    #[graphql(default_with = "ApplyMode::Merge")]
    mode: ApplyMode,
    /// Refuse with CONFLICT unless the service stands at this revision (0: unless it does not exist yet).
    expected_revision: Option<i32>,
    /// Why, in the author's words: kept with the new revision, if there is one. 10,000 characters at most.
    #[graphql(process_with = "given::optional_text")]
    comment: Option<String>,
    /// Tells what would change, and changes nothing.
    #[graphql(default = false)]
    dry_run: bool,
}

/// What applying a definition changed; nothing where there are user errors.
pub struct DefinitionApplyPayload {
    service: Option<Service>,
    changes: Vec<DefinitionChange>,
    applied: bool,
    user_errors: Vec<UserError>,
}

/// What applying a definition changed; nothing where there are user errors.
#[Object]
impl DefinitionApplyPayload {
    /// As it stands now; null where there are user errors, and in a dry run of a new one.
    async fn service(&self) -> Option<&Service> {
        self.service.as_ref()
    }

    /// What changed; in a dry run, what would.
    async fn changes(&self) -> Nodes<'_, DefinitionChange> {
        Nodes(&self.changes)
    }

    /// Whether anything was written. Applying what stands already writes nothing.
    async fn applied(&self) -> bool {
        self.applied
    }

    /// What is wrong with the input.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// Changes of definitions.
#[derive(Default)]
pub struct DefinitionMutation;

#[Object]
impl DefinitionMutation {
    /// Applies a document to a service's definition, whole or not at all. Changed terms are a new revision, which is
    /// published at once; changed links are none. For the provider, with the scope `definitions:write`.
    async fn definition_apply(
        &self,
        ctx: &Context<'_>,
        input: DefinitionApplyInput,
    ) -> Result<DefinitionApplyPayload, Error> {
        let session = ctx.data_unchecked::<Session>();
        let DefinitionApplyInput { definition, mode, expected_revision, comment, dry_run } = input;
        let written = session.write(DefinitionApply { definition, mode, expected_revision, comment, dry_run }).await;
        let applied = match done_or_problems(ctx, written)? {
            Ok(applied) => applied,
            Err(user_errors) => {
                return Ok(DefinitionApplyPayload { service: None, changes: Vec::new(), applied: false, user_errors });
            }
        };
        // It is read back, with its new terms, for those who ask for it.
        let service = match applied.service.filter(|_| ctx.look_ahead().field("service").exists()) {
            None => None,
            Some(id) => session.services().by_id(id).await?.map(Service),
        };
        Ok(DefinitionApplyPayload {
            service,
            applied: !dry_run && !applied.changes.is_empty(),
            changes: applied.changes.into_iter().map(DefinitionChange::from).collect(),
            user_errors: Vec::new(),
        })
    }
}
