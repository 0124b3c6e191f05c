//! A consumer decides on a revision of the terms.

use entente_entity::{
    agreement,
    change::FieldChange,
    definition,
    enums::{AgreementDecision, AgreementState, ChangeAction, DefinitionState, Severity, ThreadKind},
    id::{AgreementId, DefinitionId, OrganizationId, ServiceId, ThreadId},
    service, service_consumer,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    agreement::input::AgreementDecideInput,
    definition::digest,
    policy::{Changed, Scope, Viewer},
    problem::{Problem, Rule},
    store::{
        db::error::{Error, Refusal, refuse},
        organization::WriteOrganizations,
        service::WriteServices,
        thread::{WriteThreads, open::NewThread},
        write::{mutation::Write, writer::Writer},
    },
    words::{Speech, Words},
};

/// A decision on a revision.
#[derive(Clone, Debug, Serialize)]
pub struct AgreementDecide(pub AgreementDecideInput);

/// The decision that was made.
#[derive(Debug, Serialize, Deserialize)]
pub struct AgreementDecided {
    /// The service.
    pub service: ServiceId,
    /// The revision.
    pub definition: DefinitionId,
    /// The consumer.
    pub organization: OrganizationId,
}

impl Write for AgreementDecide {
    type Done = AgreementDecided;

    fn name(&self) -> &'static str {
        "agreementDecide"
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        viewer.require(Scope::AgreementsWrite)?;
        refuse(self.0.problems())
    }

    async fn run(&self, writer: &mut Writer) -> Result<AgreementDecided, Refusal> {
        let Self(input) = self;
        let service = writer.services().locked(&input.service).await?;
        writer.now = writer.now.max(service.updated_at);
        let suggestion = match &input.suggestion {
            None => Ok(None),
            Some(suggestion) => match writer.services().suggestion(&service, suggestion).await {
                Err(Refusal::Problems(problems)) => Err(problems),
                checked => Ok(Some(checked?)),
            },
        };
        let (consumer, suggestion) = match (consumer(writer, &service).await, suggestion) {
            (Ok(consumer), Ok(suggestion)) => (consumer, suggestion),
            (Err(Refusal::Problems(mut problems)), suggestion) => {
                problems.extend(suggestion.err().unwrap_or_default());
                return Err(problems.into());
            }
            (Err(error), _) => return Err(error),
            (Ok(_), Err(problems)) => return Err(problems.into()),
        };
        let revision = writer.services().revision(service.id, input.revision).await?;
        if !matches!(revision.state, DefinitionState::Proposed | DefinitionState::Published) {
            let rule = Rule::RevisionState { revision: revision.revision, state: revision.state };
            return Err(Problem::at(["revision"], rule).into());
        }
        let key = (revision.id, consumer.organization_id);
        let before = agreement::Entity::find_by_id(key).one(&writer.transaction).await.map_err(Error::from)?;
        let done =
            AgreementDecided { service: service.id, definition: revision.id, organization: consumer.organization_id };
        let terms = writer.store.definition(&writer.transaction, revision.id).await?;
        let review_every = terms.terms.review_every.as_ref();
        let seen = [revision.published_at, consumer.decided_at, Some(consumer.since)];
        let is_due = crate::agreement::review_is_due(review_every, seen, writer.now);
        if self.is_made(before.as_ref(), is_due)?
            && suggested_already(writer, before.as_ref(), suggestion.as_deref()).await?
        {
            return Ok(done);
        }
        let provider = writer.organizations().slugs([terms.terms.provider]).await?.into_values().next();
        let digest = digest::of(&service.slug, &terms.terms, &provider.unwrap_or_default());
        writer.services().confirm(service.id, consumer.organization_id).await?;
        let thread =
            self.thread(writer, &service, &consumer, AgreementId(key.0, key.1), before.as_ref(), suggestion).await?;
        let row = agreement::Model {
            definition_id: revision.id,
            organization_id: consumer.organization_id,
            service_id: service.id,
            revision: revision.revision,
            state: self.state(),
            comment: input.comment.clone(),
            decided_by: writer.actor(),
            decided_at: writer.now,
            digest,
            thread_id: thread,
        };
        write(writer, before.as_ref(), &row).await?;
        self.follow(writer, &service, &revision, &consumer).await?;
        Ok(done)
    }
}

impl AgreementDecide {
    fn state(&self) -> AgreementState {
        match self.0.decision {
            AgreementDecision::Agree => AgreementState::Agreed,
            AgreementDecision::Object => AgreementState::Objected,
            AgreementDecision::Withdraw => AgreementState::Withdrawn,
        }
    }

    /// Whether the same decision is in force already, so that nothing is written. A consumer that agrees again when the terms are due for
    /// a review confirms them.
    fn is_made(&self, before: Option<&agreement::Model>, is_due: bool) -> Result<bool, Problem> {
        let Some(before) = before else {
            return match self.0.decision {
                AgreementDecision::Withdraw => Err(Problem::at(["decision"], Rule::NothingDecided)),
                _ => Ok(false),
            };
        };
        let is_same = before.state == self.state();
        Ok(match self.0.decision {
            AgreementDecision::Agree => {
                is_same && !is_due && (self.0.comment.is_none() || before.comment == self.0.comment)
            }
            AgreementDecision::Object => is_same && before.comment == self.0.comment,
            AgreementDecision::Withdraw => is_same,
        })
    }

