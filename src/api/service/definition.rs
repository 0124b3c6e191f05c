//! Definitions: the frozen revisions of the terms, and the mutation that writes them.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entente_entity::{
    enums::{ApplyMode, ChangeAction, DefinitionState, DocumentFormat},
    scalar::{DateTime, Duration, Locale},
    text::Str,
};
use serde_json::Value as Json;

use crate::{
    api::{
        agreement::Agreement,
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
            error::{Nullable, nullable},
            list::{Budget, List, Nodes},
            price,
            reader::{read, read_option, shown},
            user_error::{UserError, done_or_problems},
        },
    },
    definition::{diff::Change, document::DefinitionInput, normalize, terms::Escalation},
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
    /// The terms of this revision.
    pub(in crate::api) async fn source(&self) -> Result<Arc<Source>, Error> {
        let definition = self.service.0.session().services().terms(self.row.id).await?;
        Ok(Arc::new(Source { service: self.service.clone(), definition, frozen: true }))
    }
}

/// A frozen revision of a service's terms, as both parties agree to them. It never changes, also if the service changes
/// later. Elements read through a Definition have an id of this revision: one id has one content, so that clients can
/// cache by id. `node` accepts these ids. `key` connects such an element with the published one.
#[Object]
impl Definition {
    /// The global id. It never changes.
    pub(in crate::api) async fn id(&self) -> ID {
        ID(self.row.id.to_string())
    }

    /// The service.
    async fn service(&self) -> Service {
        self.service.clone()
    }

    /// The number of the revision. The first is 1; each next one is greater by 1.
    async fn revision(&self) -> i32 {
        self.row.revision
    }

    /// The state of the revision: proposed, published, superseded or withdrawn.
    async fn state(&self) -> DefinitionState {
        self.row.state
    }

    /// The author's reason for this revision. Null if not given.
    async fn comment(&self) -> Option<&str> {
        self.row.comment.as_deref()
    }

    /// When the revision was created.
    async fn created_at(&self) -> DateTime {
        self.row.created_at
    }

    /// The person or program that created the revision.
    async fn author(&self) -> Actor {
        Actor(self.row.author.clone())
    }

    /// When the revision was published. Null if it was never published.
    async fn published_at(&self) -> Option<DateTime> {
        self.row.published_at
    }

    /// The display name of the service.
    async fn name(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Result<Str, Error> {
        read(ctx, &self.source().await?.terms().name, locale)
    }

    /// What the service does for its customers. Null if not given.
    async fn summary(&self, ctx: &Context<'_>, locale: Option<Locale>) -> Nullable<Str> {
        match self.source().await {
            Ok(source) => read_option(ctx, source.terms().summary.as_ref(), locale),
            Err(error) => nullable(Err(error)),
        }
    }

    /// The organization that provides the service.
    async fn provider(&self) -> Result<Organization, Error> {
        let provider = self.source().await?.terms().provider;
        self.service.0.session().organizations().party(provider).await.map(Organization)
    }

    /// The stages of the customer's journey, in order.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn journey(&self) -> Result<List<JourneyStage>, Error> {
        Ok(all!(&self.source().await?, journey => JourneyStage))
    }

    /// The results that the customer wants, in the order in which the customer experiences them.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn outcomes(&self) -> Result<List<Outcome>, Error> {
        Ok(all!(&self.source().await?, outcomes => Outcome))
    }

    /// The costs that the service removes from the customer, or imposes on the customer.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn costs(&self) -> Result<List<Cost>, Error> {
        Ok(all!(&self.source().await?, costs => Cost))
    }

    /// The risks that the service removes from the customer, or imposes on the customer.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn risks(&self) -> Result<List<Risk>, Error> {
        Ok(all!(&self.source().await?, risks => Risk))
    }

    /// The benefits that the service promises.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn benefits(&self) -> Result<List<Benefit>, Error> {
        Ok(all!(&self.source().await?, benefits => Benefit))
    }

    /// The expectations: what each party expects the other party to do.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn expectations(&self) -> Result<List<Expectation>, Error> {
        Ok(all!(&self.source().await?, expectations => Expectation))
    }

    /// The offerings that consumers can choose from.
    #[graphql(complexity = "price::each(price::ELEMENTS, child_complexity)")]
    async fn offerings(&self) -> Result<List<ServiceOffering>, Error> {
        Ok(all!(&self.source().await?, offerings => ServiceOffering))
    }

    /// The escalation policy: the deadlines for answers, and the levels to which an open escalation is raised. The
    /// server's default policy if the terms contain none.
    async fn escalation_policy(&self) -> Result<EscalationPolicy, Error> {
        let own = self.source().await?.terms().escalation.clone();
        Ok(own.unwrap_or_else(Escalation::server_default).into())
    }

    /// The decisions of the consumers on this revision, in the order of the consumers. A consumer sees only its own. Of a
    /// revision that is neither published nor proposed, only the decisions that were made.
    #[graphql(complexity = "price::each(price::CONSUMERS, child_complexity)")]
    async fn agreements(&self) -> Result<List<Agreement>, Error> {
        Agreement::on(&self.service, &self.row).await
    }

    /// The digest of these terms, to compare a printed or exported copy with: the SHA-256, in hexadecimal, of the
    /// canonical JSON (RFC 8785) of `document(format: JSON)`.
    #[graphql(complexity = "price::DOCUMENT")]
    async fn digest(&self) -> Result<String, Error> {
        self.service.0.definition_digest(self.row.id).await
    }

    /// How often the parties look at these terms again, for example `P1Y`. Null if the terms do not say it.
    async fn review_every(&self) -> Result<Option<Duration>, Error> {
        Ok(self.source().await?.terms().review_every.clone())
    }

    /// The differences from the revision `since` to this one. Default: from the revision that was published when this one
    /// was made. For the first revision, everything is new.
    #[graphql(complexity = "price::each(price::CHANGES, child_complexity) + price::DOCUMENT")]
    async fn changes(&self, ctx: &Context<'_>, since: Option<i32>) -> Result<List<DefinitionChange>, Error> {
        let changes = self.service.0.session().services().changes(&self.row, since).await?;
        // Before the copy, which can be large.
        ctx.data_unchecked::<Budget>().check(changes.len())?;
        Ok(changes.iter().cloned().map(DefinitionChange::from).collect())
    }

    /// The terms of this revision as a document that `definitionApply` accepts.
    #[graphql(complexity = "child_complexity + price::DOCUMENT")]
    async fn document(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(DocumentFormat::Yaml)")] format: Option<DocumentFormat>,
    ) -> Result<String, Error> {
        let format = format.unwrap_or(DocumentFormat::Yaml);
        // Before the copy, which can be large.
        Ok(shown(ctx, self.service.0.definition_document(self.row.id, format).await?)?.to_string())
    }
}

