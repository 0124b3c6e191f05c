//! Reads decisions. The provider sees those of all consumers, a consumer its own.

use std::{collections::HashMap, sync::Arc};

use entente_entity::{
    agreement, definition,
    enums::{AgreementState, DefinitionState},
    id::{DefinitionId, OrganizationId, ServiceId},
    service_consumer,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Agreements;
use crate::store::{
    db::error::Error,
    read::{
        batch::{Found, Relation},
        session::Session,
    },
    service::{ReadServices, definitions::DefinitionRow, related::ServiceRow},
};

/// The decision of a consumer on a revision: PENDING without a row.
#[derive(Clone)]
pub struct AgreementRow {
    /// The revision.
    pub definition: DefinitionId,
    /// The number of the revision.
    pub revision: i32,
    /// The consumer.
    pub consumer: Arc<service_consumer::Model>,
    /// The decision, if there is one.
    pub row: Option<Arc<agreement::Model>>,
}

impl AgreementRow {
    /// The state.
    pub fn state(&self) -> AgreementState {
        self.row.as_ref().map_or(AgreementState::Pending, |row| row.state)
    }
}

impl Agreements<'_> {
    /// The decisions of the consumers of a service on one of its revisions, as far as the viewer sees them, in the order of the consumers. On
    /// a revision that is neither published nor proposed, only those that were made.
    pub async fn on(self, service: &ServiceRow, revision: &DefinitionRow) -> Result<Vec<AgreementRow>, Error> {
        let (id, number) = (revision.id, revision.revision);
        let is_open = matches!(revision.state, DefinitionState::Proposed | DefinitionState::Published);
        let all = self.decisions(service, id, number).await?;
        Ok(all.into_iter().filter(|one| is_open || one.row.is_some()).collect())
    }

    /// As [`Agreements::on`], on the published revision.
    pub async fn on_published(self, service: &ServiceRow) -> Result<Vec<AgreementRow>, Error> {
        self.decisions(service, service.row.definition_id, service.row.revision).await
    }

    /// The decision of one consumer on a revision. `None` if it is not a consumer that the viewer sees, or has not decided on a revision
    /// that is neither published nor proposed.
    pub async fn of(
        self,
        service: &ServiceRow,
        revision: &DefinitionRow,
        consumer: OrganizationId,
    ) -> Result<Option<AgreementRow>, Error> {
        let consumers = service.consumers().await?;
        let Some(found) = consumers.iter().find(|one| one.organization_id == consumer) else { return Ok(None) };
        self.of_consumer(revision, found.clone()).await
    }

    /// As [`Agreements::of`], of a consumer that the viewer sees.
    pub async fn of_consumer(
        self,
        revision: &DefinitionRow,
        consumer: Arc<service_consumer::Model>,
    ) -> Result<Option<AgreementRow>, Error> {
        let made = self.load(DecisionsOn, revision.id).await?;
        let row = made.as_ref().and_then(|made| made.get(&consumer.organization_id)).cloned();
        let is_open = matches!(revision.state, DefinitionState::Proposed | DefinitionState::Published);
        let (definition, revision) = (revision.id, revision.revision);
        Ok(Some(AgreementRow { definition, revision, consumer, row }).filter(|one| is_open || one.row.is_some()))
    }

    async fn decisions(
        self,
        service: &ServiceRow,
        definition: DefinitionId,
        revision: i32,
    ) -> Result<Vec<AgreementRow>, Error> {
        let consumers = service.consumers().await?;
        let made = self.load(DecisionsOn, definition).await?.unwrap_or_default();
        let one = |consumer: &Arc<service_consumer::Model>| AgreementRow {
            definition,
            revision,
            consumer: consumer.clone(),
            row: made.get(&consumer.organization_id).cloned(),
        };
        Ok(consumers.iter().map(one).collect())
    }

    /// The newest published revision that every consumer of its time agreed to; for a consumer, the newest that it agreed to itself.
    pub async fn agreed(self, service: &ServiceRow) -> Result<Option<DefinitionRow>, Error> {
        self.load(AgreedRevision, service.row.id).await
    }
}

/// The decisions on a revision, by consumer.
type Decisions = HashMap<OrganizationId, Arc<agreement::Model>>;

/// The decisions on revisions of services that the viewer sees.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct DecisionsOn;

impl Relation for DecisionsOn {
    type Key = DefinitionId;
    type Value = Arc<Decisions>;

    async fn read(&self, session: &Session, revisions: Vec<DefinitionId>) -> Found<Self> {
        let rows = agreement::Entity::find()
            .filter(agreement::Column::DefinitionId.is_in(revisions))
            .filter(session.viewer()?.sees_agreements())
            .all(session.read())
            .await?;
        let mut made: HashMap<DefinitionId, Decisions> = HashMap::new();
        for row in rows {
            made.entry(row.definition_id).or_default().insert(row.organization_id, Arc::new(row));
        }
        Ok(made.into_iter().map(|(definition, made)| (definition, Arc::new(made))).collect())
    }
}

/// The newest agreed revision of each service.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct AgreedRevision;

impl Relation for AgreedRevision {
    type Key = ServiceId;
    type Value = DefinitionRow;

    async fn read(&self, session: &Session, services: Vec<ServiceId>) -> Found<Self> {
        let agreed = definition::Entity::find()
            .filter(definition::Column::PublishedAt.is_not_null())
            .filter(session.viewer()?.agreed_to());
        session.services().newest_of(agreed, services).await
    }
}
