//! Writes the log of changes.

use entente_entity::{
    actor::Actor,
    change::{self, FieldChange},
    enums::ChangeAction,
};
use sea_orm::ActiveValue::{NotSet, Set};

use super::writer::Writer;
use crate::policy::{Changed, Viewer};

impl Writer {
    /// The actor that is stored with what is written.
    pub(in crate::store) fn actor(&self) -> Actor {
        if self.is_by_itself {
            return Viewer::system().actor();
        }
        Actor { on_behalf_of: self.on_behalf_of.clone(), ..self.viewer.actor() }
    }

    /// Logs a change by the viewer; it is written at the end of the transaction. An update without fields is not logged.
    pub(in crate::store) fn log(
        &self,
        changed: Changed,
        action: ChangeAction,
        fields: impl IntoIterator<Item = FieldChange>,
    ) {
        self.log_by(self.actor(), changed, action, fields);
    }

    /// As [`Writer::log`], by another actor.
    pub(in crate::store) fn log_by(
        &self,
        actor: Actor,
        changed: Changed,
        action: ChangeAction,
        fields: impl IntoIterator<Item = FieldChange>,
    ) {
        let fields: Vec<FieldChange> = fields.into_iter().collect();
        if action == ChangeAction::Updated && fields.is_empty() {
            return;
        }
        let Changed { entity_type, entity_id, service_id, thread_id, organization_id, partner_id, audience } = changed;
        self.changes().push(change::ActiveModel {
            id: NotSet,
            position: Set(None),
            at: Set(self.now),
            actor: Set(actor),
            action: Set(action),
            entity_type: Set(entity_type),
            entity_id: Set(entity_id),
            service_id: Set(service_id),
            thread_id: Set(thread_id),
            organization_id: Set(organization_id),
            partner_id: Set(partner_id),
            audience: Set(Some(audience)),
            fields: Set(change::Fields(fields)),
        });
    }
}