    /// The thread of the agreement. An objection says its comment there: in the thread of the last objection if it is still open, otherwise
    /// in a new one. An agreement resolves the thread of the objection before.
    async fn thread(
        &self,
        writer: &Writer,
        service: &service::Model,
        consumer: &service_consumer::Model,
        agreement: AgreementId,
        before: Option<&agreement::Model>,
        suggestion: Option<String>,
    ) -> Result<Option<ThreadId>, Refusal> {
        let Self(input) = self;
        let current = before.and_then(|before| before.thread_id);
        match (input.decision, &input.comment) {
            (AgreementDecision::Object, Some(comment)) => {
                let goes_on = current.filter(|_| suggestion.is_none());
                if let Some(thread) = goes_on
                    && writer.threads().go_on(thread, comment).await?
                {
                    return Ok(Some(thread));
                }
                // Another suggestion replaces the one of the thread before.
                let replaced: Vec<ThreadId> = current.into_iter().collect();
                writer.threads().resolve_all(&replaced, input.revision).await?;
                let locale = writer.store.default_locale();
                let title = Words::ObjectionTo { revision: input.revision }
                    .say(Speech::of_tag(locale.as_str()).unwrap_or_default());
                let new = NewThread {
                    kind: ThreadKind::Feedback,
                    severity: Severity::Medium,
                    title: &title,
                    body: comment,
                    rating: None,
                    element: None,
                    references: &[],
                    detail: json!({ "agreement": agreement.to_string() }),
                    suggestion,
                };
                Ok(Some(writer.threads().open(service, consumer, new).await?))
            }
            (AgreementDecision::Agree, _) => {
                let open: Vec<ThreadId> = current.into_iter().collect();
                writer.threads().resolve_all(&open, input.revision).await?;
                Ok(current)
            }
            _ => Ok(current),
        }
    }

    /// Writes what follows from the decision. Publishes the proposal if it was the last agreement.
    async fn follow(
        &self,
        writer: &mut Writer,
        service: &service::Model,
        revision: &definition::Model,
        consumer: &service_consumer::Model,
    ) -> Result<(), Refusal> {
        if self.0.decision != AgreementDecision::Agree {
            writer.services().no_longer_agrees(revision.id, consumer.since).await?;
        }
        service_consumer::Entity::update_many()
            .col_expr(service_consumer::Column::DecidedAt, Expr::val(writer.now))
            .filter(service_consumer::Column::Id.eq(consumer.id))
            .exec(&writer.transaction)
            .await
            .map_err(Error::from)?;
        if self.0.decision == AgreementDecision::Agree && revision.state == DefinitionState::Published {
            let own = Some(consumer.organization_id);
            let answered = writer.services().answered_objections(revision, own).await?;
            writer.threads().resolve_all(&answered, revision.revision).await?;
        }
        writer.services().touch_for_consumer(service.id, consumer.organization_id).await?;
        if writer.services().update_standing(service.id, Some(consumer.organization_id)).await? {
            writer.publish_by_itself(service.id).await?;
        }
        Ok(())
    }
}

/// Whether the thread of the last objection asks for this change already, or no change is asked for.
async fn suggested_already(
    writer: &Writer,
    before: Option<&agreement::Model>,
    suggestion: Option<&str>,
) -> Result<bool, Error> {
    let Some(suggestion) = suggestion else { return Ok(true) };
    let Some(thread) = before.and_then(|before| before.thread_id) else { return Ok(false) };
    Ok(writer.threads().suggestion_of(thread).await?.as_deref() == Some(suggestion))
}

/// The relationship of the viewer's organization with the service: only a consumer decides, for itself.
async fn consumer(writer: &Writer, service: &service::Model) -> Result<service_consumer::Model, Refusal> {
    let only = || Problem::at(["service"], Rule::ConsumerOnly);
    let own = writer.viewer.organization.ok_or_else(only)?;
    let row = service_consumer::Entity::find()
        .filter(service_consumer::Column::ServiceId.eq(service.id))
        .filter(service_consumer::Column::OrganizationId.eq(own))
        .one(&writer.transaction)
        .await
        .map_err(Error::from)?;
    Ok(row.ok_or_else(only)?)
}

/// Writes and logs a decision.
async fn write(writer: &Writer, before: Option<&agreement::Model>, row: &agreement::Model) -> Result<(), Error> {
    use agreement::Column::{Comment, DecidedAt, DecidedBy, DefinitionId, Digest, OrganizationId, State, ThreadId};
    let replaced = OnConflict::columns([DefinitionId, OrganizationId])
        .update_columns([State, Comment, DecidedBy, DecidedAt, Digest, ThreadId])
        .to_owned();
    agreement::Entity::insert(row.clone().into_active_model().reset_all())
        .on_conflict(replaced)
        .exec_without_returning(&writer.transaction)
        .await?;
    let shown = |row: Option<&agreement::Model>| {
        let text = |text: Option<String>| text.map(serde_json::Value::from);
        [
            ("state", text(row.map(|row| row.state.name().to_owned()))),
            ("comment", text(row.and_then(|row| row.comment.clone()))),
            ("decidedAt", text(row.map(|row: &agreement::Model| row.decided_at.to_string()))),
            ("digest", text(row.map(|row| row.digest.clone()))),
            ("thread", text(row.and_then(|row| row.thread_id).map(|id| id.to_string()))),
        ]
    };
    let action = if before.is_some() { ChangeAction::Updated } else { ChangeAction::Created };
    let revision = before.is_none().then(|| FieldChange::set("revision", json!(row.revision)));
    let both = shown(before).into_iter().zip(shown(Some(row)));
    let fields = both.filter_map(|((name, before), (_, after))| FieldChange::between(name, before, after));
    writer.log(Changed::agreement(row), action, revision.into_iter().chain(fields));
    Ok(())
}
