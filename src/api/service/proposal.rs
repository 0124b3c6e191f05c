//! Proposals: new terms beside the published ones.

use async_graphql::{Context, InputObject, Object};
use entente_entity::enums::ApplyMode;
use serde::Serialize;

use crate::{
    api::{
        service::{
            Service,
            definition::{Definition, DefinitionChange},
        },
        shared::{
            list::Nodes,
            user_error::{UserError, done_or_problems},
        },
    },
    definition::{
        document::{DefinitionInput, ServiceKey},
        normalize,
    },
    store::{
        DefinitionAction, DefinitionApply, DefinitionPropose, DefinitionPublish, DefinitionWithdraw, DefinitionWritten,
        Error, ReadServices, Refusal, Session, Written,
    },
    thread::input::ThreadKey,
};

/// New terms to propose. The published revision stays as it is.
#[derive(InputObject)]
pub struct DefinitionProposeInput {
    /// The document. It may contain the links of the service, but must not change them.
    definition: DefinitionInput,
    /// How the document changes the published terms: as in `definitionApply`.
    #[graphql(default_with = "ApplyMode::Merge")]
    mode: ApplyMode,
    /// The revision that you expect to be published. With another revision, the mutation is refused with CONFLICT.
    expected_revision: Option<i32>,
    /// The reason for the proposal. It is stored with the revision. At most 10,000 characters.
    #[graphql(process_with = "normalize::optional_text")]
    comment: Option<String>,
    /// True checks the input and returns the changes, but writes nothing.
    #[graphql(default = false)]
    dry_run: bool,
    /// Whether the proposal is published as soon as every consumer has agreed to it.
    #[graphql(default = true)]
    publish_when_agreed: bool,
    /// The threads that the proposal answers, for example those that suggested it; at most 100. They must be about the
    /// service. They are resolved when the proposal is published.
    resolves: Option<Vec<ThreadKey>>,
}

/// A proposal to publish or to withdraw.
#[derive(InputObject, Serialize)]
pub struct DefinitionActionInput {
    /// The service.
    service: ServiceKey,
    /// The number of the proposed revision.
    revision: i32,
    /// The reason, for the log of changes. At most 10,000 characters.
    #[graphql(process_with = "normalize::optional_text")]
    comment: Option<String>,
}

impl From<DefinitionActionInput> for DefinitionAction {
    fn from(DefinitionActionInput { service, revision, comment }: DefinitionActionInput) -> Self {
        Self { service, revision, comment }
    }
}

/// The result of a mutation of a proposal. Nothing was written if there are user errors.
pub struct DefinitionPayload {
    definition: Option<Definition>,
    changes: Vec<DefinitionChange>,
    user_errors: Vec<UserError>,
}

/// The result of a mutation of a proposal. Nothing was written if there are user errors.
#[Object]
impl DefinitionPayload {
    /// The revision. Null if there are user errors, and in a dry run.
    async fn definition(&self) -> Option<&Definition> {
        self.definition.as_ref()
    }

    /// The changes of the terms: of a proposal, from the published terms; of a publication, from the terms that were
    /// published before. Empty for a withdrawal.
    async fn changes(&self) -> Nodes<'_, DefinitionChange> {
        Nodes(&self.changes)
    }

    /// The errors in the input. Empty if the mutation succeeded.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// Reads the payload after the commit.
async fn payload(
    ctx: &Context<'_>,
    written: Result<Written<DefinitionWritten>, Refusal>,
) -> Result<DefinitionPayload, Error> {
    let DefinitionWritten { service, revision, changes } = match done_or_problems(ctx, written)? {
        Ok(written) => written,
        Err(user_errors) => return Ok(DefinitionPayload { definition: None, changes: Vec::new(), user_errors }),
    };
    let session = ctx.data_unchecked::<Session>();
    let wanted = revision.filter(|_| ctx.look_ahead().field("definition").exists());
    let definition = match wanted {
        None => None,
        Some(revision) => match session.services().by_id(service).await? {
            None => None,
            Some(row) => {
                let revision = session.services().definition_at_revision(service, revision).await?;
                revision.map(|revision| Definition { service: Service(row), row: revision })
            }
        },
    };
    let changes = changes.into_iter().map(DefinitionChange::from).collect();
    Ok(DefinitionPayload { definition, changes, user_errors: Vec::new() })
}

/// Mutations of proposals.
#[derive(Default)]
pub struct ProposalMutation;

#[Object]
impl ProposalMutation {
    /// Proposes new terms: freezes a new revision beside the published one, which stays as it is. Every consumer can decide
    /// on it with `agreementDecide`. There is at most one open proposal: a newer one withdraws it, with the decisions on it,
    /// and so does a `definitionApply` that changes terms. The same proposal again changes nothing. A proposal that changes
    /// no terms is INVALID. With `expectedRevision`, a proposal is CONFLICT if another one was made while the request was on
    /// its way. Only for the provider; needs the
    /// scope `definitions:write`.
    async fn definition_propose(
        &self,
        ctx: &Context<'_>,
        input: DefinitionProposeInput,
    ) -> Result<DefinitionPayload, Error> {
        let DefinitionProposeInput {
            definition,
            mode,
            expected_revision,
            comment,
            dry_run,
            publish_when_agreed,
            resolves,
        } = input;
        let document = DefinitionApply { definition, mode, expected_revision, comment, dry_run };
        let propose = DefinitionPropose { document, publish_when_agreed, resolves: resolves.unwrap_or_default() };
        payload(ctx, ctx.data_unchecked::<Session>().write(propose).await).await
    }

    /// Publishes a proposal, whether or not all consumers have agreed. The threads that it answers are resolved. A proposal
    /// that was made from a revision which is no longer published is refused with CONFLICT. A published revision stays
    /// published. Only for the provider; needs the scope `definitions:write`.
    async fn definition_publish(
        &self,
        ctx: &Context<'_>,
        input: DefinitionActionInput,
    ) -> Result<DefinitionPayload, Error> {
        payload(ctx, ctx.data_unchecked::<Session>().write(DefinitionPublish(input.into())).await).await
    }

    /// Withdraws a proposal. A withdrawn revision stays withdrawn. Only for the provider; needs the scope
    /// `definitions:write`.
    async fn definition_withdraw(
        &self,
        ctx: &Context<'_>,
        input: DefinitionActionInput,
    ) -> Result<DefinitionPayload, Error> {
        payload(ctx, ctx.data_unchecked::<Session>().write(DefinitionWithdraw(input.into())).await).await
    }
}
