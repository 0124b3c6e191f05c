//! Proposals: new terms beside the published ones, on which the consumers decide.

pub(in crate::store) mod propose;
pub(in crate::store) mod publish;
pub(in crate::store) mod withdraw;

use entente_entity::{
    definition,
    enums::DefinitionState,
    id::{DefinitionId, ServiceId},
    service,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType};
use serde::{Deserialize, Serialize};

use super::{ServiceWrites, Services};
use crate::{
    definition::{
        diff::Change,
        document::ServiceKey,
        limits::{MAX_TEXT, text_rule},
    },
    policy::{Scope, Viewer},
    problem::{Problem, Rule, Thing},
    store::{
        db::error::{Error, Refusal, refuse},
        service::WriteServices,
        write::{rows::Row, writer::Writer},
    },
};

/// A revision to publish or to withdraw.
#[derive(Clone, Debug, Serialize)]
pub struct DefinitionAction {
    /// The service.
    pub service: ServiceKey,
    /// The number of the revision.
    pub revision: i32,
    /// The reason, for the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// The revision that was proposed, published or withdrawn.
#[derive(Debug, Serialize, Deserialize)]
pub struct DefinitionWritten {
    /// The service.
    pub service: ServiceId,
    /// The revision; `None` in a dry run.
    pub revision: Option<i32>,
    /// The changes of the terms: of a proposal, from the published terms; of a publication, from those that were published before.
    pub changes: Vec<Change>,
}

impl Services<'_> {
    /// The open proposal of the service with this slug, if the viewer sees it.
    pub(in crate::store) async fn proposal_of(self, slug: &str) -> Result<Option<DefinitionId>, Error> {
        let proposal = self
            .seen_of_few()?
            .select_only()
            .column(service::Column::ProposalId)
            .filter(service::Column::Slug.eq(slug));
        let proposal: Option<Option<DefinitionId>> = proposal.into_tuple().one(self.read()).await?;
        Ok(proposal.flatten())
    }
}

impl ServiceWrites<'_> {
    /// The service with this key, locked until the transaction ends, if the viewer is one of its parties.
    pub(in crate::store) async fn locked(self, key: &ServiceKey) -> Result<service::Model, Refusal> {
        let named = self.named([key]).await?;
        let row = named.get(key).map_err(|rule| Problem::at(["service"], rule))?;
        self.hold(Row::Service(row.slug.clone()))?;
        let locked = service::Entity::find_by_id(row.id)
            .filter(self.viewer.deals_with_services())
            .lock(LockType::NoKeyUpdate)
            .one(&self.transaction)
            .await?;
        Ok(locked.ok_or_else(|| Problem::at(["service"], Rule::not_found(Thing::Service)))?)
    }

    /// The revision of a service with this number.
    pub(in crate::store) async fn revision(
        self,
        service: ServiceId,
        revision: i32,
    ) -> Result<definition::Model, Refusal> {
        let row = definition::Entity::find()
            .filter(definition::Column::ServiceId.eq(service))
            .filter(definition::Column::Revision.eq(revision))
            .one(&self.transaction)
            .await?;
        Ok(row.ok_or_else(|| Problem::at(["revision"], Rule::not_found(Thing::Revision)))?)
    }
}

impl DefinitionAction {
    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        viewer.require(Scope::DefinitionsWrite)?;
        let rule = self.comment.as_deref().and_then(|comment| text_rule(comment, MAX_TEXT));
        refuse(rule.map(|rule| Problem::at(["comment"], rule)).into_iter().collect())
    }

    /// The service, locked, and its revision. Only for the provider.
    async fn find(&self, writer: &mut Writer) -> Result<(service::Model, definition::Model), Refusal> {
        let service = writer.services().locked(&self.service).await?;
        writer.viewer.may_define(service.provider_id)?;
        writer.now = writer.now.max(service.updated_at);
        let revision = writer.services().revision(service.id, self.revision).await?;
        Ok((service, revision))
    }
}

/// The rule that an action on a revision breaks which is not an open proposal.
fn not_open(service: &service::Model, revision: &definition::Model) -> Problem {
    let rule = match (revision.state, revision.base) {
        (DefinitionState::Withdrawn, Some(base)) if base != service.revision => {
            Rule::OtherBase { base, current: service.revision }
        }
        _ => Rule::RevisionState { revision: revision.revision, state: revision.state },
    };
    Problem::at(["revision"], rule)
}
