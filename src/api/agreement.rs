//! Agreements: the decisions of consumers on revisions of the terms.

use async_graphql::{Context, ID, Object};
use entente_entity::{enums::AgreementState, id::AgreementId, scalar::DateTime};

use crate::{
    agreement::input::AgreementDecideInput,
    api::{
        organization::Organization,
        service::{Service, contact::Actor, definition::Definition},
        shared::{
            error::{Nullable, nullable},
            list::List,
            reader::shown,
            user_error::{UserError, done_or_problems},
        },
        thread::Thread,
    },
    store::{
        AgreementDecide, AgreementDecided, AgreementRow, DefinitionRow, Error, ReadAgreements, ReadServices,
        ReadThreads, Session,
    },
};

/// The decision of a consumer on a revision of the terms.
#[derive(Clone)]
pub struct Agreement {
    pub(in crate::api) service: Service,
    pub(in crate::api) row: AgreementRow,
}

impl Agreement {
    /// The decisions on a revision that the viewer may see.
    pub(in crate::api) async fn on(service: &Service, revision: &DefinitionRow) -> Result<List<Self>, Error> {
        let rows = service.0.session().agreements().on(&service.0, revision).await?;
        Ok(rows.into_iter().map(|row| Self { service: service.clone(), row }).collect())
    }

    /// The decisions on the published revision that the viewer may see.
    pub(in crate::api) async fn on_published(service: &Service) -> Result<List<Self>, Error> {
        let rows = service.0.session().agreements().on_published(&service.0).await?;
        Ok(rows.into_iter().map(|row| Self { service: service.clone(), row }).collect())
    }
}

/// The decision of one consumer on one revision of the terms. It is PENDING until the consumer decides. It holds the
/// last decision; the earlier ones are in the log of changes.
#[Object]
impl Agreement {
    /// The global id. It never changes.
    pub(in crate::api) async fn id(&self) -> ID {
        ID(AgreementId(self.row.definition, self.row.consumer.organization_id).to_string())
    }

    /// The service.
    async fn service(&self) -> Service {
        self.service.clone()
    }

    /// The terms that were decided on.
    async fn definition(&self) -> Result<Definition, Error> {
        let row = self.service.0.session().services().revision(self.row.definition).await?;
        Ok(Definition { service: self.service.clone(), row })
    }

    /// The consumer.
    async fn organization(&self) -> Result<Organization, Error> {
        self.service.0.consumer_organization(&self.row.consumer).await.map(Organization)
    }

    /// The number of the revision.
    async fn revision(&self) -> i32 {
        self.row.revision
    }

    /// The decision.
    async fn state(&self) -> AgreementState {
        self.row.state()
    }

    /// The reason. Null if none was given, or if the message with the reason of an objection was redacted.
    async fn comment(&self, ctx: &Context<'_>) -> Nullable<&str> {
        let comment = self.row.row.as_ref()?.comment.as_deref()?;
        nullable(shown(ctx, comment).map(Some))
    }

    /// The person or program that decided. Null while the decision is PENDING.
    async fn decided_by(&self) -> Option<Actor> {
        Some(Actor(self.row.row.as_ref()?.decided_by.clone()))
    }

    /// When it was decided. Null while the decision is PENDING.
    async fn decided_at(&self) -> Option<DateTime> {
        Some(self.row.row.as_ref()?.decided_at)
    }

    /// The feedback thread of the last objection to this revision. It is resolved when the consumer agrees to this revision,
    /// or to a newer one that is published. Null if the consumer did
    /// not object, or if the viewer may not read threads.
    async fn thread(&self) -> Nullable<Thread> {
        let id = self.row.row.as_ref().and_then(|row| row.thread_id)?;
        let session = self.service.0.session();
        if session.viewer().is_ok_and(|viewer| viewer.sees_threads().is_err()) {
            return None;
        }
        nullable(session.threads().by_id(id).await.map(|row| row.map(Thread)))
    }
}

/// The result of a decision. Nothing was written if there are user errors.
pub struct AgreementPayload {
    agreement: Option<Agreement>,
    user_errors: Vec<UserError>,
}

/// The result of a decision. Nothing was written if there are user errors.
#[Object]
impl AgreementPayload {
    /// The decision. Null if there are user errors.
    async fn agreement(&self) -> Option<&Agreement> {
        self.agreement.as_ref()
    }

    /// The errors in the input. Empty if the mutation succeeded.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }
}

/// Mutations of agreements.
#[derive(Default)]
pub struct AgreementMutation;

#[Object]
impl AgreementMutation {
    /// Decides on a revision of the terms for the viewer's organization, which consumes the service: AGREE, OBJECT or
    /// WITHDRAW. The revision must be published or proposed (otherwise INVALID_STATE). The same decision again changes
    /// nothing; an AGREE when a review is due (`reviewEvery`) confirms the terms. OBJECT opens a feedback thread with the
    /// comment, or continues the open thread of the previous objection to this revision; with another suggestion it opens a
    /// new one. The thread is resolved when the consumer agrees to this revision, or to a newer one that is published. If all consumers agree
    /// to a proposal with `publishWhenAgreed`, it is published. Needs the scope `agreements:write`.
    async fn agreement_decide(
        &self,
        ctx: &Context<'_>,
        input: AgreementDecideInput,
    ) -> Result<AgreementPayload, Error> {
        let session = ctx.data_unchecked::<Session>();
        let decided = match done_or_problems(ctx, session.write(AgreementDecide(input)).await)? {
            Ok(decided) => decided,
            Err(user_errors) => return Ok(AgreementPayload { agreement: None, user_errors }),
        };
        let AgreementDecided { service, definition, organization } = decided;
        let mut services = session.services().dealt_with(vec![service]).await?;
        let agreement = match services.remove(&service) {
            None => None,
            Some(service) => {
                let row = session.services().revision(definition).await?;
                let row = session.agreements().of(&service, &row, organization).await?;
                row.map(|row| Agreement { service: Service(service), row })
            }
        };
        Ok(AgreementPayload { agreement, user_errors: Vec::new() })
    }
}
