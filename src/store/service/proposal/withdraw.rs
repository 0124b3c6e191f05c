//! Withdraws a proposal.

use entente_entity::{
    change::FieldChange,
    definition,
    enums::{ChangeAction, DefinitionState},
    id::{DefinitionId, ServiceId},
    service,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde::Serialize;

use super::{DefinitionAction, DefinitionWritten, not_open};
use crate::{
    policy::{Changed, Viewer},
    store::{
        db::error::{Error, Refusal},
        service::{ServiceWrites, WriteServices, apply::rows::state_change},
        write::{mutation::Write, writer::Writer},
    },
};

/// A proposal to withdraw.
#[derive(Clone, Debug, Serialize)]
pub struct DefinitionWithdraw(pub DefinitionAction);

impl Write for DefinitionWithdraw {
    type Done = DefinitionWritten;

    fn name(&self) -> &'static str {
        "definitionWithdraw"
    }

    fn check(&self, viewer: &Viewer) -> Result<(), Refusal> {
        self.0.check(viewer)
    }

    async fn run(&self, writer: &mut Writer) -> Result<DefinitionWritten, Refusal> {
        let (service, revision) = self.0.find(writer).await?;
        let done = DefinitionWritten { service: service.id, revision: Some(self.0.revision), changes: Vec::new() };
        match revision.state {
            DefinitionState::Withdrawn => return Ok(done),
            DefinitionState::Proposed => {}
            _ => return Err(not_open(&service, &revision).into()),
        }
        let comment = self.0.comment.as_deref().map(|comment| FieldChange::set("comment", comment));
        writer.services().withdraw_because(service.id, revision.id, comment).await?;
        service::Entity::update_many()
            .col_expr(service::Column::ProposalId, Expr::null())
            .filter(service::Column::Id.eq(service.id))
            .exec(&writer.transaction)
            .await
            .map_err(Error::from)?;
        writer.services().touch_for_all(service.id).await?;
        writer.services().update_standing(service.id, None).await?;
        Ok(done)
    }
}

impl ServiceWrites<'_> {
    /// Withdraws an open proposal. The caller writes the row of the service.
    pub(in crate::store) async fn withdraw(self, service: ServiceId, proposal: DefinitionId) -> Result<(), Error> {
        self.withdraw_because(service, proposal, None).await
    }

    async fn withdraw_because(
        self,
        service: ServiceId,
        proposal: DefinitionId,
        comment: Option<FieldChange>,
    ) -> Result<(), Error> {
        definition::Entity::update_many()
            .col_expr(definition::Column::State, Expr::val(DefinitionState::Withdrawn.name()))
            .filter(definition::Column::Id.eq(proposal))
            .exec(&self.transaction)
            .await?;
        let fields = state_change(DefinitionState::Proposed, DefinitionState::Withdrawn).into_iter().chain(comment);
        self.log(Changed::definition(service, proposal), ChangeAction::Updated, fields);
        Ok(())
    }
}
