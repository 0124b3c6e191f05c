//! The log of changes: what happened to what, by whom, and who may see it.

use entente_entity::{
    actor::Actor,
    change,
    enums::{ChangeAction, ChangeEntityType},
    id::{OrganizationId, ServiceId},
};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::writer::Writer;

/// A change, before it is written.
pub(in crate::store) struct Logged {
    pub(in crate::store) action: ChangeAction,
    pub(in crate::store) entity_type: ChangeEntityType,
    pub(in crate::store) entity_id: Uuid,
    pub(in crate::store) service_id: Option<ServiceId>,
    pub(in crate::store) organization_id: Option<OrganizationId>,
    pub(in crate::store) fields: Vec<change::FieldChange>,
}

impl Writer {
    /// Who writes, as it is kept with what is written.
    pub(in crate::store) fn actor(&self) -> Actor {
        Actor { on_behalf_of: self.on_behalf_of.clone(), ..self.viewer.actor() }
    }

    /// Logs a change of something, to be written with it. A change of nothing is none.
    pub(in crate::store) fn log(&self, change: Logged) {
        self.log_for(change, false);
    }

    /// As [`Writer::log`]; `internal` where only the provider's side may see the change.
    pub(in crate::store) fn log_for(&self, change: Logged, internal: bool) {
        self.log_by(self.actor(), change, internal);
    }

    /// As [`Writer::log_for`], of what another did.
    pub(in crate::store) fn log_by(&self, actor: Actor, change: Logged, internal: bool) {
        let Logged { action, entity_type, entity_id, service_id, organization_id, fields } = change;
        if action == ChangeAction::Updated && fields.is_empty() {
            return;
        }
        let change = change::ActiveModel {
            id: sea_orm::ActiveValue::NotSet,
            position: Set(None),
            at: Set(self.now),
            actor: Set(actor),
            action: Set(action),
            entity_type: Set(entity_type),
            entity_id: Set(entity_id),
            service_id: Set(service_id),
            organization_id: Set(organization_id),
            internal: Set(internal),
            fields: Set(change::Fields(fields)),
        };
        self.changes().push(change);
    }

    /// How many changes are logged so far.
    pub(in crate::store) fn logged(&self) -> usize {
        self.changes().len()
    }
}