/// A difference between two revisions at one place of the definition.
#[derive(SimpleObject)]
pub struct DefinitionChange {
    /// CREATED if there was no value before, DELETED if there is none now, otherwise UPDATED.
    action: ChangeAction,
    /// The place in the definition, for example `outcomes/one-record/statement/fr`. It names an element by its key, a
    /// target by its severity, a level by its number and a consumer by its slug. A change of the order of a list has
    /// the path of the list; its values are keys.
    path: String,
    /// The value before, in the form of documents. Null if there was none.
    before: Option<Json>,
    /// The value now, in the form of documents. Null if there is none.
    after: Option<Json>,
}

impl From<Change> for DefinitionChange {
    fn from(change: Change) -> Self {
        let Change { action, path, before, after } = change;
        Self { action, path, before, after }
    }
}

/// A definition to apply.
#[derive(InputObject)]
pub struct DefinitionApplyInput {
    /// The document. `slug` identifies the service; a service that does not exist is created.
    definition: DefinitionInput,
    /// How the document is applied. MERGE: the document is merged by key at every level. What it does not contain stays
    /// as it is; new elements are added at the end of their list; `remove` deletes an element. REPLACE: the terms
    /// become exactly this document, and terms that it does not contain are deleted; lists of links that it does not
    /// contain stay as they are; `remove` is INVALID. In both modes, lists without keys (contacts, targets, levels)
    /// replace the current list, and externalReferences are only added.
    #[graphql(default_with = "ApplyMode::Merge")]
    mode: ApplyMode,
    /// The revision that you expect the service to have; 0 if it must not exist yet. With another revision, the
    /// mutation is refused with CONFLICT.
    expected_revision: Option<i32>,
    /// The reason for the change. It is stored with the new revision, if there is one. At most 10,000 characters.
    #[graphql(process_with = "normalize::optional_text")]
    comment: Option<String>,
    /// True checks the input and returns the changes, but writes nothing.
    #[graphql(default = false)]
    dry_run: bool,
}

/// The result of applying a definition. Nothing was written if there are user errors.
pub struct DefinitionApplyPayload {
    service: Option<Service>,
    changes: Vec<DefinitionChange>,
    applied: bool,
    user_errors: Vec<UserError>,
}

/// The result of applying a definition. Nothing was written if there are user errors.
#[Object]
impl DefinitionApplyPayload {
    /// The current service. Null if there are user errors, and in a dry run for a new service.
    async fn service(&self) -> Option<&Service> {
        self.service.as_ref()
    }

    /// The changes of the definition; in a dry run, the changes that would be made.
    async fn changes(&self) -> Nodes<'_, DefinitionChange> {
        Nodes(&self.changes)
    }

    /// Whether something was written. A document without changes writes nothing.
    async fn applied(&self) -> bool {
        self.applied
    }

    /// The errors in the input. Empty if the mutation succeeded.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// Mutations of definitions.
#[derive(Default)]
pub struct DefinitionMutation;

#[Object]
impl DefinitionMutation {
    /// Applies a document to the definition of a service, completely or not at all. A change of terms creates a new
    /// revision and publishes it immediately; a change of links creates no revision. A document without changes writes
    /// nothing. Only for the provider; needs the scope `definitions:write`.
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
        // The service is read again, with its new terms, only if the query selects it.
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
